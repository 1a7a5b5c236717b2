"""One condition of a rule -> examples on either side of it: just below, at and above its threshold, and not known.

For each condition a profile is looked for in which that condition alone decides what the rule does; then only what the
condition reads is moved to either side of where it turns. What is expected is what the program decides, so each
proposal passes; whoever accepts it says that this is what the rules should do. Pure.
Source: docs/language.md, "Examples"; the search is that of modified condition/decision coverage (RTCA DO-178C).
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from service.engine.distances import distance
from service.engine.facts import read_facts
from service.engine.journeys import Journey, document_with
from service.engine.observing import Subject
from service.engine.places import basis_of_tree, text_of
from service.engine.run import Run
from service.engine.trying import Tries
from service.engine.walk import Walk
from service.engine.wording import Wording
from service.engine.worlds import EVENT, World
from service.language.diagnostics import Words
from service.language.diff.wording import compose
from service.language.instants import DAY, HOUR, add
from service.language.phrases.explanations import PROPOSALS
from service.language.program import Program
from service.language.tree import COMPARISONS, Binary, Call, Choice, Literal, Logic, Node, Reference, Unary
from service.language.types import Type

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Proposal:
    """One example worth having: about the condition `text` of the expression at `pointer`, on its `side`.

    Sides are `below`, `at` and `above` a threshold, `holds` and `fails` where there is none, `absent`; for waits
    `before` and `due`. `example` has the form of a ruleset's own.
    `observed` is what the condition looked at, if that is known.
    """

    id: str
    rule: str
    pointer: str
    text: str
    side: str
    example: Json
    observed: tuple[int, object] | None = None


@dataclass(frozen=True, slots=True)
class Gap:
    """A condition that nothing could be proposed for, and why."""

    rule: str
    pointer: str
    text: str
    reason: Words


class Turning(NamedTuple):
    """A condition on the way to a rule: what must be so around it for it to decide, as (condition, truth)."""

    atom: Node
    around: tuple[tuple[Node, bool], ...]


def boundaries(subject: Subject, start: Journey) -> tuple[list[Proposal], list[Gap]]:
    """The proposals about one condition of one rule, and what of it nothing could be proposed for."""
    program = subject.program
    found: list[Proposal] = []
    gaps: list[Gap] = []
    journey = subject.begin(start)
    for turning in turnings(program, subject.tree):
        text = text_of(program, turning.atom) or subject.pointer.rpartition("/")[2]
        if journey is None:
            gaps.append(Gap(subject.rule, subject.pointer, text, PROPOSALS["gap/journey"]))
            continue
        proposals = list(Boundary(subject, turning, journey, text).proposals())
        found += proposals
        if not proposals:
            gaps.append(Gap(subject.rule, subject.pointer, text, PROPOSALS["gap/alone"]))
    return found, gaps


def turnings(program: Program, node: Node, around: tuple[tuple[Node, bool], ...] = ()) -> Iterator[Turning]:
    """The conditions that attributes can turn, each with what must be so around it; named conditions are followed."""
    match node:
        case Logic():
            for one in node.operands:
                rest = tuple((other, node.operator == "and") for other in node.operands if other is not one)
                yield from turnings(program, one, (*around, *rest))
        case Unary(operator="not"):
            yield from turnings(program, node.operand, around)
        case Choice(type=Type.BOOLEAN):
            yield from turnings(program, node.then, (*around, (node.condition, True)))
            yield from turnings(program, node.otherwise, (*around, (node.condition, False)))
        case Reference(root="value"):
            yield from turnings(program, program.rules.values[node.key], around)
        case Reference(root="tag"):
            return  # Why: what turns a tag belongs to the tag's own rule
        case _ if basis_of_tree(program, node).attributes:
            yield Turning(node, around)


class Boundary:
    """The two sides of one condition."""

    def __init__(self, subject: Subject, turning: Turning, journey: Journey, text: str) -> None:
        self.subject = subject
        self.program = subject.program
        self.atom, self.around = turning
        self.journey = journey
        self.text = text

    def proposals(self) -> Iterator[Proposal]:
        """One on each side, as far as there are any."""
        base = self.base()
        key, points = (None, []) if base is None else self.flip(base)
        if base is None or key is None:
            return
        seen = set()
        for posted in points:
            proposal = self.proposal(base, {key: posted})
            if proposal is not None and proposal.side not in seen:
                seen.add(proposal.side)
                yield proposal
        attribute = next(one for one in self.program.ruleset.attributes if one.key == key)
        if not attribute.required and attribute.default is None:
            proposal = self.proposal(base, {key: None})
            if proposal is not None and proposal.side not in seen:
                yield proposal

    def base(self) -> World | None:
        """A step in which the rule fires, and all around the condition is such that it alone decides."""
        event = self.subject.event
        world = self.journey.world()
        given = {} if event is None else {EVENT: (event, None)}
        tries = Tries(world, self.subject.basis)
        changes = given if tries.holds(given, self.is_ready) else tries.led(self.is_ready, self.far, given)
        if changes is None:
            return None
        facts = read_facts(self.program, document_with(world.facts, changes))
        return replace(world, facts=facts, event=world.event_with(changes))

    def is_ready(self, run: Run) -> bool:
        """Whether the rule fires and nothing masks the condition."""
        return self.subject.fires(run) and self.is_alone(Walk(run))

    def is_alone(self, walk: Walk) -> bool:
        """Whether everything around the condition leaves the decision to it."""
        return all(walk.value(node) is truth for node, truth in self.around)

    def far(self, run: Run) -> float:
        """How far a run is from that."""
        walk = Walk(run)
        return self.subject.far(run) + sum(distance(walk, node, truth=truth) for node, truth in self.around)

    def flip(self, base: World) -> tuple[str | None, list[object]]:
        """The attribute by which the condition turns, and its values around the turn."""
        run = base.run({})
        if run is None:
            return None, []
        truth = Walk(run).value(self.atom)

        def turned(other: Run) -> bool:
            walk = Walk(other)
            return walk.value(self.atom) is (not truth) and self.is_alone(walk) and not self.subject.fires(other)

        tries = Tries(base, basis_of_tree(self.program, self.atom))
        for key in tries.attributes:
            found = list(tries.nearest_values(key, {}, turned))
            known = [one for one in found if one is not None]
            if known:
                return key, self.values_around(base, tries, key, known)
            if found:
                return key, [base.facts.document[key], None]
        return None, []

    def values_around(self, base: World, tries: Tries, key: str, found: list[object]) -> list[object]:
        """Values on both sides of a turn; of a line the last before it, the first behind it, and one farther back."""
        axis, here = tries.axes.get(key), base.facts.values.get(key)
        if axis is None or here is None:
            document = base.facts.document
            return [*found[:1], *([document[key]] if key in document else [])]
        points: dict[int, None] = {}
        for posted in found:
            values = base.values({key: posted})
            assert values is not None
            point, home = axis.point(values[key]), axis.point(here)
            back, unit = 1 if home > point else -1, self.unit(key, tries)
            around = (point, point + back, point - back * unit, point + back + back * unit)
            points |= dict.fromkeys(around)
        return [axis.posted(one) for one in points]

    def unit(self, key: str, tries: Tries) -> int:
        """How far it is to the next value that the condition can tell: an hour or a day where it counts them."""
        if tries.attributes[key].type != "datetime":
            return 1
        counts = [one.left for one in [self.atom] if isinstance(one, Binary)]
        is_hours = any(isinstance(one, Call) and one.function == "hours_since" for one in counts)
        return HOUR if is_hours else DAY

    def proposal(self, base: World, changes: Json) -> Proposal | None:
        """The example with some changes, and what the program decides; nothing where they do not fit."""
        run = base.run(changes)
        if run is None:
            return None
        walk = Walk(run)
        document = document_with(base.facts, changes)
        event = None if base.event is None else (base.event.type, base.event.text)
        there = self.journey.step(base.at, document, event)
        if self.subject.wait is not None:
            due = add(base.at, self.subject.wait, self.program.where)
            there = there if due is None else there.step(due)
        side, observed = self.side(walk)
        title = compose(PROPOSALS["title"], rule=self.subject.title, clause=Wording(self.program, walk).leaf(self.atom))
        return Proposal(
            id=f"{self.subject.pointer}:{self.text}:{side}",
            rule=self.subject.rule,
            pointer=self.subject.pointer,
            text=self.text,
            side=side,
            example=example_of(title, there, self.subject),
            observed=(id(self.atom), observed),
        )

    def side(self, walk: Walk) -> tuple[str, object]:
        """On which side of the condition a run is, and what it looked at."""
        value = walk.value(self.atom)
        if value is None:
            return "absent", None
        sides = compared(self.atom)
        if sides is None:
            return "holds" if value else "fails", value
        number, bound = walk.value(sides[0]), walk.value(sides[1])
        if number == bound:
            return "at", number
        if sides[0].type in (Type.NUMBER, Type.DATETIME):
            return "below" if number < bound else "above", number
        return "holds" if value else "fails", number


def compared(atom: Node) -> tuple[Node, Node] | None:
    """What a comparison compares with a constant: the observed side and the constant."""
    if isinstance(atom, Binary) and atom.operator in COMPARISONS:
        if isinstance(atom.right, Literal):
            return atom.left, atom.right
        if isinstance(atom.left, Literal):
            return atom.right, atom.left
    return None


def example_of(title: Words, journey: Journey, subject: Subject) -> Json:
    """A timeline with what is decided at its end as what is expected."""
    assert journey.last is not None
    *steps, last = journey.steps
    return {"title": dict(title), "steps": [*steps, {**last, "expect": subject.expect(journey.last)}]}
