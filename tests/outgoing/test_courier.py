"""The delivery worker against a real receiver: each change at least once, in order, signed, whatever happens."""

import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections import defaultdict
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

from standardwebhooks import Webhook

from service.audit.rows import LeaseRow
from service.errors import Unavailable
from service.operations import deliver as deliveries
from service.operations.deliver import read_lag, wait_after
from service.operations.feed import list_changes
from service.operations.publish import publish_ruleset
from service.operations.service import DeliveryRules
from service.operations.subscriptions import change_subscription, list_deliveries, read_subscription
from service.outgoing.courier import LEASE, LEASE_MILLISECONDS
from service.store import database as database_settings
from tests.conftest import wire_on
from tests.databases import url_of
from tests.outgoing.delivering import EVERYTHING, HOUR, change, courier_of, deliver, states, subjects, subscribe, told
from tests.receiver import LOOPBACK, receiving
from tests.small import CALLER, DAY, RULESET, START


def test_an_event_is_sent_signed_with_what_fired(service, courier, clock):
    """A receiver gets the change as a CloudEvent with its actions, and can verify who sent it."""
    clock.at = int(time.time() * 1000)
    with receiving() as receiver:
        made = subscribe(service, receiver, filters={"keys": ["regular"]})
        change(service, "u", 4)
        deliver(courier, clock)
    (got,) = receiver.received
    verified = Webhook(made["secret"]).verify(got.body, got.headers)
    assert verified["type"] == "tagwright.tag.assigned"
    assert (verified["specversion"], verified["subject"], verified["id"]) == ("1.0", "u", got.id)
    assert verified["data"]["actions"] == [{"key": "thank", "parameters": {"channel": "email"}}]
    assert (verified["data"]["cause"], verified["data"]["values"]) == ("first", {"cap": 8})
    assert got.headers["content-type"] == "application/cloudevents+json; charset=utf-8"
    assert got.path == "/events?from=tagwright"
    assert got.body.decode() == list_changes(service, {"keys": ["regular"]}, None, 1).events[0].decode()


def test_a_receiver_that_fails_half_its_calls_misses_nothing(service, courier, clock):
    """Each change arrives at least once under one id, in order for its profile, the same bytes at every try."""
    chance = random.Random(7)  # noqa: S311  # the same at every run
    with receiving(lambda _headers, _body: 200 if chance.random() < 0.5 else 500) as receiver:
        made = subscribe(service, receiver)
        for visits in (4, 0, 5, 0, 3):
            for number in range(12):
                change(service, f"u{number}", visits)
            deliver(courier, clock, by=1000)
        deliver(courier, clock, 120, 2 * 60_000)
    assert sorted(receiver.ids()) == sorted(told(service))
    assert all(one.is_signed_by(made["secret"]) for one in receiver.received)
    bodies, orders = defaultdict(set), defaultdict(list)
    for one in receiver.received:
        bodies[one.id].add(one.body)
    for one in receiver.accepted:
        orders[one.event["subject"]].append(one.id)
    assert all(len(found) == 1 for found in bodies.values())
    places = {event: place for place, event in enumerate(told(service))}
    for found in orders.values():
        assert [places[one] for one in found] == sorted(places[one] for one in found)
    assert set(states(service, made)) == {"delivered"}
    assert read_lag(service) == 0


def test_a_failing_profile_holds_back_only_itself(service, courier, clock):
    """While one profile's event is refused, its later events wait, and everybody else's arrive."""
    with receiving(lambda _headers, body: 500 if b'"subject":"bad"' in body else 200) as receiver:
        made = subscribe(service, receiver)
        change(service, "bad", 4, 0)
        change(service, "good", 4, 0)
        deliver(courier, clock, 3, 2000)
        refused = {one.id for one in receiver.received if one.status == 500}
        assert len(refused) == 1
        assert {one.event["subject"] for one in receiver.accepted} == {"good"}
        assert read_subscription(service, made["id"])["waiting"] == sum("bad" in one for one in subjects(service))
        receiver.answer = lambda _headers, _body: 200
        deliver(courier, clock, 3, HOUR)
    assert sorted(receiver.ids()) == sorted(told(service))


