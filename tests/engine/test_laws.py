"""The two laws, on rulesets and timelines made by chance."""

import json

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from service.engine.decide import decide
from service.engine.decision import Event, ManualChange
from service.engine.evaluate import evaluate, remember
from service.engine.facts import read_facts
from service.engine.state import State
from service.language.pipeline import read_ruleset
from tests.engine.strategies import DAY, rulesets, timelines

LAW = settings(
    max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much]
)


def compiled(document):
    """The program of a made-up ruleset; one whose parts happen to form a cycle is passed over."""
    reading = read_ruleset(json.dumps(document))
    codes = {one.code for one in reading.diagnostics if one.severity == "error"}
    assume(not codes & {"cycle", "constant-condition"})
    assert reading.program is not None, reading.diagnostics
    return reading.program


def live(program, steps, looks=()):
    """Lives a timeline, looking in between at the instants given; yields what is remembered after each step."""
    before = None
    for step in steps:
        for at in looks:
            if before is not None and before.at < at < step["at"]:
                before = remember(program, before.facts, evaluate(program, "p", None, before, at=at)[-1])
        facts = None if before is None or "attributes" in step else before.facts
        if facts is None:
            facts = read_facts(program, step.get("attributes", {}))
        event = step.get("event") and Event(*step["event"], step["at"])
        outcome = evaluate(program, "p", facts, before, at=step["at"], event=event, manual=manual_of(step))[-1]
        before = remember(program, facts, outcome)
        yield before, outcome


def manual_of(step):
    """The person's word of a step."""
    if "manual" not in step:
        return None
    tag, state, ends = step["manual"]
    return ManualChange(tag, state, "me", "why", None if ends is None or state == "released" else step["at"] + ends)


@LAW
@given(rulesets(), timelines())
def test_deciding_again_changes_nothing(document, steps):
    """The same facts at the same instant give no change the second time."""
    program = compiled(document)
    for before, outcome in live(program, steps):
        again = decide(program, "p", before.facts, before, None, before.at)

        assert again.decisions == []
        assert again.state == outcome.state
        assert again.next_change == outcome.next_change


@LAW
@given(rulesets(), timelines(), st.lists(st.integers(1, 70 * DAY), max_size=12))
def test_looking_more_often_changes_nothing(document, steps, looks):
    """What holds at an instant does not depend on how often the profile was decided before it."""
    program = compiled(document)
    instants = sorted(steps[0]["at"] + look for look in looks)

    for (seldom, one), (often, two) in zip(live(program, steps), live(program, steps, instants), strict=True):
        assert two.state == one.state
        assert (two.stage, two.tags, two.tiers, two.scores) == (one.stage, one.tags, one.tiers, one.scores)
        assert often.next_at == seldom.next_at or is_end_of_horizon(one, two)


def is_end_of_horizon(one, two):
    """Whether the last instants that were looked at tell two ends of the horizon apart."""
    return not (one.next_change and one.next_change.decisions) and not (two.next_change and two.next_change.decisions)


@LAW
@given(rulesets(), timelines())
def test_state_survives_being_stored(document, steps):
    """A state written as JSON and read again is the same state."""
    program = compiled(document)
    for _, outcome in live(program, steps):
        assert State.from_json(json.loads(json.dumps(outcome.state.to_json()))) == outcome.state


if __name__ == "__main__":
    pytest.main([__file__])
