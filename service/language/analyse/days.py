"""Time and the calendar -> terms: periods of fixed length exactly, months and parts of dates within bounds.

A world that stands at an instant takes the clock of the ruleset's timezone as it goes at that instant, and looks at the
days of a few months; so what it says of a date in another season may be an hour off, and whoever uses it tries it.
Source: docs/language.md, "Instants".
"""

from calendar import monthrange
from collections.abc import Callable, Iterator
from datetime import UTC, date
from typing import Any

from service.language.analyse.terms import Term
from service.language.analyse.world import World
from service.language.functions import ACCESSORS, WEEKDAYS, months_since
from service.language.instants import DAY, HOUR, add, add_months, local_date, midnight
from service.language.model import Duration
from service.language.tree import Call, Node
from service.language.types import Type

SLACK_DAYS = 3
"""More than clocks were ever changed by, and than a month's missing days, in days."""
MOST_MONTHS = 1200
NEAR_MONTHS = 14
YEARS_AGO = (-1, 0, 1, 2, 5, 10, 18, 25, 35, 45, 60)
EPOCH_DAY = date(1970, 1, 1).toordinal()
THURSDAY = 3
"""The first of January 1970 was one, counted from Monday."""


def periods_since(world: World, then: Any, length: int) -> Any:
    """Whole periods of a fixed length up to the present instant."""
    return world.solver.quotient(world.now - then, length)


def today(world: World) -> Term:
    """The midnight at which the present day began."""
    if world.at is not None:
        return Term(known=True, value=midnight(local_date(world.at, world.where), world.where))

    def build() -> Term:
        found = world.solver.whole("today")
        world.side(found >= world.now - SLACK_DAYS * DAY, found <= world.now + SLACK_DAYS * DAY)
        return Term(known=True, value=found)

    return world.piece(("node", "today"), build)


def within(world: World, node: Call, then: Any, period: Duration) -> Any:
    """Whether the present instant lies in the period that begins with `then`."""
    solver = world.solver
    begun = then <= world.now
    if not period.months:
        return solver.every(begun, world.now < then + period.milliseconds)
    if world.at is not None:
        return solver.every(begun, then >= earliest_start(world, world.at, period))

    def build() -> Term:
        end = solver.whole(world.fresh())
        rest = period.milliseconds
        world.side(
            end >= then + rest + least_days(period.months) * DAY, end <= then + rest + most_days(period.months) * DAY
        )
        world.leave_open("calendar")
        return Term(known=True, value=world.now < end)

    return solver.every(begun, world.node(node, build).value)


def earliest_start(world: World, at: int, period: Duration) -> int:
    """The first instant whose period has not ended yet."""
    low, high = at - period.milliseconds - most_days(period.months) * DAY, at
    while low < high:
        middle = (low + high) // 2
        end = add(middle, period, world.where)
        low, high = (low, middle) if end is None or end > at else (middle + 1, high)
    return low


def least_days(months: int) -> int:
    """Fewer days than that many months ever have."""
    return months * 304 // 10 - SLACK_DAYS - 1


def most_days(months: int) -> int:
    """More days than that many months ever have."""
    return months * 306 // 10 + SLACK_DAYS + 1


def day_number(world: World, then: Any) -> Any:
    """The days from 1970 to an instant's date, by the present clock."""
    return world.solver.quotient(then + world.offset, DAY)


def calendar_days(world: World, node: Node, then: Any) -> Any:
    """Days between two dates."""
    if world.is_exact:
        return day_number(world, world.now) - day_number(world, then)

    def build() -> Term:
        found = world.solver.whole(world.fresh())
        near(world, found, world.now - then, DAY)
        world.leave_open("calendar")
        return Term(known=True, value=found)

    return world.node(node, build).value


def near(world: World, count: Any, distance: Any, length: int) -> None:
    """The count is that of periods in a distance, but for the slack."""
    world.side(
        (count - SLACK_DAYS) * length <= distance,
        distance <= (count + SLACK_DAYS) * length,
    )


def months(world: World, node: Node, then: Any) -> Any:
    """The most months that can be added to a date without passing today."""
    solver = world.solver

    def build() -> Term:
        found = solver.whole(world.fresh())
        if world.at is not None:
            cases = [solver.every(found == count, inside) for count, inside in spans(world, world.at, then)]
            world.side(solver.some(*cases))
            return Term(known=True, value=found)
        tenths, slack = (world.now - then) * 10, (SLACK_DAYS * 2 + 2) * 10 * DAY
        least = solver.choose(found >= 0, 304 * found, 306 * found)
        most = solver.choose(found >= -1, 306 * (found + 1), 304 * (found + 1))
        world.side(tenths >= least * DAY - slack, tenths <= most * DAY + slack)
        world.leave_open("calendar")
        return Term(known=True, value=found)

    return world.node(node, build).value


