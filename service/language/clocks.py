"""Typed tree -> the clocks in it: at which instants can its answer change, if nothing but time passes?

Each clock names a function of this module and its operands; compiled, it appends instants after `at` to a list. A clock may
name too many instants, never too few: `decide` confirms each. Tags, tiers, stage and `since` stand still between two changes,
so they are constants here. A clock that gives only its next instant is *ticking* and must be asked again at each instant.
Source: docs/language.md, "Decisions", next change.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, tzinfo
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Any

from service.language.functions import FUNCTIONS, clamp
from service.language.instants import (
    DAY,
    HOUR,
    add,
    add_months,
    day_start,
    local_date,
    midnight,
    next_midnight,
)
from service.language.model import Duration
from service.language.program import ComponentRule
from service.language.tree import COMPARISONS, Binary, Call, Choice, Literal, Node, Reference, references, walk
from service.language.types import Type

COUNTERS = frozenset({"days_since", "hours_since", "calendar_days_since", "months_since"})
MIRRORED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}
FAR = Decimal(10_000_000_000)
"""No counter goes beyond this."""


@dataclass(frozen=True, slots=True)
class Clock:
    """One clock: the function that finds its instants, the trees of its operands, and its constants."""

    function: str
    operands: tuple[Node, ...]
    constants: tuple[Any, ...] = ()
    ticking: bool = False


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
            yield Clock("tick_day", (), (0,), ticking=True)

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
            if self.is_timed(node.left):
                yield from self.of_numbers(node.left, node.operator, node.right)
            if self.is_timed(node.right):
                yield from self.of_numbers(node.right, MIRRORED[node.operator], node.left)
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
            ticking = self.is_timed(bound) or self.is_timed(node.arguments[0])
            yield Clock("cross", (node.arguments[0], bound), (node.function, operator), ticking)
            yield from self.selection(node.arguments[0])
        else:
            yield from self.of(node)

    def of_call(self, node: Call) -> Iterator[Clock]:
        first = node.arguments[0]
        if node.function in COUNTERS:
            yield Clock("step", (first,), (node.function,), ticking=True)
            yield from self.selection(first)
        elif node.function == "within":
            yield Clock("period", (first,), (node.arguments[1].value,), self.is_timed(first))  # type: ignore[attr-defined]
            yield from self.selection(first)
        elif node.function in ("scale", "clamp") and (counter := self.counter(first)) is not None:
            bounds = node.arguments[1:]
            yield Clock("step_between", (counter.arguments[0], *bounds), (counter.function,), ticking=True)
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
        yield from self.selection(left)
        yield from self.selection(right)

    def of_pair(self, one: Node, moved: int, other: Node, other_moved: int) -> Iterator[Clock]:
        for clock, shift, fixed, fixed_shift in ((one, moved, other, other_moved), (other, other_moved, one, moved)):
            if not isinstance(clock, Reference) or clock.root not in ("now", "today"):
                continue
            if isinstance(fixed, Reference) and fixed.root == clock.root:
                continue
            function = "reach" if clock.root == "now" else "reach_day"
            yield Clock(function, (fixed,), (fixed_shift - shift,), self.is_timed(fixed))

    def selection(self, node: Node) -> Iterator[Clock]:
        """When does a date change: the conditions in it, and which of its leaves is the latest."""
        leaves = list(self.leaves(node))
        for index, (one, moved) in enumerate(leaves):
            if isinstance(one, Reference):
                if one.root == "today":
                    yield Clock("tick_day", (), (0,), ticking=True)
            else:
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
        if node.type is Type.DATETIME and not (isinstance(node, Call) and node.function != "latest"):
            for part in node.parts:
                yield from self.conditions(part)

    def of_parts_of_dates(self, node: Call) -> Iterator[Clock]:
        """`.month` and the like: a new day of a date that moves, and whatever changes the date."""
        unit = {".month": "tick_month", ".year": "tick_year"}.get(node.function, "tick_day")
        for one, moved in self.leaves(node.arguments[0]):
            if isinstance(one, Reference) and one.root in ("now", "today"):
                yield Clock(unit, (), (moved,), ticking=True)
        for clock in self.selection(node.arguments[0]):
            if not (clock.function == "tick_day" and unit != "tick_day"):
                yield clock


def is_static(node: Node) -> bool:
    """Whether a node holds no name at all."""
    return next(references(node), None) is None


# What the clocks compute. `found` takes instants; those not after `at`, or beyond the calendar, are passed over.


def note(found: list[int], at: int, instant: int | None) -> None:
    """Takes one instant, if it is still to come."""
    if instant is not None and instant > at:
        found.append(instant)


def counts_from(name: str, then: int, count: int, where: tzinfo) -> int | None:
    """The first instant at which a counter reaches a number."""
    if name == "days_since":
        return then + count * DAY
    if name == "hours_since":
        return then + count * HOUR
    start = local_date(then, where)
    if name == "calendar_days_since":
        return day_start(start, count, where)
    return month_start(start, count, where)


def month_start(start: date, count: int, where: tzinfo) -> int | None:
    """The midnight at which `months_since` a date reaches a number."""
    reached = add_months(start, count)
    return None if reached is None else midnight(reached, where)


def cross(found: list[int], at: int, where: tzinfo, then: int | None, bound: Decimal | None, name: str, operator: str) -> None:
    """Where a counter's comparison with a bound can change."""
    if then is None or bound is None or not -FAR < bound < FAR:
        return
    if operator in (">", "<="):
        counts = [int(bound.to_integral_value(ROUND_FLOOR)) + 1]
    elif operator in (">=", "<"):
        counts = [int(bound.to_integral_value(ROUND_CEILING))]
    else:
        counts = [int(bound), int(bound) + 1] if bound == bound.to_integral_value() else []
    for count in counts:
        note(found, at, counts_from(name, then, count, where))


