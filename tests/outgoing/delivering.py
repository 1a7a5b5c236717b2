"""What tests of delivery do again and again: subscribe, change, deliver, and see what became of it."""

import json

from service.api.metrics import Metrics
from service.operations.evaluate import evaluate_profile
from service.operations.feed import list_changes
from service.operations.subscriptions import Page, create_subscription, list_deliveries
from service.outgoing.courier import Courier
from service.outgoing.sender import Sender
from tests.receiver import LOOPBACK
from tests.small import CALLER, KEY, asking, request

HOUR = 3_600_000
EVERYTHING = Page(None, 1 << 62, 1000)


def courier_of(service, errors=None):
    """A worker; without a list for them its errors fail the test's log."""
    seen = [] if errors is None else errors
    courier = Courier(service, Sender(LOOPBACK), Metrics(None), seen.append)
    courier.errors = seen
    return courier


def subscribe(service, receiver, **more):
    """A subscription of a receiver, with its secret."""
    return create_subscription(service, {"url": receiver.url, **more}, CALLER)


def change(service, profile, *visits):
    """Make a profile change its stage and tags."""
    for count in visits:
        evaluate_profile(service, KEY, request(asking(profile, visits=count)))


def deliver(courier, clock, steps=1, by=0):
    """Let the worker work, and time pass."""
    for _ in range(steps):
        courier.step()
        courier.finish()
        clock.at += by
    assert courier.errors == []


def told(service):
    """The ids of all events, in order, by the feed."""
    return [json.loads(one)["id"] for one in list_changes(service, {}, None, 1000).events]


def states(service, subscription):
    """The states of a subscription's deliveries, oldest first."""
    items, _ = list_deliveries(service, subscription["id"], EVERYTHING)
    return [one["state"] for one in reversed(items)]


def subjects(service):
    """The profile of each event, in order."""
    return [json.loads(one)["subject"] for one in list_changes(service, {}, None, 1000).events]
