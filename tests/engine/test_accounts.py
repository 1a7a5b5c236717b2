"""Every number behind a score, a tier and an action, for whoever wants to add them up; and what new versions bring."""

from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings

from service.engine.accounts import explain_actions, explain_score, explain_tier
from service.engine.explain import explain, explain_leaves
from service.engine.sentences import Sentences
from service.engine.walk import Walk
from service.engine.worlds import world_of
from tests.engine.programs import Profile, attributes, bands, move, program_of, stages, tag
from tests.engine.strategies import rulesets, timelines
from tests.engine.test_laws import compiled, live


def saying(outcome):
    """What explains an outcome."""
    return Sentences(outcome.run, Walk(outcome.run))


POINTS = [{"points": 10}, {"from": 5, "points": 90}]
PARTS = [
    {"key": "one", "weight": 3, "value": "scale(n, 0, 10)"},
    {"key": "two", "weight": 1, "input": "m", "points": POINTS},
]


def scored(facts, **more):
    """The account of a score."""
    score = {"key": "s", "components": PARTS, **more}
    profile = Profile(
        program_of(attributes=attributes(n="number", m="number"), scores=[score], tags=[tag("t", "score.s > 1")])
    )
    outcome = profile.at("01-01", facts)
    return explain_score(saying(outcome), profile.program.ruleset.scores[0])


def test_the_parts_of_a_score_add_up():
    """Each part has what it observed, its points, its share of the weight, and what it adds."""
    account = scored({"n": 5, "m": 5})
    assert (account["value"], account["coverage"]) == (60, 1)
    assert [(one["observed"], one["points"], one["share"], one["adds"]) for one in account["components"]] == [
        (50, 50, Decimal("0.75"), Decimal("37.5")),
        (5, 90, Decimal("0.25"), Decimal("22.5")),
    ]


def test_a_missing_part_names_what_it_lacks():
    """Its weight goes to the others, or counts as nothing; an unknown score has no shares."""
    account = scored({"n": 5})
    assert (account["value"], account["coverage"]) == (50, Decimal("0.75"))
    assert [(one["share"], one["adds"], one["missing"]) for one in account["components"]] == [
        (1, 50, []),
        (None, None, ["m"]),
    ]
    assert [one["adds"] for one in scored({"n": 5}, missing="zero")["components"]] == [Decimal("37.5"), None]
    assert [one["share"] for one in scored({"n": 5}, missing="unknown")["components"]] == [None, None]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(rulesets(), timelines())
def test_everything_that_is_decided_can_be_said(document, steps):
    """Whatever the rules and the past, each decision has its sentence, and the parts of a known score add up to it."""
    program = compiled(document)
    for _, outcome in live(program, steps):
        say = saying(outcome)
        for entry in explain(program, outcome, everything=True):
            assert all(entry["sentence"][language] for language in ("en", "zh"))
        for one in outcome.decisions:
            assert all(leaf["sentence"]["zh"] for leaf in explain_leaves(program, say, one))
        for score in program.ruleset.scores:
            account = explain_score(say, score)
            if account["value"] is not None:
                total = sum(one["adds"] or 0 for one in account["components"])
                assert abs(total - account["value"]) < Decimal("0.01")
        for plan in program.tiers.values():
            explain_tier(say, plan)
        for action in explain_actions(say, outcome, quiet=False, rules_fire=False):
            assert action["fired"] == (action["key"] in {one.key for one in outcome.actions})


def ladder(profile):
    """Where the one tier of a profile stands."""
    (plan,) = profile.program.tiers.values()
    return explain_tier(saying(profile.outcomes[-1]), plan)


def tiered(**members):
    """A profile under one tier."""
    tier = {"key": "band", "input": "n", "bands": bands("low", mid=50, high=80), "margin": 5, **members}
    return Profile(program_of(attributes=attributes(n="number"), tiers=[tier]))


def test_a_tier_says_how_far_it_is_to_either_side():
    """The distance to the band above, and how far the input may fall, the margin included."""
    profile = tiered()
    profile.at("01-01", {"n": 60})
    assert ladder(profile)["up"] == {"band": "high", "threshold": 80, "distance": 20}
    assert ladder(profile)["down"] == {"band": "low", "threshold": 45, "distance": 15}
    profile.at("01-02", {"n": 90})
    assert (ladder(profile)["up"], ladder(profile)["since"]) == (None, "2026-01-02T00:00:00Z")
    profile.at("01-03", {"n": 10})
    assert (ladder(profile)["band"], ladder(profile)["down"], ladder(profile)["waits"]) == ("low", None, [])


def test_an_unknown_number_has_no_distance():
    """A tier that was never entered stands nowhere; one that was stays, its distances unknown."""
    profile = tiered()
    profile.at("01-01", {})
    assert [ladder(profile)[name] for name in ("band", "input", "up", "down", "waits")] == [None, None, None, None, []]
    profile.at("01-02", {"n": 60})
    profile.at("01-03", {})
    assert (ladder(profile)["up"]["distance"], ladder(profile)["down"]["distance"]) == (None, None)


