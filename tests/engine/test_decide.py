"""Every decision in its own words: outcome, from and to, rule, what is missing, when it is due, and which comes first."""

from decimal import Decimal

import pytest

from service.engine.decide import all_decisions, decide
from service.engine.decision import Decision, Rating
from service.engine.facts import read_facts
from tests.engine.programs import Profile, attributes, bands, clock, moment, move, program_of, stages, tag, words

FACTS = attributes(n="number", m="number", b="boolean", t="datetime")


def lived(*steps, **members):
    """The outcome of the last of some steps, each a moment with facts and, it may be, options."""
    profile = Profile(program_of(attributes=FACTS, events=[{"key": "ping"}], **members))
    for when, posted, *options in steps:
        outcome = profile.at(when, posted, **(options[0] if options else {}))
    return outcome


def only(outcome):
    """The one decision of an outcome that has one."""
    (found,) = all_decisions(outcome)
    return found


BIG = {"tags": [tag("big", "n > 5")]}
SLOW = {"tags": [tag("big", "n > 5", held_for="P2D")]}
CHANGES = [
    (BIG, [("01-01", {"n": 6})], "assigned"),
    (BIG, [("01-01", {"n": 6}), ("01-02", {"n": 1})], "removed"),
    (BIG, [("01-01", {"n": 6}), ("01-02", {"n": 6})], "kept"),
    (BIG, [("01-01", {"n": 1})], "absent"),
    (BIG, [("01-01", {})], "undetermined"),
    (BIG, [("01-01", {"n": 6}), ("01-02", {})], "undetermined"),
    (BIG, [("01-01", {"n": 6}, {"manual": ("big", "blocked")})], "blocked"),
    (SLOW, [("01-01", {"n": 6})], "waiting"),
]


@pytest.mark.parametrize(("members", "steps", "outcome"), CHANGES)
def test_a_tag_has_one_outcome(members, steps, outcome):
    """Each tag is decided in one word, with where it was and where it is."""
    found = only(lived(*steps, **members))

    assert (found.kind, found.key, found.rule, found.outcome) == ("tag", "big", "tags/big", outcome)
    assert found.is_change is (outcome in ("assigned", "removed"))
    ends = {
        "assigned": ("absent", "held"),
        "removed": ("held", "absent"),
        "kept": ("held", "held"),
        "absent": ("absent", "absent"),
    }
    assert (found.source, found.target) == ends.get(outcome, ("held" if len(steps) == 2 else "absent", None))


def test_a_waiting_tag_says_until_when():
    """The instant at which the wait is over stands beside it."""
    assert clock(only(lived(("01-01", {"n": 6}), **SLOW)).due_at) == "01-03"


def test_a_suppressed_tag_is_more_than_undetermined():
    """In an exclusive group a held tag whose rule is unknown is in the way; what stays out is suppressed."""
    group = {
        "tag_groups": [{"key": "one", "exclusive": True}],
        "tags": [tag("first", "n > 5", group="one"), tag("second", "m > 5", group="one")],
    }

    outcome = lived(("01-01", {"n": 6, "m": 6}), ("01-02", {"m": 6}), **group)

    assert words(outcome.standing) == ["first undetermined", "second suppressed"]
    assert words(lived(("01-01", {"n": 6}), **group).standing) == ["second undetermined"]


def test_an_undetermined_decision_names_what_is_missing():
    """The attributes behind values, scores and tiers are named, and only those that left the rule undecided."""
    members = {
        "values": [{"key": "ratio", "expression": "m / n"}],
        "scores": [
            {"key": "heat", "missing": "unknown", "components": [{"key": "one", "weight": 1, "value": "ratio"}]}
        ],
        "tiers": [{"key": "band", "input": "score.heat", "bands": bands("low", high=5)}],
        "tags": [
            tag("top", "tier.band == 'high' and not b"),
            tag("fresh", "within(since.tier.band, 'P1D')"),
            tag("either", "b or n > 100"),
            tag("neither", "b and n > 5"),
            tag("chosen", "(n > 5 ? m : days_since(t)) > 3"),
            tag("dated", "n > 5 and days_since(since.tag.top) > 3"),
            tag("moved", "days_since(t) > 1", sticky=True, until="m > 3"),
        ],
        "lifecycle": stages(
            "new", "old", moves=[move("ages", "new", "old", "m > 1"), move("quits", "new", "old", "days_since(t) > 9")]
        ),
    }

    outcome = lived(("01-01", {"n": 6, "b": False}), **members)

    found = {one.key: one.missing for one in all_decisions(outcome) if one.outcome == "undetermined"}
    assert found == {
        "band": ("m",),
        "top": ("m",),
        "fresh": ("m",),
        "chosen": ("m",),
        "dated": (),
        "moved": ("m", "t"),
    }
    assert outcome.undetermined == {
        "m": ["lifecycle/transitions/ages", "tags/chosen", "tags/fresh", "tags/moved", "tags/top", "tiers/band"],
        "t": ["lifecycle/transitions/quits", "tags/moved"],
    }


