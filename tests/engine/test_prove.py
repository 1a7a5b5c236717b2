"""What is said of a ruleset for every profile holds for every profile, and whoever is shown can be run."""

import json
import sys
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from service.engine.prove import Limits, Open, prove
from service.engine.samples import Samples
from service.engine.walk import Walk
from service.engine.witness import Step, decide_situation, live, meets, run_witness, try_situation
from service.language.analyse.analysis import Analysis
from service.language.analyse.questions import questions
from service.language.analyse.situation import Situation
from service.language.analyse.solver import Word
from service.language.diagnostics import Severity
from service.language.phrases.proofs import OPEN, PROOFS
from service.language.pipeline import read_ruleset
from service.language.sentences import severity_of
from tests.cases_reader import shipped_rulesets
from tests.engine.programs import attributes, move, program_of, stages, tag
from tests.engine.strategies import rulesets

CASES = sorted((Path(__file__).parents[1] / "cases" / "findings").glob("*/ruleset.json"))


def plenty():
    """More time than a small ruleset needs, in milliseconds."""
    return 60_000


@cache
def program_in(file):
    """The program of a ruleset's file."""
    return read_ruleset(file.read_bytes()).program


@cache
def proofs_of(file):
    """What is found in a ruleset's file."""
    return prove(program_in(file), plenty)


@pytest.mark.parametrize("file", CASES, ids=lambda file: file.parent.name)
def test_an_author_is_told_what_is_proven(file):
    """A ruleset gets exactly the findings beside it: code, place, words, help and proof; and what stays open."""
    found = proofs_of(file).to_json()
    found["findings"] = [{name: one for name, one in each.items() if name != "witness"} for each in found["findings"]]
    del found["asked"]
    assert found == json.loads((file.parent / "expected.json").read_text("utf-8"))


@pytest.mark.parametrize("file", CASES, ids=lambda file: file.parent.name)
def test_whoever_is_shown_shows_it(file):
    """Each witness, run by itself, does what the finding says; what is proven for everybody has none."""
    program = program_in(file)
    for one in proofs_of(file).findings:
        assert (one.witness is None) is (one.proof == "unsatisfiable")
        if one.witness is not None:
            assert is_shown(program, one)


def is_shown(program, finding):
    """Whether a finding's witness shows it when it is run."""
    outcome = run_witness(program, finding.witness)
    code, place = finding.diagnostic.code, finding.diagnostic.pointer.rpartition("/")[2]
    if code == "oscillation":
        return any(one.outcome == "conflict" for one in outcome.standing)
    members = [one for one in program.ruleset.tags if one.group is not None and one.when is not None]
    walk = Walk(outcome.run)
    held = {one.key: walk.value(program.rules.tags[one.key][0]) for one in members if one.on is None}
    if code == "uncovered-group":
        group = program.ruleset.tag_groups[int(place)].key
        return not any(held[one.key] for one in members if one.group == group)
    assert code == "overlapping-tags"
    tag = program.ruleset.tags[int(place)]
    return held[tag.key] and any(held[one.key] for one in members if one.group == tag.group and one is not tag)


@pytest.mark.parametrize("file", shipped_rulesets(), ids=lambda file: file.stem)
def test_the_shipped_rulesets_have_no_warning(file):
    """Nothing that ships can contradict itself, and every question about it is answered."""
    found = proofs_of(file)
    assert [one for one in found.findings if one.diagnostic.severity is not Severity.HINT] == []
    assert found.undecided == ()


@settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
@given(rulesets())
def test_what_is_proven_survives_a_search(ruleset):
    """Of rulesets made by chance: no profile out of many does what was proven that none can."""
    program = read_ruleset(json.dumps(ruleset)).program
    if program is None:
        return
    analysis = Analysis(program.ruleset, program.rules)
    tried = [try_situation(program, one) for one in Samples(program).take(60)]
    for question in questions(program.ruleset, program.rules):
        if analysis.judge(question.claim, 1000).word is Word.NO:
            assert not any(meets(run, question.claim) for run in tried if run is not None)


@settings(max_examples=4, deadline=None, suppress_health_check=list(HealthCheck))
@given(rulesets())
def test_every_witness_can_be_run(ruleset):
    """Of rulesets made by chance: each witness shows its finding."""
    program = read_ruleset(json.dumps(ruleset)).program
    if program is not None:
        for one in prove(program, plenty, Limits(samples=40)).findings:
            assert one.witness is None or is_shown(program, one)


# Time


