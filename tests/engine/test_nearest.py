"""What would have to be otherwise: every suggestion was decided again, and really does what it says."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from service.engine.decide import all_decisions
from service.engine.decision import Event
from service.engine.evaluate import evaluate, remember
from service.engine.facts import read_facts
from service.engine.nearest import Goal, find_nearest, goals_of
from service.engine.suggesting import nearest_json, suggestion_json
from service.engine.walk import Walk
from service.engine.wording import Wording
from service.engine.worlds import EVENT, Budget, world_of
from service.language.instants import write_instant
from tests.engine.programs import Profile, attributes, bands, move, program_of, stages, tag
from tests.engine.strategies import rulesets, timelines
from tests.engine.test_laws import compiled, live

BOTH = [{"key": "ping", "title": {"en": "Ping", "zh": "触发"}}, {"key": "pong"}]


def suggested(profile, goal):
    """The nearest changes for a goal after a profile's last evaluation, as (changes, instant)."""
    world = world_of(profile.outcomes[-1].run, profile.before.facts)
    return [(dict(one.changes), write_instant(one.at)) for one in find_nearest(world, goal)]


def first_for(goal, attribute_types, facts, at="01-10", **members):
    """The nearest changes for a profile seen for the first time."""
    profile = Profile(program_of(attributes=attribute_types, **members))
    profile.at(at, facts)
    return suggested(profile, goal)


NOW = "2026-01-10T00:00:00Z"
TAG = Goal("tag", "t")

SINGLE = [
    ("n >= 3", {"n": 1}, {"n": 3}),
    ("n > 3", {"n": 1}, {"n": 4}),
    ("n < 3", {"n": 9}, {"n": 2}),
    ("n <= 3", {"n": 9}, {"n": 3}),
    ("n == 5", {"n": 9}, {"n": 5}),
    ("n in [2, 7]", {"n": 9}, {"n": 7}),
    ("n >= 3 and n < 5", {"n": 9}, {"n": 4}),
    ("2 * n + 1 > 20", {"n": 1}, {"n": 10}),
    ("n >= 3", {}, {"n": 3}),
    ("n <= 3", {}, {"n": 0}),
    ("x > 0.5", {"x": 0}, {"x": "0.6"}),
    ("x >= 0.25", {"x": 0}, {"x": "0.25"}),
    ("n > x", {"n": 1, "x": 4}, {"n": 5}),
    ("days_since(t) >= 90", {"t": "2026-01-09T00:00:00Z"}, {"t": "2025-10-12T00:00:00Z"}),
    ("days_since(t) < 3", {"t": "2025-06-01T00:00:00Z"}, {"t": "2026-01-07T00:00:00.001Z"}),
    ("days_since(t) < 100000 and days_since(t) < 3", {"t": "2025-06-01T00:00:00Z"}, {"t": "2026-01-07T00:00:00.001Z"}),
    ("hours_since(t) >= 5", {"t": NOW}, {"t": "2026-01-09T19:00:00Z"}),
    ("months_since(d) >= 2", {"d": "2026-01-09"}, {"d": "2025-11-10"}),
    ("within(t, 'P1M')", {"t": "2025-06-01T00:00:00Z"}, {"t": "2025-12-10T00:00:00.001Z"}),
    ("t >= d'2026-03-01'", {"t": NOW}, {"t": "2026-03-01T00:00:00Z"}),
    ("t + t'P2D' > d'2026-03-01'", {"t": NOW}, {"t": "2026-02-27T00:00:00.001Z"}),
    ("b", {"b": False}, {"b": True}),
    ("b == true", {"b": False}, {"b": True}),
    ("not b", {"b": True}, {"b": False}),
    ("s == 'y'", {"s": "x"}, {"s": "y"}),
    ("f == 'go'", {"f": "no"}, {"f": "go"}),
    ("f.starts_with('go')", {"f": "no"}, {"f": "go"}),
    ("any_of(xs, ['a', 'b'])", {"xs": ["c"]}, {"xs": ["c", "a"]}),
    ("'a' in xs", {}, {"xs": ["a"]}),
    ("not xs.is_empty", {"xs": []}, {"xs": ["any"]}),
    ("not any_of(xs, ['a'])", {"xs": ["a", "c"]}, {"xs": ["c"]}),
    ("n == null", {"n": 4}, {"n": None}),
    ("(n ?? 0) < 1", {"n": 4}, {"n": 0}),
]


