"""Sweeps: what time alone brings comes out the same, whoever looks, and whenever."""

import json
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest

from service.audit.rows import LeaseRow
from service.bootstrap import COMMAND_LINE
from service.operations.evaluate import evaluate_batch, evaluate_profile
from service.operations.publish import publish_ruleset
from service.operations.sweep import (
    LEASE,
    LEASE_MILLISECONDS,
    SETTLED_MILLISECONDS,
    Due,
    Sweep,
    Swept,
    applying,
    read_due,
    sweep,
)
from service.operations.sweeper import Sweeper
from tests.conftest import wire_on
from tests.small import DAY, KEY, RULESET, START, asking, changed, logged, remembered, request

GREETED = {"event": {"type": "hello"}}
"""Whoever says hello is `greeted` for three days."""


@pytest.fixture
def both(database_url, clock):
    """A service with the small ruleset, on each database in turn."""
    service = wire_on(database_url, clock)
    publish_ruleset(service, json.dumps(RULESET), "first", COMMAND_LINE)
    yield service
    service.store.close()


def decide(service, body):
    """The reply to one profile."""
    return json.loads(evaluate_profile(service, KEY, request(body)).text)


def greet(service, *profiles, at="2026-01-01T00:00:00Z"):
    """Have some profiles say hello, seen last at the same instant."""
    items = [asking(one, visits=1, last_seen=at) | GREETED | {"at": at} for one in profiles]
    assert evaluate_batch(service, KEY, request({"items": items}), lambda error: {}).recorded == len(items)


def story(service, profile):
    """What a profile's records say: trigger, instant in days, changes."""
    return [
        (
            row.trigger,
            (row.at - START) / DAY,
            [(one["key"], one["outcome"], one["cause"]) for one in json.loads(row.record)["outcome"]["decisions"]],
        )
        for row in logged(service, profile)
    ]


def test_a_sweep_decides_at_exactly_the_instants_of_change(both, clock):
    """However late it comes, each change stands at its own instant, with a record of its own."""
    greet(both, "u")
    clock.at += 30 * DAY + 5
    assert read_due(both) == Due(1, 27 * DAY + 5)
    assert sweep(both, Sweep(until=clock.at)) == Swept(profiles=1, evaluations=2, changes=2)
    assert story(both, "u")[1:] == [
        ("sweep", 3, [("greeted", "expired", "expiry")]),
        ("sweep", 10, [("stale", "assigned", "time")]),
    ]
    assert {row.recorded_at for row in logged(both, "u")[1:]} == {clock.at}
    assert {row.actor for row in logged(both, "u")[1:]} == {"sweeper"}
    assert remembered(both, "u").next_at is None
    assert (read_due(both), sweep(both, Sweep(until=clock.at))) == (Due(0, 0), Swept())


def test_one_late_sweep_equals_many_and_an_evaluation(both, clock):
    """Sweeping daily, once at the end, or never before the next evaluation records the same decisions."""
    greet(both, "daily", "late", "never")
    for _ in range(12):
        clock.at += DAY
        sweep(both, Sweep(until=clock.at, limit=1))
    sweep(both, Sweep(until=START + 12 * DAY, limit=2))
    decide(both, {"profile": {"id": "never"}})
    stories = [story(both, one)[1:3] for one in ("daily", "late", "never")]
    assert stories[0] == stories[1] == stories[2]
    states = {remembered(both, one).state for one in ("daily", "late", "never")}
    assert len(states) == 1


def test_a_sweep_touches_nobody_else(both, clock):
    """Who is not due is not looked at, and nothing is decided beyond the instant that was asked for."""
    greet(both, "due")
    greet(both, "later", at="2026-01-02T00:00:00Z")
    before = remembered(both, "later")
    assert sweep(both, Sweep(until=START + 3 * DAY)) == Swept(1, 1, 1)
    assert remembered(both, "later") == before
    assert remembered(both, "due").next_at == START + 10 * DAY


