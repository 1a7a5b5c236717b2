"""What reports and replays look like, as JSON Schema, beside the shapes of `schemas`."""

from collections.abc import Mapping

from service.api.schemas import INSTANT, KINDS, MAYBE_INSTANT, MAYBE_TEXT, TEXT, members
from service.operations.shapes import Shape

_ANY: Shape = {"description": "What it was, or would be; null where there was nothing."}
REPORT_SCHEMAS: Mapping[str, Shape] = {
    "Report": members(
        {
            "report": TEXT,
            "ruleset": TEXT,
            "from": MAYBE_INSTANT,
            "to": INSTANT,
            "rows": {"type": "array", "items": {"type": "object"}, "description": 'See docs/api.md, "Reports".'},
            "movements": {"type": "array", "items": {"type": "object"}},
        },
        leaving_out=("movements",),
    ),
    "Replay": members(
        {
            "evaluation_id": TEXT,
            "ruleset": TEXT,
            "recorded_version": {"type": "integer"},
            "version": {"type": "integer", "description": "The version that it was decided by again."},
            "at": INSTANT,
            "engine": members({"recorded": TEXT, "present": TEXT, "same": {"type": "boolean"}}),
            "result": {"enum": ["equal", "different", "not_replayable"]},
            "reason": {
                **members({"code": TEXT, "en": TEXT, "zh": TEXT}),
                "type": ["object", "null"],
                "description": "Why it can't be decided again.",
            },
            "differences": {
                "type": "array",
                "items": members(
                    {
                        "kind": {**TEXT, "examples": [*KINDS, "score", "value"]},
                        "key": MAYBE_TEXT,
                        "before": _ANY,
                        "after": _ANY,
                    }
                ),
            },
        }
    ),
}
