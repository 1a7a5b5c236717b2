"""The rows of the table of routes by which the log is searched."""

from collections.abc import Mapping
from functools import partial

from service.api.finding import count, decisions, evaluation, evaluations, events, in_force
from service.api.route import CSV, JSON, NDJSON, Route
from service.api.schemas import ALL_OUTCOMES, CAUSES, KINDS, MOVEMENTS, TEXT, TRIGGERS, ref
from service.api.terms import CURSOR, LIMIT, LOG_READERS, TERM
from service.operations.requests import INSTANT
from service.operations.shapes import Shape

_PAGE: Mapping[str, Shape] = {"cursor": CURSOR, "limit": LIMIT}
_ORIGIN: Mapping[str, Shape] = {
    "profile": TERM,
    "ruleset": TERM,
    "version": {"type": "integer", "minimum": 1, "maximum": 10**9},
    "trigger": {"type": "string", "enum": list(TRIGGERS), "description": "What set the evaluation off."},
    "actor": {**TERM, "description": "Who asked: an API key's id, `sweeper`, `command-line`."},
    "request_id": {**TERM, "description": "The request's `X-Request-Id`."},
    "from": {**INSTANT, "description": "Decided for this instant or later; without an offset, in UTC."},
    "to": {**INSTANT, "description": "Decided for an instant before this; without an offset, in UTC."},
    "recorded_from": {**INSTANT, "description": "Recorded at this instant or later; without an offset, in UTC."},
    "recorded_to": {**INSTANT, "description": "Recorded before this instant; without an offset, in UTC."},
}
_DECISIONS: Mapping[str, Shape] = {
    **_ORIGIN,
    "kind": {"type": "string", "enum": list(KINDS)},
    "key": {**TERM, "description": "A tag's or a tier's key, or `lifecycle`."},
    "outcome": {"type": "string", "enum": list(ALL_OUTCOMES)},
    "cause": {"type": "string", "enum": list(CAUSES)},
    "rule": {**TERM, "description": "A rule's path, such as `tags/vip`."},
    "movement": {"type": "string", "enum": list(MOVEMENTS)},
    "from_value": {**TERM, "description": "What it was before: `absent` or `held`, a band or a stage."},
    "to_value": {**TERM, "description": "What it became."},
}
_read = partial(Route, method="GET", section="Audit", roles=LOG_READERS)

AUDIT_ROUTES: tuple[Route, ...] = (
    _read(
        path="/v1/decisions",
        operation="list_decisions",
        summary="Decisions in the log, newest first; an early end of a page is no end of the list.",
        handler=decisions,
        query={
            **_DECISIONS,
            "include": {
                "type": "string",
                "enum": ["changes", "all"],
                "description": "`all` adds what did not change.",
            },
            **_PAGE,
        },
        reply={JSON: ref("DecisionPage"), CSV: TEXT, NDJSON: TEXT},
        problems=(406,),
    ),
    _read(
        path="/v1/decisions/count",
        operation="count_decisions",
        summary="How many changes fit; exact up to some thousands.",
        handler=count,
        query=_DECISIONS,
        reply={JSON: ref("Count")},
    ),
    _read(
        path="/v1/evaluations",
        operation="list_evaluations",
        summary="Evaluations in the log, newest first, without their content.",
        handler=evaluations,
        query={**_ORIGIN, **_PAGE},
        reply={JSON: ref("EvaluationHeadPage"), CSV: TEXT, NDJSON: TEXT},
        problems=(406,),
    ),
    _read(
        path="/v1/evaluations/{evaluation_id}",
        operation="read_evaluation",
        summary="The whole record of one evaluation; 410 if its content was erased.",
        handler=evaluation,
        reply={JSON: ref("Evaluation")},
        problems=(404, 410),
    ),
    _read(
        path="/v1/audit/events",
        operation="list_audit_events",
        summary="Who changed what, newest first.",
        handler=events,
        query={
            "actor": TERM,
            "action": {**TERM, "description": "Such as `ruleset.published`."},
            "subject": {**TERM, "description": "What it was done to: a ruleset, a key, a profile."},
            "request_id": TERM,
            "from": {**INSTANT, "description": "At this instant or later; without an offset, in UTC."},
            "to": {**INSTANT, "description": "Before this instant; without an offset, in UTC."},
            **_PAGE,
        },
        reply={JSON: ref("AuditEventPage"), CSV: TEXT, NDJSON: TEXT},
        problems=(406,),
    ),
    _read(
        path="/v1/rulesets/{key}/in-force",
        operation="read_version_as_of",
        summary="Which version was in force at an instant, and by whose word.",
        handler=in_force,
        query={
            "as_of": {**INSTANT, "description": "The instant; now if left out."},
            "recorded_as_of": {**INSTANT, "description": "By what had been recorded until this instant."},
        },
        reply={JSON: ref("VersionInForce")},
        problems=(404,),
    ),
)
