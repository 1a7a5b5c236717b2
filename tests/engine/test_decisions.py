"""Every promise of the language in a situation of its own; the situations stand in tests/cases/decisions."""

import json
from decimal import ROUND_UP, localcontext

import pytest

from service.engine.examples import run_examples
from service.language.diagnostics import has_errors
from service.language.pipeline import read_ruleset
from tests.cases_reader import case_name, decision_cases, shipped_rulesets


@pytest.mark.parametrize("file", [*decision_cases(), *shipped_rulesets()], ids=case_name)
def test_a_situation_comes_out_as_its_examples_say(file):
    """Every expectation of every example holds, to the millisecond and the last digit."""
    reading = read_ruleset(file.read_bytes())

    assert not has_errors(reading.diagnostics), reading.diagnostics
    report = run_examples(reading.program)
    assert [(one.pointer, one.message["en"]) for one in report.diagnostics if one.code == "failing-example"] == []


@pytest.mark.parametrize("file", [*decision_cases(), *shipped_rulesets()], ids=case_name)
def test_the_thread_that_decides_makes_no_difference(file):
    """Whatever decimal settings the deciding thread has, every example comes out the same."""
    program = read_ruleset(file.read_bytes()).program

    with localcontext(prec=4, rounding=ROUND_UP):
        report = run_examples(program)

    assert "failing-example" not in {one.code for one in report.diagnostics}


@pytest.mark.parametrize("file", decision_cases(), ids=case_name)
def test_a_situation_says_what_it_promises(file):
    """Every case states its promise in words, and every timeline expects something."""
    ruleset = json.loads(file.read_bytes())

    assert ruleset["description"]
    assert all(any("expect" in step for step in one["steps"]) for one in ruleset["examples"])
