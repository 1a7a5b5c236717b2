"""What a run would have found had facts, or the event, been otherwise.

A world is one decision with everything it was made from; changes are laid over it, by attribute. Trying is one run of
the program; what is told to anybody is decided again in full. Pure.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from service.engine.decide import Remembered, decide
from service.engine.decision import Event, ManualChange, Outcome
from service.engine.evaluate import remember
from service.engine.execute import execute
from service.engine.facts import MISFIT, Facts, read_facts, reading
from service.engine.run import Run
from service.engine.state import State
from service.errors import InvalidRequest
from service.language.program import Program

EVENT = "event"
"""Under this name changes hold another event: (type, text), or nothing. No attribute can be called so."""
MOST_STEPS = 60
"""How many changes that time brings are followed."""

Changes = Mapping[str, Any]
"""Posted values by attribute; `None` for one that is left out."""


@dataclass(slots=True)
class Budget:
    """How many trials are left."""

    left: int

    def spend(self) -> bool:
        """Take one, if there is any."""
        self.left -= 1
        return self.left >= 0


@dataclass(slots=True)
class World:
    """Everything one decision was made from."""

    program: Program
    profile: str
    facts: Facts
    state: State
    event: Event | None
    at: int
    manual: ManualChange | None = None
    budget: Budget = field(default_factory=lambda: Budget(1 << 40))

    def values(self, changes: Changes) -> dict[str, Any] | None:
        """The facts as rules see them, with changes; nothing where these do not fit the ruleset."""
        plan = reading(self.program)
        found = dict(self.facts.values)
        for name, posted in changes.items():
            if name == EVENT:
                continue
            found.pop(name, None)
            if posted is None:
                if name in plan.required:
                    return None
                if name in plan.defaults:
                    found[name] = plan.defaults[name]
                continue
            value = plan.readers[name](posted)
            if value is MISFIT:
                return None
            found[name] = value
        return found

    def event_with(self, changes: Changes) -> Event | None:
        """The event, or the one that changes name."""
        if EVENT not in changes:
            return self.event
        other = changes[EVENT]
        return None if other is None else Event(other[0], other[1], self.at)

    def run(self, changes: Changes) -> Run | None:
        """One run with changes; nothing where they do not fit, or no trial is left."""
        values = self.values(changes)
        if values is None or not self.budget.spend():
            return None
        event = self.event_with(changes)
        return execute(self.program, self.profile, values, self.state, event, self.at, self.manual)

    def decide(self, changes: Changes) -> tuple[Outcome, Facts] | None:
        """The whole decision with changes, as a request that posts them would make it; nothing where it is refused."""
        document = {name: one for name, one in {**self.facts.document, **changes}.items() if name != EVENT}
        try:
            facts = read_facts(self.program, document)
        except InvalidRequest:
            return None
        before = Remembered(self.state, self.facts, self.at, None, self.program)
        event = self.event_with(changes)
        outcome = decide(self.program, self.profile, facts, before, event, self.at, manual=self.manual)
        return outcome, facts

    def later(self, outcome: Outcome, facts: Facts) -> Iterator[Outcome]:
        """The decisions that time alone brings after one, first things first."""
        before = remember(self.program, facts, outcome)
        for _ in range(MOST_STEPS):
            if before.next_at is None:
                return
            outcome = decide(self.program, self.profile, facts, before, None, before.next_at)
            before = remember(self.program, facts, outcome)
            yield outcome


def world_of(run: Run, facts: Facts, manual: ManualChange | None = None) -> World:
    """The world of a run, which was made from these facts."""
    return World(run.program, run.profile, facts, run.before, run.event, run.at, manual)
