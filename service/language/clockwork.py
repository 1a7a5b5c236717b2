"""What clocks compute when they are asked: instants at which a condition may change.

Each function appends to `found` the instants after `at` that it knows of; those beyond the calendar are passed over.
A clock may name too many instants, never too few: `decide` confirms each.
Source: docs/language.md, "Decisions", next change.
"""

from bisect import bisect_right
from collections.abc import Callable
from datetime import tzinfo
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from service.language.functions import FUNCTIONS, clamp
from service.language.instants import DAY, HOUR, add, add_months, day_start, local_date, midnight, next_midnight
from service.language.model import Duration

FAR = Decimal(10_000_000_000)
"""No counter goes beyond this."""


def crossings(bound: Decimal, operator: str) -> list[int]:
    """The counts at which comparing a counter with a bound changes."""
    if not -FAR < bound < FAR:
        return []
    low = int(bound.to_integral_value(ROUND_FLOOR))
    if operator == "around":
        return list(range(low - 1, low + 3))
    if operator in (">", "<="):
        return [low + 1]
    if operator in (">=", "<"):
        return [int(bound.to_integral_value(ROUND_CEILING))]
    return [low, low + 1] if low == bound else []


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
    reached = add_months(start, count)
    return None if reached is None else midnight(reached, where)


def cross(
    found: list[int], at: int, where: tzinfo, then: int | None, bound: Decimal | None, name: str, operator: str
) -> None:
    """Where a counter's comparison with a bound can change."""
    if then is not None and bound is not None:
        for count in crossings(bound, operator):
            note(found, at, counts_from(name, then, count, where))


def reach_counts(
    found: list[int], at: int, where: tzinfo, then: int | None, name: str, counts: tuple[int, ...]
) -> None:
    """Where a counter reaches one of some numbers; of a counter by the calendar only the next."""
    if then is None:
        return
    if name == "days_since":
        found.extend([instant for count in counts if (instant := then + count * DAY) > at])
    elif name == "hours_since":
        found.extend([instant for count in counts if (instant := then + count * HOUR) > at])
    else:
        place = bisect_right(counts, count_at(name, then, at, where))
        if place < len(counts):
            note(found, at, counts_from(name, then, counts[place], where))


def count_comes_round(
    found: list[int], at: int, where: tzinfo, then: int | None, name: str, step: int, target: int
) -> None:
    """Where a counter's remainder next becomes a number, or stops being it."""
    if then is None or not step:
        return
    count = count_at(name, then, at, where)
    ahead = min((rest - count - 1) % step for rest in (target, target + 1))
    note(found, at, counts_from(name, then, count + 1 + ahead, where))


def month_is(found: list[int], at: int, where: tzinfo, month: Decimal | None, moved: int) -> None:
    """Where the month of a date that is `$now` moved next becomes a number, or stops being it."""
    if month is not None:
        now = local_date(at + moved, where).month
        ahead = min((target - now - 1) % 12 for target in (int(month), int(month) + 1))
        _tick_months(found, at, where, moved, ahead + 1)


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
    note(found, at, next_midnight(start, where))


def pass_by(found: list[int], at: int, where: tzinfo, instants: tuple[int, ...]) -> None:
    """Instants that are the same for every profile, ascending."""
    found.extend(instants[bisect_right(instants, at) :])


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


INSTANTS: dict[str, Callable[..., None]] = {
    one.__name__: one
    for one in (
        count_comes_round,
        cross,
        month_is,
        pass_by,
        reach_counts,
        step,
        step_between,
        period,
        reach,
        reach_day,
        tick_day,
        tick_month,
        tick_year,
    )
}
"""The function behind each clock's name."""
