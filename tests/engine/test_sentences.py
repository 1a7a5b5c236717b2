"""What was decided, in sentences: the cases of tests/cases/explanations, each in English and Chinese."""

import json
import string
from pathlib import Path

import pytest

from service.engine.accounts import explain_actions, explain_score
from service.engine.decide import all_decisions
from service.engine.examples import Timeline, take_step
from service.engine.sentences import Sentences
from service.engine.walk import Walk
from service.language.document import read_document
from service.language.phrases.explanations import MUTANTS, SPOKEN
from service.language.pipeline import read_ruleset

FILE = Path(__file__).parents[1] / "cases" / "explanations" / "sentences.json"
CASES = json.loads(FILE.read_text("utf-8"))


def program_of(members):
    """The program of a case's ruleset."""
    reading = read_ruleset(json.dumps({"format": 1, "key": "test", **members}))
    assert reading.program is not None, [one.to_json() for one in reading.diagnostics]
    return reading.program


def said(case):
    """What is said of one thing after a case's last step; what changed in it goes before what stayed."""
    program = program_of({**case["members"], "examples": [{"steps": case["steps"]}]})
    timeline = Timeline(program, "example")
    kind, _, key = case["of"].partition("/")
    for step in program.ruleset.examples[0].steps:
        outcomes = take_step(timeline, step, "")
    changed = [one for one in outcomes if any(each.key == (key or kind) for each in one.decisions)]
    outcome = (changed or outcomes)[-1]
    say = Sentences(outcome.run, Walk(outcome.run))
    if kind == "scores":
        (score,) = program.ruleset.scores
        return explain_score(say, score)["sentence"]
    if kind == "actions":
        (action,) = explain_actions(say, outcome, quiet=False, rules_fire=False)
        return action["sentence"]
    decisions = all_decisions(outcome)
    return say.of([one for one in decisions if one.key == (key or kind)][-1])


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["about"])
def test_a_decision_is_said_in_words(case):
    """Each situation is told with what was observed, the bound, and the ruleset's own titles."""
    assert said(case) == case["sentence"]


def test_the_cases_are_numbers_that_a_reader_keeps():
    """Nothing of a case is lost by reading it as the service reads documents."""
    assert read_document(FILE.read_text("utf-8"))[1] == ()


PHRASES = {
    f"{kind} {name}": words for kind, those in {**SPOKEN, "mutant": MUTANTS}.items() for name, words in those.items()
}


def blanks(text):
    """The blanks of a phrase."""
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


@pytest.mark.parametrize("name", PHRASES)
def test_every_phrase_is_there_in_both_languages(name):
    """Whoever reads English and whoever reads Chinese are told the same, with the same facts."""
    words = PHRASES[name]
    assert set(words) == {"en", "zh"}
    assert all(text.strip() for text in words.values())
    assert blanks(words["en"]) == blanks(words["zh"])