def test_an_event_without_text_leaves_nothing_missing():
    """A rule that only the event's text could decide is undetermined, and no attribute is to blame."""
    outcome = lived(
        ("01-01", {}, {"event": "ping"}), tags=[tag("asked", "event.text == 'price'", on=["ping"], expires_after="P1D")]
    )

    assert words(outcome.standing) == ["asked undetermined"]
    assert outcome.undetermined == {}


TIER = {"tiers": [{"key": "band", "input": "n", "rise_after": "P2D", "bands": bands("low", mid=5, high=9)}]}
LADDER = [
    ([("01-01", {"n": 6})], ("entered", None, "mid", None)),
    ([("01-01", {"n": 6}), ("01-02", {"n": 1})], ("fell", "mid", "low", None)),
    ([("01-01", {"n": 1}), ("01-02", {"n": 6}), ("01-04", {"n": 6})], ("kept", "mid", "mid", None)),
    ([("01-01", {"n": 1}), ("01-02", {"n": 6}), ("01-03", {"n": 10})], ("waiting", "low", "mid", "01-04")),
    ([("01-01", {"n": 1}), ("01-02", {"n": 10})], ("waiting", "low", "high", "01-04")),
    ([("01-01", {"n": 6}), ("01-02", {})], ("undetermined", "mid", None, None)),
    ([("01-01", {})], ("undetermined", None, None, None)),
    ([("01-01", {"n": 6}), ("01-02", {"n": 6})], ("kept", "mid", "mid", None)),
]


@pytest.mark.parametrize(("steps", "expected"), LADDER)
def test_a_tier_has_one_outcome(steps, expected):
    """Each tier is decided in one word; a move that waits says where it leads, and when."""
    found = only(lived(*steps, **TIER))

    assert (found.kind, found.key, found.rule) == ("tier", "band", "tiers/band")
    assert (found.outcome, found.source, found.target, clock(found.due_at)) == expected


@pytest.mark.parametrize(("fall", "target"), [("direct", "low"), ("one_step", "mid")])
def test_a_fall_that_waits_says_where_it_leads(fall, target):
    """A fall leads to the band of the input, or one band down."""
    tier = {"key": "band", "input": "n", "fall_after": "P2D", "fall": fall, "bands": bands("low", mid=5, high=9)}

    found = only(lived(("01-01", {"n": 9}), ("01-02", {"n": 1}), tiers=[tier]))

    assert (found.outcome, found.source, found.target, clock(found.due_at)) == ("waiting", "high", target, "01-04")


def test_a_rise_is_a_change():
    """A band above the present one is risen to."""
    profile = Profile(program_of(attributes=FACTS, **TIER))
    profile.at("01-01", {"n": 1})
    profile.at("01-02", {"n": 10})
    profile.at("01-05")

    (found,) = profile.outcomes[0].decisions
    assert (found.outcome, found.source, found.target, found.cause) == ("rose", "low", "high", "time")
    assert profile.outcomes[0].state.tiers["band"].rises == ()


def life(*moves):
    """A lifecycle of three stages."""
    return {"lifecycle": stages("new", "mid", "old", moves=moves)}


STAGES = [
    (life(), [("01-01", {})], "entered"),
    (life(), [("01-01", {}), ("01-02", {})], "kept"),
    (life(move("on", "new", "mid", "n > 5")), [("01-01", {}), ("01-02", {})], "undetermined"),
    (life(move("on", "new", "mid", "n > 5", held_for="P3D")), [("01-01", {}), ("01-02", {"n": 6})], "waiting 01-05"),
    (life(move("on", "new", "mid", "n > 5", after_stay="P3D")), [("01-01", {}), ("01-02", {"n": 6})], "waiting 01-04"),
    (
        life(move("on", "new", "mid", "n > 5", after_stay="P3D", held_for="P3D")),
        [("01-01", {}), ("01-02", {"n": 6})],
        "waiting 01-05",
    ),
    (
        life(move("on", "new", "mid", "n > 5", after_stay="P9D", held_for="P1D")),
        [("01-01", {}), ("01-02", {"n": 6})],
        "waiting 01-10",
    ),
    (
        life(move("on", "new", "mid", "n > 5", after_stay="P1D", held_for="P9D")),
        [("01-01", {"n": 6}), ("01-05", {"n": 6})],
        "waiting 01-10",
    ),
    (
        life(move("on", "new", "mid", "m > 5"), move("out", "new", "old", "n > 5", after_stay="P3D")),
        [("01-01", {}), ("01-02", {"n": 6})],
        "waiting 01-04",
    ),
    (
        life(
            move("late", "new", "mid", "n > 5", after_stay="P5D"), move("soon", "new", "old", "n > 5", after_stay="P3D")
        ),
        [("01-01", {}), ("01-02", {"n": 6})],
        "waiting 01-04",
    ),
    (
        life(move("on", "new", "mid", "n > 5"), move("off", "mid", "new", "n > 5")),
        [("01-01", {}), ("01-02", {"n": 6})],
        "conflict",
    ),
]


