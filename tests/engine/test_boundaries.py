"""Examples that are proposed: at the boundaries of a ruleset's conditions, each true, none twice."""

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from service.engine.examples import run_examples
from service.engine.journeys import START, Journey, journey_to, plain_facts, plain_value
from service.engine.nearest import Goal
from service.engine.observing import plain_output
from service.engine.proposing import propose
from service.language.canonical import canonical_bytes
from service.language.instants import write_instant, zone
from service.language.pipeline import read_ruleset
from tests.engine.programs import attributes, bands, move, program_of, stages, tag
from tests.engine.strategies import rulesets
from tests.engine.test_laws import compiled

TYPES = attributes(
    n="integer",
    m="integer",
    x="number",
    t="datetime",
    d="date",
    b="boolean",
    f="string",
    xs="strings",
    s={"type": "string", "enum": ["x", "y"]},
    p={"type": "integer", "minimum": 0, "maximum": 9, "default": 0},
)
EVENTS = [{"key": "ping"}, {"key": "pong"}]


def with_examples(program, proposals):
    """The program with examples added to its own."""
    document = {
        **program.ruleset.document,
        "examples": [*(program.ruleset.document.get("examples") or []), *(one.example for one in proposals)],
    }
    reading = read_ruleset(canonical_bytes(document))
    assert reading.program is not None, [one.to_json() for one in reading.diagnostics]
    return reading.program


def shown(when, **members):
    """What is proposed for a tag's rule, as (side, facts, expected)."""
    program = program_of(attributes=TYPES, events=EVENTS, tags=[tag("t", when, **members)])
    return [
        (one.side, one.example["steps"][-1].get("attributes"), one.example["steps"][-1]["expect"]["tags"])
        for one in propose(program).examples
    ]


HAS, LACKS, UNKNOWN = {"has": ["t"]}, {"lacks": ["t"]}, {"undetermined": ["t"]}
SIDES = [
    ("n >= 3", [("below", {"n": 2}, LACKS), ("at", {"n": 3}, HAS), ("above", {"n": 4}, HAS), ("absent", {}, UNKNOWN)]),
    ("n > 3", [("at", {"n": 3}, LACKS), ("above", {"n": 4}, HAS), ("below", {"n": 2}, LACKS), ("absent", {}, UNKNOWN)]),
    ("n < 3", [("at", {"n": 3}, LACKS), ("below", {"n": 2}, HAS), ("above", {"n": 4}, LACKS), ("absent", {}, UNKNOWN)]),
    (
        "3 == n",
        [("above", {"n": 4}, LACKS), ("at", {"n": 3}, HAS), ("below", {"n": 2}, LACKS), ("absent", {}, UNKNOWN)],
    ),
    ("days_since(t) >= 9", None),
    ("hours_since(t) < 9", None),
    ("t >= d'2026-02-01'", None),
    (
        "x >= 0.5",
        [
            ("below", {"x": "0.4"}, LACKS),
            ("at", {"x": "0.5"}, HAS),
            ("above", {"x": "0.6"}, HAS),
            ("absent", {}, UNKNOWN),
        ],
    ),
    ("s == 'y'", [("fails", {"s": "x"}, LACKS), ("at", {"s": "y"}, HAS), ("absent", {}, UNKNOWN)]),
    ("b", [("fails", {"b": False}, LACKS), ("holds", {"b": True}, HAS), ("absent", {}, UNKNOWN)]),
    ("n == null", [("fails", {"n": 0}, LACKS), ("holds", {}, HAS)]),
    ("n != null", [("fails", {"n": 0}, HAS), ("holds", {}, LACKS)]),
    ("within(t, 'P7D')", None),
    ("p >= 3", [("below", {"p": 2}, LACKS), ("at", {"p": 3}, HAS), ("above", {"p": 4}, HAS)]),
]


@pytest.mark.parametrize(("when", "sides"), SIDES, ids=[one[0] for one in SIDES])
def test_both_sides_of_a_condition_are_proposed(when, sides):
    """Just below, at, just above, and with nothing known; expected is what the rule decides."""
    found = shown(when)
    if sides is not None:
        assert sorted(json.loads(json.dumps(found, default=str))) == sorted(json.loads(json.dumps(sides)))
    assert (
        {"has", "lacks", "undetermined"} == {word for _, _, expected in found for word in expected}
        or "null" in when
        or "p >" in when
    )


