"""What was: a profile and a segment at an instant in the past, by both clocks."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from service.bootstrap import COMMAND_LINE
from service.errors import InvalidRequest, NotFound
from service.operations.auditing.as_of import Instants, read_profile_as_of, read_version_as_of
from service.operations.auditing.segment_as_of import list_profiles_as_of
from service.operations.evaluate import evaluate_profile
from service.operations.profiles import read_profile
from service.operations.publish import publish_ruleset
from service.operations.segments import list_profiles, read_segment
from service.operations.sweep import Sweep, sweep
from tests.small import DAY, KEY, START, asking, changed, request

SEEN = "2025-12-30T00:00:00Z"


def decide(service, profile, at=None, **attributes):
    """Record one evaluation."""
    body = asking(profile, **attributes) | ({} if at is None else {"at": at})
    return json.loads(evaluate_profile(service, KEY, request(body)).text)


def then(service, profile, at, recorded_at=None):
    """How a profile stood."""
    instants = Instants(at) if recorded_at is None else Instants(at, recorded_at)
    return read_profile_as_of(service, profile, KEY, instants)


def test_a_profile_stands_as_it_stood_then(service, clock):
    """At every instant between two records a profile is what the earlier one said, facts included."""
    stood = []
    for visits in (0, 1, 5, 0):
        decide(service, "u", visits=visits)
        stood.append((clock.at, read_profile(service, "u", KEY)))
        clock.at += DAY
    for at, wanted in stood:
        for moment in (at, at + DAY - 1):
            found = then(service, "u", moment)
            for name in ("stage", "tags", "tiers", "scores", "values", "since", "evaluation_id", "at"):
                assert found[name] == wanted[name], name
            assert (found["decided"], found["recorded_as_of"]) == (False, None)
    assert [then(service, "u", at)["attributes"]["visits"] for at, _ in stood] == [0, 1, 5, 0]
    with pytest.raises(NotFound):
        then(service, "u", START - 1)
    with pytest.raises(InvalidRequest):
        then(service, "u", clock.at + 1)


def test_what_time_had_brought_is_decided_where_nobody_had(service, clock):
    """Between the instant at which time changes something and a late sweep, the profile is what the sweep then finds."""
    decide(service, "u", visits=1, last_seen=SEEN)
    clock.at += 30 * DAY
    moment = START + 20 * DAY
    before = then(service, "u", moment)
    assert (before["decided"], before["tags"]) == (True, ["stale"])
    assert then(service, "u", START + DAY)["tags"] == []
    sweep(service, Sweep(until=clock.at))
    after = then(service, "u", moment)
    assert (after["decided"], after["tags"]) == (False, ["stale"])
    for name in ("at", "stage", "tiers", "scores", "values", "since", "next_change", "ruleset"):
        assert after[name] == before[name], name
    assert then(service, "u", moment, moment) | {"recorded_as_of": None} == before


def test_the_two_clocks_are_apart(service, clock):
    """What was recorded later about an earlier instant does not count for who asks what was known by then."""
    decide(service, "u", visits=1)
    clock.at += 5 * DAY
    decide(service, "u", visits=9, at="2026-01-02T00:00:00Z")
    assert then(service, "u", START + 2 * DAY)["tags"] == ["regular"]
    assert then(service, "u", START + 2 * DAY, START + 4 * DAY)["tags"] == []
    assert then(service, "u", START + 2 * DAY, START + 4 * DAY)["recorded_as_of"] == "2026-01-05T00:00:00Z"


def test_all_rulesets_are_asked_without_one(service):
    """Without a ruleset every one that had seen the profile answers."""
    decide(service, "u", visits=4)
    found = read_profile_as_of(service, "u", None, Instants(START))
    assert [one["ruleset"]["key"] for one in found["rulesets"]] == [KEY]
    with pytest.raises(NotFound):
        read_profile_as_of(service, "nobody", None, Instants(START))


def test_which_version_was_in_force_is_known(service, clock):
    """At every instant the version in force is known, also by what had been recorded until another one."""
    clock.at += DAY
    publish_ruleset(service, json.dumps(changed(title="Other")), "second", COMMAND_LINE)
    found = [read_version_as_of(service, KEY, Instants(at)) for at in (START, START + DAY)]
    assert [one["ruleset"]["version"] for one in found] == [1, 2]
    assert read_version_as_of(service, KEY, Instants(START + DAY, START))["ruleset"]["version"] == 1
    for key, at in ((KEY, START - 1), ("none", START)):
        with pytest.raises(NotFound):
            read_version_as_of(service, key, Instants(at))


QUERIES = (
    {"tag": ["regular"]},
    {"tag": ["keen", "regular"]},
    {"not_tag": ["regular"]},
    {"stage": ["active"]},
    {"stage": ["active", "new"], "not_tag": ["keen"]},
    {"tier": ["band:high"]},
    {"tier": ["band:high", "band:low"], "tag": ["keen"]},
    {},
)
STEPS = st.lists(
    st.tuples(st.sampled_from("abcde"), st.integers(0, 7), st.sampled_from([None, 0, 1])), min_size=1, max_size=12
)


@given(steps=STEPS)
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_a_segment_is_what_it_was(service, clock, steps):
    """A segment of an instant in the past has exactly the profiles that it had when that instant was the present."""
    clock.at += DAY
    begun = clock.at
    stood = []
    for profile, visits, rate in steps:
        decide(service, profile, visits=visits, **({} if rate is None else {"rate": rate}))
        segments = [read_segment(service, {"ruleset": KEY} | query) for query in QUERIES]
        stood.append(
            (clock.at, [[one["profile_id"] for one in list_profiles(service, each, None, 100)[0]] for each in segments])
        )
        clock.at += DAY
    for at, wanted in stood:
        assert at >= begun
        for segment, ids in zip(segments, wanted, strict=True):
            assert [one["profile_id"] for one in past_pages(service, segment, at, 2)] == ids


def past_pages(service, segment, at, limit):
    """All pages of a segment as it was."""
    found, cursor = [], None
    while True:
        items, cursor = list_profiles_as_of(service, segment, at, cursor, limit)
        found += items
        if cursor is None:
            return found


def test_a_merged_tag_is_one_tag_throughout(service, clock):
    """Who held a tag before it was merged into another held the other one, and who lost the other lost it."""
    decide(service, "u", visits=4)
    loyal = [{"key": "loyal", "when": "visits >= 3", "aliases": ["regular"]}]
    rest = {"values": [], "actions": []}
    clock.at += DAY
    publish_ruleset(service, json.dumps(changed(tags=loyal, **rest)), "merged", COMMAND_LINE)
    decide(service, "u", visits=5)
    clock.at += DAY
    decide(service, "u", visits=0)
    segment = read_segment(service, {"ruleset": KEY, "tag": ["loyal"]})
    held = [[one["tags"] for one in past_pages(service, segment, START + days * DAY, 10)] for days in (0, 1, 2)]
    assert held == [[["loyal"]], [["loyal"]], []]


def test_scores_of_the_past_are_no_segment(service):
    """Who asks for past scores is told that the log of changes has none."""
    segment = read_segment(service, {"ruleset": KEY, "score": ["activity:50.."]})
    with pytest.raises(InvalidRequest):
        list_profiles_as_of(service, segment, START, None, 10)
    with pytest.raises(InvalidRequest):
        list_profiles_as_of(service, read_segment(service, {"ruleset": KEY}), START, "nonsense", 10)
