"""What is asked of a ruleset: claims that some profile may meet, as data over typed trees.

Both readers of a claim, the solver's formulas and the engine that tries one profile, take it from here.
Data only.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal as Word

from service.language.tree import Node

Answer = Word["true", "not true", "false"]
"""What a condition is asked to be; `not true` is false or unknown."""


@dataclass(frozen=True, slots=True)
class Demand:
    """A condition comes out so; one with `on` is true only with an event of these types. No tree is always true."""

    tree: Node | None
    answer: Answer = "true"
    on: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Range:
    """A number is known, at least `low`, and below `high`, where there are such bounds."""

    tree: Node
    low: Decimal | None
    high: Decimal | None


@dataclass(frozen=True, slots=True)
class Circle:
    """A profile that stands in `stage`, the waits of these rules over, and that no decision can move: its transitions
    contradict each other.
    """

    stage: str
    waited: frozenset[str]
    rules: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Claim:
    """Everything that one profile is asked to meet at one instant."""

    demands: tuple[Demand | Range, ...]
    circle: Circle | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A claim, and what an author is told if it can (`finds` is `met`) or can't (`unmet`) be met.

    `name` tells questions apart; of those with one `topic` the first finding is told. An empty `sentence` tells
    nothing: others draw on the answer.
    """

    name: str
    sentence: str
    pointer: str
    claim: Claim
    finds: Word["met", "unmet"] = "unmet"
    topic: str = ""
    words: tuple[tuple[str, str], ...] = ()
