"""How far a rule is from firing leads a search: fewer conditions are nearer, and so are smaller gaps."""

import pytest

from service.engine.distances import distance, distance_to
from service.engine.facts import Facts, read_facts
from service.engine.nearest import Goal, Search
from service.engine.places import places, text_of
from service.engine.walk import Walk
from service.engine.worlds import EVENT, Budget, world_of
from service.language.tree import Literal
from service.language.types import Type
from tests.engine.programs import Profile, attributes, bands, move, program_of, stages, tag

TYPES = attributes(n="integer", m="integer", b="boolean", s="string", d="datetime")
TIER = {"key": "band", "input": "n", "bands": bands("low", mid=50, high=80)}


def far(when, facts, *, truth=True, **members):
    """How far a condition is from an answer."""
    program = program_of(attributes=TYPES, tags=[tag("t", when)], **members)
    run = Profile(program).at("01-10", facts).run
    return distance(Walk(run), program.rules.tags["t"][0], truth=truth)


NEARER = [
    ("n >= 10", {"n": 9}, {"n": 1}),
    ("n >= 10", {"n": 9}, {}),
    ("d < d'2026-01-01'", {"d": "2026-01-02T00:00:00Z"}, {"d": "2026-02-02T00:00:00Z"}),
    ("n >= 10 and m >= 10", {"n": 10, "m": 1}, {"n": 1, "m": 1}),
    ("n >= 10 or m >= 10", {"n": 1, "m": 9}, {"n": 1, "m": 1}),
    ("not (n >= 10)", {"n": 11}, {"n": 99}),
    ("b ? n >= 10 : m >= 10", {"b": True, "n": 9, "m": 1}, {"b": False, "n": 1, "m": 1}),
    ("s == 'x'", {"s": "y"}, {}),
    ("n + m > 5", {"n": 4}, {}),
]


@pytest.mark.parametrize(("when", "near", "distant"), NEARER, ids=[f"{one[0]} {one[1]} {one[2]}" for one in NEARER])
def test_what_lacks_less_is_nearer(when, near, distant):
    """A smaller gap, fewer conditions, and less that is missing count as nearer; what holds is there."""
    assert 0 < far(when, near) < far(when, distant)


def test_bands_have_distances_too():
    """Into a band from either side, out of it, with a fallback, and by the number that is missing."""
    for when, near, distant in [
        ("tier.band == 'high'", 79, 10),
        ("tier.band == 'low'", 51, 99),
        ("tier.band == 'mid'", 81, 99),
        ("tier.band != 'low'", 49, 1),
        ("(tier.band ?? 'low') != 'low'", 49, 1),
        ("'high' == tier.band", 79, 10),
    ]:
        assert far(when, {"n": near}, tiers=[TIER]) < far(when, {"n": distant}, tiers=[TIER])
        assert far(when, {"n": near}, tiers=[TIER]) < far(when, {}, tiers=[TIER]) + 1
    only = {"key": "band", "input": "n", "bands": bands("low")}
    assert far("tier.band != 'low'", {"n": 1}, tiers=[only]) == 1
    assert far("tier.band in ['mid', 'high']", {"n": 1}, tiers=[TIER]) == 1


def test_depth_has_an_end():
    """A condition that nests deeper than anybody looks counts as one."""
    when = "not (" * 15 + "n >= 10" + ")" * 15
    assert far(when, {"n": 11}) == 1


