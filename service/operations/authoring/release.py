"""An approved draft -> a published version, at once or at an instant to come.

Nothing is published unseen: exactly the revision that was approved, without errors, its examples passing, and every
warning acknowledged by its code, among them that more profiles move than the ruleset allows. What was known and who
answered for it is kept with the version and in the audit events.
Source: docs/api.md, "Publish".
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import UTC
from decimal import Decimal
from typing import Any, get_args

from service.audit.record import write_instant
from service.audit.rows import DraftRow, VersionRow
from service.engine.examples import run_examples
from service.errors import Conflict, Fault, InvalidRequest, RulesetRejected
from service.language.diagnostics import Diagnostic, Severity, Words, has_errors
from service.language.instants import read_instant
from service.language.pipeline import Reading, read_ruleset
from service.language.program import Program
from service.operations.activations import scheduled
from service.operations.authoring.drafts import editors_of, existing, note, read_draft
from service.operations.authoring.gate import GateResult, impact_gate
from service.operations.authoring.prove import proven_warnings
from service.operations.authoring.review import require_other
from service.operations.authoring.stamps import require, stamp
from service.operations.ports import Caller, Unit
from service.operations.programs import SKEW_MILLISECONDS
from service.operations.publish import Apply, Standing, alone_standing, release
from service.operations.replies import json_text
from service.operations.requests import INSTANT
from service.operations.service import Service
from service.operations.shapes import Shape, faults, optional

KEPT_REVISIONS = 200
"""How much of what was saved of a ruleset's drafts outlives a publish."""
MOVED_SHARE = "moved-share"
APPLY: Shape = {
    "type": ["string", "null"],
    "enum": [*get_args(Apply), None],
    "description": "When the profiles there are follow: each when it is next decided (the default), or all of them "
    "with the next sweep, quietly or with the actions that only the new rules fire.",
}
PUBLISH: Shape = {
    "type": "object",
    "required": ["comment"],
    "additionalProperties": False,
    "properties": {
        "comment": {"type": "string", "minLength": 1, "maxLength": 2000, "description": "Why, for the log."},
        "effective_at": {**optional(INSTANT), "description": "When it comes into force; at once if left out."},
        "acknowledge": {
            "type": ["array", "null"],
            "maxItems": 100,
            "uniqueItems": True,
            "items": {"type": "string", "maxLength": 63},
            "description": "The codes of the warnings that the publisher answers for.",
        },
        "apply": APPLY,
    },
}