def test_many_are_decided_in_batches_the_longest_due_first(service, clock):
    """A pass takes everybody who is due, and a limit takes those who waited longest."""
    names = [f"p{number:03}" for number in range(240)]
    greet(service, *reversed(names[:120]))
    greet(service, *names[120:], at="2026-01-01T12:00:00Z")
    clock.at += 5 * DAY
    told = []
    assert sweep(service, Sweep(until=clock.at, limit=120), on_progress=told.append).profiles == 120
    assert told == sorted(told, key=lambda one: one.profiles)
    assert [one.profiles for one in told] == [100, 120]
    assert {remembered(service, one).revision for one in names[:120]} == {2}
    assert sweep(service, Sweep(until=clock.at)) == Swept(120, 120, 120)


def test_one_ruleset_can_be_swept(both, clock):
    """Profiles of other rulesets wait for their own sweep."""
    publish_ruleset(both, json.dumps(changed(key="other")), "other", COMMAND_LINE)
    greet(both, "u")
    evaluate_profile(both, "other", request(asking("u", visits=1) | GREETED))
    clock.at += 4 * DAY
    assert sweep(both, Sweep(until=clock.at, ruleset="other")) == Swept(1, 1, 1)
    assert remembered(both, "u").revision == 1


def test_sweepers_at_once_decide_each_change_once(both, clock):
    """Several sweepers share the work, and no change is recorded twice."""
    names = [f"p{number:03}" for number in range(150)]
    greet(both, *names)
    clock.at += 30 * DAY
    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(lambda _: sweep(both, Sweep(until=clock.at)), range(4)))
    assert sum(one.evaluations for one in found) == 2 * len(names)
    assert all(one.failed == 0 for one in found)
    assert {tuple(at for _, at, _ in story(both, one)) for one in names} == {(0, 3, 10)}


def test_a_profile_that_cannot_be_decided_holds_nobody_up(service, clock, database):
    """It is named and passed over, the others are decided, and the next pass tries it again."""
    greet(service, "broken", "well")
    service.store.write(lambda unit: unit.record([], [], unit.profile(KEY, "broken")._replace(state="{}", revision=1)))
    clock.at += 4 * DAY
    for expected in (Swept(1, 1, 1, failed=1), Swept(failed=1)):
        told = []
        done = sweep(service, Sweep(until=clock.at), on_failed=lambda *one, told=told: told.append(one))
        assert done == expected
        assert [(ruleset, profile, type(error)) for ruleset, profile, error in told] == [(KEY, "broken", KeyError)]


def test_only_the_holder_of_the_lease_sweeps_until_it_ends(both, clock):
    """While one process sweeps in the background others leave it alone, and one takes over when it has died."""
    greet(both, "u")
    clock.at += 4 * DAY
    both.store.write(lambda unit: unit.take_lease(LeaseRow(LEASE, "dead", clock.at + LEASE_MILLISECONDS), clock.at))
    assert sweep(both, Sweep(until=clock.at, holder="alive")) == Swept()
    clock.at += LEASE_MILLISECONDS
    assert sweep(both, Sweep(until=clock.at, holder="alive")).profiles == 1


class Counts:
    """What a sweeper told."""

    def __init__(self):
        self.profiles = self.evaluations = self.failed = 0
        self.told = Event()

    def swept(self, profiles, evaluations, failed):
        """Add it up."""
        self.profiles += profiles
        self.evaluations += evaluations
        self.failed += failed
        self.told.set()