def test_tags_are_followed_and_rivals_counted():
    """A tag is as far as its rule, its end, its event, and whoever has its place."""
    members = {
        "attributes": TYPES,
        "events": [{"key": "ping"}],
        "tag_groups": [{"key": "g", "exclusive": True}],
        "tags": [
            tag("u", "n >= 10 and m >= 10"),
            tag("v", "not tag.u"),
            tag("w", "n >= 1", sticky=True, until="m >= 1"),
            tag("e", "n >= 1", on=["ping"], expires_after="P1D"),
            tag("first", "m >= 1", group="g"),
            tag("second", "n >= 1", group="g"),
            tag("x", "tag.u"),
            tag("only", manual="only"),
        ],
    }
    program = program_of(**members)
    profile = Profile(program)
    run = profile.at("01-10", {"n": 2, "m": 3}).run
    told = {key: distance_to(run, "tag", key, "held") for key in program.tags}
    assert (told["v"], told["first"]) == (0, 0)
    assert told["x"] == told["u"] > 2
    assert told["w"] > 1
    assert told["e"] == 1
    assert told["second"] > 1
    run = profile.at("01-11", {"n": 20, "m": 30}).run
    assert distance_to(run, "tag", "v", "held") > 1


def test_stages_are_as_far_as_the_nearest_way():
    """By condition and event; a stage that no way leads to is far."""
    moves = [
        move("a", "new", "grown", "n >= 10 and m >= 10"),
        move("b", "new", "grown", on=["ping"]),
        move("c", "grown", "gone", "n < 0"),
    ]
    program = program_of(
        attributes=TYPES, events=[{"key": "ping"}], lifecycle=stages("new", "grown", "gone", moves=moves)
    )
    profile = Profile(program)
    run = profile.at("01-10", {"n": 1, "m": 1}).run
    assert distance_to(run, "stage", "lifecycle", "new") == 0
    assert distance_to(run, "stage", "lifecycle", "grown") == 1
    assert distance_to(run, "stage", "lifecycle", "gone") > 100
    run = profile.at("01-11", event="ping").run
    assert distance_to(run, "stage", "lifecycle", "gone") < 3


def searching(goal, facts, **members):
    """A search for a goal, and its world."""
    profile = Profile(program_of(attributes=TYPES, **members))
    outcome = profile.at("01-10", facts)
    world = world_of(outcome.run, profile.before.facts)
    return Search(world, goal), world


def test_changes_are_drawn_in():
    """What is not needed is left out, and the rest made as small as it can be; what is no line stays as it is."""
    search, _ = searching(Goal("tag", "t"), {"n": 1, "b": False}, tags=[tag("t", "n >= 3 and b")])
    assert search.drawn_in({"n": 99, "m": 7, "b": True}, search.goal.is_met) == {"n": 3, "b": True}


def test_a_budget_ends_a_search_wherever_it_stands():
    """However few trials are left, nothing breaks and nothing wrong is told."""
    members = {
        "events": [{"key": "ping"}],
        "tags": [tag("t", "n >= 3 and m >= 5 and b and event.text == 'x'", on=["ping"], expires_after="P1D")],
    }
    for trials in (0, 1, 5, 20, 60, 100, 200, 400):
        search, world = searching(Goal("tag", "t"), {"n": 1}, **members)
        world.budget = Budget(trials)
        assert all(search.goal.is_met(world.decide(one.changes)[0].run) for one in search.find())


def test_an_event_and_a_fact_are_a_pair():
    """Where the way there is longer than two changes, pairs are tried by themselves."""
    members = {
        "events": [{"key": "ping"}, {"key": "pong"}],
        "tags": [
            tag("t", "event.type == 'pong' and (n >= 3 or m == 4 and b)", on=["ping", "pong"], expires_after="P1D")
        ],
    }
    search, _ = searching(Goal("tag", "t"), {"n": 1}, **members)
    pairs = list(search.pairs(search.goal.is_met))
    assert {"n": 3, EVENT: ("pong", None)} in pairs
    search, _ = searching(Goal("tag", "t"), {"n": 1}, tags=[tag("t", "n >= 3 and m >= 5")])
    assert {"n": 3, "m": 5} in list(search.pairs(search.goal.is_met))


