"""Erase a person: content goes, and every proof over the log still holds.

The data keys go first, in one transaction with the profile, so that all at once nobody can read what was kept under
them. What remains in the log is emptied, and the person's id replaced by a pseudonym that names the entry which says
so; aggregates count it as before. That part is done some rows at a time and resumed after a crash.
Whoever comes again under the same id is somebody new.
Source: docs/operations.md, "Erasing a person".
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from service.audit.rows import PSEUDONYM, EvaluationRow, ProfileRow
from service.audit.sealing_rows import ErasureRow
from service.errors import Conflict, InvalidRequest, NotFound
from service.language.instants import write_instant
from service.operations.auditing.export_people import rename_exports
from service.operations.authoring.forget import forget_profile
from service.operations.holdings import holdings
from service.operations.keys import audit_row
from service.operations.ports import Caller, Reads, Unit
from service.operations.service import Service
from service.operations.shapes import Shape, faults

ERASE: Shape = {
    "type": "object",
    "required": ["ground"],
    "additionalProperties": False,
    "properties": {
        "ground": {
            "type": "string",
            "minLength": 1,
            "maxLength": 500,
            "description": "Why, such as `GDPR 17(1)(b)`; kept in the log. Name nobody here.",
        }
    },
}
ERASED = "profile.erased"
AT_ONCE = 500
"""How many rows of each table one transaction empties."""


@dataclass(frozen=True, slots=True)
class Erased:
    """What an erasure was: its entry in the log, who the person is called from now on, and how much there was."""

    entry: str
    pseudonym: str
    rulesets: list[str]
    evaluations: int
    changes: int
    events: int

    def to_json(self) -> dict[str, Any]:
        """The same, as JSON values."""
        return {
            "entry": self.entry,
            "pseudonym": self.pseudonym,
            "rulesets": self.rulesets,
            "evaluations": self.evaluations,
            "changes": self.changes,
            "events": self.events,
        }


def erase_profile(service: Service, profile_id: str, body: object, caller: Caller) -> Erased:
    """Erase everything about a person. `NotFound` if there is nothing, `Conflict` (`held`) if it must be kept."""
    found = faults(ERASE, body)
    if found or not isinstance(body, dict):
        raise InvalidRequest("the request has faults", found)
    ground = body["ground"]
    erased = service.store.write(lambda unit: begin_erasure(service, unit, profile_id, ground, caller))
    finish_erasures(service)
    service.store.scrub()
    return erased


def finish_erasures(service: Service) -> int:
    """Empty what is left of erasures that go on, also of those that a crash ended; how many rows it were."""
    done = 0
    while pending := service.store.read(lambda reads: reads.erasing.erasures()):
        done += service.store.write(lambda unit, erasure=pending[0]: _follow(unit, erasure))  # type: ignore[misc]
    return done


def refuse_held(reads: Reads, profile_id: str) -> None:
    """`Conflict` (`held`) if a profile must be kept; it says since when, by whom and why."""
    hold = reads.erasing.hold(profile_id)
    if hold is not None:
        since = write_instant(hold.placed_at)
        detail = f"`{hold.placed_by}` holds this profile since {since}: {hold.reason}"
        raise Conflict(
            detail, "held", {"hold": {"placed_by": hold.placed_by, "placed_at": since, "reason": hold.reason}}
        )


def refuse_gone(reads: Reads, row: EvaluationRow) -> None:
    """`Conflict` (`erased`) if the content of an evaluation is gone; it says by which entry, when and why."""
    if not row.record:
        told = gone_json(reads, row)
        when = f" on {told['at']}, entry `{told['entry']}`" if told["entry"] else ""
        raise Conflict(f"the content of evaluation `{row.id}` was erased{when}", "erased", {"erased": told})


def gone_json(reads: Reads, row: EvaluationRow) -> Mapping[str, Any]:
    """By which entry the content of an evaluation went, and when; both `None` while its erasure goes on."""
    event = None if row.erased_by is None else reads.erasing.event(row.erased_by)
    return {
        "entry": row.erased_by,
        "at": None if event is None else write_instant(event.at),
        "action": None if event is None else event.action,
    }


def begin_erasure(service: Service, unit: Unit, profile_id: str, ground: str, caller: Caller) -> Erased:
    """Drop a person's keys and all that is remembered, in one transaction, and empty as much of the log as fits in it.

    Errors as in `erase_profile`.
    """
    unit.alone(f"profile {profile_id}")
    erasing = unit.erasing
    rows = _locked(unit, profile_id)
    counts = erasing.counts(profile_id)
    if not rows and not any(counts):
        raise NotFound(f"there is no profile `{profile_id}`")
    refuse_held(unit, profile_id)
    for row in rows:
        unit.hold(dict.fromkeys(holdings(row), False))
    entry = service.ids.ulid(service.clock())
    pseudonym = f"{PSEUDONYM}{entry}"
    erasing.forget(profile_id, [row.ruleset for row in rows], entry, pseudonym)
    forget_profile(unit, profile_id)
    rename_exports(unit, profile_id, pseudonym)
    erased = Erased(entry, pseudonym, [row.ruleset for row in rows], *counts)
    told = {name: value for name, value in erased.to_json().items() if name not in {"entry", "pseudonym"}}
    unit.audit(audit_row(service, caller, ERASED, pseudonym, {"ground": ground, **told})._replace(id=entry))
    for erasure in erasing.erasures():
        if erasure.entry == entry:
            erasing.follow(erasure, pseudonym, AT_ONCE)
    return erased


def _locked(unit: Unit, profile_id: str) -> list[ProfileRow]:
    """What is remembered of a profile under every ruleset, which nobody changes before this transaction ends."""
    names = [(row.ruleset, profile_id) for row in unit.profiles(profile_id)]
    unit.lock(names)
    return [row for row in (unit.profile(*name) for name in names) if row is not None]


def _follow(unit: Unit, erasure: ErasureRow) -> int:
    return unit.erasing.follow(erasure, f"{PSEUDONYM}{erasure.entry}", AT_ONCE)
