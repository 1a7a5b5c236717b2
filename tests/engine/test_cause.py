"""Why something changed: the first of first, manual, expiry, time, rules, data, event that alone explains it."""

import pytest

from tests.engine.programs import Profile, attributes, bands, move, program_of, stages, tag, words

MEMBERS = {
    "attributes": attributes(n="number", t="datetime"),
    "events": [{"key": "ping"}],
    "tiers": [{"key": "band", "input": "n", "bands": bands("low", high=10)}],
    "tags": [
        tag("big", "n >= 10"),
        tag("old", "days_since(t) >= 3"),
        tag("pinged", on=["ping"], expires_after="P2D"),
        tag("vip", manual="only"),
        tag("both", "tag.vip and tag.big"),
        tag("follows", "tag.pinged"),
    ],
    "lifecycle": stages("new", "grown", moves=[move("grows", "new", "grown", "n >= 10")]),
}
START = {"n": 1, "t": "2026-01-01T00:00:00Z"}
LATER = {"n": 12, "t": "2026-01-01T00:00:00Z"}


@pytest.fixture(name="profile")
def started():
    """A profile that was decided once, on the first of January."""
    profile = Profile(program_of(**MEMBERS))
    profile.at("01-01", START)
    return profile


def test_everything_about_a_new_profile_is_first():
    """What is decided about a profile for the first time has the cause `first`, whatever else was sent."""
    outcome = Profile(program_of(**MEMBERS)).at("01-01", LATER, event="ping", manual=("vip", "assigned"))

    assert {one.cause for one in outcome.decisions} == {"first"}
    assert len(outcome.decisions) == 8


def test_new_facts_are_data(profile):
    """Changes that new facts bring have the cause `data`, in tags, tiers and stage alike."""
    outcome = profile.at("01-02", LATER)

    assert words(outcome.decisions) == ["band rose data", "big assigned data", "lifecycle moved data"]


def test_an_event_explains_what_the_facts_do_not(profile):
    """With an event and new facts, each change has the cause that brings it."""
    outcome = profile.at("01-02", LATER, event="ping")

    causes = {one.key: one.cause for one in outcome.decisions}
    assert causes == {"band": "data", "big": "data", "lifecycle": "data", "pinged": "event", "follows": "event"}


def test_time_explains_what_the_old_facts_bring(profile):
    """What the clock alone brings has the cause `time`, even where new facts come at the same instant."""
    profile.at("01-04", {"n": 12, "t": "2026-01-04T00:00:00Z"})

    caught_up, asked = profile.outcomes
    assert words(caught_up.decisions) == ["old assigned time"]
    assert words(asked.decisions) == ["band rose data", "big assigned data", "old removed data", "lifecycle moved data"]


def test_a_tags_own_expiry_is_expiry_and_what_follows_is_time(profile):
    """The tag whose time is up has the cause `expiry`; what depends on it changes with time."""
    profile.at("01-01T12:00:00", event="ping")

    outcome = profile.at("01-03T12:00:00")

    assert words(profile.outcomes[0].decisions) == ["pinged expired expiry", "follows removed time"]
    assert outcome.decisions == []


def test_the_end_of_a_manual_word_is_expiry(profile):
    """A manual assignment whose end has come is an expiry, not a removal."""
    profile.at("01-01T01:00:00", manual=("vip", "assigned", "01-02"))

    profile.at("01-02")

    assert words(profile.outcomes[0].decisions) == ["vip expired expiry"]


@pytest.mark.parametrize(
    ("facts", "state", "expected"),
    [
        (LATER, "assigned", ["vip assigned manual", "both assigned manual"]),
        (LATER, "blocked", []),
        (START, "assigned", ["vip assigned manual"]),
    ],
)
def test_a_persons_word_is_manual_and_so_is_what_follows(profile, facts, state, expected):
    """What a manual change alone would bring has the cause `manual`."""
    profile.at("01-02", facts)

    assert words(profile.at("01-03", manual=("vip", state)).decisions) == expected


def test_a_person_can_take_away_what_a_rule_gave(profile):
    """A block and a release change tags with the cause `manual`."""
    profile.at("01-02", LATER)

    assert words(profile.at("01-03", manual=("big", "blocked")).decisions) == ["big removed manual"]
    assert words(profile.at("01-03", manual=("big", "released")).decisions) == ["big assigned manual"]


def test_facts_beside_a_persons_word_are_data(profile):
    """Where a person's word and new facts come together, each change has its own cause; what needs both is manual."""
    outcome = profile.at("01-02", LATER, manual=("vip", "assigned"))

    causes = {one.key: one.cause for one in outcome.decisions}
    assert causes == {"band": "data", "big": "data", "lifecycle": "data", "vip": "manual", "both": "manual"}


def test_a_new_version_is_rules(profile):
    """What another version decides on the old facts has the cause `rules`."""
    lower = program_of(**{**MEMBERS, "tags": [tag("big", "n >= 1"), *MEMBERS["tags"][1:]]})

    assert words(profile.under(lower).at("01-02", START).decisions) == ["big assigned rules"]


def test_a_new_version_with_new_facts_and_an_event(profile):
    """Under a new version each change still has the first cause that brings it."""
    other = program_of(**{**MEMBERS, "tags": [tag("big", "n >= 12"), tag("small", "n < 5"), *MEMBERS["tags"][2:]]})

    outcome = profile.under(other).at("01-02", {"n": 12, "t": START["t"]}, event="ping")

    causes = {(one.key, one.outcome): one.cause for one in outcome.decisions}
    assert causes["big", "assigned"] == "data"
    assert causes["pinged", "assigned"] == "event"
    assert ("small", "assigned") not in causes
    assert words(profile.at("01-03", START).decisions) == [
        "band fell data",
        "big removed data",
        "small assigned data",
    ]


def test_time_comes_before_rules(profile):
    """What the old version would have done at that instant anyway is caused by time."""
    same = program_of(**MEMBERS, title="the same with a title")

    profile.under(same).at("01-04")

    assert words(profile.outcomes[0].decisions) == ["old assigned time"]


def test_a_tag_that_the_old_version_did_not_know_can_be_assigned_by_hand(profile):
    """A manual change of a tag that a new version brought is manual too."""
    more = program_of(**{**MEMBERS, "tags": [*MEMBERS["tags"], tag("star", manual="only")]})

    assert words(profile.under(more).at("01-02", manual=("star", "assigned")).decisions) == ["star assigned manual"]
