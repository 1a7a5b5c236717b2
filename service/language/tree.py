"""The typed tree of an expression: what `typing` gives and what `compile`, `clocks` and the explanation walk.

Data only. Every node knows its type, the half-open span of characters it was written in, and whether it may be unknown.
Source: docs/language.md, "Expressions".
"""

from collections.abc import Iterator
from dataclasses import dataclass

from service.language.types import Type


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """Any part of an expression. `nullable` says whether it may be unknown for some profile."""

    type: Type
    span: tuple[int, int]
    nullable: bool = False

    @property
    def parts(self) -> tuple["Node", ...]:
        """The nodes directly below this one, in the order they were written."""
        return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Literal(Node):
    """A constant: `bool`, `Decimal`, `str`, an instant or a span in milliseconds, or a tuple of such."""

    value: object


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference(Node):
    """A name: `root` is `attribute`, `value`, `score`, `tier`, `tag`, `stage`, `since.stage`, `since.tag`,
    `since.tier`,
    `event`, `now` or `today`; `key` is empty where the root says it all.
    """

    root: str
    key: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unary(Node):
    """`not`, `-` or `is-null` (`x == null`) of one operand."""

    operator: str
    operand: Node

    @property
    def parts(self) -> tuple[Node, ...]:
        return (self.operand,)


@dataclass(frozen=True, slots=True, kw_only=True)
class Binary(Node):
    """A comparison, arithmetic, `??`, or a date moved by a span (`shift`, whose right side is a span literal)."""

    operator: str
    left: Node
    right: Node

    @property
    def parts(self) -> tuple[Node, ...]:
        return (self.left, self.right)


@dataclass(frozen=True, slots=True, kw_only=True)
class Logic(Node):
    """`and` or `or` of two or more operands."""

    operator: str
    operands: tuple[Node, ...]

    @property
    def parts(self) -> tuple[Node, ...]:
        return self.operands


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice(Node):
    """`condition ? then : otherwise`."""

    condition: Node
    then: Node
    otherwise: Node

    @property
    def parts(self) -> tuple[Node, ...]:
        return (self.condition, self.then, self.otherwise)


@dataclass(frozen=True, slots=True, kw_only=True)
class Member(Node):
    """`item in container`; the container is a list, a `Listing` or a text."""

    item: Node
    container: Node

    @property
    def parts(self) -> tuple[Node, ...]:
        return (self.item, self.container)


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing(Node):
    """`[a, b]` with at least one item that is no constant; a list of constants is a `Literal`."""

    items: tuple[Node, ...]

    @property
    def parts(self) -> tuple[Node, ...]:
        return self.items


@dataclass(frozen=True, slots=True, kw_only=True)
class Call(Node):
    """A function, or an accessor (`.year`, `.starts_with`) with its operand as the first argument."""

    function: str
    arguments: tuple[Node, ...]

    @property
    def parts(self) -> tuple[Node, ...]:
        return self.arguments


COMPARISONS = frozenset({"==", "!=", "<", "<=", ">", ">="})
ARITHMETIC = frozenset({"+", "-", "*", "/", "//", "%"})


def walk(node: Node) -> Iterator[Node]:
    """The node and everything below it, parents first."""
    yield node
    for part in node.parts:
        yield from walk(part)


def references(node: Node) -> Iterator[Reference]:
    """Every name in the tree."""
    return (one for one in walk(node) if isinstance(one, Reference))
