"""When something changes next if no data comes, and what: the words of it, the end of the horizon, and the calendar's end."""

import pytest

from service.engine.decision import NextChange
from service.engine.horizon import HORIZON, MOST_LOOKS
from service.language.instants import HOUR, LAST
from tests.engine.programs import Profile, attributes, bands, clock, moment, move, program_of, stages, tag, words

FACTS = attributes(n="number", t="datetime", b="boolean")
START = {"n": 12, "t": "2026-01-01T00:00:00Z"}


def upcoming(*steps, **members):
    """What is said to come next after these steps: the instant, and each decision in words."""
    profile = Profile(program_of(attributes=FACTS, events=[{"key": "ping"}], **members))
    for when, *rest in steps:
        options = rest.pop() if len(rest) > 1 else {}
        outcome = profile.at(when, *rest, **options)
    found = outcome.next_change
    return None if found is None else (clock(found.at), words(found.decisions))


def test_a_change_is_named_with_its_cause():
    """What time will bring is said as it will be decided, with all that follows from it."""
    found = upcoming(
        ("01-01", START),
        tiers=[{"key": "band", "input": "days_since(t)", "bands": bands("fresh", old=3)}],
        tags=[tag("old", "tier.band == 'old'"), tag("pinged", on=["ping"], until="tag.old")],
        lifecycle=stages("new", "late", moves=[move("ages", "new", "late", "tag.old")]),
    )

    assert found == ("01-04", ["band rose time", "old assigned time", "lifecycle moved time"])


def test_an_expiry_is_named_as_one():
    """The end of a countdown, and of a person's word, has the cause `expiry`."""
    pinged = upcoming(("01-01", START, {"event": "ping"}), tags=[tag("pinged", on=["ping"], expires_after="P1D")])
    assigned = upcoming(("01-01", START, {"manual": ("vip", "assigned", "01-03")}), tags=[tag("vip", manual="only")])

    assert pinged == ("01-02", ["pinged expired expiry"])
    assert assigned == ("01-03", ["vip expired expiry"])


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ({"when": "days_since(t) >= 3", "held_for": "P2D"}, ["late waiting 01-06"]),
        ({"when": "b or days_since(t) < 3"}, ["late undetermined"]),
        ({"when": "b and days_since(t) < 3"}, ["late absent"]),
        ({"when": "days_since(t) < 3", "expires_after": "P2D"}, ["late kept"]),
    ],
)
def test_what_will_stand_otherwise_is_named(rule, expected):
    """A wait that begins, a rule that becomes unknown or known, and a countdown that starts are differences too."""
    assert upcoming(("01-01", START), tags=[tag("late", **rule)]) == ("01-04", expected)


def test_a_block_that_ends_is_named():
    """When a block is over and the rule holds nothing, the tag is absent from then on."""
    found = upcoming(("01-01", {"n": 1}, {"manual": ("big", "blocked", "01-03")}), tags=[tag("big", "n > 5")])

    assert found == ("01-03", ["big absent"])


def test_waits_of_transitions_are_named_at_the_lifecycle():
    """A wait that begins counts, also of a transition that does not leave from the present stage."""
    quiet = {"held_for": "P2D"}
    here = upcoming(
        ("01-01", START),
        lifecycle=stages("new", "late", moves=[move("ages", "new", "late", "days_since(t) >= 3", **quiet)]),
    )
    elsewhere = upcoming(
        ("01-01", START),
        lifecycle=stages(
            "new",
            "mid",
            "late",
            moves=[move("on", "new", "mid", "b"), move("ages", "mid", "late", "days_since(t) >= 3", **quiet)],
        ),
    )

    assert here == ("01-04", ["lifecycle waiting 01-06"])
    assert elsewhere == ("01-04", ["lifecycle undetermined"])


def test_a_wait_elsewhere_is_kept_in_mind():
    """Where nothing is undetermined, a wait that begins elsewhere reads as the stage being kept."""
    moves = [move("on", "new", "mid", "n > 99"), move("ages", "mid", "late", "days_since(t) >= 3", held_for="P2D")]

    assert upcoming(("01-01", START), lifecycle=stages("new", "mid", "late", moves=moves)) == (
        "01-04",
        ["lifecycle kept"],
    )


def test_a_contradiction_that_time_brings_is_named():
    """A conflict to come names the transitions that contradict each other."""
    moves = [move("out", "new", "late", "days_since(t) >= 3"), move("back", "late", "new", "n > 5")]
    profile = Profile(program_of(attributes=FACTS, lifecycle=stages("new", "late", moves=moves)))

    (found,) = profile.at("01-01", START).next_change.decisions

    assert (found.outcome, found.rule) == ("conflict", None)
    assert found.transitions == ("lifecycle/transitions/out", "lifecycle/transitions/back")


