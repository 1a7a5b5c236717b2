"""One checked ruleset under questions: is a claim beyond all profiles, and if not, what is worth trying.

What `is_impossible` says of all profiles is meant with nobody's word on a tag in play, and of one decision at a time.
What `suggest` gives is likely, not sure: the engine tries it.
"""

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from service.language.analyse.called import encode_call
from service.language.analyse.claims import Claim, Demand, Range
from service.language.analyse.encode import (
    encode_binary,
    encode_choice,
    encode_listing,
    encode_literal,
    encode_logic,
    encode_member,
    encode_unary,
)
from service.language.analyse.named import encode_reference
from service.language.analyse.places import stood
from service.language.analyse.readback import read_situation
from service.language.analyse.situation import Situation
from service.language.analyse.solver import Solver, Word
from service.language.analyse.terms import Name
from service.language.analyse.texts import Texts
from service.language.analyse.world import World, every_tree
from service.language.instants import DAY
from service.language.model import Ruleset
from service.language.program import Rules
from service.language.tree import Binary, Call, Choice, Listing, Literal, Logic, Member, Node, Reference, Unary, walk
from service.language.types import Type

ENCODERS: dict[type[Node], Any] = {
    Literal: encode_literal,
    Reference: encode_reference,
    Unary: encode_unary,
    Binary: encode_binary,
    Logic: encode_logic,
    Choice: encode_choice,
    Member: encode_member,
    Listing: encode_listing,
    Call: encode_call,
}
MOST_INSTANTS = 3


class Verdict(NamedTuple):
    """Whether any profile may meet a claim, and the words (`gaps`) for what was left open in saying so."""

    word: Word
    gaps: frozenset[str]


class Analysis:
    """The formulas of one ruleset. `ModuleNotFoundError` where z3 is not installed.

    Two of one solver and the same texts, under different names, are about one profile.
    """

    def __init__(
        self, ruleset: Ruleset, rules: Rules, solver: Solver | None = None, texts: Texts | None = None, name: str = ""
    ) -> None:
        self.solver = solver or Solver()
        self.ruleset = ruleset
        self.rules = rules
        self.texts = texts or Texts([ruleset], list(every_tree(rules)))
        self.name = name
        self.worlds: dict[int | None, World] = {}

    def world(self, at: int | None) -> World:
        """The world at an instant, or the open one; made once."""
        if at not in self.worlds:
            self.worlds[at] = World(
                self.solver, self.ruleset, self.rules, self.texts, at, ENCODERS, prefix=f"{self.name}{at}"
            )
        return self.worlds[at]

    def judge(self, claim: Claim, milliseconds: int) -> Verdict:
        """Whether any profile, at any instant, may meet a claim."""
        world = self.world(None)
        formulas, _, gaps = world.goal(lambda: formula(world, claim))
        return Verdict(self.solver.ask(formulas, milliseconds).word, frozenset(gaps))

    def suggest(self, claim: Claim, at: int, milliseconds: int) -> Situation | None:
        """A situation at an instant that should meet a claim; with as little remembered as can be."""
        world = self.world(at)
        formulas, names, _ = world.goal(lambda: formula(world, claim))
        for memory in (forgotten(world, names), []):
            answer = self.solver.ask([*formulas, *memory], milliseconds)
            if answer.word is Word.YES:
                return read_situation(world, names, answer.read, claim.circle)
        return None


def forgotten(world: World, names: Iterable[Name]) -> list[Any]:
    """That nothing is remembered but the stage."""
    kept = [world.pieces[kind, key].term.value for kind, key in names if kind in ("before", "hand", "over")]
    stands = [stood(world, key)[0] for kind, key in names if kind == "tier"]
    return [world.solver.no(one) for one in (*kept, *stands)]


def formula(world: World, claim: Claim) -> Any:
    """A claim as one formula."""
    return world.solver.every(*(demanded(world, one) for one in claim.demands))


def demanded(world: World, demand: Demand | Range) -> Any:
    """One part of a claim."""
    solver = world.solver
    if isinstance(demand, Range):
        number = world.encode(demand.tree)
        low = True if demand.low is None else number.value >= solver.number(demand.low)
        high = True if demand.high is None else number.value < solver.number(demand.high)
        return solver.every(number.known, low, high)
    if demand.answer == "false":
        assert demand.tree is not None
        return world.is_false(demand.tree)
    met = world.is_met(demand.on, demand.tree)
    return met if demand.answer == "true" else solver.no(met)


def instants(ruleset: Ruleset, claim: Claim, usual: int, *, by_calendar: bool) -> Iterator[int]:
    """Instants worth trying: the usual one, those that the claim or a tag's end is written with, and where the calendar
    counts, every day of a week and a day of every month.
    """
    yield usual
    trees = [one.tree for one in claim.demands if one.tree is not None]
    found = {
        value
        for tree in trees
        for node in walk(tree)
        if isinstance(node, Literal) and node.type in (Type.DATETIME, Type.DATETIMES)
        for value in (node.value if isinstance(node.value, tuple) else (node.value,))
    }
    ends = {tag.valid_until - 1 for tag in ruleset.tags if tag.valid_until is not None and tag.valid_until <= usual}
    yield from sorted(found | ends)[:MOST_INSTANTS]
    if by_calendar:
        yield from (usual + days * DAY for days in (*range(1, 7), *range(20, 360, 29)))
