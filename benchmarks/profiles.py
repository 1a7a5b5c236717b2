"""A program and a seed -> made-up people: whole sets of attributes at a first visit, and at a second some days later.

Numbers and texts are drawn around those that the ruleset itself compares an attribute with, so that its rules differ
from person to person. Every attribute is present. The same seed gives the same people.
"""

from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal
from random import Random
from typing import Any

from service.language.instants import DAY, write_instant
from service.language.model import Attribute
from service.language.program import Program
from service.language.tree import Literal, Node, references, walk

VISITED_AGAIN = 0.5
"""How many of the people did something between the two visits; of the others the same attributes come again."""
MOVED = 0.2
"""How many attributes of such a person are others at the second visit."""


class People:
    """Draws the people of one ruleset."""

    def __init__(self, program: Program, seed: int) -> None:
        self.attributes = program.ruleset.attributes
        self.random = Random(f"{program.key} {seed}")  # noqa: S311  # Why: made-up people keep no secret
        self.near = constants(program)

    def first(self, at: int) -> dict[str, object]:
        """All attributes of a new person, as they would be posted at `at`."""
        return {one.key: self.draw(one, at) for one in self.attributes}

    def later(self, before: dict[str, object], at: int) -> dict[str, object]:
        """The same person at a later visit: often with some new values, else unchanged."""
        if self.random.random() > VISITED_AGAIN:
            return dict(before)
        moved = {one.key: self.draw(one, at) for one in self.attributes if self.random.random() < MOVED}
        return {
            **before,
            **{key: value for key, value in moved.items() if not key.startswith(("birth", "gender", "joined"))},
        }

    def draw(self, attribute: Attribute, at: int) -> object:
        """One value, as JSON would bring it."""
        return getattr(self, f"draw_{attribute.type}")(attribute, at)

    def draw_boolean(self, _attribute: Attribute, _at: int) -> bool:
        """True for three in ten."""
        return self.random.random() < 0.3

    def draw_datetime(self, _attribute: Attribute, at: int) -> str:
        """Up to about 400 days ago, recent ones as frequent as old ones."""
        return write_instant(at - int(10 ** self.random.uniform(-1.0, 2.6) * DAY) // 1000 * 1000)

    def draw_date(self, _attribute: Attribute, at: int) -> str:
        """A date of birth: 15 to 70 years ago."""
        return write_instant(at - int(self.random.uniform(15, 70) * 365.25) * DAY)[:10]

    def draw_integer(self, attribute: Attribute, _at: int) -> int:
        """A whole number."""
        return int(self.number(attribute))

    def draw_number(self, attribute: Attribute, _at: int) -> Decimal:
        """A number with two decimals."""
        return self.number(attribute)

    def number(self, attribute: Attribute) -> Decimal:
        """Within the limits that the attribute has, else around a number it is compared with; two decimals."""
        low = Decimal(str(attribute.minimum or 0))
        if attribute.maximum is not None:
            high = Decimal(str(attribute.maximum))
        else:
            # Why: what is 1 or less is a share or a switch, not the size of a count or an amount.
            numbers = sorted(one for one in self.near[attribute.key] if isinstance(one, Decimal) and one > 1)
            high = max(low + 1, 2 * self.random.choice(numbers or [Decimal(10)]))
        return low + ((high - low) * Decimal(self.random.random())).quantize(Decimal("0.01"))

    def draw_string(self, attribute: Attribute, _at: int) -> str:
        """One of the enum's texts, or one that begins like a text it is compared with."""
        return self.random.choice(attribute.enum or [f"{one}-7" for one in self.texts(attribute)])

    def draw_strings(self, attribute: Attribute, _at: int) -> list[str]:
        """Up to three texts."""
        known = [*(attribute.enum or self.texts(attribute)), "other", "more"]
        return self.random.sample(known, self.random.randint(0, 3))

    def texts(self, attribute: Attribute) -> list[str]:
        """The texts it is compared with."""
        return sorted(one for one in self.near[attribute.key] if isinstance(one, str)) or ["text"]


def constants(program: Program) -> dict[str, set[object]]:
    """The constants that stand in one rule with each attribute, directly or by way of values and scores."""
    rules = program.rules
    found: dict[str, set[object]] = defaultdict(set)

    def reached(node: Node) -> Iterator[str]:
        for one in references(node):
            if one.root == "attribute":
                yield one.key
            elif one.root == "value":
                yield from reached(rules.values[one.key])

    def take(node: Node, more: tuple[Any, ...] = ()) -> None:
        literals = {each for one in walk(node) if isinstance(one, Literal) for each in plain(one.value)}
        for key in reached(node):
            found[key] |= literals.union(more)

    for node in (
        *rules.values.values(),
        *rules.actions.values(),
        *(one for trees in program.trees.values() for one in trees),
    ):
        if node is not None:
            take(node)
    for part in (part for parts in rules.scores.values() for part in parts):
        take(part.tree, tuple(start for start, _ in part.points or () if start is not None))
    for key, tier in program.tiers.items():
        take(rules.tiers[key], tuple(start for start in tier.starts if start is not None))
    return found


def plain(value: object) -> tuple[Any, ...]:
    """The numbers and texts of a constant."""
    items = value if isinstance(value, tuple) else (value,)
    return tuple(one for one in items if isinstance(one, Decimal | str))