@pytest.mark.parametrize(("when", "facts", "changes"), SINGLE, ids=[f"{one[0]} of {one[1]}" for one in SINGLE])
def test_the_smallest_change_of_one_attribute_is_found(when, facts, changes):
    """Exactly the value at which the rule turns, for every type and comparison."""
    types = attributes(
        n="integer",
        x="number",
        t="datetime",
        d="date",
        b="boolean",
        f="string",
        xs="strings",
        s={"type": "string", "enum": ["x", "y"]},
    )
    found = first_for(TAG, types, facts, tags=[tag("t", when)])
    assert ({name: str(one) for name, one in changes.items()}, NOW) in [
        ({name: str(one) for name, one in each.items()}, at) for each, at in found
    ]


def test_nothing_is_suggested_for_what_holds():
    """Whoever holds a tag needs nothing for it."""
    assert first_for(TAG, attributes(n="integer"), {"n": 3}, tags=[tag("t", "n >= 3")]) == []


def test_nothing_is_suggested_where_only_people_decide():
    """No fact gives a tag that is given by hand only, or that people took away."""
    assert first_for(TAG, attributes(n="integer"), {"n": 3}, tags=[tag("t", manual="only")]) == []
    profile = Profile(program_of(attributes=attributes(n="integer"), tags=[tag("t", "n >= 3")]))
    profile.at("01-01", {"n": 1})
    profile.at("01-05", None, manual=("t", "blocked"))
    profile.at("01-10")
    assert suggested(profile, TAG) == []


def test_a_required_attribute_is_not_left_out():
    """A suggestion is always one that a request could post."""
    types = attributes(n={"type": "integer", "required": True}, m={"type": "integer", "maximum": 2})
    found = first_for(TAG, types, {"n": 4}, tags=[tag("t", "n == null or m >= 3")])
    assert found == []


def test_time_alone_comes_first():
    """Where waiting is enough it says until when, before what else would do."""
    found = first_for(
        TAG, attributes(d="datetime"), {"d": "2026-01-05T00:00:00Z"}, tags=[tag("t", "days_since(d) >= 9")]
    )
    assert found == [({}, "2026-01-14T00:00:00Z"), ({"d": "2026-01-01T00:00:00Z"}, NOW)]


def test_two_changes_where_one_is_not_enough():
    """The smallest pair, each as small as it can be."""
    types = attributes(n="integer", m="integer")
    found = first_for(TAG, types, {"n": 1, "m": 9}, tags=[tag("t", "n >= 3 and m < 5")])
    assert found == [({"n": 3, "m": 4}, NOW)]


def test_three_changes_where_two_are_not_enough():
    """As many as it takes."""
    types = attributes(n="integer", m="integer", b="boolean")
    found = first_for(TAG, types, {"n": 1}, tags=[tag("t", "n >= 3 and m < 5 and b")])
    assert found == [({"n": 3, "m": 0, "b": True}, NOW)]


def test_a_score_takes_what_moves_it():
    """Parts of a score are raised until its band is reached, and no further."""
    members = {
        "scores": [
            {
                "key": "s",
                "minimum_coverage": 1,
                "components": [
                    {"key": "one", "weight": 1, "value": "scale(n, 0, 10)"},
                    {"key": "two", "weight": 1, "value": "scale(m, 0, 10)"},
                ],
            }
        ],
        "tiers": [{"key": "band", "input": "score.s", "bands": bands("low", high=80)}],
    }
    types = attributes(n="integer", m="integer")
    ((changes, _),) = first_for(Goal("tier", "band", "high"), types, {"n": 2, "m": 4}, **members)[:1]
    assert changes["n"] + changes["m"] == 16
    assert first_for(Goal("tier", "band", "low"), types, {"n": 9, "m": 9}, **members)[0][0] in ({"n": 6}, {"m": 6})
    assert first_for(Goal("tier", "band", "high"), types, {"n": 9}, **members)[0][0] == {"m": 7}


def test_a_wait_is_told_with_the_change_that_begins_it():
    """A rule that must hold for a while fires later, and the suggestion says when."""
    found = first_for(TAG, attributes(n="integer"), {"n": 1}, tags=[tag("t", "n >= 3", held_for="P7D")])
    assert found == [({"n": 3}, "2026-01-17T00:00:00Z")]


def test_an_event_is_a_change_too():
    """A rule that listens to an event needs it, with the text it asks for, and perhaps a fact besides."""
    goal, types = TAG, attributes(n="integer")
    assert first_for(goal, types, {}, events=BOTH, tags=[tag("t", on=["ping"], expires_after="P1D")]) == [
        ({EVENT: ("ping", None)}, NOW)
    ]
    when = "event.text == 'go'"
    assert first_for(goal, types, {}, events=BOTH, tags=[tag("t", when, on=["ping"], expires_after="P1D")]) == [
        ({EVENT: ("ping", "go")}, NOW)
    ]
    when = "event.text == 'go' and n >= 3"
    assert first_for(goal, types, {"n": 1}, events=BOTH, tags=[tag("t", when, on=["ping"], expires_after="P1D")]) == [
        ({"n": 3, EVENT: ("ping", "go")}, NOW)
    ]


