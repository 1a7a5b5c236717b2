"""What the head of a page about a ruleset shows, also of one that was never published."""

from collections.abc import Iterable
from typing import Any

from service.audit.rows import DraftRow
from service.console.page import Visit
from service.console.reviewing.looking import look_at
from service.console.ruleset_pages import heading
from service.console.texts import speaker
from service.errors import NotFound
from service.operations.programs import Published

USER = "user:"
"""What the log puts before a user's name."""


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


def names_of(visit: Visit, actors: Iterable[str | None]) -> dict[str, str]:
    """What those are called whom the log names: a user by name, an API key by what it was made for."""
    t, known = speaker(visit.language), sorted({one for one in actors if one})
    keys = visit.service.store.read(lambda reads: {one: reads.key(one) for one in known if not one.startswith(USER)})
    return {one: one.removeprefix(USER) for one in known} | {
        one: t("review.key", name=row.name) for one, row in keys.items() if row is not None
    }


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
