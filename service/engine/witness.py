"""A situation -> what `decide` makes of it, and whether that meets a claim: no finding is believed before it was run.

A witness is a profile that shows a finding. It is made as small as it can be and still shows it; where what it
remembers can be lived through, the steps that lead there are found: then it is a timeline as a ruleset's examples are.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from service.engine.decide import Remembered, decide
from service.engine.decision import Event, ManualChange, Outcome
from service.engine.evaluate import evaluate, remember
from service.engine.execute import execute
from service.engine.facts import Facts, read_facts
from service.engine.run import Run
from service.engine.state import Holding, Override, Place, State
from service.engine.walk import Walk
from service.errors import ServiceError
from service.language.analyse.claims import Claim, Demand, Range
from service.language.analyse.situation import Situation
from service.language.instants import DAY, write_instant
from service.language.program import Program
from service.language.tree import Node

LONG_AGO = 3660 * DAY


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a witness's life: what was posted, when, with which event, and which tag a person then assigned."""

    at: int
    attributes: dict[str, object]
    event: tuple[str, str | None] | None = None
    assigned: str | None = None

    def to_json(self) -> dict[str, Any]:
        """The step as an example writes it."""
        found: dict[str, Any] = {"at": write_instant(self.at), "attributes": self.attributes}
        if self.event is not None:
            kind, text = self.event
            found["event"] = {"type": kind} if text is None else {"type": kind, "text": text}
        if self.assigned is not None:
            found["manual"] = {"tag": self.assigned, "state": "assigned", "reason": "witness"}
        return found


@dataclass(frozen=True, slots=True)
class Witness:
    """A profile that shows a finding: `steps` lead to it from nothing, or the one step does from a given `state`."""

    profile: str
    steps: tuple[Step, ...]
    state: State | None = None

    def to_json(self) -> dict[str, Any]:
        """The witness as JSON values: the last step by itself, those before it, and the state that is given."""
        *before, last = self.steps
        return {
            "profile": self.profile,
            **last.to_json(),
            "steps": [one.to_json() for one in before],
            "state": None if self.state is None else plain_state(self.state),
        }


def run_witness(program: Program, witness: Witness) -> Outcome | None:
    """What a witness shows: the outcome of its last step; nothing where a step can't be decided."""
    if witness.state is None:
        return live(program, witness.profile, witness.steps)
    (last,) = witness.steps
    facts = read_facts(program, last.attributes)
    before = Remembered(witness.state, facts, last.at, None, program)
    event = None if last.event is None else Event(*last.event, last.at)
    return decide(program, witness.profile, facts, before, event, last.at)


def plain_state(state: State) -> dict[str, Any]:
    """What a state says: stage, tags, bands and waits, each with since when."""
    since = None if state.stage_since is None else write_instant(state.stage_since)
    found = {
        "stage": None if state.stage is None else {"key": state.stage, "since": since},
        "tags": {key: write_instant(one.since) for key, one in state.tags.items()},
        "assigned": sorted(state.overrides),
        "tiers": {key: {"band": one.band, "since": write_instant(one.since)} for key, one in state.tiers.items()},
        "waits": {rule: write_instant(start) for rule, start in state.waits.items()},
    }
    return {name: one for name, one in found.items() if one}


# Trying


def try_situation(program: Program, situation: Situation) -> Run | None:
    """One pass over a situation; nothing where its attributes do not fit the ruleset."""
    facts = facts_of(program, situation)
    if facts is None:
        return None
    state = state_of(program, situation)
    return execute(program, situation.profile, facts.values, state or State(), event_of(situation), situation.at)


def decide_situation(program: Program, situation: Situation) -> Outcome | None:
    """The whole decision on a situation."""
    facts = facts_of(program, situation)
    if facts is None:
        return None
    state = state_of(program, situation)
    before = None if state is None else Remembered(state, facts, situation.at, None, program)
    return decide(program, situation.profile, facts, before, event_of(situation), situation.at)


def facts_of(program: Program, situation: Situation) -> Facts | None:
    """The facts, if the attributes fit."""
    try:
        return read_facts(program, situation.attributes)
    except ServiceError:
        return None


def event_of(situation: Situation) -> Event | None:
    """The event."""
    return None if situation.event is None else Event(*situation.event, situation.at)


def state_of(program: Program, situation: Situation) -> State | None:
    """What is remembered; nothing of a profile never seen."""
    if situation.is_fresh:
        return None
    at = situation.at
    initial = program.lifecycle.initial if program.lifecycle else None
    since = at - DAY if situation.stage_since is None else situation.stage_since
    return State(
        stage=situation.stage or initial,
        stage_since=None if initial is None else since,
        tags={key: Holding(when) for key, when in situation.tags.items()},
        overrides={
            key: Override("assigned", situation.tags.get(key, at), "witness", "witness") for key in situation.assigned
        },
        tiers={key: Place(band, when) for key, (band, when) in situation.bands.items()},
        waits=dict.fromkeys(situation.waited, at - LONG_AGO),
    )


