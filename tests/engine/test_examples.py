"""A ruleset's own examples: which expectations fail and in which words, what can't be decided, and what nothing exercises."""

from decimal import Decimal

import pytest

from service.engine.examples import run_examples
from tests.engine.programs import attributes, bands, move, program_of, stages, tag

RULES = {
    "attributes": attributes(n="number", t="datetime", must={"type": "string", "required": True}),
    "events": [{"key": "ping"}],
    "values": [
        {
            "key": "cap",
            "output": True,
            "cases": [{"when": "n >= 10", "then": 8}, {"when": "n >= 5", "then": 4}],
            "otherwise": 2,
        },
        {"key": "seen", "output": True, "expression": "t"},
        {"key": "words", "output": True, "cases": [{"when": "n >= 10", "then": ["a", "b"]}], "otherwise": ["a"]},
        {"key": "open", "output": True, "expression": "n >= 10"},
    ],
    "scores": [{"key": "heat", "components": [{"key": "one", "weight": 1, "value": "n"}]}],
    "tiers": [{"key": "band", "input": "n", "bands": bands("low", high=10)}],
    "tags": [
        tag("big", "n >= 10"),
        tag("late", "days_since(t) >= 3"),
        tag("pinged", on=["ping"], expires_after="P1D"),
        tag("fixed", "n > 0", manual="no"),
        tag("vip", manual="only"),
    ],
    "lifecycle": stages("new", "grown", moves=[move("grows", "new", "grown", "n >= 10")]),
    "actions": [{"key": "cheer", "on": [{"tag": "big"}]}],
}
FACTS = {"n": 12, "t": "2026-01-01T00:00:00Z", "must": "x"}
ALL_RULES = 5 + 2 + 1 + 1 + 2 + 1


def run(*steps, **members):
    """The report on one example with these steps."""
    return run_examples(program_of(**{**RULES, **members}, examples=[{"steps": list(steps)}]))


def step(when="2026-01-01T00:00:00Z", posted=FACTS, **members):
    """One step of an example."""
    return {"at": when, **({} if posted is None else {"attributes": posted}), **members}


def failures(report):
    """The failed expectations: (pointer within the steps, message)."""
    found = [one for one in report.diagnostics if one.code == "failing-example"]
    assert all(one.severity == "error" and one.message["zh"] for one in found)
    return [(one.pointer.removeprefix("/examples/0/steps/"), one.message["en"]) for one in found]


EXPECTATIONS = [
    ({"stage": "new"}, "stage", "expected `new`, found `grown`"),
    ({"stage": None}, "stage", "expected `null`, found `grown`"),
    ({"tags": {"has": ["big", "late"]}}, "tags/has/1", "expected `late held`, found `late not held`"),
    ({"tags": {"lacks": ["late", "big"]}}, "tags/lacks/1", "expected `big not held`, found `big held`"),
    ({"tags": {"undetermined": ["big"]}}, "tags/undetermined/0", "expected `big undetermined`, found `big decided`"),
    ({"tiers": {"band": "low"}}, "tiers/band", "expected `low`, found `high`"),
    ({"tiers": {"band": None}}, "tiers/band", "expected `null`, found `high`"),
    ({"scores": {"heat": 12.01}}, "scores/heat", "expected `12.01`, found `12.00`"),
    ({"scores": {"heat": None}}, "scores/heat", "expected `null`, found `12.00`"),
    ({"values": {"cap": 4}}, "values/cap", "expected `4`, found `8`"),
    ({"values": {"cap": True}}, "values/cap", "expected `true`, found `8`"),
    ({"values": {"open": 1}}, "values/open", "expected `1`, found `true`"),
    ({"values": {"open": False}}, "values/open", "expected `false`, found `true`"),
    ({"values": {"words": ["b", "a"]}}, "values/words", "expected `[b, a]`, found `[a, b]`"),
    (
        {"values": {"seen": "2026-01-01T00:00:01Z"}},
        "values/seen",
        "expected `2026-01-01T00:00:01Z`, found `2026-01-01T00:00:00Z`",
    ),
    ({"values": {"seen": "new year"}}, "values/seen", "expected `new year`, found `2026-01-01T00:00:00Z`"),
    ({"values": {"seen": 5}}, "values/seen", "expected `5`, found `2026-01-01T00:00:00Z`"),
    ({"actions": []}, "actions", "expected `[]`, found `[cheer]`"),
    ({"actions": ["cheer", "cheer"]}, "actions", "expected `[cheer, cheer]`, found `[cheer]`"),
    ({"next_change": None}, "next_change", "expected `null`, found `2026-01-04T00:00:00Z`"),
    (
        {"next_change": "2026-01-05T00:00:00Z"},
        "next_change",
        "expected `2026-01-05T00:00:00Z`, found `2026-01-04T00:00:00Z`",
    ),
]


@pytest.mark.parametrize(("expect", "pointer", "message"), EXPECTATIONS)
def test_an_expectation_that_does_not_hold_is_an_error(expect, pointer, message):
    """Each kind of expectation fails at its own place, saying what was expected and what was found."""
    assert failures(run(step(expect=expect))) == [(f"0/expect/{pointer}", message)]


def test_waiting_is_not_undetermined():
    """A tag whose wait still runs is decided, and an unknown tier is no tag."""
    tags = [tag("slow", "n > 5", held_for="P1D"), tag("high", "n > 5")]
    tiers = [{"key": "high", "input": "n / 0", "bands": bands("low", top=3)}]
    expect = {"tags": {"undetermined": ["slow", "high"]}}

    report = run_examples(
        program_of(
            attributes=attributes(n="number"),
            tags=tags,
            tiers=tiers,
            examples=[{"steps": [step(posted={"n": 6}, expect=expect)]}],
        )
    )

    assert [message for _, message in failures(report)] == [
        "expected `slow undetermined`, found `slow decided`",
        "expected `high undetermined`, found `high decided`",
    ]


