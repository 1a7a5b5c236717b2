"""An attribute -> the values worth trying for it: around every constant that a rule compares it with, and the ends.

Numbers and dates are lines of whole points, so that what lies between two values can be halved; every other attribute
has a few values of its own.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import MAXYEAR, date
from decimal import Decimal
from typing import Any

from service.engine.places import Basis, atoms, basis_of_tree
from service.language.functions import ZERO
from service.language.instants import DAY, FIRST, HOUR, LAST, add_months, local_date, midnight, to_wall, write_instant
from service.language.model import Attribute, Duration
from service.language.program import Program
from service.language.tree import Literal, Node, walk
from service.language.types import INTEGER_LIMIT, Type

MOST_PLACES = 6
FAR_DAYS = 3_650
FAR_YEARS = 120
ANY = "any"
"""Stands for a text that no rule names."""
LINES = frozenset({"integer", "number", "datetime", "date"})


@dataclass(slots=True)
class Constants:
    """The constants that stand behind a rule, by type, and how many decimals its numbers have."""

    numbers: set[Decimal] = field(default_factory=set)
    instants: set[int] = field(default_factory=set)
    texts: set[str] = field(default_factory=set)
    periods: set[Duration] = field(default_factory=set)
    spans: set[int] = field(default_factory=set)

    def add(self, value: Any, type: Type) -> None:
        """Takes one constant, a list item by item."""
        if isinstance(value, tuple):
            element = Type.DATETIME if type is Type.DATETIMES else type
            for one in value:
                self.add(one, element)
        elif isinstance(value, Decimal):
            self.numbers.add(value)
        elif isinstance(value, Duration):
            self.periods.add(value)
        elif isinstance(value, str):
            self.texts.add(value)
        elif not isinstance(value, bool) and isinstance(value, int):
            (self.spans if type is Type.SPAN else self.instants).add(value)

    @property
    def decimals(self) -> int:
        """The decimals that the numbers are written with."""
        return max((_decimals(one) for one in self.numbers), default=0)


def _decimals(number: Decimal) -> int:
    exponent = number.normalize().as_tuple().exponent
    return min(max(-int(exponent), 0), MOST_PLACES)


def constants_of(program: Program, basis: Basis) -> dict[str, Constants]:
    """The constants that each attribute behind a rule may be compared with: those of expressions that it stands in,
    itself or by name, of the points and bands that these lead to.
    """
    found = {key: Constants() for key in basis.attributes}
    for tree in basis.trees:
        for part in atoms(tree):
            values = [(one.value, one.type) for one in walk(part) if isinstance(one, Literal)]
            _share(program, found, part, values)
    for key in basis.scores:
        for rule in program.rules.scores[key]:
            starts = [(start, Type.NUMBER) for start, _ in rule.points or () if start is not None]
            _share(program, found, rule.tree, starts)
    for key in basis.tiers:
        plan = program.tiers[key]
        edges = [*plan.edges, *(edge - plan.margin for edge in plan.edges)]
        _share(program, found, program.rules.tiers[key], [(edge, Type.NUMBER) for edge in edges])
    return found


def _share(program: Program, found: dict[str, Constants], tree: Node, values: Iterable[tuple[Any, Type]]) -> None:
    """Gives constants to every attribute behind an expression."""
    values = list(values)
    for key in basis_of_tree(program, tree).attributes if values else ():
        for value, type_ in values:
            found[key].add(value, type_)


class Axis:
    """An attribute of numbers or dates as a line of whole points.

    A point is the number itself, a fraction of it by `decimals`, a millisecond, or a day.
    """

    def __init__(self, program: Program, attribute: Attribute, at: int, decimals: int) -> None:
        self.attribute = attribute
        self.at = at
        self.where = program.where
        self.decimals = decimals if attribute.type == "number" else 0

    def point(self, value: Any) -> int:
        """The point of a value as rules see it; of one between two points the lower."""
        if self.attribute.type == "date":
            return local_date(value, self.where).toordinal()
        if self.attribute.type == "datetime":
            return int(value)
        return int((value.scaleb(self.decimals)).to_integral_value("ROUND_FLOOR"))

    def posted(self, point: int) -> object:
        """The value at a point, as it is posted; nothing where there is none."""
        kind = self.attribute.type
        if kind == "integer":
            return point
        if kind == "number":
            number = Decimal(point).scaleb(-self.decimals)
            return int(number) if number == number.to_integral_value() else number
        if kind == "datetime":
            return write_instant(point) if FIRST <= point <= LAST else None
        return date.fromordinal(point).isoformat() if 0 < point <= date(MAXYEAR, 12, 31).toordinal() else None

    @property
    def origin(self) -> int:
        """From where to look while the attribute is missing: nothing, or now."""
        return self.point(self.at) if self.attribute.type in ("datetime", "date") else 0

    def points(self, constants: Constants, others: Iterable[Any]) -> list[int]:
        """The points worth trying; `others` are the values of the other attributes."""
        if self.attribute.type in ("datetime", "date"):
            found = {self.point(min(max(one, FIRST), LAST)) for one in self._instants(constants, others)}
        else:
            found = {self.point(one) for one in self._numbers(constants, others)}
        return sorted({point + off for point in found for off in (-1, 0, 1)})

    def _numbers(self, constants: Constants, others: Iterable[Any]) -> Iterator[Decimal]:
        yield ZERO
        yield from (one for one in constants.numbers if abs(one) < INTEGER_LIMIT)
        yield from (one for one in others if isinstance(one, Decimal))
        for bound, far in ((self.attribute.minimum, -1), (self.attribute.maximum, 1)):
            if bound is not None:
                yield Decimal(str(bound))
            else:
                yield from (far * Decimal(10) ** power for power in range(1, 10))

    def _instants(self, constants: Constants, others: Iterable[Any]) -> Iterator[int]:
        yield from (self.at, self.at - FAR_DAYS * DAY, self.at + FAR_DAYS * DAY)
        yield self.at - FAR_YEARS * 366 * DAY
        yield from constants.instants
        yield from (one for one in others if isinstance(one, int) and not isinstance(one, bool))
        today = local_date(self.at, self.where)
        for one in constants.numbers:
            count = int(one)
            if 0 <= count <= FAR_DAYS * 24:
                yield from (self.at - count * DAY, self.at - count * HOUR)
                for months in (count, 12 * count):
                    day = add_months(today, -months) if months <= FAR_YEARS * 12 else None
                    yield self.at if day is None else midnight(day, self.where)
        for period in constants.periods:
            day = add_months(today, -period.months)
            start = self.at if day is None else self._same_time(day)
            yield start - period.milliseconds
        yield from (self.at - span for span in constants.spans)

    def _same_time(self, day: date) -> int:
        """The wall-clock time of `at` on another day."""
        wall = to_wall(self.at, self.where)
        return midnight(day, self.where) + ((wall.hour * 60 + wall.minute) * 60 + wall.second) * 1_000


def choices(attribute: Attribute, constants: Constants, value: Any) -> list[object]:
    """The values worth trying of an attribute that is no line."""
    if attribute.type == "boolean":
        return [True, False]
    texts = sorted(constants.texts if attribute.enum is None else attribute.enum)
    if attribute.enum is not None and attribute.type == "string":
        return list(attribute.enum)
    texts = sorted(constants.texts if attribute.enum is None else attribute.enum)
    if attribute.type == "string":
        return [*texts, ANY, ""]
    have: list[str] = list(value or ())
    added = [[*have, one] for one in texts if one not in have]
    fewer = [[one for one in have if one != out] for out in have]
    return [*added, *([] if texts else [[*have, ANY]]), *fewer, [], texts]