# Claims


def meets(run: Run, claim: Claim) -> bool:
    """Whether one pass meets a claim."""
    walk = Walk(run)
    if claim.circle is not None and not any(one.outcome == "conflict" for one in run.standing):
        return False
    return all(met(walk, run, one) for one in claim.demands)


def met(walk: Walk, run: Run, demand: Demand | Range) -> bool:
    """Whether one part of a claim is met."""
    if isinstance(demand, Range):
        number = walk.value(demand.tree)
        above = number is not None and (demand.low is None or number >= demand.low)
        return above and (demand.high is None or number < demand.high)
    if demand.answer == "false":
        assert demand.tree is not None
        return walk.value(demand.tree) is False
    return is_met(walk, run, demand.on, demand.tree) is (demand.answer == "true")


def is_met(walk: Walk, run: Run, types: tuple[str, ...] | None, tree: Node | None) -> bool:
    """Whether a rule's condition is true, and of one with `on` such an event there."""
    if types is not None and (run.event is None or run.event.type not in types):
        return False
    return tree is None or walk.value(tree) is True


# Making small


def shrink(situation: Situation, shows: Callable[[Situation], bool]) -> Situation:
    """The situation without anything that can be left out and still shows it."""
    for smaller in (forget(situation), replace(situation, event=None)):
        if shows(smaller):
            situation = smaller if smaller.event == situation.event else replace(situation, event=None)
    for name in list(situation.attributes):
        rest = {key: value for key, value in situation.attributes.items() if key != name}
        situation = first_shown((replace(situation, attributes=rest),), shows, situation)
    for key in list(situation.tags):
        situation = first_shown((without_tag(situation, key),), shows, situation)
    for key in list(situation.bands):
        rest_bands = {tier: band for tier, band in situation.bands.items() if tier != key}
        situation = first_shown((replace(situation, bands=rest_bands),), shows, situation)
    return first_shown((forget(situation),), shows, situation)


def first_shown(smaller: Iterable[Situation], shows: Callable[[Situation], bool], otherwise: Situation) -> Situation:
    """The first of some situations that shows it."""
    return next((one for one in smaller if shows(one)), otherwise)


def forget(situation: Situation) -> Situation:
    """The same of a profile never seen before."""
    return Situation(profile=situation.profile, attributes=situation.attributes, at=situation.at, event=situation.event)


def without_tag(situation: Situation, key: str) -> Situation:
    """The same without a tag that was held."""
    tags = {tag: since for tag, since in situation.tags.items() if tag != key}
    return replace(situation, tags=tags, assigned=situation.assigned - {key})


# Living through


def live(program: Program, profile: str, steps: Iterable[Step]) -> Outcome | None:
    """The last outcome of a timeline, decided as in production; nothing where a step can't be."""
    before: Remembered | None = None
    outcome: Outcome | None = None
    for step in steps:
        try:
            facts = read_facts(program, step.attributes)
            event = None if step.event is None else Event(*step.event, step.at)
            word = step.assigned and ManualChange(step.assigned, "assigned", "witness", "witness")
            outcome = evaluate(program, profile, facts, before, at=step.at, event=event, manual=word or None)[-1]
        except ServiceError:
            return None
        before = remember(program, facts, outcome)
    return outcome


def lead_up(
    program: Program, situation: Situation, pool: Iterable[Situation], shows: Callable[[Outcome], bool]
) -> Witness | None:
    """A life from nothing to where the situation shows it: alone, or with one step before it; nothing if none is found.

    `pool` are situations that other profiles were seen in.
    """
    last = Step(situation.at, dict(situation.attributes), situation.event)
    for steps in lives(situation, last, pool):
        outcome = live(program, situation.profile, steps)
        if outcome is not None and shows(outcome):
            return Witness(situation.profile, steps)
    return None


def lives(situation: Situation, last: Step, pool: Iterable[Situation]) -> Iterator[tuple[Step, ...]]:
    """Timelines that end with a step: that alone, the same some time before, another profile's facts before."""
    words = tuple(Step(situation.at - DAY, last.attributes, assigned=tag) for tag in sorted(situation.assigned))
    yield (*words, last)
    for days in (1, 31, 400):
        yield (Step(situation.at - days * DAY, last.attributes), *words, last)
    for other in pool:
        for days in (1, 400):
            yield (Step(situation.at - days * DAY, dict(other.attributes), other.event), *words, last)
