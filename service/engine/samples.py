"""A program -> situations to try it with: made by rule from the numbers, texts and dates that its rules hold.

The same program gives the same samples. They stand near the places where conditions turn, and many attributes are left
out, so that most of what can happen does.
"""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from service.language.analyse.called import profile_name
from service.language.analyse.situation import Situation
from service.language.analyse.texts import Texts
from service.language.analyse.world import every_tree, thresholds
from service.language.instants import DAY, HOUR, local_date, write_instant
from service.language.model import Attribute
from service.language.program import Program
from service.language.tree import Literal, walk
from service.language.types import INTEGER_LIMIT, Type

USUAL = 1_782_000_000_000
"""2026-06-21T00:00:00Z and some; the instant at which samples stand but for those near a written date."""
PARTS = 7
DAYS = (0, 1, 2, 6, 7, 8, 29, 30, 31, 60, 89, 90, 91, 180, 365, 366, 730)


class Chance:
    """Numbers that look random and are the same every time (a linear congruential generator, Knuth's MMIX)."""

    def __init__(self, seed: int = 1) -> None:
        self._state = seed

    def below(self, limit: int) -> int:
        """A whole number from 0 below a limit."""
        self._state = (self._state * 6364136223846793005 + 1442695040888963407) % (1 << 64)
        return (self._state >> 33) % limit

    def one(self, items: Any) -> Any:
        """One of some items."""
        return items[self.below(len(items))]


class Samples:
    """What a program's attributes are tried with, found once."""

    def __init__(self, program: Program) -> None:
        self.program = program
        ruleset, rules = program.ruleset, program.rules
        trees = list(every_tree(rules))
        self.texts = Texts([ruleset], trees).free
        numbers = {one + more for one in thresholds(ruleset, rules) for more in (-1, 0, 1)}
        for tree in trees:
            literals = (one.value for one in walk(tree) if isinstance(one, Literal))
            numbers.update(one for one in literals if isinstance(one, Decimal))
        self.numbers = sorted(one for one in numbers if abs(one) < INTEGER_LIMIT)
        self.days = sorted({*DAYS, *(int(one) for one in self.numbers if 0 <= one < 1000 * PARTS)})
        self.instants = sorted(
            {
                int(one)
                for tree in trees
                for node in walk(tree)
                if isinstance(node, Literal) and node.type in (Type.DATETIME, Type.DATETIMES)
                for one in (node.value if isinstance(node.value, tuple) else (node.value,))
            }
        )
        self.choices = {
            one.key: self.numbers_of(one) for one in ruleset.attributes if one.type in ("integer", "number")
        }

    def numbers_of(self, attribute: Attribute) -> list[object]:
        """The numbers that an attribute is tried with, within its bounds."""
        found = [
            self.bound(attribute.minimum),
            *self.numbers,
            self.bound(attribute.maximum),
            Decimal("0.5"),
            Decimal(3),
        ]
        low = min(found) if attribute.minimum is None else Decimal(attribute.minimum)  # type: ignore[arg-type]
        high = max(found) if attribute.maximum is None else Decimal(attribute.maximum)  # type: ignore[arg-type]
        inside = [one for one in dict.fromkeys(found) if low <= one <= high]
        if attribute.type == "number":
            return list(inside)
        return [int(one) for one in inside if one == one.to_integral_value()] or [int(low)]

    def bound(self, value: object) -> Decimal:
        """A bound as a number; zero where there is none."""
        return Decimal(0) if value is None else Decimal(value)  # type: ignore[arg-type]

    def take(self, count: int) -> Iterator[Situation]:
        """That many situations: of profiles never seen, and of some with a past."""
        chance = Chance()
        for number in range(count):
            at = USUAL + chance.below(3) * DAY
            if self.instants and chance.below(4) == 0:
                at = chance.one(self.instants) + chance.one((-1, 0, 1, HOUR, DAY))
            yield self.situation(chance, number, at)

    def situation(self, chance: Chance, number: int, at: int) -> Situation:
        """One situation."""
        ruleset, program = self.program.ruleset, self.program
        share = chance.one((0, 1, 1, 3, 6))
        attributes = {
            one.key: self.value(chance, one, at)
            for one in ruleset.attributes
            if one.required or chance.below(PARTS) >= share
        }
        event = None
        if ruleset.events and chance.below(2):
            event = (chance.one(ruleset.events).key, chance.one((None, *self.texts)))
        found = Situation(profile=profile_name(number), attributes=attributes, at=at, event=event)
        if number % 2 == 0:
            return found
        return Situation(
            profile=found.profile,
            attributes=attributes,
            at=at,
            event=event,
            stage=chance.one(tuple(program.lifecycle.leaving)) if program.lifecycle else None,
            stage_since=at - chance.one(self.days) * DAY,
            tags=self.tags(chance, at),
            bands={
                key: (chance.one(plan.keys), at - chance.one(self.days) * DAY)
                for key, plan in program.tiers.items()
                if chance.below(2)
            },
            waited=frozenset(rule for rule in program.held if chance.below(2)),
        )

    def tags(self, chance: Chance, at: int) -> dict[str, int]:
        """Some tags that were held, at most one of an exclusive group."""
        found: dict[str, int] = {}
        taken = set()
        for key, plan in self.program.tags.items():
            if plan.tag.manual != "only" and not plan.is_default and plan.group not in taken and chance.below(3) == 0:
                found[key] = at - chance.one(self.days) * DAY
                if plan.group is not None:
                    taken.add(plan.group)
        return found

    def value(self, chance: Chance, attribute: Attribute, at: int) -> object:
        """A value for an attribute, as posted."""
        match attribute.type:
            case "boolean":
                return chance.below(2) == 1
            case "integer" | "number":
                return chance.one(self.choices[attribute.key])
            case "string":
                return chance.one(attribute.enum or self.texts)
            case "strings":
                texts = attribute.enum or self.texts
                return [text for text in texts if chance.below(3) == 0][:PARTS]
        then = at - chance.one(self.days) * DAY + chance.one((-HOUR, 0, 0, 1, HOUR))
        if attribute.type == "date":
            return local_date(then - chance.below(3) * 20 * 365 * DAY, self.program.where).isoformat()
        return write_instant(then)
