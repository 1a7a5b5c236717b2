"""What the head of a page about a ruleset shows, also of one that was never published."""

from typing import Any

from service.audit.rows import DraftRow
from service.console.page import Visit
from service.console.reviewing.looking import look_at
from service.console.ruleset_pages import heading
from service.console.texts import speaker
from service.errors import NotFound
from service.operations.programs import Published


def published_or_none(visit: Visit, key: str) -> Published | None:
    """The version that is in force, or was until the ruleset was retired; nothing before the first."""
    try:
        return visit.service.programs.latest(key)
    except NotFound:
        return None


def head_of(visit: Visit, key: str) -> dict[str, Any]:
    """The values of a page's head; of a ruleset that is only a draft yet, by the draft's words. `NotFound` without
    either.
    """
    published = published_or_none(visit, key)
    if published is not None:
        return heading(visit, published)
    draft = visit.service.store.read(lambda reads: reads.governance.draft(key))
    if draft is None:
        raise NotFound(f"there is no ruleset `{key}`")
    return _of_draft(draft, visit.language)


def _of_draft(draft: DraftRow, language: str) -> dict[str, Any]:
    t, found = speaker(language), look_at(draft.document).document
    return {
        "key": draft.ruleset,
        "title": t.text(found.get("title"), draft.ruleset),
        "description": t.text(found.get("description")),
        "version": None,
        "timezone": found.get("timezone", "UTC"),
        "draft": draft,
        "is_retired": False,
    }
