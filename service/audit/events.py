"""A recorded change -> the event that tells others of it: CloudEvents 1.0, as JSON, the same bytes every time.

It is made from what was recorded and from nothing else, so an event that is sent again, or read again, has not changed.
Actions go with the change that fired them.
Source: docs/api.md, "Events"; CloudEvents 1.0, JSON event format, structured mode.
"""

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from service.audit.record import decision_id, write_instant
from service.audit.rows import ChangeRow, EvaluationRow
from service.language.canonical import canonical_bytes

CONTENT_TYPE = "application/cloudevents+json; charset=utf-8"
NOTHING: Mapping[str, Any] = {"actions": [], "values": {}}
"""What is told of a record whose content is gone."""
SOURCE = "urn:tagwright:ruleset:"


def event_id(change: ChangeRow) -> str:
    """The id of a change's event: the id of the decision, so that the reply, the log and the event name one thing."""
    return decision_id(change.evaluation_id, change.position)


def event_text(change: ChangeRow, evaluation: EvaluationRow) -> bytes:
    """The event of a change that `evaluation` made, as canonical JSON."""
    return canonical_bytes(event_json(change, evaluation))


def event_json(change: ChangeRow, evaluation: EvaluationRow) -> dict[str, Any]:
    """The same, as JSON values."""
    return {
        "specversion": "1.0",
        "id": event_id(change),
        "source": f"{SOURCE}{change.ruleset}",
        "type": f"tagwright.{change.kind}.{change.outcome}",
        "subject": change.profile_id,
        "time": write_instant(change.at),
        "datacontenttype": "application/json",
        "data": _data(change, evaluation),
    }


def _data(change: ChangeRow, evaluation: EvaluationRow) -> dict[str, Any]:
    outcome = json.loads(evaluation.record, parse_float=Decimal)["outcome"] if evaluation.record else NOTHING
    return {
        "ruleset": {"key": change.ruleset, "version": change.version, "digest": evaluation.digest},
        "profile_id": change.profile_id,
        "kind": change.kind,
        "key": change.key,
        "outcome": change.outcome,
        "movement": change.movement,
        "from": change.source,
        "to": change.target,
        "rule": change.rule,
        "cause": change.cause,
        "at": write_instant(change.at),
        "recorded_at": write_instant(change.recorded_at),
        "evaluation_id": change.evaluation_id,
        "actions": [_action(one) for one in outcome["actions"] if _fired_on(one, change)],
        "values": outcome["values"],
    }


def _fired_on(action: Mapping[str, Any], change: ChangeRow) -> bool:
    return bool(action["on"] == {"kind": change.kind, "key": change.key})


def _action(action: Mapping[str, Any]) -> dict[str, Any]:
    return {"key": action["key"], "parameters": action["parameters"]}
