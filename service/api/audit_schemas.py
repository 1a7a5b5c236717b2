"""What the log's replies look like, as JSON Schema, beside those of `schemas`."""

from collections.abc import Mapping

from service.api.schemas import (
    INSTANT,
    MAYBE_INSTANT,
    MAYBE_TEXT,
    PUBLISHED,
    STANDING,
    TEXT,
    TEXTS,
    maps,
    members,
    page,
    ref,
)
from service.operations.shapes import Shape

AUDIT_SCHEMAS: Mapping[str, Shape] = {
    "PastProfile": members(
        {
            "profile_id": TEXT,
            "ruleset": PUBLISHED,
            "evaluation_id": {**TEXT, "description": "The last record until then."},
            "at": INSTANT,
            **STANDING,
            "since": members({"stage": MAYBE_INSTANT, "tags": maps(INSTANT), "tiers": maps(INSTANT)}),
            "overrides": maps({"type": "object"}),
            "attributes": {"type": "object"},
            "as_of": INSTANT,
            "recorded_as_of": MAYBE_INSTANT,
            "decided": {
                "type": "boolean",
                "description": "Whether time had brought what no record had yet; it was decided for this reply.",
            },
        }
    ),
    "VersionInForce": members(
        {
            "ruleset": PUBLISHED,
            "effective_at": INSTANT,
            "recorded_at": INSTANT,
            "kind": {"enum": ["publish", "rollback"]},
            "actor": TEXT,
            "as_of": INSTANT,
            "recorded_as_of": MAYBE_INSTANT,
        }
    ),
    "PastProfiles": members({"profile_id": TEXT, "rulesets": {"type": "array", "items": ref("PastProfile")}}),
    "PastSegmentEntry": members(
        {
            "profile_id": TEXT,
            "version": {"type": "integer"},
            "at": {**INSTANT, "description": "The last change until then."},
            "stage": MAYBE_TEXT,
            "tags": TEXTS,
            "tiers": maps(TEXT),
        }
    ),
    "PastSegmentPage": page("PastSegmentEntry"),
    "Count": members(
        {
            "count": {"type": "integer"},
            "exact": {"type": "boolean", "description": "If not, there are at least so many."},
        }
    ),
    "EvaluationHead": members(
        {
            "id": TEXT,
            "at": INSTANT,
            "recorded_at": INSTANT,
            "ruleset": TEXT,
            "version": {"type": "integer"},
            "digest": TEXT,
            "engine": TEXT,
            "profile_id": TEXT,
            "trigger": TEXT,
            "actor": TEXT,
            "request_id": TEXT,
            "erased": {"type": "boolean", "description": "Whether its content was erased."},
        }
    ),
    "EvaluationHeadPage": page("EvaluationHead"),
    "AuditEvent": members(
        {
            "id": TEXT,
            "at": INSTANT,
            "actor": TEXT,
            "action": {**TEXT, "examples": ["ruleset.published"]},
            "subject": {**TEXT, "description": "What it was done to."},
            "detail": {"type": "object"},
            "request_id": TEXT,
        }
    ),
    "AuditEventPage": page("AuditEvent"),
}