def test_instants_are_moved_by_a_millisecond_and_by_what_is_counted():
    """A day-counting condition is shown a millisecond before it turns, as it turns, and a day later."""
    found = shown("days_since(t) >= 9")
    assert [(side, facts.get("t")) for side, facts, _ in found] == [
        ("below", "2025-12-23T00:00:00.001Z"),
        ("at", "2025-12-23T00:00:00Z"),
        ("above", "2025-12-22T00:00:00Z"),
        ("absent", None),
    ]
    hours = [(side, facts.get("t")) for side, facts, _ in shown("hours_since(t) < 9")]
    assert ("at", "2025-12-31T15:00:00Z") in hours
    assert ("below", "2025-12-31T15:00:00.001Z") in hours


def test_what_masks_a_condition_is_out_of_its_way():
    """Of an `and` the rest holds, of an `or` the rest fails, so that the condition alone decides."""
    both = {
        one.side: one.example["steps"][0]["attributes"]
        for one in propose(program_of(attributes=TYPES, tags=[tag("t", "n >= 3 and m >= 5")])).examples
        if one.text == "n >= 3"
    }
    assert {side: facts.get("m") for side, facts in both.items()} == dict.fromkeys(both, 5)
    either = {
        one.side: one.example["steps"][0]["attributes"]
        for one in propose(program_of(attributes=TYPES, tags=[tag("t", "n >= 3 or m >= 5")])).examples
        if one.text == "n >= 3"
    }
    assert all(facts["m"] < 5 for facts in either.values())
    choice = propose(program_of(attributes=TYPES, tags=[tag("t", "b ? n >= 3 : not (m >= 5)")])).examples
    assert {one.text: one.example["steps"][0]["attributes"]["b"] for one in choice} == {"n >= 3": True, "m >= 5": False}


RICH = {
    "attributes": TYPES,
    "events": EVENTS,
    "values": [
        {"key": "busy", "expression": "n >= 3"},
        {
            "key": "cap",
            "output": True,
            "cases": [{"when": "busy", "then": 1}, {"when": "m >= 2", "then": 2}],
            "otherwise": 3,
        },
        {"key": "day", "output": True, "expression": "t"},
        {"key": "when", "output": True, "cases": [{"when": "m > 7", "then": ["a"]}], "otherwise": []},
    ],
    "scores": [
        {
            "key": "s",
            "components": [
                {"key": "c", "weight": 1, "input": "n", "points": [{"points": 0}, {"from": 10, "points": 100}]}
            ],
        }
    ],
    "tiers": [{"key": "band", "input": "score.s", "bands": bands("low", high=50)}],
    "tags": [
        tag("held", "n >= 4", held_for="P3D"),
        tag("fades", "m >= 4", expires_after="P2D"),
        tag("sticks", "n >= 5", sticky=True, until="m >= 6"),
        tag("rings", "event.text == 'go' and n >= 1", on=["ping"], expires_after="P1D"),
        tag("other", "tag.held"),
        tag("high", "tier.band == 'high'"),
        tag("only", manual="only"),
    ],
    "lifecycle": stages(
        "new",
        "grown",
        "core",
        "gone",
        moves=[
            move("grows", "new", "grown", "n >= 2"),
            move("deepens", "grown", "core", "m >= 3", after_stay="P2D"),
            move("called", "*", "gone", "n >= 7", on=["pong"]),
            move("bare", "grown", "gone", on=["pong"]),
            move("lost", "gone", "new", "b", held_for="P1D"),
        ],
    ),
    "actions": [
        {"key": "greet", "on": [{"stage": "grown"}], "when": "m >= 1"},
        {"key": "thank", "on": [{"tag": "fades"}], "when": "n >= 1"},
        {"key": "plain", "on": [{"tag": "fades"}]},
    ],
}