def test_only_what_differs_is_named():
    """A tier that stays as it is, and an event that was only there now, are no differences."""
    tiers_ = [
        {"key": key, "input": number, "bands": bands("low", high=3)}
        for key, number in (("days", "days_since(t)"), ("size", "n"))
    ]
    asked = tag("asked", "event.text == 'price'", on=["ping"], expires_after="P1D")

    assert upcoming(("01-01", START), ("01-01T01:00:00", START), tiers=tiers_) == ("01-04", ["days rose time"])
    assert upcoming(("01-01", START, {"event": "ping"}), tags=[asked, tag("old", "days_since(t) >= 3")]) == (
        "01-04",
        ["old assigned time"],
    )


def test_waits_of_tiers_are_named():
    """A fall that begins to wait says where it leads and when."""
    tier = {"key": "band", "input": "10 - days_since(t)", "fall_after": "P1D", "bands": bands("low", high=8)}
    profile = Profile(program_of(attributes=FACTS, tiers=[tier]))

    (found,) = profile.at("01-01", START).next_change.decisions

    assert (found.outcome, found.target, clock(found.due_at)) == ("waiting", "low", "01-05")


def test_nothing_that_depends_on_time_has_no_next_change():
    """Null says that nobody needs to look again."""
    assert upcoming(("01-01", START), tags=[tag("big", "n > 5")]) is None


def test_the_horizon_is_four_hundred_days():
    """What is further away is looked for again at the end of the horizon."""
    far = tag("far", "days_since(t) >= 1000")
    profile = Profile(program_of(attributes=FACTS, tags=[far]))

    assert profile.at("01-01", START).next_change == NextChange(moment("01-01") + HORIZON, ())
    profile.at("2029-01-01T00:00:00Z")
    assert [words(one.decisions) for one in profile.outcomes if one.decisions] == [["far assigned time"]]
    assert profile.outcomes[-1].next_change is None


def test_the_end_of_the_horizon_is_looked_at():
    """What changes at the very end of the horizon is named."""
    found = upcoming(("01-01", START), tags=[tag("old", "days_since(t) >= 400")])

    assert found == ("2027-02-05", ["old assigned time"])


def test_a_rule_that_could_change_every_hour_is_looked_at_again_later():
    """Where nothing differs for very many instants, the last of them is when to look again."""
    profile = Profile(program_of(attributes=FACTS, tags=[tag("rare", "hours_since(t) % n == 5000")]))

    outcome = profile.at("01-01", {"n": 1000000, "t": START["t"]})

    assert outcome.next_change == NextChange(moment("01-01") + MOST_LOOKS * HOUR, ())
    profile.at("07-28T08:00:00")
    assert [words(one.decisions) for one in profile.outcomes if one.decisions] == [["rare assigned time"]]


@pytest.mark.parametrize(
    "members",
    [
        {"tags": [tag("steady", "n > 5", held_for="P1Y")]},
        {"tags": [tag("warm", on=["ping"], expires_after="P1Y")]},
        {
            "tiers": [
                {"key": "band", "input": "n", "rise_after": "P1Y", "fall_after": "P1Y", "bands": bands("low", high=5)}
            ]
        },
        {"lifecycle": stages("new", "old", moves=[move("ages", "new", "old", "n > 5", after_stay="P1Y")])},
        {
            "lifecycle": stages(
                "new", "old", moves=[move("ages", "new", "old", "n > 5", held_for="P1Y", after_stay="P1D")]
            )
        },
        {
            "lifecycle": stages(
                "new", "old", moves=[move("ages", "new", "old", "n > 5", held_for="P1D", after_stay="P1Y")]
            )
        },
    ],
)
def test_a_wait_that_ends_beyond_the_calendar_never_ends(members):
    """After the year 9999 there is nothing: such a wait runs for ever, and is no next change."""
    profile = Profile(program_of(attributes=FACTS, events=[{"key": "ping"}], **members))
    profile.at("9999-06-01T00:00:00Z", {"n": 1})

    outcome = profile.at("9999-06-02T00:00:00Z", {"n": 9}, event="ping")

    assert outcome.next_change is None or outcome.next_change.at < LAST
    assert [one.due_at for one in outcome.standing if one.due_at is not None] == []
    last = profile.at("9999-12-31T23:59:59.999Z")
    assert (last.stage, last.tiers.get("band"), last.next_change) == (outcome.stage, outcome.tiers.get("band"), None)
    assert last.tags == outcome.tags


def test_the_horizon_ends_with_the_calendar():
    """Near the end of time the horizon is the last millisecond, and after that there is nothing to look for."""
    profile = Profile(program_of(attributes=FACTS, tags=[tag("never", "days_since(t) >= 1000")]))

    assert profile.at("9999-06-01T00:00:00Z", {"t": "9999-06-01T00:00:00Z"}).next_change == NextChange(LAST, ())
    assert profile.at("9999-12-31T23:59:59.999Z").next_change is None
