"""A tag, stage or band that did not come about -> the smallest changes with which it would have.

Every attribute behind the rule is tried by itself, then pairs, then as many as it takes; of each the nearest value that
does it is found by halving. Each suggestion was decided again with the changed facts. Pure.
Source: docs/language.md, "Explanations".
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from itertools import islice
from typing import Any, NamedTuple

from service.engine.decision import Decision, Outcome
from service.engine.distances import distance_to
from service.engine.places import basis_of
from service.engine.run import Run
from service.engine.trying import MOST_PAIRS, Holds, Tries
from service.engine.walk import Walk
from service.engine.worlds import EVENT, Changes, World
from service.language.instants import DAY
from service.language.program import TransitionPlan

MOST_SUGGESTIONS = 5
TWO = 2


class Goal(NamedTuple):
    """What should have come about: a `tag` held, the `stage` (with key `lifecycle`), or a `tier` in a band."""

    kind: str
    key: str
    target: str = "held"

    def is_met(self, run: Run) -> bool:
        """Whether it came about."""
        return run.present(self.kind, self.key) == self.target

    def waits(self, run: Run) -> bool:
        """Whether only time is missing."""
        if self.kind == "stage":
            return any(self.waits_for(run, plan) for plan in run.program.transitions.values())
        return any(
            one.outcome == "waiting"
            and (one.kind, one.key) == (self.kind, self.key)
            and one.target in (None, self.target)
            for one in run.standing
        )

    def waits_for(self, run: Run, plan: TransitionPlan) -> bool:
        """Whether a transition from the present stage to the one that is wanted only waits."""
        one, lifecycle = plan.transition, run.program.lifecycle
        assert lifecycle is not None
        if one.target != self.target or one.on is not None or plan not in lifecycle.leaving[str(run.stage)]:
            return False
        tree = run.program.rules.transitions[one.key]
        return tree is None or Walk(run).value(tree) is True


def goals_of(outcome: Outcome, one: Decision) -> Iterator[Goal]:
    """What a decision might have led to and did not: the tag held, the next band, each stage that a transition from the
    present one leads to.
    """
    run: Run = outcome.run
    program = run.program
    if one.kind == "tag":
        if one.key in program.tags and one.key not in run.tags:
            yield Goal("tag", one.key)
    elif one.kind == "tier":
        keys, band = program.tiers[one.key].keys, run.band(one.key)
        following = 0 if band is None else keys.index(band) + 1
        yield from (Goal("tier", one.key, key) for key in keys[following : following + 1])
    else:
        assert program.lifecycle is not None
        leaving = program.lifecycle.leaving[str(run.stage)]
        targets = dict.fromkeys(plan.transition.target for plan in leaving)
        yield from (Goal("stage", "lifecycle", target) for target in targets)


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Changes with which a goal comes about, at `at`: at once, or when a wait is over."""

    changes: Mapping[str, Any]
    at: int
    cost: Decimal


def find_nearest(world: World, goal: Goal) -> list[Suggestion]:
    """The nearest suggestions, few changes before many and small before large; time alone first, if that is enough.

    Empty where the goal is met, or where nothing was found.
    """
    return Search(world, goal).find()


class Search(Tries):
    """One search."""

    def __init__(self, world: World, goal: Goal) -> None:
        super().__init__(world, basis_of(world.program, [(goal.kind, "" if goal.kind == "stage" else goal.key)]))
        self.goal = goal

    def find(self) -> list[Suggestion]:
        """Time alone, then single changes, then pairs, then more; whatever comes first, all of that kind."""
        run = self.world.run({})
        if run is None or self.goal.is_met(run):
            return []
        found = [one for one in [self.checked({})] if one is not None]
        for several in (self.singles, self.several):
            for holds in (self.goal.is_met, self.is_near) if self.may_wait() else (self.goal.is_met,):
                suggestions = self.sorted(several(holds))
                if suggestions:
                    return [*found, *suggestions][:MOST_SUGGESTIONS]
        return found

    def several(self, holds: Holds) -> Iterator[Changes]:
        """The changes that the conditions lead to, if they are two; else pairs, and only then what they lead to."""
        led = self.led(holds, self.far)
        if led is not None and len(led) == TWO:
            yield led
            return
        pairs = list(self.pairs(holds))
        yield from pairs
        if led is not None and not pairs:
            yield led

    def may_wait(self) -> bool:
        """Whether anything behind the goal waits before it happens."""
        program = self.world.program
        stays = [one.transition.after_stay for one in program.transitions.values()]
        periods = [period for one in program.tiers.values() for period in (one.tier.rise_after, one.tier.fall_after)]
        return bool(program.held) or any(stays) or not all(one.is_zero for one in periods)

    def is_near(self, run: Run) -> bool:
        """Whether the goal is met, or only time is missing."""
        return self.goal.is_met(run) or self.goal.waits(run)

    def sorted(self, found: Iterator[Changes]) -> list[Suggestion]:
        """Checked suggestions, the nearest first."""
        checked = [one for one in map(self.checked, found) if one is not None]
        return sorted(checked, key=lambda one: (len(one.changes), one.at, one.cost, sorted(one.changes)))

    def checked(self, changes: Changes) -> Suggestion | None:
        """A suggestion, decided in full; nothing if the goal does not come about."""
        decided = self.world.decide(changes)
        if decided is None:
            return None
        outcome, facts = decided
        if self.goal.is_met(outcome.run):
            return Suggestion(changes, outcome.at, self.cost(changes))
        if changes and not self.goal.waits(outcome.run):
            return None
        for later in self.world.later(outcome, facts):
            if self.goal.is_met(later.run):
                return Suggestion(changes, later.at, self.cost(changes))
        return None

    def cost(self, changes: Changes) -> Decimal:
        """How large changes are: for a number the share of itself, for a date 30 days, for anything else one."""
        total = Decimal(0)
        for name, posted in changes.items():
            value = self.world.facts.values.get(name)
            axis = self.axes.get(name)
            if axis is None or value is None or posted is None:
                total += 1 if posted is not None else 3
                continue
            unit = Decimal(30 * (DAY if axis.attribute.type == "datetime" else 1))
            if isinstance(value, Decimal):
                unit = (1 + abs(value)).scaleb(axis.decimals)
            values = self.world.values({name: posted})
            assert values is not None, name
            total += abs(axis.point(values[name]) - axis.point(value)) / unit
        return total

    # Single changes

    def singles(self, holds: Holds) -> Iterator[Changes]:
        """For each attribute its nearest value, above and below, and the events."""
        for key in self.attributes:
            for posted in self.nearest_values(key, {}, holds):
                yield {key: posted}
        yield from ({EVENT: event} for event in self.events() if self.holds({EVENT: event}, holds))

    # Several changes

    def pairs(self, holds: Holds) -> Iterator[Changes]:
        """The nearest pairs of changes."""
        for changes in islice(self.every_pair({}), MOST_PAIRS):
            if self.holds(changes, holds):
                yield self.drawn_in(changes, holds)
        for event in self.events():
            for key in self.attributes:
                for posted in self.nearest_values(key, {EVENT: event}, holds):
                    yield {EVENT: event, key: posted}

    def far(self, run: Run) -> float:
        """How far the goal is."""
        return distance_to(run, self.goal.kind, self.goal.key, self.goal.target)