def test_every_kind_of_rule_gets_its_examples():
    """Tags with every memory, transitions from any stage, bands, points, cases and actions; all of them pass."""
    program = program_of(**RICH)
    found = propose(program)
    richer = with_examples(program, found.examples)
    assert [one.to_json() for one in run_examples(richer).diagnostics if one.code == "failing-example"] == []
    about = {(one.rule, one.side) for one in found.examples}
    assert {rule for rule, _ in about} == {
        "tags/held",
        "tags/fades",
        "tags/sticks",
        "tags/rings",
        "tags/high",
        "tiers/band",
        "scores/s/components/c",
        "values/cap/cases/0",
        "values/cap/cases/1",
        "values/when/cases/0",
        "actions/greet",
        "actions/thank",
        "lifecycle/transitions/grows",
        "lifecycle/transitions/deepens",
        "lifecycle/transitions/called",
        "lifecycle/transitions/lost",
    }
    waits = {(one.rule, one.text) for one in found.examples if one.side == "due"}
    assert waits == {
        ("tags/held", "wait"),
        ("tags/fades", "expiry"),
        ("tags/rings", "expiry"),
        ("lifecycle/transitions/deepens", "wait"),
    }
    assert {(one.rule, one.pointer) for one in found.examples if one.rule == "tags/sticks"} == {
        ("tags/sticks", "/tags/2/when"),
        ("tags/sticks", "/tags/2/until"),
    }


def test_what_is_accepted_is_not_proposed_again():
    """Proposing again finds nothing new, and the accepted examples exercise what they are about."""
    program = program_of(**RICH)
    before = run_examples(program).coverage
    richer = with_examples(program, propose(program).examples)
    assert propose(richer).examples == ()
    assert run_examples(richer).coverage > before


def test_what_an_example_shows_already_is_not_proposed():
    """An example at the very boundary counts, an earlier step without expectations does not; a broken one is passed over."""
    at = write_instant(START)
    step = {"at": at, "attributes": {"n": 3}, "expect": {"tags": {"has": ["t"]}}}
    silent = {"at": at, "attributes": {"n": 2}}
    broken = {"at": at, "attributes": {"n": "x"}}
    program = program_of(
        attributes=TYPES, tags=[tag("t", "n >= 3")], examples=[{"steps": [silent, step]}, {"steps": [broken]}]
    )
    assert [one.side for one in propose(program).examples] == ["below", "above", "absent"]


def test_some_rules_can_be_asked_for_and_trials_are_bounded():
    """Rules that nobody had the time to look at are named, none of them as a gap."""
    program = program_of(**RICH)
    assert {one.rule for one in propose(program, {"tags/held"}).examples} == {"tags/held"}
    short = propose(program, trials=200)
    assert short.left
    assert not {one.rule for one in short.gaps} & set(short.left)


def test_a_time_that_can_not_run_out_has_no_example():
    """A tag that nothing gives, and one whose condition nothing ends, never expire."""
    tags = [
        tag("never", "n >= 1 and n < 1", expires_after="P1D"),
        tag("always", "n >= 1 or n < 1", expires_after="P1D"),
    ]
    program = program_of(attributes=TYPES, tags=tags)
    assert not [one for one in propose(program).examples if one.text == "expiry"]


def test_trials_may_end_anywhere():
    """Wherever a search is broken off, what was proposed until then is true."""
    program = program_of(attributes=TYPES, tags=[tag("t", "n >= 3 and m < 5")])
    for trials in range(0, 160, 3):
        richer = with_examples(program, propose(program, trials=trials).examples)
        assert [one for one in run_examples(richer).diagnostics if one.code == "failing-example"] == []


def test_gaps_are_told_with_their_reason():
    """A condition that nothing turns alone, and one of a rule that can't be reached, are named."""
    members = {
        "attributes": TYPES,
        "lifecycle": stages(
            "new",
            "grown",
            "far",
            moves=[move("a", "new", "grown", "n >= 1 and n < 1"), move("b", "far", "new", "n >= 2")],
        ),
        "tags": [tag("t", "n >= 3 and (n >= 3 or m >= 1)"), tag("u", "n >= 1 and n < 1", sticky=True, until="m > 4")],
    }
    gaps = {(one.rule, one.text, one.reason["en"].split(" for ")[1]) for one in propose(program_of(**members)).gaps}
    assert ("tags/t", "m >= 1", "which this condition alone decides") in gaps
    assert ("lifecycle/transitions/b", "n >= 2", "which the rule is at work") in gaps
    assert ("tags/u", "m > 4", "which the rule is at work") in gaps


