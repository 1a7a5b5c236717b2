"""Every text that a ruleset's rules tell apart -> a number for each, in the order of the texts.

A text becomes a number: the known ones 0, 1, 2 and so on in their order, all others numbers between and around them, so
that `==` and `<` of the numbers are those of the texts. Texts that make a difference to `.starts_with` and its like are
added, so that there is a known one for each answer.
"""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from itertools import permutations

from service.language.functions import WEEKDAYS
from service.language.model import Ruleset
from service.language.tree import Call, Literal, Member, Node, walk
from service.language.types import Type

OTHER, ANOTHER = "other", "another"
MOST_LENGTH = 200
MOST_PARTS = 8


class Texts:
    """The known texts of one or more rulesets; `free` are those that a text without an `enum` may be tried with."""

    def __init__(self, rulesets: Iterable[Ruleset], trees: Iterable[Node]) -> None:
        literals, parts = set[str](), set[str]()
        for tree in trees:
            for node in walk(tree):
                literals.update(constants(node))
                parts.update(probed(node))
            parts.update(lengths(tree))
        free = {OTHER, ANOTHER, *literals, *parts, *joined(parts)}
        self.free = tuple(sorted(free | cased(literals | parts)))
        known = {*self.free, *WEEKDAYS, *(key for one in rulesets for key in named(one))}
        self.all = tuple(sorted(known | cased(known)))
        self._codes = {text: index for index, text in enumerate(self.all)}

    def code(self, text: str) -> int:
        """The number of a known text."""
        return self._codes[text]


def cased(texts: Iterable[str]) -> set[str]:
    """The texts in small and in capital letters."""
    return {change(one) for one in texts for change in (str.lower, str.upper)}


def constants(node: Node) -> Iterator[str]:
    """The texts that an expression is written with."""
    if isinstance(node, Literal) and node.type in (Type.STRING, Type.STRINGS):
        yield from (node.value,) if isinstance(node.value, str) else node.value  # type: ignore[misc]


def probed(node: Node) -> Iterator[str]:
    """Texts that make a difference to an operation on a part of a text: its length, beginning, end or inside."""
    if isinstance(node, Call) and node.function in (".length", ".is_empty"):
        yield ""
    if isinstance(node, Call) and node.function in (".starts_with", ".ends_with"):
        yield from constants(node.arguments[1])
    if isinstance(node, Member) and node.container.type is Type.STRING:
        yield from constants(node.item)


def lengths(tree: Node) -> Iterator[str]:
    """Texts of the lengths that a tree asks for."""
    if any(isinstance(node, Call) and node.function == ".length" for node in walk(tree)):
        for node in walk(tree):
            if isinstance(node, Literal) and isinstance(node.value, Decimal) and 0 <= node.value <= MOST_LENGTH:
                yield from ("x" * (int(node.value) + more) for more in (0, 1))


def joined(parts: set[str]) -> Iterator[str]:
    """Texts that begin with one part and end with another."""
    few = sorted(one for one in parts if one.strip("x"))[:MOST_PARTS]
    yield from ("".join(pair) for pair in permutations(few, 2))
    for one in few:
        yield from (f"{one}{OTHER}", f"{OTHER}{one}")


def named(ruleset: Ruleset) -> Iterator[str]:
    """The texts that names of a ruleset can have."""
    for attribute in ruleset.attributes:
        yield from attribute.enum or ()
        if isinstance(attribute.default, str):
            yield attribute.default
        elif isinstance(attribute.default, list | tuple):
            yield from attribute.default
    yield from (event.key for event in ruleset.events)
    yield from (band.key for tier in ruleset.tiers for band in tier.bands)
    yield from (stage.key for stage in ruleset.lifecycle.stages) if ruleset.lifecycle else ()