def test_the_background_sweeper_sweeps_by_itself(service, clock):
    """A running service decides what is due without being asked, tells what it did, and gives the lease back."""
    greet(service, *(f"p{number:03}" for number in range(150)))
    counts, errors = Counts(), []
    sweeper = Sweeper(service, counts, errors.append)
    sweeper.step()
    assert not counts.told.is_set()
    clock.at += 20 * DAY
    sweeper.start(0.01)
    while counts.evaluations < 300:
        assert counts.told.wait(10)
    sweeper.stop()
    assert (counts.profiles, counts.failed, errors) == (counts.profiles, 0, [])
    assert service.store.write(lambda unit: unit.take_lease(LeaseRow(LEASE, "next", clock.at + 1), clock.at))


def test_the_background_sweeper_outlives_what_goes_wrong(service, clock):
    """A profile that can't be decided is told of, and the thread goes on."""
    greet(service, "broken")
    service.store.write(lambda unit: unit.record([], [], unit.profile(KEY, "broken")._replace(state="{}", revision=1)))
    clock.at += 4 * DAY
    told = []
    sweeper = Sweeper(service, Counts(), told.append)
    sweeper.step()
    assert [type(error) for error in told] == [KeyError]


ALL_REGULAR = changed(tags=[{"key": "regular", "when": "visits >= 1"}, {"key": "greeted", "on": ["hello"]}])


@pytest.mark.parametrize(("apply", "actions"), [("now", ["thank"]), ("now_quietly", [])])
def test_a_version_can_be_applied_to_everybody_at_once(both, clock, apply, actions):
    """The next sweep decides every profile by the new version, and fires what only its rules change if that was asked
    for.
    """
    greet(both, "u", "v")
    clock.at += DAY
    publish_ruleset(both, json.dumps(ALL_REGULAR), "second", COMMAND_LINE, apply)
    assert sweep(both, Sweep(until=clock.at)) == Swept(profiles=2, evaluations=2, changes=2)
    record = json.loads(logged(both, "u")[-1].record)
    assert (record["trigger"], record["at"], record["ruleset"]["version"]) == ("publish", "2026-01-02T00:00:00Z", 2)
    assert [(one["key"], one["cause"]) for one in record["outcome"]["decisions"]] == [("regular", "rules")]
    assert [one["key"] for one in record["outcome"]["actions"]] == actions
    assert record["actions"] == ("all" if apply == "now" else "fire")


def test_an_applied_version_is_finished_once_no_process_knows_another(service, clock):
    """A process that has not heard of the publish yet may still decide by the old version; that is caught too."""
    greet(service, "u")
    publish_ruleset(service, json.dumps(ALL_REGULAR), "second", COMMAND_LINE, "now")
    assert sweep(service, Sweep(until=clock.at)).profiles == 1
    assert [one.version for one in applying(service)] == [2]
    clock.at += SETTLED_MILLISECONDS
    assert sweep(service, Sweep(until=clock.at)) == Swept()
    assert applying(service) == []


def test_whoever_decides_first_fires_the_same(service, clock):
    """A profile that is evaluated before the sweep reaches it fires what the publish asked for, and only once."""
    greet(service, "u")
    publish_ruleset(service, json.dumps(ALL_REGULAR), "second", COMMAND_LINE, "now")
    assert [one["key"] for one in decide(service, {"profile": {"id": "u"}})["actions"]] == ["thank"]
    assert sweep(service, Sweep(until=clock.at)) == Swept()


def test_by_default_profiles_follow_when_they_are_next_decided(service, clock):
    """A publish alone decides nobody, and what only its rules change fires nothing."""
    greet(service, "u")
    publish_ruleset(service, json.dumps(ALL_REGULAR), "second", COMMAND_LINE)
    assert sweep(service, Sweep(until=clock.at)) == Swept()
    reply = decide(service, {"profile": {"id": "u"}})
    assert ([one["cause"] for one in reply["decisions"]], reply["actions"]) == (["rules"], [])


def test_a_first_version_has_nobody_to_be_applied_to(service):
    """Nothing is left to do after the first publish of a ruleset, however it was published."""
    publish_ruleset(service, json.dumps(changed(key="other")), "first", COMMAND_LINE, "now")
    assert applying(service) == []
