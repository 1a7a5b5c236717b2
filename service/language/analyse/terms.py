"""What formulas stand for: a value that may be unknown, a list of texts, and a piece with all that it rests on.

Data only.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from service.language.types import NUMBER_DIGITS

Name = tuple[str, str]
"""A kind of construct and its key."""

ROUNDED = (NUMBER_DIGITS, NUMBER_DIGITS)
"""The digits of a number that may have been rounded."""


class Term(NamedTuple):
    """A value: whether it is `known`, and what it then is.

    Both are formulas, or constants; a text is its number in `Texts`, an instant its milliseconds, a list `Items`.
    `digits` are the most digits of a number before and after the point.
    """

    known: Any
    value: Any
    digits: tuple[int, int] = ROUNDED


def widest(*terms: Term) -> tuple[int, int]:
    """The most digits of any term, before and after the point."""
    return max(one.digits[0] for one in terms), max(one.digits[1] for one in terms)


@dataclass(frozen=True, slots=True)
class Items:
    """A list of texts: whether a text is in it, and how many it holds; `is_written` if it stands in the ruleset."""

    has: Callable[[str], Any]
    length: Any
    is_written: tuple[str, ...] | None = None


@dataclass(slots=True)
class Piece:
    """A term under a name, what must hold of its variables (`sides`, as many as `variables`), the pieces that it rests
    on, and the words (`gaps`) for what was left open in it.
    """

    name: str
    term: Term
    sides: list[Any] = field(default_factory=list)
    needs: set[Name] = field(default_factory=set)
    gaps: set[str] = field(default_factory=set)
    variables: int = 0
