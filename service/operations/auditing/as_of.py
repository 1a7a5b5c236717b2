"""A profile as it was at an instant in the past, and, if asked, by what had been recorded until another one.

It stands as its last record up to then says; what time had brought since that record and nobody had decided yet is
decided here, by the version that was in force, and written nowhere: the reply says so.
Source: docs/api.md, "As of".
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC
from typing import Any, NamedTuple

from service.audit.record import outcome_json
from service.engine.decide import Remembered
from service.engine.decision import Outcome
from service.engine.evaluate import MOST_MISSED, missed
from service.engine.facts import recall_facts
from service.engine.state import State
from service.errors import Fault, InvalidRequest, NotFound, TooLarge
from service.language.instants import read_instant, write_instant
from service.operations.activations import in_force
from service.operations.auditing.recall import read_record
from service.operations.cursors import LAST
from service.operations.ports import Reads
from service.operations.profiles import override_json, since_json
from service.operations.programs import Published
from service.operations.service import Service

LIKE = ("tags", "tiers", "scores", "values", "undetermined", "next_change")


@dataclass(frozen=True, slots=True)
class Instants:
    """What is asked for: the instant that something was true at, and the one up to which records count."""

    at: int
    recorded_at: int = LAST


class Past(NamedTuple):
    """A profile under one ruleset, then: its last record, the state and outcome, and by which version.

    `is_decided` says that time had brought what nobody had recorded.
    """

    record: Mapping[str, Any]
    published: Published
    at: int
    state: State
    shown: Mapping[str, Any]
    is_decided: bool


def read_profile_as_of(service: Service, profile_id: str, ruleset: str | None, then: Instants) -> dict[str, Any]:
    """A profile under one ruleset, or as `rulesets` under all that had seen it; `NotFound` if none had.

    `Conflict` (`erased`) if the record's content was erased; `InvalidRequest` for an instant that has not come.
    """
    refuse_future(service, then)
    keys = service.store.read(lambda reads: [row.key for row in reads.rulesets()]) if ruleset is None else [ruleset]
    found = {key: past for key in keys if (past := read_past(service, profile_id, key, then)) is not None}
    if not found:
        under = f" under ruleset `{ruleset}`" if ruleset else ""
        raise NotFound(f"there was no profile `{profile_id}`{under} at {write_instant(then.at)}")
    standings = [_standing(profile_id, key, past, then) for key, past in found.items()]
    return standings[0] if ruleset else {"profile_id": profile_id, "rulesets": standings}


def read_version_as_of(service: Service, key: str, then: Instants) -> dict[str, Any]:
    """Which version of a ruleset was in force, and since when, by whose word; `NotFound` if none was."""
    rows = service.store.read(lambda reads: reads.governance.activations(key))
    found = in_force([row for row in rows if row.recorded_at <= then.recorded_at], then.at)
    if found is None or found.kind == "retire":
        raise NotFound(f"no version of ruleset `{key}` was in force at {write_instant(then.at)}")
    published = service.programs.published(key, found.version)
    return {
        "ruleset": {"key": key, "version": found.version, "digest": published.digest},
        "effective_at": write_instant(found.effective_at),
        "recorded_at": write_instant(found.recorded_at),
        "kind": found.kind,
        "actor": found.actor,
        "as_of": write_instant(then.at),
        "recorded_as_of": None if then.recorded_at == LAST else write_instant(then.recorded_at),
    }


def refuse_future(service: Service, then: Instants) -> None:
    """`InvalidRequest` for an instant that has not come yet."""
    now = service.clock()
    named = (("/as_of", then.at), ("/recorded_as_of", -1 if then.recorded_at == LAST else then.recorded_at))
    found = [
        Fault(pointer, "wrong-value", f"expected an instant that has come, found `{write_instant(at)}`")
        for pointer, at in named
        if at > now
    ]
    if found:
        raise InvalidRequest("the query has faults", found)


def read_past(service: Service, profile_id: str, ruleset: str, then: Instants) -> Past | None:
    """A profile under one ruleset, as it was; `None` if it had not been seen."""

    def job(reads: Reads) -> tuple[Mapping[str, Any] | None, int | None]:
        found = reads.history.standing(ruleset, profile_id, then.at, then.recorded_at)
        if found is None:
            return None, None
        row = reads.evaluation(found)
        assert row is not None
        known = [one for one in reads.governance.activations(ruleset) if one.recorded_at <= then.recorded_at]
        active = in_force(known, then.at)
        return read_record(row), None if active is None or active.kind == "retire" else active.version

    record, version = service.store.read(job)
    return None if record is None else _brought_up(service, record, version, then.at)


def _brought_up(service: Service, record: Mapping[str, Any], version: int | None, at: int) -> Past:
    """What a record led to by an instant; without a version in force nothing more than it says."""
    key = record["ruleset"]["key"]
    decided_by = service.programs.published(key, record["ruleset"]["version"])
    state, begun = State.from_json(record["state"]), read_instant(record["at"], UTC)
    following = record["outcome"]["next_change"]
    plain = Past(record, decided_by, begun, state, record["outcome"], is_decided=False)
    if following is None or version is None or (due := read_instant(following["at"], UTC)) > at:
        return plain
    published = service.programs.published(key, version)
    before = Remembered(state, recall_facts(decided_by.program, record["facts"]), begun, due, decided_by.program)
    last: Outcome | None = None
    for count, (outcome, _) in enumerate(missed(published.program, record["profile_id"], before, at)):
        if count == MOST_MISSED:
            raise TooLarge(f"more than {MOST_MISSED} changes were missed by {write_instant(at)}")
        last = outcome
    if last is None:
        return plain
    shown = outcome_json(last, published.tags, published.instants)
    return Past(record, published, last.at, last.state, shown, is_decided=True)


def _standing(profile_id: str, ruleset: str, past: Past, then: Instants) -> dict[str, Any]:
    published = past.published
    return {
        "profile_id": profile_id,
        "ruleset": {"key": ruleset, "version": published.version, "digest": published.digest},
        "evaluation_id": past.record["id"],
        "at": write_instant(past.at),
        "stage": past.shown["stage"],
        **{name: past.shown[name] for name in LIKE},
        "since": since_json(past.state),
        "overrides": override_json(past.state),
        "attributes": past.record["facts"],
        "as_of": write_instant(then.at),
        "recorded_as_of": None if then.recorded_at == LAST else write_instant(then.recorded_at),
        "decided": past.is_decided,
    }