def test_values_that_are_refused_are_listed():
    """Of each attribute a value of another type and those outside its range, in the service's own words."""
    refused = {
        (one.attribute, str(one.posted)): one.message
        for one in propose(program_of(attributes=TYPES, tags=[tag("t", "n > 1")])).refused
    }
    assert refused["n", "1"] == "expected a whole number below 10^15, found the text `1`"
    assert {("p", "-1"), ("p", "10"), ("s", "-x-y"), ("b", "true"), ("d", "2026-02-30")} <= set(refused)


def test_a_required_attribute_is_never_left_out():
    """The plainest facts that a ruleset accepts, of every type."""
    kinds = ["boolean", "integer", "number", "string", "strings", "datetime", "date"]
    types = [{"key": f"a_{kind}", "type": kind, "required": True} for kind in kinds]
    types += [
        {"key": "low", "type": "number", "required": True, "minimum": 0.5, "maximum": 0.75},
        {"key": "under", "type": "integer", "required": True, "maximum": -3},
        {"key": "one", "type": "string", "required": True, "enum": ["p", "q"]},
    ]
    program = program_of(attributes=types, tags=[tag("t", "a_integer > 3")])
    facts = plain_facts(program, START)
    assert (facts["a_integer"], str(facts["low"]), facts["under"], facts["one"], facts["a_date"]) == (
        0,
        "0.5",
        -3,
        "p",
        "2026-01-01",
    )
    assert [one.side for one in propose(program).examples] == ["at", "above", "below"]
    assert plain_value(program.ruleset.attributes[0], START, zone("UTC")) is False


def test_outputs_are_written_as_examples_write_them():
    """Instants as texts, lists as lists, unknown as null."""
    values = [
        {"key": "day", "output": True, "expression": "t"},
        {"key": "list", "output": True, "cases": [{"when": "n > 7", "then": ["a"]}], "otherwise": []},
    ]
    program = program_of(attributes=TYPES, values=values)
    told = Journey(program).step(START, {"t": "2026-01-01T08:00:00+08:00", "n": 9}).last
    assert [plain_output(program, key, told) for key in ("day", "list")] == ["2026-01-01T00:00:00Z", ["a"]]
    assert plain_output(program, "day", Journey(program).step(START, {}).last) is None


def test_a_journey_goes_through_other_stages():
    """What only a later stage allows is reached on the way that the rules leave; what nothing reaches is given up."""
    moves = [
        move("a", "new", "grown", "n >= 1", after_stay="P1D"),
        move("b", "grown", "core", "m >= 1", after_stay="P1D"),
        move("c", "core", "gone", "b"),
        move("d", "core", "new", "s == 'y'"),
    ]
    life = stages("new", "grown", "core", "gone", "island", moves=moves)
    program = program_of(attributes=TYPES, lifecycle=life, tags=[tag("t", "stage == 'gone'")])
    assert journey_to(Journey(program), Goal("stage", "lifecycle", "gone")).last.stage == "gone"
    assert journey_to(Journey(program), Goal("tag", "t")).last.tags == ["t"]
    assert journey_to(Journey(program), Goal("stage", "lifecycle", "island")) is None
    assert journey_to(Journey(program), Goal("stage", "lifecycle", "new")).last.stage == "new"
    there = journey_to(Journey(program), Goal("stage", "lifecycle", "grown"))
    assert journey_to(there, Goal("stage", "lifecycle", "grown")) is there
    plain = program_of(attributes=TYPES, tags=[tag("t", "n >= 1 and n < 1")])
    assert journey_to(Journey(plain), Goal("tag", "t")) is None


SHIPPED = sorted((Path(__file__).parents[2] / "rulesets").glob("*.json"))


@pytest.mark.parametrize("file", SHIPPED[-1:], ids=lambda file: file.stem)
def test_the_shipped_rulesets_can_be_proposed_for(file):
    """What is proposed for a whole ruleset passes, beside its own examples."""
    program = read_ruleset(file.read_bytes()).program
    richer = with_examples(program, propose(program, trials=5_000).examples)
    assert [one.to_json() for one in run_examples(richer).diagnostics] == []


@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(rulesets())
def test_whatever_is_proposed_is_true(document):
    """For any ruleset: every proposal is a valid example, and what it expects is what is decided."""
    program = compiled(document)
    found = propose(program, trials=1_500)
    richer = with_examples(program, found.examples)
    assert [one.to_json() for one in run_examples(richer).diagnostics if one.code == "failing-example"] == []