def test_what_a_request_could_not_post_is_not_suggested():
    """A suggestion is decided as a request would be: what that refuses, or what does not lead there, is none."""
    types = [*TYPES, {"key": "r", "type": "integer", "required": True}, {"key": "f", "type": "integer", "default": 3}]
    profile = Profile(program_of(attributes=types, tags=[tag("t", "n >= 3 or r >= 2"), tag("u", "f > 3")]))
    outcome = profile.at("01-10", {"n": 1, "r": 1, "f": 9})
    world = world_of(outcome.run, profile.before.facts)
    assert [world.values(one) for one in ({"r": None}, {"n": "x"})] == [None, None]
    assert world.values({"f": None})["f"] == 3
    assert Search(world, Goal("tag", "t")).checked({"n": 2}) is None
    lacking = world_of(outcome.run, Facts({}, {"n": 1}))
    assert Search(lacking, Goal("tag", "t")).checked({"n": 4}) is None


def test_a_worlds_event_can_be_taken_away():
    """The event of a step is a change like any other."""
    program = program_of(attributes=TYPES, events=[{"key": "ping"}], tags=[tag("t", on=["ping"], expires_after="P1D")])
    profile = Profile(program)
    world = world_of(profile.at("01-10", {}, event="ping").run, profile.before.facts)
    assert "t" in world.run({}).tags
    assert "t" not in world.run({EVENT: None}).tags


def test_time_that_never_ends_is_followed_only_so_far():
    """What would come after very many changes is not looked for."""
    search, _ = searching(
        Goal("tag", "t"), {}, tags=[tag("t", "$today == d'2026-12-25'"), tag("each", "$today.day % 2 == 0")]
    )
    assert search.find() == []
    search, _ = searching(
        Goal("tag", "t"), {}, tags=[tag("t", "$today == d'2026-01-12'"), tag("each", "$today.day % 2 == 0")]
    )
    assert [one.changes for one in search.find()] == [{}]


def test_every_expression_has_its_place():
    """By rule, pointer and text, in document order; what was never written has no text."""
    program = program_of(
        attributes=TYPES,
        values=[
            {"key": "v", "expression": "n + 1"},
            {"key": "w", "cases": [{"when": "n > 1", "then": 1}, {"when": "b", "then": 2}], "otherwise": 3},
        ],
        scores=[
            {
                "key": "s",
                "components": [
                    {"key": "c", "weight": 1, "value": "n"},
                    {"key": "d", "weight": 1, "input": "m", "points": [{"points": 1}, {"from": 2, "points": 3}]},
                ],
            }
        ],
        tiers=[{"key": "band", "input": "score.s", "bands": bands("low")}],
        tags=[tag("t", "w > 1", sticky=True, until="v > 3"), tag("u", manual="only")],
        lifecycle=stages(
            "new", "grown", moves=[move("a", "new", "grown", "n > 2"), move("b", "new", "grown", on=["ping"])]
        ),
        events=[{"key": "ping"}],
        actions=[{"key": "x", "on": [{"tag": "t"}], "when": "n > 4"}, {"key": "y", "on": [{"tag": "t"}]}],
    )
    assert [(one.rule, one.pointer, one.text) for one in places(program)] == [
        ("values/v", "/values/0/expression", "n + 1"),
        ("values/w/cases/0", "/values/1/cases/0/when", "n > 1"),
        ("values/w/cases/1", "/values/1/cases/1/when", "b"),
        ("scores/s/components/c", "/scores/0/components/0/value", "n"),
        ("scores/s/components/d", "/scores/0/components/1/input", "m"),
        ("tiers/band", "/tiers/0/input", "score.s"),
        ("tags/t", "/tags/0/when", "w > 1"),
        ("tags/t", "/tags/0/until", "v > 3"),
        ("lifecycle/transitions/a", "/lifecycle/transitions/0/when", "n > 2"),
        ("actions/x", "/actions/0/when", "n > 4"),
    ]
    assert text_of(program, program.rules.values["v"]) == "n + 1"
    assert text_of(program, Literal(type=Type.NUMBER, span=(0, 0), value=1)) == ""
    assert read_facts(program, {}).values == {}
