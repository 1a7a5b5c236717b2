"""Deciding a stored evaluation again gives what was recorded, to the byte, whatever it was decided from."""

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from service.audit.record import outcome_json, state_text
from service.bootstrap import COMMAND_LINE
from service.errors import Conflict, NotFound, RulesetRejected, ServiceError
from service.language.canonical import canonical_bytes
from service.language.instants import write_instant
from service.operations.auditing.recall import find_ground, ground_of, rerun
from service.operations.evaluate import evaluate_profile
from service.operations.manual import set_tag
from service.operations.publish import publish_ruleset
from service.operations.sweep import Sweep, sweep
from tests.engine.strategies import rulesets, timelines
from tests.small import DAY, KEY, START, asking, changed, logged, request

SHIPPED = sorted((Path(__file__).parents[2] / "rulesets").glob("*.json"))


def is_same(service, row):
    """Whether deciding an evaluation again gives its record's outcome and state, byte by byte."""
    again = rerun(service, row.id)
    shown = outcome_json(again.outcome, again.published.tags, again.published.instants)
    return (canonical_bytes(shown), state_text(again.outcome.state).encode()) == (
        canonical_bytes(again.record["outcome"]),
        canonical_bytes(again.record["state"]),
    )


def live(service, key, profile, steps):
    """Lives the steps of an example through the service: facts and events first, then a person's word."""
    for step in steps:
        at = step["at"]
        if step is steps[0] or "manual" not in step:
            facts = {"id": profile, "attributes": step.get("attributes")}
            evaluate_profile(service, key, request({"profile": facts, "at": at, "event": step.get("event")}))
        if "manual" in step:
            word = {name: one for name, one in step["manual"].items() if name != "tag"}
            set_tag(service, profile, step["manual"]["tag"], request({**word, "ruleset": key, "at": at}))


def written(step):
    """A step of a timeline made by chance, as an example writes it."""
    found = {"at": write_instant(step["at"]), "attributes": step.get("attributes")}
    if "event" in step:
        found["event"] = dict(zip(("type", "text"), step["event"], strict=True))
    elif "manual" in step:
        tag, state, ends = step["manual"]
        found["manual"] = {"tag": tag, "state": state, "reason": "asked"}
        if ends and state != "released":
            found["manual"]["expires_at"] = write_instant(step["at"] + ends)
    return found


@pytest.mark.parametrize("file", SHIPPED, ids=lambda file: file.stem)
def test_what_the_shipped_rulesets_decided_can_be_decided_again(service, file):
    """Every record of their own examples, lived through the service and then swept, comes out the same again."""
    document = json.loads(file.read_text("utf-8"))
    publish_ruleset(service, file.read_bytes(), "shipped", COMMAND_LINE)
    for index, example in enumerate(document["examples"]):
        live(service, document["key"], f"u{index}", example["steps"])
    sweep(service, Sweep(until=START + 100 * DAY))
    rows = [row for index in range(len(document["examples"])) for row in logged(service, f"u{index}")]
    assert rows
    assert [row.id for row in rows if not is_same(service, row)] == []


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.filter_too_much],
)
@given(rulesets(), rulesets(), timelines(), st.sampled_from(["on_next_evaluation", "now_quietly", "now"]))
def test_any_record_can_be_decided_again(service, first, second, steps, apply):
    """Whatever the rules, the facts, the events, people's words, what was missed, and versions that came between."""
    half = max(1, len(steps) // 2)
    profile = f"p{service.ids.ulid(START)}"
    try:
        publish_ruleset(service, json.dumps(first), "one", COMMAND_LINE)
        live(service, "law", profile, [written(one) for one in steps[:half]])
        publish_ruleset(service, json.dumps(second), "two", COMMAND_LINE, apply)
        live(service, "law", profile, [written(one) for one in steps[half:]])
        sweep(service, Sweep(until=steps[-1]["at"] + 30 * DAY, ruleset="law", limit=200))
    except RulesetRejected:
        assume(condition=False)
    except ServiceError as refused:
        assume(getattr(refused, "code", "") == "stale-instant")
    assert all(is_same(service, row) for row in logged(service, profile))


def test_what_was_never_decided_cant_be_decided_again(service):
    """An evaluation that there is not is not found."""
    with pytest.raises(NotFound, match="`01K`"):
        rerun(service, "01K")


def test_what_was_erased_cant_be_decided_again(service):
    """A record without its content, and one of another format, are refused with the reason; nothing is guessed."""
    evaluate_profile(service, KEY, request(asking("u", visits=4)))
    (row,) = logged(service, "u")
    other = json.dumps({**json.loads(row.record), "format": 2})

    for record, code in (("", "erased"), (other, "unknown-format")):
        with pytest.raises(Conflict) as refused:
            ground_of(service.programs, row._replace(record=record), None)
        assert refused.value.code == code


def test_without_the_record_before_the_answer_stays_and_only_causes_may_differ(service):
    """Where retention took the record before, tags, stage and bands still come out; it says that something is gone."""
    evaluate_profile(service, KEY, request(asking("u", visits=4)))
    evaluate_profile(service, KEY, request(asking("u", visits=0)))
    second = logged(service, "u")[1]

    ground = ground_of(service.programs, second, None)

    assert not ground.is_whole
    assert ground.decide().stage == find_ground(service, second.id).decide().stage == "new"


def test_a_record_can_be_decided_by_another_version_or_instant(service):
    """The same facts and memory, under other rules or at another time."""
    evaluate_profile(service, KEY, request(asking("u", visits=4, last_seen="2025-12-31T00:00:00Z")))
    publish_ruleset(
        service, json.dumps(changed(tags=[{"key": "regular", "when": "visits >= 5"}], actions=[])), "", COMMAND_LINE
    )
    ground = find_ground(service, logged(service, "u")[0].id)

    assert ground.decide().tags == ["regular"]
    assert ground.decide(program=service.programs.published(KEY, 2).program).tags == []
    assert ground.decide(at=START + 20 * DAY).tags == ["regular", "stale"]