def test_without_time_everything_stays_open():
    """Questions for which no time is left are listed, each with the reason, and nothing is claimed."""
    program = program_in(next(file for file in CASES if file.parent.name == "never-true"))
    found = prove(program, lambda: 0)
    assert found.findings == ()
    assert Open("never-true", "/tags/0/when", ("time",)) in found.undecided
    assert found.to_json()["undecided"][0]["reasons"] == [{"code": "time", "message": OPEN["time"]}]


def test_a_search_ends_when_its_time_does():
    """A question whose time runs out while profiles are tried stays open."""
    program = program_of(attributes=attributes(s="string", u="string"), tags=[tag("odd", "s.starts_with(u) and s < u")])
    left = iter([1000, 1000, 0, 0, 0, 0, 0, 0])
    found = prove(program, lambda: next(left, 0), Limits(samples=0))
    assert [one.reasons for one in found.undecided if one.code == "never-true"] == [("time",)]


def test_progress_is_told():
    """Whoever waits is told how many questions were asked, and of how many."""
    seen = []
    program = program_of(attributes=attributes(n="integer"), tags=[tag("a", "n > 1")])
    prove(program, plenty, progress=lambda done, of: seen.append((done, of)))
    assert seen == [(0, 2), (1, 2)]


# Words


@pytest.mark.parametrize("name", [name for name in PROOFS if "/" not in name])
def test_findings_that_decide_something_are_warnings(name):
    """What can't be meant must be acknowledged; where order decides, a hint says so."""
    assert severity_of(name) is (Severity.HINT if name in ("overlapping-tags", "uncovered-group") else Severity.WARNING)


@pytest.mark.parametrize("word", OPEN)
def test_open_questions_say_why_in_both_languages(word):
    """Whoever reads English and whoever reads Chinese are told why nothing is claimed."""
    assert set(OPEN[word]) == {"en", "zh"}


# Lives


def test_a_witness_with_a_past_lives_through_it():
    """Where the finding needs a wait to be over, the witness begins early enough, as a step of its own."""
    program = program_in(next(file for file in CASES if file.parent.name == "oscillation-after-a-wait"))
    (found,) = prove(program, plenty).findings
    shown = found.to_json()["witness"]
    assert shown["state"] is None
    assert len(shown["steps"]) == 1
    assert shown["steps"][0]["at"] < shown["at"]


def test_a_witness_may_need_a_persons_word():
    """A tag that only people assign is assigned in a step of the witness's life."""
    program = program_of(
        attributes=attributes(n="integer"),
        tag_groups=[{"key": "g", "exclusive": True}],
        tags=[tag("vip", manual="only"), tag("a", "tag.vip and n > 3", group="g"), tag("b", "n > 5", group="g")],
    )
    (found,) = [one for one in prove(program, plenty).findings if one.diagnostic.code == "overlapping-tags"]
    shown = found.to_json()["witness"]
    assert shown["steps"][0]["manual"] == {"tag": "vip", "state": "assigned", "reason": "witness"}
    assert is_shown(program, found)


def test_a_state_is_given_where_no_life_was_found():
    """A stage that the search finds no way to is given, and the finding still runs."""
    program = program_of(
        attributes=attributes(n="integer", m="integer"),
        events=[{"key": "e"}],
        lifecycle=stages(
            "one",
            "two",
            "three",
            moves=[
                move("on", "one", "two", "event.text == 'password' and n == 77777", on=["e"]),
                move("up", "two", "three", "m >= 41 and n < 10"),
                move("down", "three", "two", "m >= 40 and n < 10"),
            ],
        ),
    )
    (found,) = [one for one in prove(program, plenty, Limits(samples=10)).findings if one.proof == "witness"]
    given = json.loads(json.dumps(found.to_json()["witness"]["state"]))
    assert given["stage"]["key"] in ("two", "three")
    assert is_shown(program, found)


def test_what_does_not_fit_is_no_witness():
    """A situation whose attributes a ruleset refuses, and a life with such a step, show nothing."""
    program = program_of(attributes=attributes(n={"type": "integer", "minimum": 0}), tags=[tag("a", "n > 1")])
    wrong = Situation(profile="p", attributes={"n": -1}, at=0)
    assert try_situation(program, wrong) is None
    assert decide_situation(program, wrong) is None
    assert live(program, "p", [Step(0, {"n": -1})]) is None
    assert live(program, "p", [Step(5, {"n": 2}), Step(0, {"n": 2})]) is None


def test_without_the_solver_nothing_is_proven(monkeypatch):
    """Where the extra is not installed, asking for proofs says that a module is missing."""
    monkeypatch.setitem(sys.modules, "z3", None)
    with pytest.raises(ModuleNotFoundError):
        prove(program_of(attributes=attributes(n="integer"), tags=[tag("a", "n > 1")]), plenty)