def step(found: list[int], at: int, where: tzinfo, then: int | None, name: str) -> None:
    """The next instant at which a counter grows."""
    if then is not None:
        note(found, at, counts_from(name, then, count_at(name, then, at, where) + 1, where))


def step_between(
    found: list[int], at: int, where: tzinfo, then: int | None, low: Decimal | None, high: Decimal | None, name: str
) -> None:
    """The next instant at which a counter grows between two bounds; outside them nothing changes."""
    if then is None or low is None or high is None:
        return
    low, high = sorted((clamp(low, -FAR, FAR), clamp(high, -FAR, FAR)))
    count = max(count_at(name, then, at, where), int(low.to_integral_value(ROUND_FLOOR))) + 1
    if count <= high.to_integral_value(ROUND_CEILING):
        note(found, at, counts_from(name, then, count, where))


def count_at(name: str, then: int, at: int, where: tzinfo) -> int:
    """What a counter reads at an instant."""
    code = FUNCTIONS[name].code
    if name in ("days_since", "hours_since"):
        return int(code(then, at))
    return int(code(then, local_date(at, where), where))


def period(found: list[int], at: int, where: tzinfo, then: int | None, length: Duration) -> None:
    """Where `within` begins and ends."""
    if then is not None:
        note(found, at, then)
        note(found, at, add(then, length, where))


def reach(found: list[int], at: int, where: tzinfo, instant: int | None, moved: int) -> None:
    """Where `$now` reaches an instant, and where it is past it."""
    if instant is not None:
        note(found, at, instant + moved)
        note(found, at, instant + moved + 1)


def reach_day(found: list[int], at: int, where: tzinfo, instant: int | None, moved: int) -> None:
    """Where `$today` reaches an instant, and where it is past it."""
    if instant is None:
        return
    start = midnight(local_date(instant + moved, where), where)
    note(found, at, start)
    note(found, at, None if start is None else next_midnight(start, where))


def tick_day(found: list[int], at: int, where: tzinfo, moved: int) -> None:
    """Where the next day begins for a date that is `$now` moved."""
    start = next_midnight(at + moved, where)
    note(found, at, None if start is None else start - moved)


def tick_month(found: list[int], at: int, where: tzinfo, moved: int) -> None:
    """Where the next month begins for a date that is `$now` moved."""
    _tick_months(found, at, where, moved, 1)


def tick_year(found: list[int], at: int, where: tzinfo, moved: int) -> None:
    """Where the next year begins for a date that is `$now` moved."""
    day = local_date(at + moved, where)
    _tick_months(found, at, where, moved, 13 - day.month)


def _tick_months(found: list[int], at: int, where: tzinfo, moved: int, months: int) -> None:
    day = add_months(local_date(at + moved, where).replace(day=1), months)
    start = None if day is None else midnight(day, where)
    note(found, at, None if start is None else start - moved)


INSTANTS = {
    one.__name__: one
    for one in (cross, step, step_between, period, reach, reach_day, tick_day, tick_month, tick_year)
}
"""The function behind each clock's name."""
