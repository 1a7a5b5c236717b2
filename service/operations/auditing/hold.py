"""Legal holds: profiles that must be kept, whatever is asked; each change is in the audit events.

Source: docs/operations.md, "Legal hold".
"""

from typing import Any

from service.audit.sealing_rows import HoldRow
from service.errors import InvalidRequest, NotFound
from service.language.instants import write_instant
from service.operations.auditing.erase import refuse_held
from service.operations.keys import audit_row
from service.operations.ports import Caller, Unit
from service.operations.service import Service
from service.operations.shapes import Shape, faults

HOLD: Shape = {
    "type": "object",
    "required": ["reason"],
    "additionalProperties": False,
    "properties": {
        "reason": {"type": "string", "minLength": 1, "maxLength": 500, "description": "Why it must be kept."},
    },
}


def place_hold(service: Service, profile_id: str, body: object, caller: Caller) -> dict[str, Any]:
    """Have a profile kept. `NotFound` if there is nothing to keep, `Conflict` (`held`) if it is held already."""
    found = faults(HOLD, body)
    if found or not isinstance(body, dict):
        raise InvalidRequest("the request has faults", found)
    hold = HoldRow(profile_id, body["reason"], caller.actor, service.clock())

    def job(unit: Unit) -> None:
        unit.alone(f"profile {profile_id}")
        refuse_held(unit, profile_id)
        if not unit.profiles(profile_id) and not any(unit.erasing.counts(profile_id)):
            raise NotFound(f"there is no profile `{profile_id}`")
        unit.erasing.place_hold(hold)
        event = audit_row(service, caller, "profile.held", profile_id, {"reason": hold.reason})
        unit.audit(event._replace(profile_id=profile_id))

    service.store.write(job)
    return hold_json(hold)


def end_hold(service: Service, profile_id: str, caller: Caller) -> None:
    """Let a profile go again, if it is asked for. `NotFound` if it is not held."""

    def job(unit: Unit) -> None:
        unit.alone(f"profile {profile_id}")
        if not unit.erasing.end_hold(profile_id):
            raise NotFound(f"profile `{profile_id}` is not held")
        unit.audit(audit_row(service, caller, "profile.released", profile_id, {})._replace(profile_id=profile_id))

    service.store.write(job)


def read_hold(service: Service, profile_id: str) -> dict[str, Any]:
    """Who holds a profile, and why. `NotFound` if nobody does."""
    hold = service.store.read(lambda reads: reads.erasing.hold(profile_id))
    if hold is None:
        raise NotFound(f"profile `{profile_id}` is not held")
    return hold_json(hold)


def list_holds(service: Service, after: str, limit: int) -> tuple[list[dict[str, Any]], str | None]:
    """Profiles that must be kept, by id behind one, and where the next page begins."""
    rows = service.store.read(lambda reads: reads.erasing.holds(after, limit + 1))
    following = rows[limit - 1].profile_id if len(rows) > limit else None
    return [hold_json(row) for row in rows[:limit]], following


def hold_json(row: HoldRow) -> dict[str, Any]:
    """A hold as JSON values."""
    return {
        "profile_id": row.profile_id,
        "reason": row.reason,
        "placed_by": row.placed_by,
        "placed_at": write_instant(row.placed_at),
    }
