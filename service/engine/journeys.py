"""A program -> timelines that bring a made-up profile to where a rule can be seen at work.

A timeline is what an example is: steps with facts and events, decided one after the other as in production. Pure.
Source: docs/language.md, "Examples".
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from service.engine.axes import ANY
from service.engine.decide import Remembered
from service.engine.decision import Event, Outcome
from service.engine.evaluate import evaluate, remember
from service.engine.facts import Facts, read_facts
from service.engine.nearest import Goal, Suggestion, find_nearest
from service.engine.state import State
from service.engine.worlds import EVENT, Budget, Changes, World
from service.language.instants import DAY, local_date, write_instant
from service.language.model import Attribute
from service.language.program import Program

PROFILE = "example"
START = 1_767_225_600_000
"""2026-01-01T00:00:00Z, where timelines begin if the ruleset's own examples do not say otherwise."""

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Journey:
    """Steps as an example writes them, and what is remembered after the last; before the first step nothing is."""

    program: Program
    steps: tuple[Json, ...] = ()
    before: Remembered | None = None
    last: Outcome | None = None
    budget: Budget = field(default_factory=lambda: Budget(1 << 40), compare=False)

    def step(self, at: int, document: Mapping[str, object] | None = None, event: Any = None) -> "Journey":
        """One step further; without a document the facts stay. `event` is (type, text)."""
        facts = self.facts if document is None else read_facts(self.program, document)
        happened = None if event is None else Event(event[0], event[1], at)
        outcomes = evaluate(self.program, PROFILE, facts, self.before, at=at, event=happened)
        step: Json = {"at": write_instant(at)}
        if document is not None:
            step["attributes"] = dict(document)
        if event is not None:
            step["event"] = {"type": event[0]} | ({} if event[1] is None else {"text": event[1]})
        known = facts or self.facts
        assert known is not None, "the first step has facts"
        before = remember(self.program, known, outcomes[-1])
        return Journey(self.program, (*self.steps, step), before, outcomes[-1], self.budget)

    @property
    def facts(self) -> Facts | None:
        """The facts as they are."""
        return None if self.before is None else self.before.facts

    @property
    def at(self) -> int:
        """The instant of the next step: the first, or a day after the last."""
        return start_of(self.program) if self.before is None else self.before.at + DAY

    def world(self, event: Event | None = None) -> World:
        """The next step as a world, with the facts as they are, or the plainest that fit."""
        facts = self.facts or read_facts(self.program, plain_facts(self.program, self.at))
        if self.before is None:
            return World(self.program, PROFILE, facts, State(), event, self.at, budget=self.budget)
        state = evaluate(self.program, PROFILE, None, self.before, at=self.at)[-1].state
        return World(self.program, PROFILE, facts, state, event, self.at, budget=self.budget)

    def follow(self, world: World, changes: Changes, at: int) -> "Journey":
        """The steps that a suggestion describes: its changes, and if it is for later, the instant that it names."""
        document = document_with(world.facts, changes)
        there = self.step(world.at, document, changes.get(EVENT))
        return there if at == world.at else there.step(at)


def start_of(program: Program) -> int:
    """When timelines begin: where the ruleset's first example does."""
    examples = program.ruleset.examples
    return examples[0].steps[0].at if examples else START


def document_with(facts: Facts, changes: Changes) -> Json:
    """Facts as they are posted, with changes."""
    whole = {**facts.document, **{name: one for name, one in changes.items() if name != EVENT}}
    return {name: one for name, one in whole.items() if one is not None}


def plain_facts(program: Program, at: int) -> Json:
    """The plainest facts that a ruleset accepts: only what it requires."""
    where = program.where
    return {one.key: plain_value(one, at, where) for one in program.ruleset.attributes if one.required}


def plain_value(attribute: Attribute, at: int, where: Any) -> object:
    """The plainest value of an attribute."""
    plain: dict[str, object] = {
        "boolean": False,
        "string": (attribute.enum or (ANY,))[0],
        "strings": [],
        "datetime": write_instant(at),
        "date": local_date(at, where).isoformat(),
    }
    if attribute.type in plain:
        return plain[attribute.type]
    low = Decimal(str(attribute.minimum)) if attribute.minimum is not None else Decimal(0)
    high = Decimal(str(attribute.maximum)) if attribute.maximum is not None else max(low, Decimal(0))
    number = min(max(low, Decimal(0)), high)
    whole = number.to_integral_value("ROUND_CEILING")
    return int(whole) if attribute.type == "integer" or number == whole else number


def journey_to(begun: Journey, goal: Goal) -> Journey | None:
    """The shortest timeline found that goes on from one and brings a goal about, through other stages if need be."""
    program = begun.program
    direct = reach(begun, goal)
    if direct is not None or program.lifecycle is None:
        return direct
    first = begun if begun.before is not None else begun.step(begun.at, plain_facts(program, begun.at))
    waiting, seen = [first], {first.last.stage if first.last else None}
    for journey in waiting:
        assert journey.last is not None and journey.last.stage is not None
        for target in dict.fromkeys(plan.transition.target for plan in program.lifecycle.leaving[journey.last.stage]):
            if target in seen:
                continue
            there = reach(journey, Goal("stage", "lifecycle", target))
            if there is None or there.last is None or there.last.stage in seen:
                continue
            seen.add(there.last.stage)
            found = there if goal.is_met(there.last.run) else reach(there, goal)
            if found is not None:
                return found
            waiting.append(there)
    return None


def reach(journey: Journey, goal: Goal) -> Journey | None:
    """One suggestion followed; the journey itself where the goal is met already."""
    world = journey.world()
    if journey.last is not None and goal.is_met(journey.last.run):
        return journey
    run = world.run({})
    if run is not None and goal.is_met(run):
        return journey.follow(world, {}, world.at)
    found: list[Suggestion] = find_nearest(world, goal)
    return journey.follow(world, found[0].changes, found[0].at) if found else None
