"""An outcome and its circumstances -> the evaluation record: JSON that says what was decided, from what, by which
version.

The record stands alone: with the version that its digest names, it is enough to decide again and compare to the byte.
It knows no store and reads no clock. Members are sorted, numbers exact (see `canonical`).
Source: docs/language.md, "Decisions".
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import orjson

from service.audit.rows import ChangeRow, EvaluationRow, ProfileRow
from service.engine.decision import Decision, Event, ManualChange, Outcome
from service.engine.state import State
from service.language.canonical import canonical_bytes
from service.language.instants import write_instant as write_any_instant

write_instant = lru_cache(maxsize=4096)(
    write_any_instant
)  # Why: the instants of one record, and of its neighbours, repeat
FORMAT = 1
"""The number of this record format; it changes when a reader of old records would misread new ones."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grounds:
    """What an outcome was decided from. `facts` is canonical JSON text; `previous` is what was remembered before, if
    anything.

    `quiet` fires no action, `rules_fire` also those on changes that only a new version brought.
    """

    facts: str
    defaulted: tuple[str, ...]
    event: Event | None
    manual: ManualChange | None
    quiet: bool
    rules_fire: bool
    previous: ProfileRow | None


def state_text(state: State) -> str:
    """A state as canonical JSON text."""
    return orjson.dumps(state.to_json(), default=tuple, option=orjson.OPT_SORT_KEYS).decode()


def record_text(head: EvaluationRow, grounds: Grounds, outcome: Mapping[str, Any], state: str) -> str:
    """The record of the evaluation that `head` identifies, as canonical JSON text.

    `outcome` is what `outcome_json` gave, `state` the text of the new state.
    """
    event, manual = grounds.event, grounds.manual
    record = {
        "format": FORMAT,
        "id": head.id,
        "ruleset": {"key": head.ruleset, "version": head.version, "digest": head.digest},
        "engine": head.engine,
        "profile_id": head.profile_id,
        "at": write_instant(head.at),
        "recorded_at": write_instant(head.recorded_at),
        "trigger": head.trigger,
        "actor": head.actor,
        "request_id": head.request_id,
        "facts": orjson.Fragment(grounds.facts),
        "defaulted": grounds.defaulted,
        "event": event and {**event._asdict(), "at": write_instant(event.at)},
        "manual": manual and manual._asdict(),
        "actions": "quiet" if grounds.quiet else "all" if grounds.rules_fire else "fire",
        "previous": grounds.previous and _previous(grounds.previous),
        "outcome": outcome,
        "state": orjson.Fragment(state),
    }
    return canonical_bytes(record).decode()


def outcome_json(outcome: Outcome, tags: Iterable[str], instants: Sequence[str] = ()) -> dict[str, Any]:
    """An outcome as JSON values.

    `decisions` are the changes; `standing` what neither changed nor is simply kept or absent; `absent` the rest of
    `tags` (every tag of the version) that are not held. A tag in none of the three is kept. `instants` are the outputs
    that are points in time, written out.
    """
    decided = {one.key for one in (*outcome.decisions, *outcome.standing) if one.kind == "tag"}
    decided.update(outcome.tags)
    values = outcome.values
    if instants:
        values = values | {key: write_instant(at) for key in instants if isinstance(at := values[key], int)}
    following = outcome.next_change
    return {
        "stage": outcome.stage,
        "tags": outcome.tags,
        "tiers": outcome.tiers,
        "scores": {key: {"value": one.value, "coverage": one.coverage} for key, one in outcome.scores.items()},
        "values": values,
        "decisions": [decision_json(one) for one in outcome.decisions],
        "standing": [decision_json(one) for one in outcome.standing],
        "absent": [key for key in tags if key not in decided],
        "actions": [
            {"key": one.key, "parameters": one.parameters, "on": {"kind": one.kind, "key": one.on}}
            for one in outcome.actions
        ],
        "undetermined": outcome.undetermined,
        "next_change": following
        and {"at": write_instant(following.at), "decisions": [decision_json(one) for one in following.decisions]},
    }


def decision_json(one: Decision) -> dict[str, Any]:
    """One decision as JSON values; members that only some decisions have stand only there."""
    found: dict[str, Any] = {
        "kind": one.kind,
        "key": one.key,
        "outcome": one.outcome,
        "from": one.source,
        "to": one.target,
        "rule": one.rule,
        "cause": one.cause,
    }
    if one.movement is not None:
        found["movement"] = one.movement
    if one.due_at is not None:
        found["due_at"] = write_instant(one.due_at)
    if one.missing:
        found["missing"] = one.missing
    if one.transitions:
        found["transitions"] = one.transitions
    return found


def all_decisions(outcome: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Every decision of a recorded outcome: the changes, then what stands, then what is kept and what is absent."""
    spoken = [*outcome["decisions"], *outcome["standing"]]
    done = {(one["kind"], one["key"]) for one in spoken}
    rest = [_unchanged("tag", key, "kept", "held") for key in outcome["tags"]]
    rest += [_unchanged("tag", key, "absent", "absent") for key in outcome["absent"]]
    rest += [_unchanged("tier", key, "kept", band) for key, band in sorted(outcome["tiers"].items())]
    if outcome["stage"] is not None:
        rest.append(_unchanged("stage", "lifecycle", "kept", outcome["stage"]))
    return [*spoken, *(one for one in rest if (one["kind"], one["key"]) not in done)]


def decision_id(evaluation_id: str, position: int) -> str:
    """The id of one decision: its evaluation, and its position among all decisions of it."""
    return f"{evaluation_id}-{position}"


def change_rows(head: EvaluationRow, decisions: Iterable[Decision]) -> list[ChangeRow]:
    """The changes of an evaluation, as rows."""
    return [
        ChangeRow(
            head.id,
            position,
            head.profile_id,
            head.ruleset,
            head.version,
            one.kind,
            one.key,
            one.outcome,
            one.movement,
            one.source,
            one.target,
            one.rule,
            one.cause,
            head.at,
            head.recorded_at,
            head.trigger,
            head.actor,
            head.request_id,
        )
        for position, one in enumerate(decisions)
    ]


def _previous(row: ProfileRow) -> dict[str, Any]:
    return {
        "evaluation_id": row.evaluation_id,
        "version": row.version,
        "at": write_instant(row.at),
        "state": orjson.Fragment(row.state),
    }


def _unchanged(kind: str, key: str, outcome: str, value: str | None) -> dict[str, Any]:
    rule = None if kind == "stage" else f"{kind}s/{key}"
    return {"kind": kind, "key": key, "outcome": outcome, "from": value, "to": value, "rule": rule, "cause": None}
