"""What was decided -> the reply, as JSON values and as text.

Source: docs/api.md, "Evaluate".
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import orjson

from service.audit.record import all_decisions, decision_id, write_instant
from service.engine.explain import explain
from service.engine.worlds import Budget, world_of
from service.language.canonical import plain_number
from service.operations.decide import Decided

TRIALS = 5_000
"""How many runs of the program a reply may spend on looking for what would have been nearest."""


def json_text(value: object) -> bytes:
    """The JSON text of plain values, members in their order, numbers exact."""
    return orjson.dumps(value, default=_exact)


def reply_json(decided: Decided) -> dict[str, Any]:
    """The reply to one evaluation."""
    ask, shown, published = decided.ask, decided.shown, decided.ask.published
    reply = {
        "evaluation_id": decided.evaluation_id,
        "ruleset": {"key": published.key, "version": published.version, "digest": published.digest},
        "profile_id": ask.profile_id,
        "at": write_instant(decided.outcome.at),
        "stage": shown["stage"],
        "tags": shown["tags"],
        "tiers": shown["tiers"],
        "scores": shown["scores"],
        "values": shown["values"],
        "decisions": _decisions(decided),
        "actions": shown["actions"],
        "caught_up": [_missed(*one) for one in decided.missed],
        "next_change": shown["next_change"],
        "undetermined": shown["undetermined"],
        "ignored_attributes": _ignored(decided),
        "dry_run": decided.evaluation_id is None,
    }
    if ask.ignored_event is not None:
        reply["ignored_event"] = ask.ignored_event
    if ask.explain:
        reply["explanation"] = _explanation(decided)
    return reply


def _explanation(decided: Decided) -> list[dict[str, Any]]:
    """Why; of a dry run also what would have been nearest, since nobody waits behind one."""
    ask, outcome = decided.ask, decided.outcome
    world = None
    if decided.evaluation_id is None:
        world = world_of(outcome.run, decided.facts)
        world.budget = Budget(TRIALS)
    return explain(ask.published.program, outcome, everything=ask.everything, world=world)


def _missed(evaluation_id: str | None, at: int, shown: Mapping[str, Any]) -> dict[str, Any]:
    """What time had brought before, at its own instant."""
    return {
        "evaluation_id": evaluation_id,
        "at": write_instant(at),
        "decisions": _with_ids(evaluation_id, shown["decisions"]),
        "actions": shown["actions"],
    }


def _decisions(decided: Decided) -> list[Mapping[str, Any]]:
    found = all_decisions(decided.shown) if decided.ask.everything else decided.shown["decisions"]
    return _with_ids(decided.evaluation_id, found)


def _with_ids(evaluation_id: str | None, found: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Decisions with their ids; those of a dry run have none."""
    if evaluation_id is None:
        return [{"id": None, **one} for one in found]
    return [{"id": decision_id(evaluation_id, place), **one} for place, one in enumerate(found)]


def _ignored(decided: Decided) -> list[str]:
    """The posted attributes that the ruleset does not declare; stored ones don't count."""
    posted = decided.ask.attributes or {}
    return [name for name in decided.facts.ignored if name in posted]


def _exact(value: object) -> object:
    if isinstance(value, Decimal):
        return orjson.Fragment(plain_number(value))
    raise TypeError(value)
