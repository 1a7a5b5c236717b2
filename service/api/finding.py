"""The routes that find things in the log: decisions, evaluations, and who changed what."""

from typing import Any

from service.api.paging import limit, page, spans
from service.api.route import Answer, Call, as_json
from service.audit.find_rows import Sought
from service.operations.auditing.as_of import Instants, read_version_as_of
from service.operations.auditing.find import (
    COLUMNS,
    Filter,
    count_decisions,
    list_decisions,
    list_evaluations,
    read_evaluation,
)
from service.operations.auditing.trail import list_audit_events
from service.operations.cursors import LAST

HEADS = (
    "id",
    "at",
    "recorded_at",
    "ruleset",
    "version",
    "digest",
    "engine",
    "profile_id",
    "trigger",
    "actor",
    "request_id",
    "erased",
)
"""The columns of evaluations."""
EVENTS = ("id", "at", "actor", "action", "subject", "detail", "request_id")
"""The columns of audit events."""
NAMED = {"profile": "profile_id", "from_value": "source", "to_value": "target"}
"""The query's names of columns, where they differ."""
OF_EVALUATIONS = ("profile", "ruleset", "version", "trigger", "actor", "request_id")
OF_DECISIONS = (*OF_EVALUATIONS, "kind", "key", "outcome", "cause", "rule", "movement", "from_value", "to_value")
OF_EVENTS = ("actor", "action", "subject", "request_id")
RANGES = (("from", "to"), ("recorded_from", "recorded_to"))


def decisions(call: Call) -> Answer:
    """`GET /v1/decisions`."""
    items, following = list_decisions(call.service, _filter(call), call.query.get("cursor"), limit(call))
    return page(call, "/v1/decisions", COLUMNS, items, following)


def count(call: Call) -> Answer:
    """`GET /v1/decisions/count`."""
    return as_json(count_decisions(call.service, _filter(call)))


def evaluations(call: Call) -> Answer:
    """`GET /v1/evaluations`."""
    sought = Sought(_equal(call, OF_EVALUATIONS), *spans(call.query, *RANGES))
    items, following = list_evaluations(call.service, sought, call.query.get("cursor"), limit(call))
    return page(call, "/v1/evaluations", HEADS, items, following)


def evaluation(call: Call) -> Answer:
    """`GET /v1/evaluations/{evaluation_id}`."""
    return Answer(read_evaluation(call.service, call.path["evaluation_id"]))


def events(call: Call) -> Answer:
    """`GET /v1/audit/events`."""
    (at,) = spans(call.query, ("from", "to"))
    items, following = list_audit_events(
        call.service, Sought(_equal(call, OF_EVENTS), at), call.query.get("cursor"), limit(call)
    )
    return page(call, "/v1/audit/events", EVENTS, items, following)


def in_force(call: Call) -> Answer:
    """`GET /v1/rulesets/{key}/in-force`."""
    ((at, recorded_at),) = spans(call.query, ("as_of", "recorded_as_of"))
    at = call.service.clock() if at is None else at
    then = Instants(at, LAST if recorded_at is None else recorded_at)
    return as_json(read_version_as_of(call.service, call.path["key"], then))


def _filter(call: Call) -> Filter:
    between, recorded = spans(call.query, *RANGES)
    return Filter(_equal(call, OF_DECISIONS), between, call.query.get("include") == "all", recorded)


def _equal(call: Call, names: tuple[str, ...]) -> dict[str, Any]:
    return {NAMED.get(name, name): call.query[name] for name in names if name in call.query}