@pytest.mark.parametrize(("members", "steps", "expected"), STAGES)
def test_the_lifecycle_has_one_outcome(members, steps, expected):
    """The lifecycle is decided in one word; waiting comes before undetermined, the earliest wait first."""
    (found,) = all_decisions(lived(*steps, **members))

    assert (found.kind, found.key) == ("stage", "lifecycle")
    assert words([found]) in ([f"lifecycle {expected}"], [f"lifecycle {expected} first"])


def test_each_step_of_a_chain_is_a_decision():
    """A search that moves twice tells both moves, each with its movement and rule, and nothing beside them."""
    outcome = lived(
        ("01-01", {"n": 6}),
        **life(
            move("on", "new", "mid", "n > 5"),
            move("out", "mid", "old", "n > 5", movement="churn"),
            move("ages", "old", "new", "days_since(t) > 1"),
        ),
    )

    assert [(one.source, one.target, one.outcome, one.movement, one.rule) for one in outcome.decisions] == [
        (None, "new", "entered", None, "lifecycle/initial"),
        ("new", "mid", "moved", "promotion", "lifecycle/transitions/on"),
        ("mid", "old", "moved", "churn", "lifecycle/transitions/out"),
    ]
    assert outcome.standing == []
    assert outcome.undetermined == {"t": ["lifecycle/transitions/ages"]}


def test_entering_a_stage_is_its_decision():
    """A profile that enters its first stage, where something waits, has the one decision that it entered."""
    outcome = lived(("01-01", {"n": 6}), **life(move("on", "new", "mid", "n > 5", after_stay="P3D")))

    assert words(all_decisions(outcome)) == ["lifecycle entered first"]
    assert clock(outcome.next_change.at) == "01-04"


def test_a_conflict_names_all_its_transitions():
    """A circle is told from its first transition to the one that closes it, with no rule of its own."""
    moves = [move("on", "new", "mid", "n > 5"), move("out", "mid", "old", "n > 5"), move("back", "old", "mid", "n > 5")]
    found = only(lived(("01-01", {}), ("01-02", {"n": 6}), **life(*moves)))

    assert found.rule is None
    assert found.transitions == ("lifecycle/transitions/on", "lifecycle/transitions/out", "lifecycle/transitions/back")
    assert (found.source, found.target) == ("new", None)


def test_all_decisions_name_everything_once():
    """Every tag, tier and the lifecycle have exactly one decision in the full list."""
    members = {**TIER, **life(), "tags": [tag("big", "n > 5"), tag("small", "n < 2"), tag("unknown", "m > 1")]}

    found = all_decisions(lived(("01-01", {"n": 6}), ("01-02", {"n": 6}), **members))

    assert [(one.kind, one.key, one.outcome) for one in found] == [
        ("tag", "unknown", "undetermined"),
        ("tag", "big", "kept"),
        ("tag", "small", "absent"),
        ("tier", "band", "kept"),
        ("stage", "lifecycle", "kept"),
    ]


def test_an_outcome_lists_what_is_held():
    """Tags are sorted; tiers and scores name every one; coverage has four digits; values are the outputs only."""
    members = {
        **TIER,
        "tags": [tag("z", "n > 5"), tag("a", "n > 5")],
        "values": [{"key": "double", "output": True, "expression": "2 * n"}, {"key": "hidden", "expression": "n"}],
        "scores": [
            {
                "key": "heat",
                "components": [
                    {"key": "one", "weight": 1, "value": "hidden"},
                    {"key": "two", "weight": 2, "value": "m"},
                ],
            },
            {"key": "cold", "components": [{"key": "one", "weight": 1, "value": "m"}]},
        ],
    }

    outcome = lived(("01-01", {"n": 6}), **members)

    assert outcome.tags == ["a", "z"]
    assert outcome.tiers == {"band": "mid"}
    assert outcome.values == {"double": Decimal(12)}
    assert outcome.scores == {
        "heat": Rating(Decimal("6.00"), Decimal("0.3333")),
        "cold": Rating(None, Decimal("0.0000")),
    }
    assert outcome.stage is None


def test_actions_say_what_they_fired_on():
    """A fired action carries its parameters as written and the change that it fired on; a quiet one is not there."""
    cheer = {"key": "cheer", "on": [{"tag": "big"}], "parameters": {"channels": ["email"], "weight": 1.5}}
    program = program_of(attributes=FACTS, tags=[tag("big", "n > 5")], actions=[cheer])
    facts = read_facts(program, {"n": 6})

    (fired,) = decide(program, "u-1", facts, None, None, moment("01-01")).actions

    assert (fired.key, fired.kind, fired.on) == ("cheer", "tag", "big")
    assert fired.parameters == {"channels": ["email"], "weight": Decimal("1.5")}
    quiet = decide(program, "u-1", facts, None, None, moment("01-01"), quiet=True)
    assert (quiet.actions, quiet.state.fired) == ([], {})


def test_a_decision_knows_whether_it_changes_something():
    """Outcomes that leave things as they are, are no changes."""
    assert Decision(kind="tag", key="x", outcome="expired").is_change
    assert not Decision(kind="tag", key="x", outcome="suppressed").is_change
