"""The rows of the table of routes by which others learn of changes."""

from functools import partial

from service.api.route import JSON, Route
from service.api.schemas import KINDS, ref
from service.api.subscribing import (
    changed_subscription,
    changes,
    deliveries,
    new_secret,
    new_subscription,
    no_subscription,
    replay,
    retry,
    subscription,
    subscriptions,
)
from service.api.terms import ADMINS, CURSOR, KEY_READERS, LIMIT, NUMBER_CURSOR, STATE_READERS, TERM
from service.operations.subscriptions import CHANGE_SUBSCRIPTION, CREATE_SUBSCRIPTION, REPLAY, RETRY, STATES
from service.operations.wanted import OUTCOMES

_PATH = "/v1/subscriptions"
_ONE = f"{_PATH}/{{subscription_id}}"
_feed = partial(Route, method="GET", section="Events", roles=STATE_READERS)
_read = partial(Route, method="GET", section="Events", roles=KEY_READERS)
_write = partial(Route, method="POST", section="Events", roles=ADMINS)

EVENT_ROUTES: tuple[Route, ...] = (
    _feed(
        path="/v1/changes",
        operation="list_changes",
        summary="Changes as events, oldest first, to be fetched again and again.",
        handler=changes,
        query={
            "after": {**CURSOR, "description": "The `next` of the reply before; from the beginning if left out."},
            "limit": LIMIT,
            "ruleset": TERM,
            "kind": {"type": "string", "enum": list(KINDS)},
            "key": {**TERM, "description": "A tag's or a tier's key, or `lifecycle`."},
            "outcome": {"type": "string", "enum": list(OUTCOMES)},
        },
        reply={JSON: ref("ChangePage")},
    ),
    _write(
        path=_PATH,
        operation="create_subscription",
        summary="Have changes posted to a URL; the reply is the only place where its secret stands.",
        handler=new_subscription,
        body=CREATE_SUBSCRIPTION,
        status=201,
        reply={JSON: ref("SubscriptionWithSecret")},
        problems=(409,),
    ),
    _read(
        path=_PATH,
        operation="list_subscriptions",
        summary="Every subscription, without its secret.",
        handler=subscriptions,
        reply={JSON: ref("SubscriptionPage")},
    ),
    _read(
        path=_ONE,
        operation="read_subscription",
        summary="One subscription, without its secret.",
        handler=subscription,
        reply={JSON: ref("Subscription")},
        problems=(404,),
    ),
    _write(
        method="PATCH",
        path=_ONE,
        operation="change_subscription",
        summary="Change a subscription's URL, description or filters; pause it, or let it go on.",
        handler=changed_subscription,
        body=CHANGE_SUBSCRIPTION,
        reply={JSON: ref("Subscription")},
        problems=(404,),
    ),
    _write(
        method="DELETE",
        path=_ONE,
        operation="end_subscription",
        summary="End a subscription, and forget what waits for it.",
        handler=no_subscription,
        status=204,
        problems=(404,),
    ),
    _write(
        path=f"{_ONE}/rotate",
        operation="rotate_secret",
        summary="Make a new secret; the one before signs too for a day.",
        handler=new_secret,
        reply={JSON: ref("SubscriptionWithSecret")},
        problems=(404,),
    ),
    _write(
        path=f"{_ONE}/replay",
        operation="replay_subscription",
        summary="Send everything from a point of the log on once more.",
        handler=replay,
        body=REPLAY,
        reply={JSON: ref("Subscription")},
        problems=(404,),
    ),
    _write(
        path=f"{_ONE}/retry",
        operation="retry_dead",
        summary="Send dead letters once more.",
        handler=retry,
        body=RETRY,
        reply={JSON: ref("Retried")},
        problems=(404,),
    ),
    _read(
        path=f"{_ONE}/deliveries",
        operation="list_deliveries",
        summary="What became of a subscription's events, newest first.",
        handler=deliveries,
        query={
            "state": {"type": "string", "enum": list(STATES), "description": "`dead` lists the dead letters."},
            "cursor": {**NUMBER_CURSOR, "maximum": 1 << 62},
            "limit": LIMIT,
        },
        reply={JSON: ref("DeliveryPage")},
        problems=(404,),
    ),
)
"""Their rows."""