def test_days_of_trying_end_it_too(service, clock):
    """An event that failed for too many days is given up, however few tries there were."""
    courier = courier_of(service)
    with receiving(lambda _headers, _body: 302) as receiver:
        made = subscribe(service, receiver, filters={"keys": ["regular"]})
        change(service, "u", 4)
        deliver(courier, clock, 4, DAY)
    assert states(service, made) == ["dead"]
    assert len(receiver.received) == 4
    courier.stop()


def test_waits_double_and_differ(service, courier, clock):
    """A failed event is tried after about a second, then twice as long, up to an hour, never sooner than half of it."""
    assert [wait_after(tries, 0) for tries in (1, 2, 3, 20)] == [500, 1000, 2000, HOUR // 2]
    assert [wait_after(tries, 0.5) for tries in (1, 2, 3, 20)] == [750, 1500, 3000, HOUR * 3 // 4]
    with receiving(lambda _headers, _body: 500) as receiver:
        subscribe(service, receiver, filters={"keys": ["regular"]})
        change(service, "u", 4)
        deliver(courier, clock, 64, 1000)
    at = [int(one.headers["webhook-timestamp"]) - START // 1000 for one in receiver.received]
    assert 6 <= len(at) <= 8
    assert all(later - earlier >= wait_after(tries, 0) / 1000 for tries, (earlier, later) in enumerate(pairwise(at), 1))


def test_a_receiver_that_is_away_is_left_alone_for_a_while(service, courier, clock):
    """Nobody is flooded with connections that fail; when the receiver is back, everything arrives."""
    with receiving() as receiver:
        url = receiver.url
        made = subscribe(service, receiver)
    for number in range(100):
        change(service, f"u{number}", 4)
    deliver(courier, clock, 10, 100)
    tries = sum(one["tries"] for one in list_deliveries(service, made["id"], EVERYTHING)[0])
    assert 0 < tries <= 3 * 64
    assert read_lag(service) == 1000
    with receiving() as receiver:
        change_subscription(service, made["id"], {"url": receiver.url}, CALLER)
        deliver(courier, clock, 4, HOUR)
        assert url != receiver.url
        assert len(receiver.ids()) == len(told(service))


def test_only_one_process_sends(service, clock, database):
    """A second worker sends nothing while the first holds the lease, and takes over when that has ended."""
    with receiving() as receiver:
        subscribe(service, receiver)
        first, second = courier_of(service), courier_of(service)
        change(service, "u", 4)
        deliver(first, clock)
        count = len(receiver.received)
        change(service, "v", 4)
        deliver(second, clock)
        assert len(receiver.received) == count
        clock.at += LEASE_MILLISECONDS
        deliver(second, clock)
        assert sorted(receiver.ids()) == sorted(told(service))
        second.stop()
        change(service, "w", 4)
        deliver(first, clock)
        assert sorted(receiver.ids()) == sorted(told(service))
        first.stop()


def test_without_subscriptions_nothing_is_written(service, courier, clock):
    """A service that nobody listens to pays one small look each time, and no commit."""
    change(service, "u", 4)
    deliver(courier, clock, 3)
    other = LeaseRow(LEASE, "somebody else", clock.at + 1)
    assert service.store.write(lambda unit: unit.take_lease(other, clock.at))


def test_a_backlog_waits_in_the_log(service, courier, clock, monkeypatch):
    """For a receiver that takes nothing only so much is queued; the rest stays where it is until there is room."""
    monkeypatch.setattr(deliveries, "MOST_WAITING", 50)
    monkeypatch.setattr(deliveries, "PAGE", 20)
    with receiving(lambda _headers, _body: 500) as receiver:
        made = subscribe(service, receiver)
        for number in range(30):
            change(service, f"u{number}", 4)
        deliver(courier, clock, 20, 20)
        assert 50 <= read_subscription(service, made["id"])["waiting"] < 70 < len(told(service))
        receiver.answer = lambda _headers, _body: 200
        deliver(courier, clock, 5, HOUR)
    assert sorted(receiver.ids()) == sorted(told(service))


SENDER = """
import sys
from dataclasses import replace
from service.api.metrics import Metrics
from service.operations.service import DeliveryRules
from service.outgoing.courier import Courier
from service.outgoing.sender import Sender
from tests.conftest import HandClock, wire_on
from tests.receiver import LOOPBACK
service = replace(wire_on(sys.argv[1], HandClock(int(sys.argv[2]))), delivery=DeliveryRules(allowed=LOOPBACK))
courier = Courier(service, Sender(LOOPBACK), Metrics(None), print)
courier.step()
courier.finish()
"""


def test_a_sender_killed_between_sending_and_noting_it_loses_nothing(service, clock, database):
    """What was sent and not noted comes again under the same id; what was not sent comes; the order holds."""
    victims = []

    def kill(_headers, _body):
        if victims:
            os.kill(victims.pop(), signal.SIGKILL)
        return 200

    with receiving(kill) as receiver:
        subscribe(service, receiver)
        for number in range(5):
            change(service, f"u{number}", 4, 0)
        command = [sys.executable, "-c", SENDER, url_of(database), str(clock.at)]
        with receiver.lock:  # so that it waits for an answer until its id is known
            process = subprocess.Popen(command, cwd=Path(__file__).parents[2])
            victims.append(process.pid)
        assert process.wait(30) == -signal.SIGKILL
        sent = receiver.ids()
        assert sent
        clock.at += LEASE_MILLISECONDS
        courier = courier_of(service)
        deliver(courier, clock, 3, HOUR)
        courier.stop()
    assert set(receiver.ids()) == set(told(service))
    assert set(sent) <= set(receiver.ids()[len(sent) :])


def test_the_worker_outlives_a_database_that_is_away(tmp_path, clock):
    """A step that fails is told, and the next one works."""
    service = wire_on(tmp_path / "nowhere" / "test.db", clock)
    errors = []
    courier = courier_of(service, errors)
    courier.start(0.01)
    until = time.monotonic() + 10
    while len(errors) < 2 and time.monotonic() < until:
        time.sleep(0.01)
    courier.stop()
    assert len(errors) >= 2


def test_what_cannot_be_noted_is_not_sent_again_at_once(tmp_path, clock, monkeypatch):
    """While the database can't be written a receiver is not flooded with repeats; afterwards all goes on."""
    monkeypatch.setitem(database_settings.PRAGMAS, "busy_timeout", 50)
    service = replace(wire_on(tmp_path / "own.db", clock), delivery=DeliveryRules(allowed=LOOPBACK))
    service.store.upgrade()
    publish_ruleset(service, json.dumps(RULESET), "first", CALLER)
    errors = []
    courier = courier_of(service, errors)
    other = sqlite3.connect(tmp_path / "own.db", isolation_level=None, check_same_thread=False)

    def lock(_headers, _body):
        if not other.in_transaction:
            other.execute("BEGIN IMMEDIATE")
        return 200

    with receiving(lock) as receiver:
        subscribe(service, receiver, filters={"keys": ["regular"]})
        change(service, "u", 4)
        for _ in range(5):
            courier.step()
            courier.finish()
        assert (len(receiver.received), [type(one) for one in errors]) == (1, [Unavailable])
        other.execute("ROLLBACK")
        other.close()
        receiver.answer = lambda _headers, _body: 200
        errors.clear()
        clock.at += 1000
        deliver(courier, clock, 2, 1000)
    assert len(receiver.ids()) == 2
    assert len(set(receiver.ids())) == 1
    courier.stop()
    service.store.close()
