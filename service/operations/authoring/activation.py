"""What is in force, changed at once without a new version: an older one, none any more, or not what was planned.

Source: docs/api.md, "Roll back and retire"; docs/operations.md, "Versions in force".
"""

from collections.abc import Callable
from typing import Any

from service.audit.record import write_instant
from service.audit.rows import ActivationRow
from service.errors import Conflict, NotFound
from service.operations.activations import scheduled
from service.operations.authoring.release import APPLY
from service.operations.keys import audit_row
from service.operations.ports import Caller, Unit
from service.operations.publish import Standing, alone_standing
from service.operations.service import Service
from service.operations.shapes import Shape, checked

REASON: Shape = {"type": "string", "minLength": 1, "maxLength": 2000, "description": "Why, for the log."}
ROLLBACK: Shape = {
    "type": "object",
    "required": ["version", "reason"],
    "additionalProperties": False,
    "properties": {
        "version": {"type": "integer", "minimum": 1, "maximum": 10**9, "description": "What is to be in force again."},
        "reason": REASON,
        "apply": APPLY,
    },
}
RETIRE: Shape = {
    "type": "object",
    "required": ["reason"],
    "additionalProperties": False,
    "properties": {"reason": REASON},
}
CANCELLED = "the schedule was cancelled"
Choose = Callable[[Unit, Standing], ActivationRow]


def rollback_ruleset(service: Service, key: str, body: object, caller: Caller) -> dict[str, Any]:
    """Have an older version in force again, at once; this also brings back a ruleset that was retired.

    `NotFound` if it was never published, `Conflict` if it is in force.
    """
    wish = checked(ROLLBACK, body)
    version = int(wish["version"])

    def choose(unit: Unit, standing: Standing) -> ActivationRow:
        if unit.version(key, version) is None:
            raise NotFound(f"ruleset `{key}` has no version {version}")
        if standing.version == version:
            raise Conflict(f"version {version} of `{key}` is in force already", "already-active")
        apply = wish.get("apply") or "on_next_evaluation"
        return _row(key, standing, caller)._replace(version=version, reason=wish["reason"], apply=apply)

    return _activate(service, key, caller, "ruleset.rolled_back", choose)


def retire_ruleset(service: Service, key: str, body: object, caller: Caller) -> dict[str, Any]:
    """End a ruleset: it decides nothing any more, and time brings nothing. What it decided stays; a rollback undoes it.

    `NotFound` without such a ruleset, `Conflict` if it was retired already.
    """
    wish = checked(RETIRE, body)

    def choose(_unit: Unit, standing: Standing) -> ActivationRow:
        if standing.active is not None and standing.active.kind == "retire":
            since = write_instant(standing.active.effective_at)
            raise Conflict(f"the ruleset `{key}` was retired at {since} already", "retired-already")
        return _row(key, standing, caller)._replace(kind="retire", reason=wish["reason"])

    return _activate(service, key, caller, "ruleset.retired", choose)


def cancel_schedule(service: Service, key: str, caller: Caller) -> dict[str, Any]:
    """Have what is in force stay, and nothing that was scheduled begin. `NotFound` if nothing was."""

    def choose(_unit: Unit, standing: Standing) -> ActivationRow:
        row = _row(key, standing, caller)._replace(reason=CANCELLED)
        if not scheduled(standing.activations, row.effective_at):
            raise NotFound(f"no version of `{key}` is scheduled")
        active = standing.active
        if active is None or active.kind == "retire":
            return row._replace(kind="retire")
        return row._replace(version=active.version, apply=active.apply)

    return _activate(service, key, caller, "ruleset.schedule_cancelled", choose)


def _activate(service: Service, key: str, caller: Caller, action: str, choose: Choose) -> dict[str, Any]:
    def job(unit: Unit) -> dict[str, Any]:
        standing = alone_standing(unit, key, service.clock())
        if not standing.activations:
            raise NotFound(f"there is no ruleset `{key}`")
        row = choose(unit, standing)
        planned = scheduled(standing.activations, row.effective_at)
        unit.governance.activate(row)
        after = None if row.kind == "retire" else row.version
        done = {
            "key": key,
            "active_version": after,
            "before": standing.version,
            "effective_at": write_instant(row.effective_at),
            "cancelled": [one.version for one in planned if one.kind != "retire"],
        }
        detail = {**done, "after": after, "reason": row.reason, "apply": row.apply}
        unit.audit(audit_row(service, caller, action, key, detail))
        return done

    done = service.store.write(job)
    service.programs.refresh()
    return done


def _row(key: str, standing: Standing, caller: Caller) -> ActivationRow:
    """What begins now and stands over everything before it, with the version that is or was last in force."""
    last, now = standing.active or standing.activations[-1], standing.now
    return ActivationRow(standing.following, key, last.version, now, now, caller.actor, "rollback", "")
