"""What a subscription promises: which changes it gets, from when on, how signed, and what becomes of failures."""

import json
from dataclasses import replace

import pytest

from service.errors import NotFound
from service.operations.feed import list_changes
from service.operations.service import DeliveryRules
from service.operations.subscriptions import (
    Page,
    change_subscription,
    end_subscription,
    list_deliveries,
    read_subscription,
    replay_subscription,
    retry_dead,
    rotate_secret,
)
from tests.outgoing.delivering import HOUR, change, courier_of, deliver, states, subscribe, told
from tests.receiver import LOOPBACK, receiving
from tests.small import CALLER, DAY, KEY


def test_filters_choose_what_is_sent(service, courier, clock):
    """Each list of a filter must name a change for it to be sent."""
    with receiving() as receiver:
        some = {"kinds": ["tag", "stage"], "outcomes": ["assigned", "moved"], "rulesets": [KEY]}
        subscribe(service, receiver, filters=some)
        subscribe(service, receiver, filters={"rulesets": ["another"]})
        change(service, "u", 4, 0)
        deliver(courier, clock, 2)
    assert {one.event["type"] for one in receiver.received} == {"tagwright.tag.assigned", "tagwright.stage.moved"}


def test_a_subscription_begins_where_it_was_made(service, courier, clock):
    """What changed before is not sent, unless it is asked for."""
    with receiving() as receiver:
        change(service, "u", 4)
        subscribe(service, receiver)
        deliver(courier, clock)
        assert receiver.received == []
        change(service, "v", 4)
        deliver(courier, clock)
    assert {one.event["subject"] for one in receiver.received} == {"v"}


def test_a_rotated_secret_overlaps_for_a_day(service, courier, clock):
    """After a rotation both secrets verify; a day later only the new one does."""
    with receiving() as receiver:
        first = subscribe(service, receiver, filters={"kinds": ["stage"]})
        second = rotate_secret(service, first["id"], CALLER)
        assert second["previous_secret_until"] == "2026-01-02T00:00:00Z"
        change(service, "u", 4)
        deliver(courier, clock, 1, DAY)
        change(service, "u", 0)
        deliver(courier, clock)
        third = rotate_secret(service, first["id"], CALLER)
        change(service, "u", 4)
        deliver(courier, clock)
    signed = [[one.is_signed_by(made["secret"]) for made in (first, second, third)] for one in receiver.received]
    assert signed == [[True, True, False]] * 2 + [[False, True, False], [False, True, True]]


def test_a_paused_subscription_waits_and_misses_nothing(service, courier, clock):
    """While it is paused nothing is sent; afterwards everything comes, to where it points by then."""
    with receiving() as receiver, receiving() as other:
        made = subscribe(service, receiver)
        change_subscription(service, made["id"], {"state": "paused"}, CALLER)
        change(service, "u", 4, 0)
        deliver(courier, clock)
        assert receiver.received == []
        change_subscription(service, made["id"], {"state": "active", "url": other.url}, CALLER)
        deliver(courier, clock)
    assert receiver.received == []
    assert other.ids() == told(service)


def test_a_receiver_that_is_gone_pauses_its_subscription(service, courier, clock):
    """A 410 stops everything at once; when it goes on, nothing was lost."""
    with receiving(lambda _headers, _body: 410) as receiver:
        made = subscribe(service, receiver)
        change(service, "u", 4)
        deliver(courier, clock, 3, HOUR)
        assert len(receiver.received) == 1
        found = read_subscription(service, made["id"])
        assert (found["state"], found["reason"]) == ("paused", "the receiver answered 410 Gone")
        receiver.answer = lambda _headers, _body: 200
        change_subscription(service, made["id"], {"state": "active"}, CALLER)
        assert read_subscription(service, made["id"])["reason"] is None
        deliver(courier, clock, 2, HOUR)
    assert receiver.ids() == told(service)


def test_a_dead_letter_is_kept_and_can_be_sent_again(service, courier, clock):
    """After the last try an event is given up, listed with why, lets later ones go, and arrives when retried."""
    service = replace(service, delivery=DeliveryRules(allowed=LOOPBACK, tries=3))
    courier = courier_of(service)
    with receiving(lambda _headers, _body: 503) as receiver:
        made = subscribe(service, receiver, filters={"kinds": ["stage"]})
        change(service, "u", 4, 0)
        deliver(courier, clock, 3, HOUR)
        items, _ = list_deliveries(service, made["id"], Page("dead", 1 << 62, 10))
        (dead,) = items
        assert (dead["tries"], dead["status"], dead["event_id"]) == (3, 503, receiver.received[0].id)
        receiver.answer = lambda _headers, _body: 200
        deliver(courier, clock)
        assert states(service, made) == ["dead", "delivered", "delivered"]
        assert retry_dead(service, made["id"], {"events": ["unknown"]}, CALLER) == 0
        assert retry_dead(service, made["id"], {"events": [dead["event_id"]]}, CALLER) == 1
        deliver(courier, clock)
        assert states(service, made) == ["delivered"] * 3
        assert retry_dead(service, made["id"], {}, CALLER) == 0
    courier.stop()


def test_a_replay_sends_everything_from_a_point_again(service, courier, clock):
    """From an instant or from an event on, each event comes once more, in order, under its old id."""
    with receiving() as receiver:
        made = subscribe(service, receiver)
        change(service, "u", 4)
        clock.at += HOUR
        change(service, "u", 0)
        deliver(courier, clock)
        everything = told(service)
        events = [json.loads(one) for one in list_changes(service, {}, None, 99).events]
        later = [one["id"] for one in events if one["time"].endswith("01:00:00Z")]
        assert receiver.ids() == everything
        replay_subscription(service, made["id"], {"from": "2026-01-01T00:59:00Z"}, CALLER)
        deliver(courier, clock)
        assert receiver.ids() == everything + later
        replay_subscription(service, made["id"], {"from": everything[1]}, CALLER)
        deliver(courier, clock)
    assert receiver.ids() == everything + later + everything[1:]


def test_an_ended_subscription_is_sent_nothing_more(service, courier, clock):
    """With the subscription goes everything that waited for it."""
    with receiving(lambda _headers, _body: 500) as receiver:
        made = subscribe(service, receiver)
        change(service, "u", 4)
        deliver(courier, clock, 1, HOUR)
        count = len(receiver.received)
        end_subscription(service, made["id"], CALLER)
        deliver(courier, clock, 2, HOUR)
        assert len(receiver.received) == count
    with pytest.raises(NotFound):
        read_subscription(service, made["id"])
