"""The functions and accessors that rules may call: what they take, what they give, and the code that answers.

Pure. Arguments that reach an implementation are known; an unknown one makes the call unknown before it gets here
(but for `latest`). Numbers are `Decimal`, instants whole milliseconds, lists tuples.
An implementation that has no answer gives `None`.
Source: docs/language.md, "Expressions".
"""

from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, tzinfo
from decimal import ROUND_HALF_EVEN, Context, Decimal, DivisionByZero, InvalidOperation, Overflow
from functools import lru_cache
from hashlib import sha256
from typing import Any

from service.language.instants import DAY, HOUR, add, add_months, local_date, midnight, to_wall
from service.language.model import Duration
from service.language.types import NUMBER_DIGITS, Type

CONTEXT = Context(prec=NUMBER_DIGITS, rounding=ROUND_HALF_EVEN, traps=[InvalidOperation, DivisionByZero, Overflow])
"""The one decimal context of all rules, whatever the thread that runs them has set."""

add_product, ratio = CONTEXT.fma, CONTEXT.divide
ZERO = Decimal(0)
ONE = Decimal(1)
HUNDRED = Decimal(100)
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def _exact(operation: Callable[[Decimal, Decimal], Decimal]) -> Callable[[Decimal, Decimal], Decimal | None]:
    """Arithmetic in the rules' context; what has no result is unknown."""

    def compute(left: Decimal, right: Decimal) -> Decimal | None:
        try:
            return operation(left, right)
        except ArithmeticError:
            return None

    return compute


plus = _exact(CONTEXT.add)
minus = _exact(CONTEXT.subtract)
times = _exact(CONTEXT.multiply)
divide = _exact(CONTEXT.divide)
divide_whole = _exact(CONTEXT.divide_int)
remainder = _exact(CONTEXT.remainder)
negative = CONTEXT.minus
OPERATORS = {"+": plus, "-": minus, "*": times, "/": divide, "//": divide_whole, "%": remainder}


