"""The versions of a ruleset: who answers for each, when it is in force, what it changed; rolling back and retiring."""

from collections.abc import Callable, Mapping
from typing import Any

from service.console.page import Moved, Reaction, Shown, Visit
from service.console.review_acting import Lacking, words_of
from service.console.review_pages import APPLY
from service.console.reviewing.changes import Changes, tell_changes
from service.console.reviewing.heads import head_of, names_of
from service.console.texts import speaker
from service.errors import Conflict, NotFound
from service.operations.authoring.activation import cancel_schedule, retire_ruleset, rollback_ruleset
from service.operations.authoring.compare import DRAFT, read_text
from service.operations.ports import Reads
from service.operations.rulesets import LAST, list_versions

ON_A_PAGE = 10
"""Few, because what each changed is told."""
LONGEST_NUMBER = 9


def show_versions(visit: Visit) -> Reaction:
    """Every version, newest first; of two that are named, what differs."""
    return _versions(visit)


def act_versions(visit: Visit) -> Reaction:
    """Roll back, retire, or cancel what is scheduled."""
    act = ACTS.get(visit.form.get("do", ""))
    if act is None:
        return Moved(_here(visit))
    t = speaker(visit.language)
    try:
        return act(visit)
    except Lacking as lacking:
        return _versions(visit, trouble=t(str(lacking)), status=422)
    except Conflict as conflict:
        name = f"trouble.{conflict.code}"
        return _versions(visit, trouble=t(name) if t.knows(name) else conflict.detail, status=409)


def _roll_back(visit: Visit) -> Reaction:
    version, apply = visit.form.get("version", ""), visit.form.get("apply", "")
    body = {
        "version": int(version) if _is_number(version) else 0,
        "reason": words_of(visit, "reason", "versions.reason_needed"),
        "apply": apply if apply in APPLY else None,
    }
    rollback_ruleset(visit.service, visit.path["key"], body, visit.caller)
    return Moved(_here(visit), "versions.rolled_back", {"version": version})


def _retire(visit: Visit) -> Reaction:
    reason = words_of(visit, "reason", "versions.reason_needed")
    retire_ruleset(visit.service, visit.path["key"], {"reason": reason}, visit.caller)
    return Moved(_here(visit), "versions.retired")


def _cancel(visit: Visit) -> Reaction:
    try:
        cancel_schedule(visit.service, visit.path["key"], visit.caller)
    except NotFound:
        return Moved(_here(visit), "versions.nothing_scheduled")
    return Moved(_here(visit), "versions.cancelled")


ACTS: Mapping[str, Callable[[Visit], Reaction]] = {"roll-back": _roll_back, "retire": _retire, "cancel": _cancel}


def _versions(visit: Visit, trouble: str = "", status: int = 200) -> Shown:
    key, service = visit.path["key"], visit.service
    head = head_of(visit, key)
    cursor = visit.query.get("before", "")
    below = int(cursor) if _is_number(cursor) else LAST
    try:
        items, following = list_versions(service, key, below, ON_A_PAGE)
    except NotFound:
        items, following = [], None
    texts = service.store.read(lambda reads: _texts(reads, key, items))
    newest = items[0]["version"] if items and not cursor else service.store.read(lambda reads: _newest(reads, key))
    versions = [{**one, "changes": _changes(visit, one, texts)} for one in items]
    values = {
        **head,
        "versions": versions,
        "next": f"?before={following}" if following else None,
        "compared": _compared(visit, key),
        "people": names_of(visit, [one[name] for one in items for name in ("author", "approved_by")]),
        "choices": _choices(visit, newest, head["draft"] is not None),
        "chosen": (visit.query.get("from", ""), visit.query.get("to", "")),
        "scheduled": [one for one in versions if one["status"] == "scheduled"],
        "may": "publisher" in visit.caller.roles,
        "apply_choices": APPLY,
        "trouble": trouble,
        "form": visit.form,
    }
    return Shown("versions.html", values, status)


def _texts(reads: Reads, key: str, items: list[dict[str, Any]]) -> dict[int, str]:
    """The documents of versions and of those that they are changes of."""
    numbers = {number for one in items for number in (one["version"], one["base_version"]) if number}
    rows = [reads.version(key, number) for number in sorted(numbers)]
    return {row.version: row.document for row in rows if row is not None}


def _changes(visit: Visit, one: Mapping[str, Any], texts: Mapping[int, str]) -> Changes | None:
    """What a version changed; nothing of the first, which is all new."""
    base = one["base_version"]
    if not base or base not in texts:
        return None
    return tell_changes(texts[base], texts[one["version"]], speaker(visit.language))


def _compared(visit: Visit, key: str) -> Changes | None:
    old, new = visit.query.get("from", ""), visit.query.get("to", "")
    if not all(one == DRAFT or _is_number(one) for one in (old, new)):
        return None
    now = visit.service.clock()
    before, after = visit.service.store.read(lambda reads: [read_text(reads, key, one, now) for one in (old, new)])
    return tell_changes(before, after, speaker(visit.language))


def _choices(visit: Visit, newest: int, has_draft: bool) -> list[tuple[str, str]]:
    t = speaker(visit.language)
    draft = [(DRAFT, t("versions.draft"))] if has_draft else []
    return [*draft, *((str(one), t("ruleset.version", version=one)) for one in range(newest, 0, -1))]


def _newest(reads: Reads, key: str) -> int:
    rows = reads.versions(key, LAST, 1)
    return rows[0].version if rows else 0


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= LONGEST_NUMBER


def _here(visit: Visit) -> str:
    return f"/console/rulesets/{visit.path['key']}/versions"