def spans(world: World, at: int, then: Any) -> Iterator[tuple[int, Any]]:
    """Numbers of months that something is compared with, each with the days that are so long ago."""
    day, now = day_number(world, then), local_date(at, world.where)
    for count in month_counts(world):
        first, last = last_day(now, count + 1), last_day(now, count)
        if first is not None and last is not None:
            yield count, world.solver.every(day > first, day <= last)


def month_counts(world: World) -> list[int]:
    """The numbers of months that may matter: those near now, and those that something is compared with."""
    whole = [int(one) for one in world.thresholds if one == one.to_integral_value() and 0 <= one <= MOST_MONTHS]
    found = {*range(-2, NEAR_MONTHS)}
    found.update(12 * one + more for one in whole if one * 12 <= MOST_MONTHS for more in (-1, 0))
    found.update(one + more for one in whole for more in (-1, 0, 1))
    return sorted(found)


def last_day(now: date, count: int) -> int | None:
    """The last day, by its number, that lies so many months ago; nothing outside the years 1 to 9999."""
    start = add_months(now, -count)
    if start is None:
        return None
    near_days = [number_of(start) + more for more in range(-4, 5)]
    return max((one for one in near_days if months_since(one * DAY, now, UTC) >= count), default=None)


def number_of(day: date) -> int:
    """The days from 1970 to a date."""
    return day.toordinal() - EPOCH_DAY


def date_part(world: World, node: Call, then: Any) -> Any:
    """`.year .month .day .hour .weekday .date` of an instant."""
    name = node.function[1:]
    if isinstance(then, int):
        found = ACCESSORS[name][Type.DATETIME].code(then, world.where)
        return world.texts.code(found) if isinstance(found, str) else int(found)
    return world.node(node, lambda: Term(known=True, value=PARTS[name](world, name, then))).value


def clock_part(world: World, name: str, then: Any) -> Any:
    """The hour, or the midnight, of an instant."""
    solver = world.solver
    if world.is_exact:
        passed = solver.remainder(then + world.offset, DAY)
        return then - passed if name == "date" else solver.quotient(passed, HOUR)
    world.leave_open("calendar")
    found = solver.whole(world.fresh())
    low, high = (then - SLACK_DAYS * DAY, then + SLACK_DAYS * DAY) if name == "date" else (0, 23)
    world.side(found >= low, found <= high)
    return found


def weekday(world: World, _name: str, then: Any) -> Any:
    """The day of the week."""
    solver = world.solver
    codes = [world.texts.code(one) for one in WEEKDAYS]
    if not world.is_exact:
        world.leave_open("calendar")
        found = solver.real(world.fresh())
        world.side(solver.some(*(found == code for code in codes)))
        return found
    index = solver.remainder(day_number(world, then) + THURSDAY, len(WEEKDAYS))
    found = codes[0]
    for place, code in enumerate(codes):
        found = solver.choose(index == place, code, found)
    return found


def month_part(world: World, name: str, then: Any) -> Any:
    """The year, month or day of the month: of the months that are looked at, or within bounds."""
    solver = world.solver
    found = solver.whole(world.fresh())
    if world.at is None:
        world.leave_open("calendar")
        low, high = {"year": (1, 9999), "month": (1, 12), "day": (1, 31)}[name]
        world.side(found >= low, found <= high)
        return found
    day, cases = day_number(world, then), []
    for first in looked_at(local_date(world.at, world.where)):
        start, end = number_of(first), number_of(first) + monthrange(first.year, first.month)[1]
        value = day - start + 1 if name == "day" else getattr(first, name)
        cases.append(solver.every(day >= start, day < end, found == value))
    world.side(solver.some(*cases))
    return found


def looked_at(now: date) -> Iterator[date]:
    """The first days of the months that dates are tried in: those of this year and the next, and of some long ago."""
    for years in YEARS_AGO:
        if now.year - years >= 1:
            yield from (date(now.year - years, month, 1) for month in range(1, 13))


PARTS: dict[str, Callable[[World, str, Any], Any]] = {
    "year": month_part,
    "month": month_part,
    "day": month_part,
    "hour": clock_part,
    "date": clock_part,
    "weekday": weekday,
}
