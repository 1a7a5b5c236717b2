"""A small ruleset with one of everything, for tests of what stands around the engine; and what tests say to it."""

import json
from copy import deepcopy
from typing import Any

from service.audit.rows import ProfileRow
from service.language.document import read_document
from service.operations.evaluate import Request
from service.operations.ports import Caller
from service.operations.service import Service

START = 1_767_225_600_000
"""2026-01-01T00:00:00Z."""
DAY = 86_400_000
CALLER = Caller("key1", frozenset({"evaluator"}), "request-1")
KEY = "small"

RULESET: dict[str, Any] = {
    "format": 1,
    "key": KEY,
    "title": {"en": "Small", "zh": "小"},
    "timezone": "Asia/Taipei",
    "attributes": [
        {"key": "visits", "type": "integer", "default": 0, "minimum": 0},
        {"key": "last_seen", "type": "datetime"},
        {"key": "rate", "type": "number"},
        {"key": "plan", "type": "string", "enum": ["free", "paid"]},
        {"key": "topics", "type": "strings"},
        {"key": "vip", "type": "boolean"},
    ],
    "events": [{"key": "hello"}],
    "values": [{"key": "cap", "output": True, "cases": [{"when": "tag.regular", "then": 8}], "otherwise": 1}],
    "scores": [{"key": "activity", "components": [{"key": "seen", "weight": 1, "value": "scale(visits, 0, 10)"}]}],
    "tiers": [{"key": "band", "input": "score.activity", "bands": [{"key": "low"}, {"key": "high", "from": 50}]}],
    "tags": [
        {"key": "regular", "when": "visits >= 3"},
        {"key": "stale", "when": "days_since(last_seen) >= 10"},
        {"key": "keen", "when": "rate > 0.5"},
        {"key": "greeted", "on": ["hello"], "expires_after": "P3D"},
    ],
    "lifecycle": {
        "initial": "new",
        "stages": [{"key": "new"}, {"key": "active"}],
        "transitions": [
            {"key": "wakes", "from": ["new"], "to": "active", "movement": "promotion", "when": "visits >= 1"},
            {"key": "sleeps", "from": ["active"], "to": "new", "movement": "demotion", "when": "visits == 0"},
        ],
    },
    "actions": [{"key": "thank", "on": [{"tag": "regular"}], "parameters": {"channel": "email"}}],
}


def changed(**members: object) -> dict[str, Any]:
    """The small ruleset with other members."""
    return deepcopy(RULESET) | members


def asking(profile: str, **attributes: object) -> dict[str, Any]:
    """The body of a request about a profile with some attributes."""
    return {"profile": {"id": profile, "attributes": attributes}}


def request(body: object, **more: Any) -> Request:
    """A request as an operation gets it: numbers are exact."""
    return Request(body=as_read(body), caller=CALLER, **more)


def as_read(body: object) -> Any:
    """A JSON value as the reader of bodies gives it."""
    value, refused = read_document(json.dumps(body))
    assert not refused
    return value


def remembered(service: Service, profile: str) -> ProfileRow | None:
    """What the store remembers of a profile."""
    return service.store.read(lambda reads: reads.profile(KEY, profile))


def logged(service: Service, profile: str) -> list[Any]:
    """A profile's evaluations, oldest first."""
    found = service.store.read(lambda reads: reads.evaluations({"profile_id": profile}, (None, None), 1 << 62, 1000))
    return [numbered.row for numbered in reversed(found)]
