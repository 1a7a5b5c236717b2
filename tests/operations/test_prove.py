"""Proofs about drafts: done by a job, acknowledged when publishing, and refused with a remedy without the solver."""

import json
from importlib.machinery import PathFinder

import pytest

from service.errors import Conflict, NotFound, RulesetRejected
from service.operations.authoring import prove
from service.operations.authoring.jobs import read_job
from service.operations.authoring.kinds import KINDS
from service.operations.authoring.prove import differ_apart, prove_draft, prove_text, semantic_diff
from service.operations.authoring.runner import Runner
from service.operations.publish import publish_ruleset
from service.operations.replies import json_text
from tests.conftest import wire_on
from tests.governing import ANN, WARNINGS, approved, publish, save
from tests.small import KEY, RULESET, changed

FLAPPING = {
    "initial": "new",
    "stages": [{"key": "new"}, {"key": "active"}],
    "transitions": [
        {"key": "wakes", "from": ["new"], "to": "active", "movement": "promotion", "when": "visits >= 100"},
        {"key": "sleeps", "from": ["active"], "to": "new", "movement": "demotion", "when": "visits < 120"},
    ],
}


@pytest.fixture
def both(database_url, clock):
    """A service with the small ruleset, on each database in turn."""
    service = wire_on(database_url, clock)
    publish_ruleset(service, json.dumps(RULESET), "first", ANN)
    yield service
    service.store.close()


def proven(service):
    """The result of the proofs of the draft, done as in production."""
    job = prove_draft(service, KEY, ANN)
    problems = []
    assert Runner(service, "runner", KINDS, lambda *problem: problems.append(problem)).step()
    assert problems == []
    found = json.loads(json_text(read_job(service, KINDS, job.id, "en")))
    assert found["state"] == "done"
    return found["result"]


def test_a_draft_is_proven_by_a_job(both):
    """Findings come in both languages, each with its proof, and a warning among them must be acknowledged."""
    approved(both, lifecycle=FLAPPING)
    result = proven(both)
    assert (result["ruleset"], result["undecided"]) == (KEY, [])
    (found,) = [one for one in result["findings"] if one["code"] == "oscillation"]
    assert set(found["message"]) == set(found["help"]) == {"en", "zh"}
    assert 100 <= found["witness"]["attributes"]["visits"] < 120
    with pytest.raises(Conflict) as refused:
        publish(both)
    assert [one["code"] for one in refused.value.more["warnings"]] == ["oscillation"]
    assert publish(both, acknowledge=[*WARNINGS, "oscillation"]).row.version == 2


def test_proofs_of_another_draft_count_for_nothing(service):
    """What was proven of a draft that was then changed neither warns nor absolves."""
    publish_ruleset(service, json.dumps(RULESET), "first", ANN)
    save(service, lifecycle=FLAPPING)
    proven(service)
    approved(service, title="Calm")
    assert publish(service).row.version >= 2


def test_what_cannot_be_proven_is_refused(service):
    """Without a draft, or of one with errors, no job is queued."""
    with pytest.raises(NotFound):
        prove_draft(service, KEY, ANN)
    save(service, tags=[{"key": "a", "when": "visits >"}])
    with pytest.raises(RulesetRejected):
        prove_draft(service, KEY, ANN)


def test_without_the_solver_the_remedy_is_named(service, monkeypatch):
    """Where the extra is not installed, whoever asks is told what to install."""
    monkeypatch.setattr(PathFinder, "find_spec", staticmethod(lambda *_: None))
    monkeypatch.delitem(prove.sys.modules, "z3", raising=False)
    for ask in (
        lambda: prove_draft(service, KEY, ANN),
        lambda: semantic_diff(service, KEY, "1", "draft"),
        lambda: prove_text(json.dumps(RULESET), 1),
    ):
        with pytest.raises(Conflict, match=r"tagwright\[proofs\]") as refused:
            ask()
        assert refused.value.code == "proofs-not-installed"


def test_two_versions_are_compared_in_a_process_of_their_own(service):
    """A profile that the draft decides differently is shown, with what each version says of it."""
    save(service, tags=[{**RULESET["tags"][0], "when": "visits >= 4"}, *RULESET["tags"][1:]])
    found = semantic_diff(service, KEY, "active", "draft")
    assert (found["result"], found["witness"]["attributes"]) == ("different", {"visits": 3})
    assert (found["from"]["tag.regular"], found["to"]["tag.regular"]) == (True, False)


def test_a_comparison_that_takes_too_long_stays_open():
    """The process is ended when its time is over, and the reply says so."""
    text = json.dumps(changed())
    assert differ_apart(text, text, 0.001)["reasons"][0]["code"] == "time"
