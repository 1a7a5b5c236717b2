"""Typed tree -> the clocks in it: at which instants can its answer change, if nothing but time passes?

Each clock names a function of `clockwork` and its operands; compiled, it appends instants after `at` to a list.
A clock may
name too many instants, never too few: `decide` confirms each.
Tags, tiers, stage and `since` stand still between two changes,
so they are constants here. Clocks are of three kinds: *once* gives all of its few instants;
*next* gives only its next one and is
asked again once that is past; *tick* is asked again at each instant,
and a glance at its conditions comes before a decision.
Source: docs/language.md, "Decisions", next change.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any

from service.language.clockwork import FAR, crossings
from service.language.functions import FUNCTIONS
from service.language.program import ComponentRule
from service.language.tree import COMPARISONS, Binary, Call, Choice, Listing, Literal, Member, Node, Reference, walk
from service.language.types import Type

COUNTERS = frozenset({"days_since", "hours_since", "calendar_days_since", "months_since"})
MIRRORED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}


class Kind(StrEnum):
    """How a clock is asked."""

    ONCE = "once"
    NEXT = "next"
    TICK = "tick"


@dataclass(frozen=True, slots=True)
class Clock:
    """One clock: the function that finds its instants, the trees of its operands, its constants,
    and how it is asked.
    """

    function: str
    operands: tuple[Node, ...]
    constants: tuple[Any, ...] = ()
    kind: Kind = Kind.ONCE


class Clocks:
    """Finds the clocks of trees; `values` and `scores` are what their references stand for."""

    def __init__(self, values: Mapping[str, Node], scores: Mapping[str, tuple[ComponentRule, ...]]) -> None:
        self.values = values
        self.scores = scores

    def is_timed(self, node: Node) -> bool:
        """Whether the answer can change with time alone."""
        for one in walk(node):
            if isinstance(one, Call) and {"at", "today"} & set(self.extra(one)):
                return True
            if isinstance(one, Reference) and self.is_timed_name(one):
                return True
        return False

    def is_timed_name(self, one: Reference) -> bool:
        if one.root == "score":
            return any(self.is_timed(part.tree) for part in self.scores[one.key])
        return one.root in ("now", "today") or (one.root == "value" and self.is_timed(self.values[one.key]))

    def extra(self, one: Call) -> tuple[str, ...]:
        return FUNCTIONS[one.function].extra if one.function in FUNCTIONS else ()

    def of(self, node: Node) -> Iterator[Clock]:
        """The clocks of any expression."""
        if isinstance(node, Reference):
            yield from self.of_name(node)
        elif isinstance(node, Binary) and node.operator in COMPARISONS:
            yield from self.of_comparison(node)
        elif isinstance(node, Call):
            yield from self.of_call(node)
        elif isinstance(node, Member) and node.item.type is Type.DATETIME:
            for one in self.items(node.container):
                yield from self.of_dates(node.item, one)
            for one in self.conditions(node.container):
                yield from self.of(one)
        elif node.type is Type.DATETIME:
            yield from self.selection(node)
        else:
            for part in node.parts:
                yield from self.of(part)

    def of_name(self, node: Reference) -> Iterator[Clock]:
        if node.root == "value":
            yield from self.of(self.values[node.key])
        elif node.root == "score":
            for part in self.scores[node.key]:
                yield from self.of_component(part)
        elif node.root == "today":
            yield Clock("tick_day", (), (0,), Kind.TICK)

    def of_component(self, part: ComponentRule) -> Iterator[Clock]:
        """A component's clocks: where its input crosses the start of a point, or any of its value."""
        for start, _ in part.points or ():
            if start is not None:
                threshold = Literal(type=Type.NUMBER, span=(0, 0), value=start)
                yield from self.of_numbers(part.tree, ">=", threshold)
        if part.points is None:
            yield from self.of(part.tree)

    def of_comparison(self, node: Binary) -> Iterator[Clock]:
        if node.left.type is Type.DATETIME and node.right.type is Type.DATETIME:
            yield from self.of_dates(node.left, node.right)
        elif node.left.type is Type.NUMBER and node.right.type is Type.NUMBER:
            for one, operator, other in (
                (node.left, node.operator, node.right),
                (node.right, MIRRORED[node.operator], node.left),
            ):
                if self.is_timed(one):
                    yield from self.of_numbers(one, operator, other)
        else:
            for part in node.parts:
                yield from self.of(part)

    # Numbers

    def of_numbers(self, node: Node, operator: str, bound: Node) -> Iterator[Clock]:
        """When does a number that is made by choosing among others cross a bound? When one of those does."""
        if isinstance(node, Reference) and node.root == "value":
            yield from self.of_numbers(self.values[node.key], operator, bound)
        elif isinstance(node, Choice):
            yield from self.of(node.condition)
            for branch in (node.then, node.otherwise):
                yield from self.of_numbers(branch, operator, bound)
        elif isinstance(node, Binary) and node.operator == "??":
            for part in node.parts:
                yield from self.of_numbers(part, operator, bound)
        elif isinstance(node, Call) and node.function in ("min", "max", "clamp"):
            for part in node.arguments:
                yield from self.of_numbers(part, operator, bound)
        elif isinstance(node, Call) and node.function in COUNTERS:
            yield from self.of_counter(node, operator, bound)
            yield from self.selection(node.arguments[0])
        elif (clock := self.of_cycle(node, operator, bound)) is not None:
            yield clock
        elif (solved := self.solve(node, bound)) is not None:
            timed, edges = solved
            for edge in edges:
                yield from self.of_numbers(timed, "around", edge)
        else:
            yield from self.of(node)

    def of_counter(self, node: Call, operator: str, bound: Node) -> Iterator[Clock]:
        """When does a counter cross a bound? Constant bounds are counted out beforehand."""
        then = node.arguments[0]
        timed = self.is_timed(bound) or self.is_timed(then)
        if isinstance(bound, Literal):
            calendar = node.function not in ("days_since", "hours_since")
            kind = Kind.TICK if timed else Kind.NEXT if calendar else Kind.ONCE
            counts = tuple(crossings(bound.value, operator))  # type: ignore[arg-type]
            yield Clock("reach_counts", (then,), (node.function, counts), kind)
        else:
            yield Clock("cross", (then, bound), (node.function, operator), Kind.TICK if timed else Kind.ONCE)

    def of_cycle(self, node: Node, operator: str, bound: Node) -> Clock | None:
        """What comes round: the month of today, and a counter divided by a constant."""
        if isinstance(node, Call) and node.function == ".month" and operator in ("==", "!="):
            leaves = list(self.leaves(node.arguments[0]))
            one, moved = leaves[0]
            if (
                len(leaves) == 1
                and isinstance(one, Reference)
                and one.root in ("now", "today")
                and not self.is_timed(bound)
            ):
                return Clock("month_is", (bound,), (moved,), Kind.NEXT)
        if not isinstance(node, Binary) or node.operator not in ("%", "//"):
            return None
        counter, step = self.counter(node.left), whole(node.right)
        target = whole(bound)
        if counter is None or step is None or target is None or self.is_timed(counter.arguments[0]):
            return None
        if node.operator == "%" and operator in ("==", "!="):
            return Clock("count_comes_round", (counter.arguments[0],), (counter.function, step, target), Kind.NEXT)
        if node.operator == "//":
            counts = sorted({count * step + off for count in crossings(Decimal(target), "around") for off in (0, 1)})
            kind = Kind.ONCE if counter.function in ("days_since", "hours_since") else Kind.NEXT
            return Clock("reach_counts", (counter.arguments[0],), (counter.function, tuple(counts)), kind)
        return None

    def solve(self, node: Node, bound: Node) -> tuple[Node, tuple[Node, ...]] | None:
        """`number op bound` with the arithmetic moved to the other side: the timed part, and its new bounds.

        What is moved may round, and turn the comparison round: the crossing is looked for around the new bound.
        A timed divisor also crosses zero, where there is no quotient.
        """
        if isinstance(node, Call) and node.function == "share":
            left, operator, right = node.arguments[0], "/", node.arguments[1]
        elif isinstance(node, Binary) and node.operator in UNDONE:
            left, operator, right = node.left, node.operator, node.right
        else:
            return None
        if self.is_timed(bound) or self.is_timed(left) == self.is_timed(right):
            return None
        if self.is_timed(left):
            return left, (computed(UNDONE[operator], bound, right),)
        if operator == "/":
            return right, (computed("/", left, bound), Literal(type=Type.NUMBER, span=(0, 0), value=Decimal(0)))
        if operator == "-":
            return right, (computed("-", left, bound),)
        return right, (computed(UNDONE[operator], bound, left),)

    def of_call(self, node: Call) -> Iterator[Clock]:
        first = node.arguments[0]
        if node.function in COUNTERS:
            yield Clock("step", (first,), (node.function,), Kind.TICK)
            yield from self.selection(first)
        elif node.function == "within":
            assert isinstance(node.arguments[1], Literal)
            kind = Kind.TICK if self.is_timed(first) else Kind.ONCE
            yield Clock("period", (first,), (node.arguments[1].value,), kind)
            yield from self.selection(first)
        elif node.function in ("scale", "clamp") and (counter := self.counter(first)) is not None:
            bounds = node.arguments[1:]
            yield Clock("step_between", (counter.arguments[0], *bounds), (counter.function,), Kind.TICK)
            for part in (counter.arguments[0], *bounds):
                yield from self.of(part)
        elif first.type is Type.DATETIME:
            yield from self.of_parts_of_dates(node)
        else:
            for part in node.arguments:
                yield from self.of(part)

    def counter(self, node: Node) -> Call | None:
        """The counter that a node is, itself or by name."""
        if isinstance(node, Reference) and node.root == "value":
            return self.counter(self.values[node.key])
        return node if isinstance(node, Call) and node.function in COUNTERS else None

    # Dates

    def leaves(self, node: Node, moved: int = 0) -> Iterator[tuple[Node, int]]:
        """The dates that a date is chosen among, each with the milliseconds it is moved by."""
        if isinstance(node, Reference) and node.root == "value":
            yield from self.leaves(self.values[node.key], moved)
        elif isinstance(node, Binary) and node.operator == "shift":
            assert isinstance(node.right, Literal) and isinstance(node.right.value, int)
            yield from self.leaves(node.left, moved + node.right.value)
        elif isinstance(node, Choice):
            yield from self.leaves(node.then, moved)
            yield from self.leaves(node.otherwise, moved)
        elif isinstance(node, Binary) or (isinstance(node, Call) and node.function == "latest"):
            for part in node.parts:
                yield from self.leaves(part, moved)
        else:
            yield node, moved

    def of_dates(self, left: Node, right: Node) -> Iterator[Clock]:
        """When do two dates change their order? When `$now` reaches the other, and when one of them changes itself."""
        for one, moved in self.leaves(left):
            for other, other_moved in self.leaves(right):
                yield from self.of_pair(one, moved, other, other_moved)
        roots = {one.root for side in (left, right) for one, _ in self.leaves(side) if isinstance(one, Reference)}
        for side in (left, right):
            yield from self.selection(side, today="now" in roots)

    def of_pair(self, one: Node, moved: int, other: Node, other_moved: int) -> Iterator[Clock]:
        for clock, shift, fixed, fixed_shift in ((one, moved, other, other_moved), (other, other_moved, one, moved)):
            if not isinstance(clock, Reference) or clock.root not in ("now", "today"):
                continue
            if isinstance(fixed, Reference) and fixed.root == clock.root:
                continue
            function = "reach" if clock.root == "now" else "reach_day"
            kind = Kind.TICK if self.is_timed(fixed) else Kind.ONCE
            yield Clock(function, (fixed,), (fixed_shift - shift,), kind)

    def selection(self, node: Node, *, today: bool = True) -> Iterator[Clock]:
        """When does a date change: the conditions in it, which of its leaves is the latest,
        and `today` with each day.
        """
        leaves = list(self.leaves(node))
        for index, (one, moved) in enumerate(leaves):
            if isinstance(one, Reference):
                if today and one.root == "today":
                    yield Clock("tick_day", (), (0,), Kind.TICK)
            elif not isinstance(one, Literal):
                yield from self.of(one)
            for other, other_moved in leaves[index + 1 :]:
                yield from self.of_pair(one, moved, other, other_moved)
        for one in self.conditions(node):
            yield from self.of(one)

    def conditions(self, node: Node) -> Iterator[Node]:
        """The conditions by which a date is chosen."""
        if isinstance(node, Reference) and node.root == "value":
            yield from self.conditions(self.values[node.key])
        if isinstance(node, Choice):
            yield node.condition
        if node.type in (Type.DATETIME, Type.DATETIMES) and not (isinstance(node, Call) and node.function != "latest"):
            for part in node.parts:
                yield from self.conditions(part)

    def items(self, container: Node) -> Iterator[Node]:
        """The dates that may be in a list."""
        if isinstance(container, Reference):
            yield from self.items(self.values[container.key])
        elif isinstance(container, Listing):
            yield from container.items
        elif isinstance(container, Literal) and isinstance(container.value, tuple):
            for one in container.value:
                yield Literal(type=Type.DATETIME, span=(0, 0), value=one)
        else:
            for part in container.parts:
                if part.type is Type.DATETIMES:
                    yield from self.items(part)

    def of_parts_of_dates(self, node: Call) -> Iterator[Clock]:
        """`.month` and the like: a new day of a date that moves, and whatever changes the date."""
        unit = {".month": "tick_month", ".year": "tick_year"}.get(node.function, "tick_day")
        for one, moved in self.leaves(node.arguments[0]):
            if isinstance(one, Reference) and one.root in ("now", "today"):
                yield Clock(unit, (), (moved,), Kind.TICK)
        for clock in self.selection(node.arguments[0]):
            if not (clock.function == "tick_day" and unit != "tick_day"):
                yield clock


UNDONE = {"+": "-", "-": "+", "*": "/", "/": "*"}


def computed(operator: str, left: Node, right: Node) -> Node:
    """Arithmetic as a tree."""
    return Binary(type=Type.NUMBER, span=(0, 0), operator=operator, left=left, right=right, nullable=True)


def whole(node: Node) -> int | None:
    """A constant whole number above or equal to zero."""
    value = node.value if isinstance(node, Literal) else None
    if isinstance(value, Decimal) and 0 <= value < FAR and value == value.to_integral_value():
        return int(value)
    return None