def test_waits_are_told_with_their_ends():
    """Each higher band that was reached waits for itself, a fall for its own."""
    profile = tiered(rise_after="P3D", fall_after="P100Y")
    profile.at("01-01", {"n": 60})
    profile.at("01-02", {"n": 90})
    assert ladder(profile)["waits"] == [
        {"to": "high", "since": "2026-01-02T00:00:00Z", "due_at": "2026-01-05T00:00:00Z"}
    ]
    profile.at("9950-01-01T00:00:00Z", {"n": 10})
    assert [(one["to"], one["due_at"]) for one in ladder(profile)["waits"]] == [("mid", None)]


ACTED = {
    "attributes": attributes(n="number"),
    "tags": [tag("t", "n > 5")],
    "actions": [
        {"key": "a", "on": [{"tag": "t"}], "cooldown": "P7D"},
        {"key": "b", "on": [{"tag": "t"}], "when": "n > 9"},
    ],
}


def fired(outcome, **how):
    """Which actions fired, and what the others lacked."""
    told = explain_actions(saying(outcome), outcome, **{"quiet": False, "rules_fire": False, **how})
    return [(one["key"], one["fired"], one["lost"]) for one in told]


def test_an_action_says_why_it_fired_or_not():
    """Only actions whose change came are told; each lost one by what kept it."""
    profile = Profile(program_of(**ACTED))
    assert fired(profile.at("01-01", {"n": 1})) == []
    assert fired(profile.at("01-02", {"n": 6})) == [("a", True, None), ("b", False, "when")]
    assert fired(profile.at("01-03", {"n": 1})) == []
    assert fired(profile.at("01-04", {"n": 6})) == [("a", False, "cooldown"), ("b", False, "when")]
    profile.at("01-05", {"n": 1})
    quiet = profile.at("01-20", {"n": 10}, quiet=True)
    assert fired(quiet, quiet=True) == [("a", False, "quiet"), ("b", False, "quiet")]


def test_changes_that_a_version_brought_fire_nothing():
    """Unless the version was published to fire them."""
    profile = Profile(program_of(**ACTED))
    profile.at("01-01", {"n": 4})
    other = {**ACTED, "tags": [tag("t", "n > 3")]}
    silent = profile.under(program_of(**other)).at("01-02")
    assert fired(silent) == [("a", False, "rules"), ("b", False, "rules")]
    profile = Profile(program_of(**ACTED))
    profile.at("01-01", {"n": 4})
    loud = profile.under(program_of(**other)).at("01-02", rules_fire=True)
    assert fired(loud, rules_fire=True) == [("a", True, None), ("b", False, "when")]


def test_what_a_new_version_takes_away_is_said():
    """A stage and a band that are gone lead elsewhere, because the version no longer has them."""
    moves = [move("grows", "new", "grown", "n > 5")]
    old = {
        "attributes": attributes(n="number"),
        "tiers": [{"key": "band", "input": "n", "bands": bands("low", high=5)}],
        "lifecycle": stages("new", "grown", moves=moves),
    }
    new = {
        **old,
        "tiers": [
            {"key": "band", "input": "n", "bands": [{"key": "low"}, {"key": "top", "from": 5, "aliases": ["high"]}]}
        ],
        "lifecycle": stages("new", {"key": "adult", "aliases": ["grown"]}),
    }
    profile = Profile(program_of(**old))
    profile.at("01-01", {"n": 9})
    outcome = profile.under(program_of(**new)).at("01-02", {})
    told = {
        one["key"]: one["sentence"]["en"]
        for one in explain(profile.program, outcome)
        if one["outcome"] != "undetermined"
    }
    assert told == {
        "band": "`band` entered `top` because the version no longer has it",
        "lifecycle": "The stage changed from `grown` to `adult` because the version no longer has `grown`",
    }


def test_nearest_stands_beside_a_decision_if_it_is_asked_for():
    """With the world an outcome was decided in, the explanation says what would have been nearest."""
    profile = Profile(program_of(attributes=attributes(n="number"), tags=[tag("t", "n > 5 and n < 9")]))
    outcome = profile.at("01-01", {"n": 1})
    world = world_of(outcome.run, profile.before.facts)
    (entry,) = explain(profile.program, outcome, everything=True, world=world)
    assert [one["changes"][0]["to"] for one in entry["nearest"]] == [6]
    assert "nearest" not in explain(profile.program, outcome, everything=True)[0]


@pytest.mark.parametrize("facts", [{"n": 3, "b": True}, {"n": 3, "b": False}, {"n": 3}, {}])
def test_leaves_are_the_conditions_that_a_rule_is_joined_of(facts):
    """Whether each held, in words, and what it lacks; the input of a tier is none."""
    when = "n > 2 and (b ? n > 1 : not (n > 5))"
    program = program_of(
        attributes=attributes(n="number", b="boolean"),
        tags=[tag("t", when)],
        tiers=[{"key": "band", "input": "n", "bands": bands("low")}],
    )
    profile = Profile(program)
    outcome = profile.at("01-01", facts)
    decisions = {one.key: one for one in [*outcome.decisions, *outcome.standing]}
    if "t" in decisions:
        leaves = explain_leaves(program, saying(outcome), decisions["t"])
        assert [(one["text"], one["held"], one["missing"]) for one in leaves] == [
            ("n > 2", True if facts else None, [] if facts else ["n"]),
            ("b", facts.get("b"), [] if "b" in facts else ["b"]),
            ("n > 1", True if facts else None, [] if facts else ["n"]),
            ("n > 5", False if facts else None, [] if facts else ["n"]),
        ]
    assert explain_leaves(program, saying(outcome), decisions["band"]) == []
