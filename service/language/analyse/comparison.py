"""Two checked rulesets -> is everything that they ask of one profile the same, and if not, what is worth trying.

Versions of one shape differ in expressions alone: where each is equal to the other's, so is every decision, since the
first that differed would have to differ on equal inputs. Of versions of two shapes only a difference can be shown.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from service.language.analyse.analysis import Analysis, Verdict
from service.language.analyse.holding import encode_tag
from service.language.analyse.places import band_text
from service.language.analyse.rating import encode_score
from service.language.analyse.readback import read_situation
from service.language.analyse.situation import Situation
from service.language.analyse.solver import Solver, Word
from service.language.analyse.terms import Items, Name, Term
from service.language.analyse.texts import Texts
from service.language.analyse.world import World, every_tree, key_of
from service.language.model import Ruleset
from service.language.program import Rules
from service.language.tree import Node

EXPRESSIONS = frozenset({"when", "until", "expression", "input", "value"})
PROSE = frozenset(
    {
        "title",
        "description",
        "purpose",
        "owner",
        "goal",
        "prefix",
        "dimension",
        "examples",
        "personal",
        "max_moved_share",
    }
)

Encode = Callable[[World], Term]


@dataclass(frozen=True, slots=True)
class Pair:
    """One thing that both versions say, each in its own way."""

    old: Encode
    new: Encode


class Comparison:
    """The formulas of two versions about one profile. `ModuleNotFoundError` where z3 is not installed."""

    def __init__(self, old: tuple[Ruleset, Rules], new: tuple[Ruleset, Rules]) -> None:
        solver = Solver()
        texts = Texts([old[0], new[0]], [*every_tree(old[1]), *every_tree(new[1])])
        self.solver = solver
        self.old = Analysis(*old, solver, texts, "old:")
        self.new = Analysis(*new, solver, texts, "new:")
        self.is_same_shape = shape(old[0].document) == shape(new[0].document)

    def expressions(self) -> Iterator[Pair]:
        """The expressions that differ, of versions of one shape."""
        for old, new in zip(every_tree(self.old.rules), every_tree(self.new.rules), strict=True):
            if key_of(old) != key_of(new):
                yield Pair(reader(old), reader(new))

    def results(self) -> Iterator[Pair]:
        """What both versions decide or compute."""
        old, new = self.old.rules, self.new.rules
        for key in old.tags.keys() & new.tags.keys():
            yield alike(lambda world, key=key: Term(known=True, value=encode_tag(world, key)))  # type: ignore[misc]
        for key in old.tiers.keys() & new.tiers.keys():
            yield alike(lambda world, key=key: band_text(world, key))  # type: ignore[misc]
        for key in old.scores.keys() & new.scores.keys():
            yield alike(lambda world, key=key: encode_score(world, key))  # type: ignore[misc]
        for key in old.values.keys() & new.values.keys():
            if old.values[key].type is new.values[key].type:
                yield Pair(reader(old.values[key]), reader(new.values[key]))
        for key in old.transitions.keys() & new.transitions.keys():
            one, other = old.transitions[key], new.transitions[key]
            if one is not None and other is not None:
                yield Pair(reader(one), reader(other))

    def judge(self, pair: Pair, milliseconds: int) -> Verdict:
        """Whether both say the same of every profile (`NO` difference), and what was left open in saying so."""
        formulas, gaps, _ = self.differing(pair, None)
        return Verdict(self.solver.ask(formulas, milliseconds).word, frozenset(gaps))

    def suggest(self, pair: Pair, at: int, milliseconds: int) -> Situation | None:
        """A situation of which both should say something else."""
        formulas, _, names = self.differing(pair, at)
        answer = self.solver.ask(formulas, milliseconds)
        if answer.word is not Word.YES:
            return None
        old, new = (
            read_situation(one.world(at), found, answer.read, None)
            for one, found in ((self.old, names[0]), (self.new, names[1]))
        )
        return replace(
            old,
            attributes={**new.attributes, **old.attributes},
            event=old.event or new.event,
            stage=old.stage or new.stage,
            stage_since=old.stage_since or new.stage_since,
            tags={**new.tags, **old.tags},
            assigned=old.assigned | new.assigned,
            bands={**new.bands, **old.bands},
            waited=old.waited | new.waited,
        )

    def differing(self, pair: Pair, at: int | None) -> tuple[list[Any], set[str], tuple[Any, Any]]:
        """That the two differ: one is unknown, or both are known and not equal."""
        solver, gaps = self.solver, set[str]()
        one, formulas, first = reached(self.old.world(at), pair.old, gaps)
        other, more, second = reached(self.new.world(at), pair.new, gaps)
        if isinstance(one.value, Items):
            gaps.add("lists")
            differ: Any = True
        else:
            differ = solver.no(solver.same(one.value, other.value))
        apart = solver.some(
            solver.no(solver.same(one.known, other.known)), solver.every(one.known, other.known, differ)
        )
        return [*formulas, *more, apart], gaps, (first, second)


def reached(world: World, encode: Encode, gaps: set[str]) -> tuple[Term, list[Any], set[Name]]:
    """A term, the formulas that it rests on and the names of these; `gaps` takes what was left open."""
    terms: list[Term] = []

    def build() -> bool:
        terms.append(encode(world))
        return True

    (_, *formulas), names, found = world.goal(build)
    gaps |= found
    return terms[0], formulas, names


def reader(tree: Node) -> Encode:
    """What gives a tree's term in a world."""
    return lambda world: world.encode(tree)


def alike(encode: Encode) -> Pair:
    """The same thing in both versions."""
    return Pair(encode, encode)


def shape(document: Any) -> Any:
    """A ruleset without its words and with every expression left blank."""
    if isinstance(document, dict):
        return {
            name: None if name in EXPRESSIONS and isinstance(one, str) else one if name == "parameters" else shape(one)
            for name, one in document.items()
            if name not in PROSE
        }
    if isinstance(document, list | tuple):
        return [shape(one) for one in document]
    return document
