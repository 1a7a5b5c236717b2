"""A checked ruleset -> formulas of everything in it, made when they are asked for, each once.

There are two kinds of worlds. In an open one `at` is any instant, and what can't be said exactly is left open, so that
what no values meet is met by no profile. In one that stands at an instant, what is hard to say is narrowed to a few
cases that are exact, so that values found are likely to be those of a profile; whoever finds them tries them.
Nobody's word on a tag is in play, but for tags that only people assign.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import tzinfo
from decimal import Decimal
from typing import Any

from service.language.analyse.solver import Solver
from service.language.analyse.terms import Name, Piece, Term
from service.language.analyse.texts import Texts
from service.language.functions import WEEKDAYS
from service.language.instants import FIRST, LAST, MILLISECOND, to_wall, zone
from service.language.model import Ruleset
from service.language.plans import compile_lifecycle, compile_tags, compile_tier, compile_transitions
from service.language.program import Rules
from service.language.tree import COMPARISONS, Binary, Call, Choice, Literal, Node, Reference, walk
from service.language.types import Type

EVENT_TYPE = Reference(type=Type.STRING, span=(0, 0), root="event", key="type")
SLACK = Decimal("1E-12")
"""More than any rounding to 28 digits changes, as a share."""


class World:
    """The formulas of one ruleset. Worlds of one solver are about one profile: its variables have the same names."""

    def __init__(  # each is an input of the formulas
        self,
        solver: Solver,
        ruleset: Ruleset,
        rules: Rules,
        texts: Texts,
        at: int | None,
        encoders: Mapping[type[Node], Callable[..., Term]],
        *,
        prefix: str = "",
    ) -> None:
        self.solver = solver
        self.encoders = encoders
        self.ruleset = ruleset
        self.rules = rules
        self.texts = texts
        self.at = at
        self.prefix = prefix
        self.where: tzinfo = zone(ruleset.timezone)
        self.now: Any = solver.whole("at") if at is None else at
        self.offset = 0 if at is None else offset_at(at, self.where)
        self.attributes = {one.key: one for one in ruleset.attributes}
        self.tags = compile_tags(ruleset)
        self.tiers = {one.key: compile_tier(one) for one in ruleset.tiers}
        self.transitions = compile_transitions(ruleset)
        self.lifecycle = compile_lifecycle(ruleset, self.transitions)
        self.thresholds = tuple(sorted(thresholds(ruleset, rules)))
        self.pieces: dict[Name, Piece] = {}
        self.members: dict[str, dict[str, Any]] = {}
        self.is_torn_possible = True
        self._open: list[Piece] = []

    @property
    def is_exact(self) -> bool:
        """Whether the world stands at an instant."""
        return self.at is not None

    def encode(self, node: Node) -> Term:
        """The term of any node."""
        return self.encoders[type(node)](self, node)

    def is_true(self, node: Node) -> Any:
        """Whether a condition is known and true."""
        found = self.encode(node)
        return self.solver.every(found.known, found.value)

    def is_false(self, node: Node) -> Any:
        """Whether a condition is known and false."""
        found = self.encode(node)
        return self.solver.every(found.known, self.solver.no(found.value))

    def is_met(self, types: tuple[str, ...] | None, node: Node | None) -> Any:
        """Whether a rule's condition is true, and of one with `on` such an event there."""
        met = True if node is None else self.is_true(node)
        if types is None:
            return met
        event = self.encode(EVENT_TYPE)
        there = self.pieces["event", "type"].term.known
        fits = self.solver.some(*(self.solver.same(event.value, self.texts.code(one)) for one in types))
        return self.solver.every(there, fits, met)

    # Pieces

    def piece(self, name: Name, build: Callable[[], Term]) -> Term:
        """The term of that name, built once; whatever is being built rests on it."""
        if name not in self.pieces:
            with self._building(":".join(name)) as piece:
                piece.term = build()
            self.pieces[name] = piece
        self._open[-1].needs.add(name)
        return self.pieces[name].term

    def node(self, node: Node, build: Callable[[], Term]) -> Term:
        """The term of a part of an expression, one for all places where the same is written."""
        return self.piece(("node", key_of(node)), build)

    def goal(self, build: Callable[[], Any]) -> tuple[list[Any], set[Name], set[str]]:
        """The formulas of a goal with all that it rests on; the names of that; and what was left open in it."""
        with self._building("goal") as piece:
            formula = build()
        found: dict[Name, Piece] = {}
        waiting = list(piece.needs)
        while waiting:
            name = waiting.pop()
            if name not in found:
                found[name] = self.pieces[name]
                waiting.extend(found[name].needs)
        sides = [side for one in (piece, *found.values()) for side in one.sides]
        gaps = set().union(piece.gaps, *(one.gaps for one in found.values()))
        lists = [side for kind, key in found if kind == "attribute" for side in self._list_sides(key)]
        return [formula, *self._clock_sides(), *sides, *lists], set(found), gaps

    @contextmanager
    def _building(self, name: str) -> Iterator[Piece]:
        piece = Piece(name, Term(known=False, value=False))
        self._open.append(piece)
        try:
            yield piece
        finally:
            self._open.pop()

    def side(self, *formulas: Any) -> None:
        """Something that must hold of the variables of what is being built."""
        self._open[-1].sides.extend(one for one in formulas if one is not True)

    def leave_open(self, gap: str) -> None:
        """Notes that something was left open."""
        self._open[-1].gaps.add(gap)

    def fresh(self) -> str:
        """A variable's name that no other has, but the same part of the same piece in another open world.

        Why: where two versions say the same of equal inputs, what is left open in it is the same.
        """
        piece = self._open[-1]
        piece.variables += 1
        return f"{self.prefix if self.is_exact else ''}{piece.name}?{piece.variables}"

    def _clock_sides(self) -> list[Any]:
        return [] if self.is_exact else [self.now >= FIRST, self.now <= LAST]

    def _list_sides(self, key: str) -> list[Any]:
        """A list of texts holds at least those that it is known to hold; asked last, when these are all known."""
        if key not in self.members:
            return []
        length, held = self.pieces["attribute", key].term.value.length, self.members[key]
        allowed = self.attributes[key].enum
        sides = [length >= self.solver.count(held.values())]
        if allowed is not None:
            sides.append(self.solver.some(length == 0, *held.values()))
        return sides

    # Texts

    def domain(self, node: Node) -> tuple[str, ...] | None:
        """The texts that a name can have; nothing where it may be any."""
        match node:
            case Literal(value=str() as text):
                return (text,)
            case Reference(root="attribute", key=key):
                return self.attributes[key].enum
            case Reference(root="tier", key=key):
                return self.tiers[key].keys
            case Reference(root="value", key=key):
                return self.domain(self.rules.values[key])
            case Call(function=".weekday"):
                return WEEKDAYS
            case Choice(then=left, otherwise=right) | Binary(operator="??", left=left, right=right):
                one, other = self.domain(left), self.domain(right)
                return None if one is None or other is None else tuple(dict.fromkeys([*one, *other]))
        return None

    def looked_up(self, node: Node, parts: tuple[Node, ...], function: Callable[..., Any]) -> Any:
        """A function of texts, at most one of which varies; left open for texts that are not known."""
        terms = [self.encode(one) for one in parts]
        texts: list[Any] = [self.texts.all[one.value] if isinstance(one.value, int) else None for one in terms]
        varying = [index for index, text in enumerate(texts) if text is None]
        if not varying:
            return self.plain(function(*texts))

        def build() -> Term:
            place, *others = varying
            domain = None if others else self.domain(parts[place])
            tried = domain if domain is not None else () if others else self.texts.free
            results = {text: self.plain(function(*texts[:place], text, *texts[place + 1 :])) for text in tried}
            if domain is None:
                self.leave_open("text")
            return Term(known=True, value=self._tabled(node, terms[place].value, results))

        return self.node(node, build).value

    def plain(self, result: Any) -> Any:
        """What a function of texts gives, as a formula's constant."""
        if isinstance(result, str):
            return self.texts.code(result)
        return int(result) if isinstance(result, Decimal) else result

    def _tabled(self, node: Node, text: Any, results: Mapping[str, Any]) -> Any:
        """A new variable that has the result wherever the text is a known one."""
        solver, name = self.solver, self.fresh()
        found = solver.boolean(name) if node.type is Type.BOOLEAN else solver.real(name)
        if node.type is Type.NUMBER:
            self.side(found >= 0)
        for one, result in results.items():
            self.side(solver.follows(text == self.texts.code(one), solver.same(found, result)))
        return found

    # Numbers

    def rounded(self, exact: Any) -> Any:
        """A number that was rounded to 28 digits: rounding never passes a number that can be written."""
        if self.is_exact or isinstance(exact, int):
            return exact
        solver = self.solver
        found = solver.real(self.fresh())
        slack = solver.number(SLACK)
        self.leave_open("rounding")
        error = exact * slack
        above = solver.every(found >= exact - error, found <= exact + error)
        below = solver.every(found >= exact + error, found <= exact - error)
        self.side(solver.choose(exact >= 0, above, below))
        for threshold in self.thresholds:
            bound = solver.number(threshold)
            self.side(solver.follows(exact <= bound, found <= bound), solver.follows(exact >= bound, found >= bound))
        return found


