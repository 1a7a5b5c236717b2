"""The review of a draft: its editor submits it, somebody else approves or rejects it.

Nobody approves what they edited, unless the service is set to one person, which is recorded. An edit takes a draft back
to the beginning. What is reviewed is the change from the version in force, so if that is another one, the draft is
submitted again.
Source: docs/api.md, "Review".
"""

from collections.abc import Callable

from service.audit.rows import DraftRow
from service.errors import Conflict, InvalidRequest, RulesetRejected
from service.language.diagnostics import has_errors
from service.language.pipeline import read_ruleset
from service.operations.authoring.drafts import editors_of, existing, note, read_draft
from service.operations.authoring.settings import SINGLE_PERSON, setting
from service.operations.authoring.stamps import require, stamp
from service.operations.check import example_findings
from service.operations.ports import Caller, Reads, Unit
from service.operations.publish import read_standing
from service.operations.service import Service
from service.operations.shapes import Shape, faults

REASON: Shape = {"type": "string", "minLength": 1, "maxLength": 2000}
REJECT: Shape = {
    "type": "object",
    "required": ["reason"],
    "additionalProperties": False,
    "properties": {"reason": {**REASON, "description": "What is to be changed, for its editors."}},
}
Step = Callable[[Unit, DraftRow], DraftRow]


def submit_draft(service: Service, key: str, caller: Caller, held: str | None = None) -> DraftRow:
    """Ask for a review. `RulesetRejected` if the draft has errors, `Conflict` if it was submitted already."""
    seen = read_draft(service, key)
    require(seen, held, key, is_optional=True)
    reading = read_ruleset(seen.document)
    found = (*reading.diagnostics, *example_findings(reading.program))
    if has_errors(found):
        raise RulesetRejected("the draft has errors; correct them, then submit it", found)
    now = service.clock()

    def step(unit: Unit, draft: DraftRow) -> DraftRow:
        require(draft, stamp(seen), key)
        base = read_standing(unit, key, now).version
        if draft.state in {"submitted", "approved"} and draft.base_version == base:
            raise Conflict(f"the draft of `{key}` is {draft.state} already", "already-submitted")
        return draft._replace(
            state="submitted",
            base_version=base,
            submitted_by=caller.actor,
            submitted_at=now,
            reviewed_by=None,
            reviewed_at=None,
            reason=None,
        )

    return _step(service, key, caller, held, "ruleset.draft_submitted", step)


def approve_draft(service: Service, key: str, caller: Caller, held: str | None = None) -> DraftRow:
    """Approve what was submitted. `Conflict` if it was not, or if the caller edited it."""
    now = service.clock()

    def step(unit: Unit, draft: DraftRow) -> DraftRow:
        if draft.state != "submitted":
            detail = f"expected a draft that was submitted, found one that is {draft.state}: it must be submitted first"
            raise Conflict(detail, "not-submitted")
        require_other(unit, draft, caller.actor)
        return draft._replace(state="approved", reviewed_by=caller.actor, reviewed_at=now, reason=None)

    return _step(service, key, caller, held, "ruleset.draft_approved", step)


def reject_draft(service: Service, key: str, body: object, caller: Caller, held: str | None = None) -> DraftRow:
    """Send a draft back to its editors, who are told why; also one that was approved already."""
    found = faults(REJECT, body)
    if found or not isinstance(body, dict):
        raise InvalidRequest("the request has faults", found)
    now = service.clock()

    def step(_unit: Unit, draft: DraftRow) -> DraftRow:
        if draft.state not in {"submitted", "approved"}:
            detail = f"expected a draft that was submitted, found one that is {draft.state}"
            raise Conflict(detail, "not-submitted")
        return draft._replace(state="rejected", reviewed_by=caller.actor, reviewed_at=now, reason=body["reason"])

    return _step(service, key, caller, held, "ruleset.draft_rejected", step)


def require_other(reads: Reads, draft: DraftRow, reviewer: str | None) -> bool:
    """`Conflict` if a reviewer edited what they review; true if they did and the service is set to one person."""
    if reviewer not in editors_of(draft):
        return False
    if not setting(reads, SINGLE_PERSON):
        detail = (
            f"`{reviewer}` edited the draft of `{draft.ruleset}` since it was last approved, so somebody else must "
            f"approve it; where there is nobody else, an administrator sets `{SINGLE_PERSON}`"
        )
        raise Conflict(detail, "own-edit")
    return True


def _step(service: Service, key: str, caller: Caller, held: str | None, action: str, step: Step) -> DraftRow:
    def job(unit: Unit) -> DraftRow:
        unit.alone(f"ruleset {key}")
        before = existing(unit, key)
        require(before, held, key, is_optional=True)
        after = step(unit, before)
        unit.governance.save_draft(after)
        note(unit, service, caller, action, (before, after), **({"reason": after.reason} if after.reason else {}))
        return after

    return service.store.write(job)
