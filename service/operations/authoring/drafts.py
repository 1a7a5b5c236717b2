"""Drafts: one for each ruleset, saved as often as its editors like, and never one over the other unseen.

What is saved may be unfinished: any JSON object that says whose draft it is. Whoever saves over a draft names the
revision that they hold by its stamp; if somebody was faster, they are shown what both changed.
Source: docs/api.md, "Drafts".
"""

import re
from collections.abc import Mapping
from typing import Any

import orjson

from service.audit.record import write_instant
from service.audit.rows import DraftRevisionRow, DraftRow
from service.errors import Conflict, Fault, InvalidRequest, NotFound
from service.language.canonical import digest
from service.language.document import read_document
from service.language.scalars import RULESET_KEY
from service.operations.authoring.lost import picture
from service.operations.authoring.stamps import CHANGED, require, stamp
from service.operations.check import check_ruleset
from service.operations.keys import audit_row
from service.operations.ports import Caller, Reads, Unit
from service.operations.publish import read_standing
from service.operations.service import Service

_KEY = re.compile(RULESET_KEY)


def read_draft(service: Service, key: str) -> DraftRow:
    """A ruleset's draft; `NotFound` if there is none."""
    return service.store.read(lambda reads: existing(reads, key))


def list_drafts(service: Service) -> list[dict[str, Any]]:
    """Every draft, by ruleset, without documents."""
    return [draft_json(row) for row in service.store.read(lambda reads: reads.governance.drafts())]


def read_draft_revision(service: Service, key: str, revision: int) -> DraftRevisionRow:
    """What was saved under one number; `NotFound` if it was not, or is not kept any more."""
    row = service.store.read(lambda reads: reads.governance.revision(key, revision))
    if row is None:
        raise NotFound(f"revision {revision} of the drafts of `{key}` is not kept")
    return row


def list_draft_revisions(service: Service, key: str, below: int, limit: int) -> tuple[list[dict[str, Any]], int | None]:
    """What was saved of a ruleset's drafts, newest first, without documents; and where the next page begins."""
    rows = service.store.read(lambda reads: reads.governance.revisions(key, below, limit + 1))
    shown = [
        {"revision": row.revision, "stamp": stamp(row), "author": row.author, "at": write_instant(row.at)}
        for row in rows[:limit]
    ]
    return shown, rows[limit - 1].revision if len(rows) > limit else None


def check_draft(service: Service, key: str, language: str) -> bytes:
    """The JSON text of everything there is to say about a draft; `NotFound` if there is none."""
    return check_ruleset(read_draft(service, key).document.encode(), language)


def save_draft(service: Service, key: str, text: str | bytes, caller: Caller, held: str | None = None) -> DraftRow:
    """Save a draft; what it already says changes nothing, and any other edit revokes submission and approval.

    `held` is the stamp of the draft that the caller saves over, or `ANY`. `InvalidRequest` for what is no JSON object
    with this `key`, `Conflict` (`precondition-required`, `draft-changed`) if the caller may not have seen the draft.
    """
    raw = text.encode() if isinstance(text, str) else text
    posted = _posted(key, raw)
    document = raw.decode().removeprefix("\ufeff")
    told, now = digest(document.encode()), service.clock()

    def job(unit: Unit) -> DraftRow:
        unit.alone(f"ruleset {key}")
        before = unit.governance.draft(key)
        if before is not None and before.digest == told:
            return before
        require(before, held, key)
        draft = DraftRow(
            ruleset=key,
            revision=unit.governance.newest_revision(key) + 1,
            document=document,
            digest=told,
            base_version=before.base_version if before else read_standing(unit, key, now).version,
            state="editing",
            author=caller.actor,
            editors=_editors(before, caller),
            edited_at=now,
        )
        unit.governance.save_draft(draft)
        unit.governance.add_revision(DraftRevisionRow(key, draft.revision, document, caller.actor, now))
        note(unit, service, caller, "ruleset.draft_saved", (before, draft))
        return draft

    try:
        return service.store.write(job)
    except Conflict as lost:
        if lost.code != CHANGED or held is None:
            raise
        seen = service.store.read(lambda reads: picture(reads, key, held, service.clock()))
        raise Conflict(lost.detail, CHANGED, seen.beside(posted)) from None


def discard_draft(service: Service, key: str, caller: Caller, held: str | None) -> None:
    """Take a draft away; what was saved of it is kept for a while. `NotFound` if there is none."""

    def job(unit: Unit) -> None:
        unit.alone(f"ruleset {key}")
        draft = existing(unit, key)
        require(draft, held, key)
        unit.governance.drop_draft(key)
        note(unit, service, caller, "ruleset.draft_discarded", (draft, None))

    service.store.write(job)


def existing(reads: Reads, key: str) -> DraftRow:
    """A ruleset's draft; `NotFound` if there is none."""
    draft = reads.governance.draft(key)
    if draft is None:
        raise NotFound(f"the ruleset `{key}` has no draft")
    return draft


def note(
    unit: Unit,
    service: Service,
    caller: Caller,
    action: str,
    drafts: tuple[DraftRow | None, DraftRow | None],
    **more: object,
) -> None:
    """Append who did what to a draft, with what it was before and after; the documents stand elsewhere."""
    before, after = drafts
    (key,) = {one.ruleset for one in drafts if one is not None}
    detail = {"before": _brief(before), "after": _brief(after), **more}
    unit.audit(audit_row(service, caller, action, key, detail))


def draft_json(draft: DraftRow) -> dict[str, Any]:
    """A draft as JSON values, without its document."""
    return {
        "key": draft.ruleset,
        "revision": draft.revision,
        "stamp": stamp(draft),
        "digest": draft.digest,
        "base_version": draft.base_version,
        "state": draft.state,
        "author": draft.author,
        "editors": editors_of(draft),
        "edited_at": write_instant(draft.edited_at),
        "submitted_by": draft.submitted_by,
        "submitted_at": draft.submitted_at and write_instant(draft.submitted_at),
        "reviewed_by": draft.reviewed_by,
        "reviewed_at": draft.reviewed_at and write_instant(draft.reviewed_at),
        "reason": draft.reason,
    }


def editors_of(draft: DraftRow) -> list[str]:
    """Everybody who edited a draft since it was last approved."""
    found: list[str] = orjson.loads(draft.editors)
    return found


def _posted(key: str, raw: bytes) -> Mapping[str, Any]:
    """The document that was sent."""
    if not _KEY.fullmatch(key):
        raise NotFound(f"`{key}` can't be the key of a ruleset: expected a-z, then a-z, 0-9, `_` and `-`, at most 63")
    document, found = read_document(raw)
    if found:
        listed = [Fault(one.pointer, one.code, one.message["en"]) for one in found]
        raise InvalidRequest("the draft can't be read as JSON", listed)
    if not isinstance(document, dict):
        raise InvalidRequest("the draft has faults", [Fault("", "wrong-type", "expected an object")])
    if document.get("key") != key:
        told = orjson.dumps(document.get("key"), default=str).decode()
        fault = Fault("/key", "wrong-value", f"expected `{key}`, as in the path, found `{told[:100]}`")
        raise InvalidRequest("the draft has faults", [fault])
    return document


def _editors(before: DraftRow | None, caller: Caller) -> str:
    known = [] if before is None or before.state == "approved" else editors_of(before)
    return orjson.dumps([*known, *([] if caller.actor in known else [caller.actor])]).decode()


def _brief(draft: DraftRow | None) -> dict[str, Any] | None:
    if draft is None:
        return None
    return {"revision": draft.revision, "digest": draft.digest, "state": draft.state, "base": draft.base_version}
