"""The routes by which others learn of changes: the feed, subscriptions, and what became of deliveries."""

from collections.abc import Callable
from typing import Any

from service.api.gate import body_value
from service.api.reading import DEFAULT_LIMIT
from service.api.route import Answer, Call, as_json
from service.operations.feed import list_changes
from service.operations.ports import Caller
from service.operations.service import Service
from service.operations.subscriptions import (
    Page,
    change_subscription,
    create_subscription,
    end_subscription,
    list_deliveries,
    list_subscriptions,
    read_subscription,
    replay_subscription,
    retry_dead,
    rotate_secret,
)

SECRET = {"Cache-Control": "no-store"}
LAST = 1 << 62
FILTERS = {"ruleset": "rulesets", "kind": "kinds", "key": "keys", "outcome": "outcomes"}


def changes(call: Call) -> Answer:
    """`GET /v1/changes`."""
    query = call.query
    wanted = {FILTERS[name]: [query[name]] for name in FILTERS if name in query}
    page = list_changes(call.service, wanted, query.get("after"), query.get("limit", DEFAULT_LIMIT))
    return as_json(page.to_json())


def new_subscription(call: Call) -> Answer:
    """`POST /v1/subscriptions`."""
    return as_json(create_subscription(call.service, body_value(call.content), call.caller), 201, SECRET)


def subscriptions(call: Call) -> Answer:
    """`GET /v1/subscriptions`: all of them, since there are never many."""
    return as_json({"items": list_subscriptions(call.service), "next": None})


def subscription(call: Call) -> Answer:
    """`GET /v1/subscriptions/{subscription_id}`."""
    return as_json(read_subscription(call.service, _id(call)))


def changed_subscription(call: Call) -> Answer:
    """`PATCH /v1/subscriptions/{subscription_id}`."""
    return _done(call, change_subscription)


def no_subscription(call: Call) -> Answer:
    """`DELETE /v1/subscriptions/{subscription_id}`."""
    end_subscription(call.service, _id(call), call.caller)
    return Answer(b"", 204)


def new_secret(call: Call) -> Answer:
    """`POST /v1/subscriptions/{subscription_id}/rotate`."""
    return as_json(rotate_secret(call.service, _id(call), call.caller), 200, SECRET)


def replay(call: Call) -> Answer:
    """`POST /v1/subscriptions/{subscription_id}/replay`."""
    return _done(call, replay_subscription)


def retry(call: Call) -> Answer:
    """`POST /v1/subscriptions/{subscription_id}/retry`."""
    count = retry_dead(call.service, _id(call), body_value(call.content), call.caller)
    return as_json({"retried": count})


def deliveries(call: Call) -> Answer:
    """`GET /v1/subscriptions/{subscription_id}/deliveries`."""
    query = call.query
    page = Page(query.get("state"), query.get("cursor", LAST), query.get("limit", DEFAULT_LIMIT))
    items, following = list_deliveries(call.service, _id(call), page)
    return as_json({"items": items, "next": following and str(following)})


def _done(call: Call, operation: Callable[[Service, str, object, Caller], dict[str, Any]]) -> Answer:
    return as_json(operation(call.service, _id(call), body_value(call.content), call.caller))


def _id(call: Call) -> str:
    found: str = call.path["subscription_id"]
    return found