def days_since(then: int, at: int) -> Decimal:
    """Whole periods of 24 h from `then` to `at`, rounded down."""
    return Decimal((at - then) // DAY)


def hours_since(then: int, at: int) -> Decimal:
    """Whole hours from `then` to `at`, rounded down."""
    return Decimal((at - then) // HOUR)


def calendar_days_since(then: int, today: date, where: tzinfo) -> Decimal:
    """Days between two dates in the ruleset's timezone."""
    return Decimal(today.toordinal() - local_date(then, where).toordinal())


def months_since(then: int, today: date, where: tzinfo) -> Decimal:
    """The most months that can be added to the date of `then` without passing today."""
    start = local_date(then, where)
    months = (today.year - start.year) * 12 + today.month - start.month
    if start.day > today.day and add_months(start, months) != today:  # Why: a missing day becomes the month's last.
        months -= 1
    return Decimal(months)


def within(then: int, period: Duration, at: int, where: tzinfo) -> bool:
    """Does `at` lie in the period that begins with `then`, its end left out."""
    if not period.months:
        return then <= at < then + period.milliseconds
    end = add(then, period, where)
    return then <= at and (end is None or at < end)


def latest(*instants: int | None) -> int | None:
    """The latest of the known ones; unknown when none is."""
    known = [one for one in instants if one is not None]
    return max(known) if known else None


def clamp(number: Decimal, low: Decimal, high: Decimal) -> Decimal:
    """The number, moved into the range where it lies outside; `low` wins where the range is upside down."""
    return max(low, min(number, high))


def scale(number: Decimal, low: Decimal, high: Decimal) -> Decimal | None:
    """Where a number lies between two others, 0-100; unknown if they are equal."""
    if low < high:
        if number <= low:
            return ZERO
        if number >= high:
            return HUNDRED
    try:
        share_of = CONTEXT.divide(CONTEXT.subtract(number, low), CONTEXT.subtract(high, low))
        points = CONTEXT.multiply(share_of, HUNDRED)
        return points if low < high else bounded(points)
    except ArithmeticError:
        return None


@lru_cache(maxsize=4096)
def scaler(low: Decimal, high: Decimal) -> Callable[[Decimal], Decimal | None]:
    """`scale` between two constants, with all that they alone decide computed beforehand."""
    if low >= high:
        return lambda number: scale(number, low, high)
    divide, subtract = CONTEXT.divide, CONTEXT.subtract
    percent = divide(subtract(high, low), HUNDRED)

    def scale_between(number: Decimal) -> Decimal:
        if number <= low:
            return ZERO
        if number >= high:
            return HUNDRED
        return divide(subtract(number, low) if low else number, percent)

    return scale_between


def bounded(number: Decimal | None) -> Decimal | None:
    """The number, moved into 0-100 where it lies outside."""
    return None if number is None else max(ZERO, min(HUNDRED, number))


def any_of(have: tuple[str, ...], wanted: tuple[str, ...]) -> bool:
    """Is any of `wanted` in `have`."""
    return any(one in have for one in wanted)


def all_of(have: tuple[str, ...], wanted: tuple[str, ...]) -> bool:
    """Is every one of `wanted` in `have`."""
    return all(one in have for one in wanted)


def bucket(name: str, profile: str) -> Decimal:
    """A stable group 0-99 of a profile, by the hash of the bucket's name and the profile's id."""
    digest = sha256(name.encode() + b"\0" + profile.encode()).digest()
    return Decimal(int.from_bytes(digest[:8], "big") % 100)


def _date_part(name: str) -> Callable[[int, tzinfo], Decimal]:
    def read(instant: int, where: tzinfo) -> Decimal:
        return Decimal(getattr(local_date(instant, where), name))

    return read


def _hour(instant: int, where: tzinfo) -> Decimal:
    return Decimal(to_wall(instant, where).hour)


def _weekday(instant: int, where: tzinfo) -> str:
    return WEEKDAYS[local_date(instant, where).weekday()]


def _date(instant: int, where: tzinfo) -> int:
    return midnight(local_date(instant, where), where)


@dataclass(frozen=True, slots=True)
class Function:
    """One callable: its argument types (the last may repeat up to `most`), result, and code.

    `extra` names what the engine adds behind the arguments: `at` (the instant), `today` (its date in the ruleset's
    timezone), `where` (that timezone), `profile` (the profile's id).
    `total` says that known arguments give a known result.
    """

    result: Type
    arguments: tuple[Type, ...]
    code: Callable[..., Any]
    extra: tuple[str, ...] = ()
    total: bool = True
    most: int = 0
    takes_unknown: bool = False

    @property
    def limits(self) -> tuple[int, int]:
        """The least and the most arguments."""
        return len(self.arguments), max(self.most, len(self.arguments))

    def argument(self, index: int) -> Type:
        """The type of the argument at that place."""
        return self.arguments[min(index, len(self.arguments) - 1)]


_D, _N, _S, _B, _L = Type.DATETIME, Type.NUMBER, Type.STRING, Type.BOOLEAN, Type.STRINGS

FUNCTIONS: dict[str, Function] = {
    "days_since": Function(_N, (_D,), days_since, ("at",)),
    "hours_since": Function(_N, (_D,), hours_since, ("at",)),
    "calendar_days_since": Function(_N, (_D,), calendar_days_since, ("today", "where")),
    "months_since": Function(_N, (_D,), months_since, ("today", "where")),
    "within": Function(_B, (_D, _S), within, ("at", "where")),
    "latest": Function(_D, (_D, _D), latest, most=8, takes_unknown=True),
    "min": Function(_N, (_N, _N), min, most=8),
    "max": Function(_N, (_N, _N), max, most=8),
    "clamp": Function(_N, (_N, _N, _N), clamp),
    "scale": Function(_N, (_N, _N, _N), scale, total=False),
    "share": Function(_N, (_N, _N), divide, total=False),
    "any_of": Function(_B, (_L, _L), any_of),
    "all_of": Function(_B, (_L, _L), all_of),
    "bucket": Function(_N, (_S,), bucket, ("profile",)),
}
"""What may be called by name. The second argument of `within` is a literal,
read as a `Duration` when the rule is checked."""

ACCESSORS: dict[str, dict[Type, Function]] = {
    "year": {_D: Function(_N, (_D,), _date_part("year"), ("where",))},
    "month": {_D: Function(_N, (_D,), _date_part("month"), ("where",))},
    "day": {_D: Function(_N, (_D,), _date_part("day"), ("where",))},
    "hour": {_D: Function(_N, (_D,), _hour, ("where",))},
    "weekday": {_D: Function(_S, (_D,), _weekday, ("where",))},
    "date": {_D: Function(_D, (_D,), _date, ("where",))},
    "length": {
        _S: Function(_N, (_S,), lambda text: Decimal(len(text))),
        _L: Function(_N, (_L,), lambda items: Decimal(len(items))),
    },
    "is_empty": {_S: Function(_B, (_S,), lambda text: not text), _L: Function(_B, (_L,), lambda items: not items)},
    "as_lower": {_S: Function(_S, (_S,), str.lower)},
    "as_upper": {_S: Function(_S, (_S,), str.upper)},
    "starts_with": {_S: Function(_B, (_S, _S), str.startswith)},
    "ends_with": {_S: Function(_B, (_S, _S), str.endswith)},
}
"""What may be asked of a value with a dot, by the value's type; the value is the first argument."""


def points_at(number: Decimal | None, starts: tuple[Decimal, ...], points: tuple[Decimal, ...]) -> Decimal | None:
    """The points of the highest start not above the number; `points` has one entry more,
    for what lies below all starts.
    """
    return None if number is None else points[bisect_right(starts, number)]
