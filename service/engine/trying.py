"""Values of attributes tried one by one, by halving, in pairs, and led by how far the conditions are off.

What is sought is a condition on a run (`holds`); how far one is from it is a number that falls on the way. Pure.
"""

from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from itertools import combinations, islice, product
from typing import Any

from service.engine.axes import LINES, Axis, Constants, choices, constants_of
from service.engine.places import Basis, atoms
from service.engine.run import Run
from service.engine.walk import Walk
from service.engine.worlds import EVENT, Changes, World
from service.language.model import Attribute
from service.language.tree import Literal, walk
from service.language.types import Type

MOST_MARKS = 6
MOST_PAIRS = 1_500
"""The most pairs that are tried at a time."""
MOST_ROUNDS = 24
MOST_WAYS = 6
MOST_TOGETHER = 12
"""The most attributes that are changed together."""
NOTHING: Changes = {}
Holds = Callable[[Run], bool]
Far = Callable[[Run], float]


class Tries:
    """Tries changes of what stands behind a rule."""

    def __init__(self, world: World, basis: Basis) -> None:
        self.world = world
        self.basis = basis
        program = world.program
        self.constants: dict[str, Constants] = constants_of(program, basis)
        self.attributes = {one.key: one for one in program.ruleset.attributes if one.key in basis.attributes}
        self.axes = {key: self.axis(one) for key, one in self.attributes.items() if one.type in LINES}
        self.texts = sorted(
            {
                one.value
                for tree in basis.trees
                for one in walk(tree)
                if isinstance(one, Literal) and isinstance(one.value, str)
            }
        )
        self.told: dict[str, list[object]] = {}

    def axis(self, attribute: Attribute) -> Axis:
        """The line of an attribute, fine enough for the constants and for the value it has."""
        known = self.world.facts.values.get(attribute.key)
        own = Constants({known} if isinstance(known, Decimal) else set())
        return Axis(
            self.world.program, attribute, self.world.at, max(own.decimals, self.constants[attribute.key].decimals)
        )

    def holds(self, changes: Changes, holds: Holds) -> bool:
        """Whether something holds with changes."""
        run = self.world.run(changes)
        return run is not None and holds(run)

    def events(self) -> Iterator[tuple[str, str | None]]:
        """The events worth trying."""
        for type_ in self.basis.events:
            yield type_, None
            yield from ((type_, text) for text in self.texts)

    # One at a time

    def nearest_values(self, key: str, given: Changes, holds: Holds) -> Iterator[object]:
        """The values of one attribute, nearest first, with which something holds that does not hold without."""
        attribute = self.attributes[key]
        if key in self.axes:
            yield from self.along(key, given, holds)
        else:
            value = self.world.facts.values.get(key)
            yield from (
                one
                for one in choices(attribute, self.constants[key], value)
                if self.is_other(key, one) and self.holds({**given, key: one}, holds)
            )
        if self.may_be_left_out(key) and self.holds({**given, key: None}, holds):
            yield None

    def may_be_left_out(self, key: str) -> bool:
        """Whether an attribute is there, and leaving it out is not the same as its default."""
        return key in self.world.facts.document and self.attributes[key].default is None

    def is_other(self, key: str, posted: object) -> bool:
        """Whether a value is another than there is."""
        values = self.world.values({key: posted})
        return values is not None and values.get(key) != self.world.facts.values.get(key)

    def along(self, key: str, given: Changes, holds: Holds) -> Iterator[object]:
        """The nearest point above and the nearest below with which something holds."""
        axis = self.axes[key]
        known = self.world.facts.values.get(key)
        here = axis.origin if known is None else axis.point(known)
        points = self.points(key)
        if known is None and self.holds({**given, key: axis.posted(here)}, holds):
            yield axis.posted(here)
            return
        for side in ([one for one in points if one > here], [one for one in reversed(points) if one < here]):
            short = here
            for point in side:
                if self.holds({**given, key: axis.posted(point)}, holds):
                    yield axis.posted(self.halve(key, given, holds, short, point))
                    break
                short = point

    def points(self, key: str) -> list[int]:
        """The points worth trying for an attribute that is a line."""
        others = [one for name, one in self.world.facts.values.items() if name != key and name in self.attributes]
        return self.axes[key].points(self.constants[key], others)

    def halve(self, key: str, given: Changes, holds: Holds, short: int, enough: int) -> int:
        """The point nearest to `short` where something holds, between it and one where it does."""
        axis = self.axes[key]
        while abs(enough - short) > 1:
            middle = (short + enough) // 2
            if self.holds({**given, key: axis.posted(middle)}, holds):
                enough = middle
            else:
                short = middle
        return enough

    # Several

    def telling(self, key: str) -> list[object]:
        """A few values of an attribute that tell: of those that make other conditions hold the nearest, the constants
        that it is compared with, and the end that is farthest.
        """
        if key not in self.told:
            values = self.trials(key)
            nearest: dict[Any, object] = {}
            for one in values:
                run = self.world.run({key: one})
                if run is not None:
                    nearest.setdefault(self.view(run), one)
            told = {repr(one): one for one in (*nearest.values(), *self.marks(key, values), *values[-1:])}
            self.told[key] = list(told.values())
        return self.told[key]

    def trials(self, key: str) -> list[object]:
        """Every value worth trying for an attribute that is another than there is, the nearest first."""
        attribute, known = self.attributes[key], self.world.facts.values.get(key)
        if key not in self.axes:
            values = choices(attribute, self.constants[key], known)
        else:
            axis = self.axes[key]
            here = axis.origin if known is None else axis.point(known)
            values = [axis.posted(one) for one in sorted(self.points(key), key=lambda one: abs(one - here))]
        return [one for one in values if self.is_other(key, one)]

    def marks(self, key: str, values: list[object]) -> list[object]:
        """The constants among the values of a number."""
        numbers = self.constants[key].numbers if key in self.axes else set()
        marks: list[object] = [one for one in values if isinstance(one, int | Decimal) and one in numbers]
        return marks[:MOST_MARKS]

    def view(self, run: Run) -> tuple[Any, ...]:
        """What the conditions behind the goal say."""
        walk = Walk(run)
        conditions = [leaf for tree in self.basis.trees if tree.type is Type.BOOLEAN for leaf in atoms(tree)]
        bands = [run.band(key) for key in self.basis.tiers]
        return (*(walk.value(leaf) for leaf in conditions), *bands)

    def every_pair(self, changes: Changes) -> Iterator[Changes]:
        """Every pair of telling values of two attributes, beside some changes."""
        for one, other in combinations([key for key in self.attributes if key not in changes], 2):
            yield from (
                {one: first, other: second} for first, second in product(self.telling(one), self.telling(other))
            )

    def drawn_in(self, changes: Changes, holds: Holds) -> Changes:
        """The changes, each as small as it can be while the others stay, and none that is not needed."""
        found = dict(changes)
        for key in changes:
            rest = {name: one for name, one in found.items() if name != key}
            if self.holds(rest, holds):
                found = rest
            elif key in self.axes and found[key] is not None:
                found[key] = self.drawn_point(key, rest, holds, found[key])
        return {key: found[key] for key in (*self.attributes, EVENT) if key in found}

    def drawn_point(self, key: str, rest: Changes, holds: Holds, posted: object) -> object:
        """One value of a line, drawn towards what there is."""
        axis, known = self.axes[key], self.world.facts.values.get(key)
        values = self.world.values({key: posted})
        assert values is not None, key
        enough = axis.point(values[key])
        short = axis.origin if known is None else axis.point(known)
        if known is None and self.holds({**rest, key: axis.posted(short)}, holds):
            return axis.posted(short)
        return axis.posted(self.halve(key, rest, holds, short, enough))

    def led(self, holds: Holds, far: Far, given: Changes = NOTHING) -> Changes | None:
        """As many changes as it takes, each the one that leaves the least to be met; where that leads nowhere, other
        ways that come nearer at each step, a few of them.
        """
        for turn in range(MOST_WAYS):
            found = self.way(holds, far, given, turn)
            if found is not None:
                return self.drawn_in(found, holds)
        return None

    def way(self, holds: Holds, far: Far, given: Changes, turn: int) -> Changes | None:
        """One way, each step nearer: the first takes the best one each time, and two where one does not help."""
        changes, number = given, 0
        left = self.distance(changes, far)
        while left is not None and len(changes) <= MOST_TOGETHER and number < MOST_ROUNDS:
            number += 1
            following = self.nearer(changes, left, self.steps(changes), far, turn * number)
            if following is None and turn == 0:
                following = self.nearer(changes, left, islice(self.every_pair(changes), MOST_PAIRS), far, 0)
            if following is None:
                return None
            left, changes = following
            if self.holds(changes, holds):
                return changes
        return None

    def nearer(
        self, changes: Changes, left: float, steps: Iterable[Changes], far: Far, turn: int
    ) -> tuple[float, Changes] | None:
        """The changes with one of the steps that come nearer, the best at turn 0."""
        found: list[tuple[float, int, Changes]] = []
        for number, step in enumerate(steps):
            distance = self.distance({**changes, **step}, far)
            if distance is not None and distance < left:
                found.append((distance, number, {**changes, **step}))
        if not found:
            return None
        found.sort(key=lambda one: one[:2])
        distance, _, changes = found[turn % len(found)]
        return distance, changes

    def steps(self, changes: Changes) -> Iterator[Changes]:
        """Every single change beside some changes."""
        yield from ({key: one} for key in self.attributes for one in self.telling(key) if changes.get(key) != one)
        yield from ({EVENT: event} for event in self.events() if EVENT not in changes)

    def distance(self, changes: Changes, far: Far) -> float | None:
        """How far one is off with changes; nothing where they can't be tried."""
        run = self.world.run(changes)
        return None if run is None else far(run)