def test_stages_are_reached_from_where_the_profile_stands():
    """What leads to a stage, over another one if rules allow it."""
    moves = [
        move("wakes", "new", "active", "n >= 3"),
        move("joins", "active", "core", "m >= 5", after_stay="P2D"),
        move("called", "new", "core", on=["ping"]),
    ]
    life = {"events": BOTH, "lifecycle": stages("new", "active", "core", moves=moves)}
    types = attributes(n="integer", m="integer")
    assert first_for(Goal("stage", "lifecycle", "active"), types, {"n": 1}, **life) == [({"n": 3}, NOW)]
    assert first_for(Goal("stage", "lifecycle", "core"), types, {"n": 1}, **life) == [({EVENT: ("ping", None)}, NOW)]
    assert first_for(Goal("stage", "lifecycle", "core"), types, {"n": 3}, **life)[0] == (
        {"m": 5},
        "2026-01-12T00:00:00Z",
    )


def test_a_rival_in_a_group_is_moved_out_of_the_way():
    """A tag whose place another holds comes about when the other's rule fails."""
    members = {
        "tag_groups": [{"key": "g", "exclusive": True, "default": "rest"}],
        "tags": [tag("first", "n >= 3", group="g"), tag("t", "m >= 1", group="g"), tag("rest", group="g")],
    }
    types = attributes(n="integer", m="integer")
    assert first_for(TAG, types, {"n": 5, "m": 2}, **members) == [({"n": 2}, NOW), ({"n": None}, NOW)]
    assert first_for(TAG, types, {"n": 5, "m": 0}, **members) == [({"n": 2, "m": 1}, NOW)]
    assert first_for(Goal("tag", "rest"), types, {"n": 5, "m": 2}, **members) == [({"n": 2, "m": 0}, NOW)]


def test_tags_and_values_are_followed():
    """What stands behind a name is what is changed."""
    members = {
        "values": [{"key": "busy", "expression": "n >= 3"}, {"key": "calm", "expression": "b ? n < 2 : m < 2"}],
        "tags": [tag("u", "busy and m >= 2"), tag("t", "tag.u and not calm and b")],
    }
    types = attributes(n="integer", m="integer", b="boolean")
    ((changes, _), *_) = first_for(TAG, types, {"n": 0, "m": 0, "b": False}, **members)
    assert changes == {"n": 3, "m": 2, "b": True}


def test_a_spent_budget_ends_the_search():
    """Nothing is made up where nobody looked, and it is told from nothing found."""
    profile = Profile(program_of(attributes=attributes(n="integer"), tags=[tag("t", "n >= 3")]))
    outcome = profile.at("01-10", {"n": 1})
    world = world_of(outcome.run, profile.before.facts)
    absent = next(one for one in all_decisions(outcome) if one.key == "t")
    wording = Wording(profile.program, Walk(outcome.run))
    assert [one["to"] for one in nearest_json(wording, world, outcome, absent)] == ["held"]
    world.budget = Budget(0)
    assert nearest_json(wording, world, outcome, absent) is None
    assert find_nearest(world, TAG) == []


def words(profile, goal):
    """The sentences of what is nearest."""
    run = profile.outcomes[-1].run
    world, wording = world_of(run, profile.before.facts), Wording(profile.program, Walk(run))
    return [suggestion_json(wording, world, goal, one)["sentence"] for one in find_nearest(world, goal)]


SENTENCES = {
    ("tag", "t"): {
        "en": "If Visits were 3 instead of 2, tag Regular would be held",
        "zh": "若来访次数为 3（现为 2），则将持有标签“常客”",
    },
    ("tag", "late"): {
        "en": "Without new data, tag `late` would be held from 2026-01-11 on",
        "zh": "若无新数据，自 2026-01-11 起将持有标签“`late`”",
    },
    ("tag", "called"): {
        "en": "If event Ping came with the text `go`, tag `called` would be held",
        "zh": "若发生事件“触发”，文本为 `go`，则将持有标签“`called`”",
    },
    ("tag", "rung"): {
        "en": "If event Ping came, tag `rung` would be held",
        "zh": "若发生事件“触发”，则将持有标签“`rung`”",
    },
    ("tag", "bare"): {
        "en": "If Visits were missing instead of 2, tag `bare` would be held",
        "zh": "若来访次数缺失（现为 2），则将持有标签“`bare`”",
    },
    ("tag", "slow"): {
        "en": "If Visits were 4 instead of 2 and `xs`, which is missing, were `a`, tag `slow` would be held from 2026-01-11 on",
        "zh": "若来访次数为 4（现为 2），且 `xs`（现缺失）为 `a`，则自 2026-01-11 起将持有标签“`slow`”",
    },
    ("tier", "band", "high"): {
        "en": "If Visits were 5 instead of 2, `band` would be `high`",
        "zh": "若来访次数为 5（现为 2），则`band`将为 `high`",
    },
    ("stage", "lifecycle", "grown"): {
        "en": "If Visits were 9 instead of 2, the stage would be `grown`",
        "zh": "若来访次数为 9（现为 2），则阶段将为 `grown`",
    },
}


