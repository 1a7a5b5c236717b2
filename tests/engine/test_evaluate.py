"""A profile brought up to an instant: stale requests, what was missed, and what is new."""

from dataclasses import replace

import pytest

from service.engine.evaluate import MOST_MISSED
from service.errors import Conflict, TooLarge
from tests.engine.programs import Profile, attributes, clock, program_of, tag, words

COUNTING = {
    "attributes": attributes(t="datetime"),
    "events": [{"key": "ping"}],
    "tags": [
        tag("three", "days_since(t) >= 3"),
        tag("five", "days_since(t) >= 5"),
        tag("pinged", on=["ping"], expires_after="P1D"),
    ],
    "actions": [{"key": key, "on": [{"tag": key}]} for key in ("three", "pinged")],
}
FACTS = {"t": "2026-01-01T00:00:00Z"}


def started():
    """A profile that was decided once, on the first of January."""
    profile = Profile(program_of(**COUNTING))
    profile.at("01-01", FACTS)
    return profile


def seen(profile):
    """What the last evaluation consists of: instants and changes, in order."""
    return [(clock(one.at), words(one.decisions)) for one in profile.outcomes]


def test_missed_changes_come_first_and_in_order():
    """Everything that time brought is decided at its own instant, before what is new."""
    profile = started()

    profile.at("01-10", {}, event="ping")

    assert seen(profile) == [
        ("01-04", ["three assigned time"]),
        ("01-06", ["five assigned time"]),
        ("01-10", ["pinged assigned event"]),
    ]


def test_a_change_that_is_due_right_now_has_an_outcome_of_its_own():
    """At the very instant of a change the old facts are decided first, then the new ones."""
    profile = started()

    profile.at("01-04", {"t": "2026-01-04T00:00:00Z"})

    assert seen(profile) == [("01-04", ["three assigned time"]), ("01-04", ["three removed data"])]


def test_a_profile_that_missed_nothing_has_one_outcome():
    """Before the next change there is nothing to catch up with."""
    profile = started()

    profile.at("01-03T23:59:59.999Z")

    assert seen(profile) == [("01-03T23:59:59.999", [])]


def test_being_late_makes_no_difference():
    """Who is looked at every day ends as who is looked at once."""
    often, seldom = started(), started()
    for day in range(2, 10):
        often.at(f"01-0{day}")

    assert often.at("01-10").state == seldom.at("01-10").state


def test_stored_facts_serve_where_none_are_posted():
    """Without new facts the remembered ones count, and stay remembered."""
    profile = started()

    assert profile.at("01-07").tags == ["five", "three"]
    assert profile.before.facts.document == FACTS


def test_an_instant_before_the_last_one_is_refused():
    """Time does not go back; the same instant is no step back."""
    profile = started()
    profile.at("01-02")

    with pytest.raises(Conflict) as caught:
        profile.at("01-01T23:59:59.999Z")
    assert caught.value.code == "stale-instant"
    assert "2026-01-02T00:00:00Z" in caught.value.detail

    assert profile.at("01-02").decisions == []


def test_not_looking_ahead_changes_nothing_else():
    """Without the next change an outcome is the same, and what was missed before it is found all the same."""
    whole, short = started(), started()
    for profile, ahead in ((whole, True), (short, False)):
        profile.at("01-10", {}, event="ping", ahead=ahead)

    assert whole.outcomes[-1].next_change is not None
    assert [*whole.outcomes[:-1], replace(whole.outcomes[-1], next_change=None)] == short.outcomes
    assert len(short.outcomes) == 3


def test_a_quiet_evaluation_silences_only_what_it_brings():
    """An import fires no action; what time had brought before fires its own, as a sweep in time would have done."""
    profile = started()

    profile.at("01-04T12:00:00", event="ping", quiet=True)

    assert [[one.key for one in each.actions] for each in profile.outcomes] == [["three"], []]


def test_too_many_missed_changes_are_refused():
    """A rule that changes every hour is not caught up with for years in one call, and a nearer instant still is."""
    flicker = program_of(attributes=attributes(t="datetime"), tags=[tag("odd", "hours_since(t) % 2 == 1")])
    profile = Profile(flicker)
    profile.at("01-01", FACTS)

    with pytest.raises(TooLarge) as caught:
        profile.at("2027-01-01T00:00:00Z")
    assert f"more than {MOST_MISSED} changes" in caught.value.detail

    profile.at("01-02")
    assert len(profile.outcomes) == 25


def test_missed_changes_are_decided_by_the_version_of_today():
    """Where a version was published meanwhile, the old next change is decided by the new version, on the old facts."""
    profile = started()
    later = program_of(**{**COUNTING, "tags": [tag("three", "days_since(t) >= 4"), *COUNTING["tags"][1:]]})

    profile.under(later).at("01-05")

    assert seen(profile) == [("01-04", []), ("01-05", ["three assigned time"]), ("01-05", [])]


def test_a_tag_that_nobody_may_touch_refuses_every_manual_change():
    """A tag with `manual: "no"` is left to its rule."""
    profile = Profile(program_of(attributes=attributes(n="number"), tags=[tag("big", "n > 5", manual="no")]))
    profile.at("01-01", {"n": 1})

    for state in ("assigned", "blocked", "released"):
        with pytest.raises(Conflict) as caught:
            profile.at("01-02", manual=("big", state))
        assert caught.value.code == "manual-refused"