def test_every_expectation_that_holds_is_silent():
    """What is expected in any spelling of the same number or instant holds."""
    expect = {
        "stage": "grown",
        "tags": {"has": ["big"], "lacks": ["late"], "undetermined": []},
        "tiers": {"band": "high"},
        "scores": {"heat": 12},
        "values": {"cap": 8.0, "seen": "2026-01-01T08:00:00+08:00", "words": ["a", "b"], "open": True},
        "actions": ["cheer"],
        "next_change": "2026-01-04T01:00:00+01:00",
    }

    assert failures(run(step(expect=expect))) == []


def test_an_unknown_output_is_null():
    """Null is expected where an output, an instant among them, is unknown."""
    report = run(
        step(
            posted={"must": "x"},
            expect={"values": {"cap": None, "seen": None}, "next_change": None, "tags": {"undetermined": ["late"]}},
        )
    )

    assert failures(report) == []


def test_every_failure_is_told():
    """One example can fail in several places, and the next step is looked at all the same."""
    report = run(
        step(expect={"stage": "new", "actions": []}), step("2026-01-02T00:00:00Z", None, expect={"stage": "new"})
    )

    assert [pointer for pointer, _ in failures(report)] == ["0/expect/stage", "0/expect/actions", "1/expect/stage"]


def test_a_step_that_can_not_be_decided_ends_its_example():
    """Facts that do not fit and words that a tag refuses are told at the step; other examples go on."""
    program = program_of(
        **RULES,
        examples=[
            {"steps": [step(posted={"n": "x"}), step("2026-01-02T00:00:00Z", expect={"stage": "new"})]},
            {
                "steps": [
                    step(),
                    step(
                        "2026-01-02T00:00:00Z", None, manual={"tag": "fixed", "state": "blocked", "reason": "because"}
                    ),
                ]
            },
            {"steps": [step(expect={"stage": "new"})]},
        ],
    )

    found = [
        (one.pointer, one.message["en"]) for one in run_examples(program).diagnostics if one.code == "failing-example"
    ]

    assert found == [
        (
            "/examples/0/steps/0",
            "the step can't be decided: `/examples/0/steps/0/attributes/n` expected a number of at most 28 digits, found the text `x`; `/examples/0/steps/0/attributes/must` attribute `must` is required",
        ),
        (
            "/examples/1/steps/1",
            "the step can't be decided: the ruleset lets nobody assign, block or release `fixed` by hand",
        ),
        ("/examples/2/steps/0/expect/stage", "expected `new`, found `grown`"),
    ]


def test_a_person_in_an_example_has_a_name_and_an_end():
    """The manual step's actor, reason and end reach the state; the actor is `example` where none is named."""
    manual = {"tag": "vip", "state": "assigned", "reason": "because", "expires_at": "2026-01-03T00:00:00"}
    later = {**manual, "actor": "kim", "expires_at": None}

    report = run(
        step(manual=manual, expect={"tags": {"has": ["vip"]}, "next_change": "2026-01-03T00:00:00Z"}),
        step("2026-01-03T00:00:00Z", None, expect={"tags": {"lacks": ["vip"]}}),
        step("2026-01-05T00:00:00Z", None, manual=later, expect={"tags": {"has": ["vip"]}, "next_change": None}),
    )

    assert failures(report) == []


def test_coverage_counts_the_rules_that_took_effect():
    """Each tag, band, transition, action and case counts once; what no example exercises is a warning at its place."""
    report = run(step())

    assert len(report.rules) == ALL_RULES
    assert report.exercised == {
        "tags/big",
        "tags/fixed",
        "tiers/band/high",
        "lifecycle/transitions/grows",
        "actions/cheer",
        "values/cap/cases/0",
        "values/words/cases/0",
    }
    assert report.coverage == Decimal(700) / ALL_RULES
    untested = {one.pointer: one.message["en"] for one in report.diagnostics if one.code == "untested-rule"}
    assert untested == {
        "/tags/1": "no example exercises `tags/late`",
        "/tags/2": "no example exercises `tags/pinged`",
        "/tags/4": "no example exercises `tags/vip`",
        "/tiers/0/bands/0": "no example exercises `tiers/band/low`",
        "/values/0/cases/1": "no example exercises `values/cap/cases/1`",
    }


def test_what_time_brings_between_steps_counts_too():
    """Rules that took effect while time passed, or by a person's or an event's doing, are exercised; unknown cases are not."""
    manual = {"tag": "vip", "state": "assigned", "reason": "because"}

    report = run(
        step(posted={"must": "x"}, expect={"values": {"cap": None}}),
        step("2026-01-02T00:00:00Z", {**FACTS, "n": 5}, event={"type": "ping", "text": "hello"}),
        step("2026-01-09T00:00:00Z", manual=manual),
        step("2026-01-10T00:00:00Z", {**FACTS, "n": 1}),
    )

    assert report.coverage == 100
    assert [one.code for one in report.diagnostics] == []


def test_a_ruleset_without_rules_is_covered_whole():
    """Where there is nothing to exercise nothing is missing."""
    report = run_examples(program_of(attributes=attributes(n="number")))

    assert (report.rules, report.coverage, report.diagnostics) == ((), 100, ())