def test_suggestions_are_sentences_in_both_languages():
    """A business user reads what would have to be otherwise."""
    both = {"type": "integer", "title": {"en": "Visits", "zh": "来访次数"}}
    program = program_of(
        attributes=attributes(n=both, d={"type": "datetime", "default": "2026-01-09T00:00:00Z"}, xs="strings"),
        events=BOTH,
        tags=[
            tag("t", "n >= 3", title={"en": "Regular", "zh": "常客"}),
            tag("late", "days_since(d) >= 2"),
            tag("called", "event.text == 'go'", on=["ping"], expires_after="P1D"),
            tag("rung", on=["ping"], expires_after="P1D"),
            tag("bare", "n == null"),
            tag("slow", "n >= 4 and 'a' in xs", held_for="P1D"),
        ],
        tiers=[{"key": "band", "input": "n", "bands": bands("low", high=5)}],
        lifecycle=stages("new", "grown", moves=[move("grows", "new", "grown", "n >= 9")]),
    )
    profile = Profile(program)
    profile.at("01-10", {"n": 2})
    told = {goal: words(profile, Goal(*goal))[0] for goal in SENTENCES}
    assert told == SENTENCES


def happens(program, before, step, changes, at, goal):
    """Whether a goal is met at an instant when the changed facts and event are posted at a step instead."""
    posted = {**step["facts"].document, **{name: one for name, one in changes.items() if name != EVENT}}
    event = Event(*changes[EVENT], step["at"]) if EVENT in changes else step["event"]
    facts = read_facts(program, posted)
    outcome = evaluate(program, "p", facts, before, at=step["at"], event=event)[-1]
    if at > step["at"]:
        outcome = evaluate(program, "p", None, remember(program, facts, outcome), at=at)[-1]
    return goal.is_met(outcome.run)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(rulesets(), timelines(), st.data())
def test_every_suggestion_comes_true(document, steps, data):
    """Whatever the rules, the facts and the memory: whoever does what is suggested gets what was said, when it was said."""
    program = compiled(document)
    steps = [{name: one for name, one in step.items() if name != "manual"} for step in steps]
    lived = list(live(program, steps))
    before = lived[-2][0] if len(lived) > 1 else None
    after, outcome = lived[-1]
    # Why again: what time brought before the last step belongs to its beginning.
    if before is not None:
        late = evaluate(program, "p", None, before, at=outcome.at)
        before = remember(program, before.facts, late[-1]) if len(late) > 1 else before
    event = steps[-1].get("event")
    step = {"facts": after.facts, "at": outcome.at, "event": event and Event(*event, outcome.at)}
    goals = [Goal("tag", key) for key in program.tags] + [Goal("tier", "band", one) for one in ("low", "mid", "high")]
    goals += [Goal("stage", "lifecycle", one) for one in ("new", "active", "risk")]
    goal = data.draw(st.sampled_from(goals))
    world = world_of(outcome.run, after.facts)
    world.profile = "p"
    world.budget = Budget(3_000)
    for one in find_nearest(world, goal):
        assert happens(program, before, step, one.changes, one.at, goal), (goal, one)


def test_goals_follow_from_what_did_not_happen():
    """A held tag and the highest band have no goal; the stage has one for each way out."""
    moves = [
        move("a", "new", "grown", "n >= 9"),
        move("b", "new", "grown", "n >= 10"),
        move("c", "new", "gone", "n < 0"),
    ]
    program = program_of(
        attributes=attributes(n="integer"),
        tags=[tag("t", "n >= 3"), tag("u", "n >= 4")],
        tiers=[
            {"key": "band", "input": "n", "bands": bands("low", high=3)},
            {"key": "other", "input": "n", "bands": bands("a", b=9)},
        ],
        lifecycle=stages("new", "grown", "gone", moves=moves),
    )
    profile = Profile(program)
    outcome = profile.at("01-10", {"n": 3})
    assert {goal for one in outcome.decisions for goal in goals_of(outcome, one)} == {
        Goal("stage", "lifecycle", "grown"),
        Goal("stage", "lifecycle", "gone"),
        Goal("tier", "other", "b"),
    }