def offset_at(at: int, where: tzinfo) -> int:
    """By how many milliseconds the wall clock is ahead of UTC."""
    ahead = to_wall(at, where).utcoffset()
    assert ahead is not None
    return int(ahead / MILLISECOND)


def key_of(node: Node) -> str:
    """What a tree says, whatever its place in the text; `share(a, b)` says `a / b`."""
    if isinstance(node, Call) and node.function == "share":
        part, whole = node.arguments
        return key_of(Binary(type=node.type, span=node.span, operator="/", left=part, right=whole))
    members = (getattr(node, one, "") for one in ("operator", "function", "root", "key", "value"))
    said = ",".join(repr(one) for one in members if one != "")
    return f"{type(node).__name__}({said};{';'.join(key_of(part) for part in node.parts)})"


def thresholds(ruleset: Ruleset, rules: Rules) -> set[Decimal]:
    """The numbers that something is compared with."""
    found = {Decimal(0), Decimal(100)}
    for tree in every_tree(rules):
        for node in walk(tree):
            if isinstance(node, Binary) and node.operator in COMPARISONS:
                found.update(
                    one.value for one in node.parts if isinstance(one, Literal) and isinstance(one.value, Decimal)
                )
    for tier in ruleset.tiers:
        plan = compile_tier(tier)
        found.update(start - less for start in plan.edges for less in (Decimal(0), plan.margin))
    for parts in rules.scores.values():
        found.update(start for part in parts for start, _ in part.points or () if start is not None)
    return found


def every_tree(rules: Rules) -> Iterable[Node]:
    """Every tree of a ruleset, once."""
    yield from rules.values.values()
    yield from (part.tree for parts in rules.scores.values() for part in parts)
    yield from rules.tiers.values()
    optional = (
        *(tree for pair in rules.tags.values() for tree in pair),
        *rules.transitions.values(),
        *rules.actions.values(),
    )
    yield from (tree for tree in optional if tree is not None)