@dataclass(frozen=True, slots=True)
class Release:
    """What publishing led to: the version, the versions whose schedule it cancelled, and when it comes into force."""

    row: VersionRow
    cancelled: tuple[int, ...]
    is_scheduled: bool

    def to_json(self) -> dict[str, Any]:
        """The release as JSON values."""
        return {
            "key": self.row.ruleset,
            "version": self.row.version,
            "digest": self.row.digest,
            "author": self.row.author,
            "approved_by": self.row.approved_by,
            "effective_at": write_instant(self.row.effective_at),
            "scheduled": self.is_scheduled,
            "cancelled": list(self.cancelled),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wish:
    """What the publisher asks for, read; `effective_at` is `None` for at once."""

    comment: str
    effective_at: int | None
    acknowledged: tuple[str, ...]
    apply: str


@dataclass(frozen=True, slots=True)
class _Seen:
    """What was found out about a draft before it is published."""

    draft: DraftRow
    reading: Reading
    evidence: dict[str, Any]


def publish_draft(service: Service, key: str, body: object, caller: Caller, held: str | None = None) -> Release:
    """Publish an approved draft. `RulesetRejected` for errors, `Conflict` for whatever else stands in the way: its code
    says what, `more` what is to be acknowledged.
    """
    wish = _wish(body, service.clock())
    draft = read_draft(service, key)
    require(draft, held, key, is_optional=True)
    _require_approved(draft)
    seen = _look(service, draft, wish)

    def job(unit: Unit) -> Release:
        standing = alone_standing(unit, key, service.clock())
        present = existing(unit, key)
        require(present, stamp(draft), key)
        _require_approved(present)
        is_own = require_other(unit, present, present.reviewed_by)
        _require_base(present, standing)
        row = _version(seen, wish, standing, present)
        row = row._replace(evidence=json_text({**seen.evidence, "single_person": is_own, "by": caller.actor}).decode())
        _require_new(unit, row, standing)
        release(unit, row, standing, caller)
        unit.governance.drop_draft(key)
        unit.governance.prune_revisions(key, KEPT_REVISIONS)
        done = Release(row, _cancelled(standing, row), wish.effective_at is not None)
        _note(unit, service, caller, present, done, standing)
        return done

    done = service.store.write(job)
    service.programs.refresh()
    return done


def _wish(body: object, now: int) -> _Wish:
    found = faults(PUBLISH, body)
    at = None
    if isinstance(body, dict) and isinstance(body.get("effective_at"), str):
        try:
            at = read_instant(body["effective_at"], UTC)
        except ValueError:
            found.append(Fault("/effective_at", "wrong-value", "expected an instant such as `2027-01-01T00:00:00Z`"))
        else:
            if at < now - SKEW_MILLISECONDS:
                detail = f"expected an instant to come, found `{write_instant(at)}`; leave it out for at once"
                found.append(Fault("/effective_at", "wrong-value", detail))
    if found or not isinstance(body, dict):
        raise InvalidRequest("the request has faults", found)
    return _Wish(
        comment=body["comment"],
        effective_at=at if at is not None and at > now else None,
        acknowledged=tuple(body.get("acknowledge") or ()),
        apply=body.get("apply") or "on_next_evaluation",
    )


def _look(service: Service, draft: DraftRow, wish: _Wish) -> _Seen:
    """Find out everything about a draft, and refuse what was not answered for."""
    reading = read_ruleset(draft.document)
    if reading.program is None:
        raise RulesetRejected("the draft has errors", reading.diagnostics)
    report = run_examples(reading.program)
    found = (*reading.diagnostics, *report.diagnostics)
    if has_errors(found):
        raise RulesetRejected("the draft has errors", found)
    impact = impact_gate(service, draft.ruleset, reading.program)
    proven = service.store.read(lambda reads: proven_warnings(reads, reading.digest))
    warnings = [*_warnings(found), *proven, *_too_many_moved(impact)]
    missing = [one for one in warnings if one["code"] not in wish.acknowledged]
    if missing:
        codes = ", ".join(f"`{code}`" for code in dict.fromkeys(one["code"] for one in missing))
        detail = f"there are warnings that were not acknowledged: {codes}; correct them, or name them in `acknowledge`"
        raise Conflict(detail, "unacknowledged-warnings", {"warnings": missing})
    evidence = {
        "examples": {"passed": _examples(reading.program), "coverage": report.coverage},
        "impact": asdict(impact),
        "acknowledged": sorted({one["code"] for one in warnings}),
    }
    return _Seen(draft, reading, evidence)


def _examples(program: Program) -> int:
    return len(program.ruleset.examples)


def _warnings(found: Iterable[Diagnostic]) -> list[dict[str, Any]]:
    return [_warning(one.code, one.pointer, one.message) for one in found if one.severity is Severity.WARNING]


def _too_many_moved(impact: GateResult) -> list[dict[str, Any]]:
    if not impact.is_above:
        return []
    high, limit = (_percent(share or Decimal(0)) for share in (impact.high, impact.limit))
    message = {
        "en": f"up to {high} % of the profiles would move, by {impact.simulated} of {impact.of} that were decided; the "
        f"ruleset allows {limit} %",
        "zh": f"在 {impact.of} 份客户资料中判定了 {impact.simulated} 份，最多有 {high} % 会变动；规则集允许 {limit} %",
    }
    return [_warning(MOVED_SHARE, "/max_moved_share", message)]


def _percent(share: Decimal) -> str:
    return f"{100 * share:.1f}".removesuffix(".0")


def _warning(code: str, pointer: str, message: Words) -> dict[str, Any]:
    return {"code": code, "pointer": pointer, "message": dict(message)}


def _require_approved(draft: DraftRow) -> None:
    if draft.state != "approved":
        detail = f"expected a draft that was approved, found one that is {draft.state}: submit it and have it approved"
        raise Conflict(detail, "not-approved")


def _require_base(draft: DraftRow, standing: Standing) -> None:
    if draft.base_version != standing.version:
        detail = (
            f"the draft was reviewed as a change of {_named(draft.base_version)}, and {_named(standing.version)} is in "
            "force now: submit it again, so that it is reviewed as a change of that"
        )
        raise Conflict(detail, "base-changed")


def _require_new(unit: Unit, row: VersionRow, standing: Standing) -> None:
    active = unit.version(row.ruleset, standing.version) if standing.version else None
    if active is not None and active.digest == row.digest:
        raise Conflict(f"version {active.version}, which is in force, says exactly this already", "unchanged")


def _named(version: int | None) -> str:
    return "no version" if version is None else f"version {version}"


def _version(seen: _Seen, wish: _Wish, standing: Standing, draft: DraftRow) -> VersionRow:
    return VersionRow(
        ruleset=draft.ruleset,
        version=standing.newest + 1,
        digest=seen.reading.digest,
        document=seen.reading.canonical.decode(),
        comment=wish.comment,
        author=draft.author,
        published_at=standing.now,
        apply=wish.apply,
        approved_by=draft.reviewed_by,
        effective_at=wish.effective_at or standing.now,
        base_version=draft.base_version,
    )


def _cancelled(standing: Standing, row: VersionRow) -> tuple[int, ...]:
    """The versions that were scheduled for when this one is in force already."""
    waiting = scheduled(standing.activations, standing.now)
    return tuple(one.version for one in waiting if one.effective_at >= row.effective_at and one.kind != "retire")


def _note(unit: Unit, service: Service, caller: Caller, draft: DraftRow, done: Release, standing: Standing) -> None:
    more = {
        **done.to_json(),
        "comment": done.row.comment,
        "apply": done.row.apply,
        "editors": editors_of(draft),
        "evidence": done.row.evidence,
        "was": standing.version,
    }
    note(unit, service, caller, "ruleset.published", (draft, None), **more)
