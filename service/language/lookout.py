"""Typed rules -> what is looked at again after a run, and the clocks that say when.

Bodies of the generated functions `watch`, `clocks`, `next_clocks` and `ticks`.
Source: docs/language.md, "Decisions", next change.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal

from service.language.clocks import Clock, Kind
from service.language.clockwork import INSTANTS
from service.language.emit import NONE, assign, attribute, call, is_, joined, load
from service.language.functions import points_at
from service.language.instants import FIRST
from service.language.program import LifecyclePlan, TagPlan, TierPlan, TransitionPlan
from service.language.tree import Literal, Logic, Node, Reference, Unary, walk
from service.language.types import Type
from service.language.variables import Variables

Watched = tuple[Node, TierPlan | TransitionPlan | None]
"""A condition, or a tier's input; tiers and transitions with their plans."""


@dataclass(frozen=True, slots=True)
class Group:
    """Clocks, by kind, that are asked where `test` is true (always, without one); `trees` are what it reads."""

    test: ast.expr | None
    trees: tuple[Node, ...]
    clocks: dict[Kind, list[Clock]]


class Lookout:
    """What of one ruleset time alone may change."""

    def __init__(
        self,
        variables: Variables,
        tags: dict[str, TagPlan],
        tiers: dict[str, TierPlan],
        transitions: dict[str, TransitionPlan],
        lifecycle: LifecyclePlan | None,
    ) -> None:
        self.variables = variables
        self.emit = variables.emit
        self.tags = tags
        self.tiers = tiers
        self.transitions = transitions
        self.lifecycle = lifecycle
        self.watched = list(self.found())
        self.groups = self.grouped()

    def found(self) -> Iterator[Watched]:
        """The conditions and tier inputs that time alone may change."""
        rules = self.variables.rules
        trees: list[tuple[Node | None, TierPlan | TransitionPlan | None]] = []
        for key, (when, until) in rules.tags.items():
            trees += [(None if self.tags[key].tag.on else when, None), (until, None)]
        trees += [(rules.transitions[key], one) for key, one in self.transitions.items() if one.transition.on is None]
        trees += [(tree, self.tiers[key]) for key, tree in rules.tiers.items()]
        for tree, plan in trees:
            if tree is not None and self.variables.clocks.is_timed(tree):
                yield tree, plan

    def watch_body(self) -> list[ast.stmt]:
        """What the conditions are now, as one tuple."""
        body = self.variables.again(tree for tree, _ in self.watched)
        body.append(assign("here", call(attribute("run", "here"))))
        seen = [self.view(tree, plan) for tree, plan in self.watched]
        return [*body, ast.Return(ast.Tuple(seen, ast.Load()))]

    def view(self, tree: Node, plan: TierPlan | TransitionPlan | None) -> ast.expr:
        """A condition; of a transition only where it counts; of a tier's input between which thresholds it lies."""
        value = self.emit.emit(tree)
        if isinstance(plan, TierPlan):
            edges = tuple(sorted({*plan.edges, *(one - plan.margin for one in plan.edges)}))
            numbers = tuple(Decimal(index) for index in range(len(edges) + 1))
            code = self.emit.function("points_at", points_at)
            return call(code, value, self.emit.constant(edges), self.emit.constant(numbers))
        counts = self.counts(plan)
        return value if counts is None else ast.BoolOp(ast.And(), [counts, value])

    def counts(self, plan: TierPlan | TransitionPlan | None) -> ast.expr | None:
        """Where a condition counts, if not everywhere: a transition's in the stages it leaves, unless it waits."""
        if not isinstance(plan, TransitionPlan) or plan.transition.held_for is not None:
            return None
        assert self.lifecycle is not None
        stages = frozenset({None, *(key for key, leaving in self.lifecycle.leaving.items() if plan in leaving)})
        return ast.Compare(load("here"), [ast.In()], [self.emit.constant(stages)])

    def grouped(self) -> list[Group]:
        """The clocks of all that is watched, those together that are asked on the same terms."""
        terms: dict[str, tuple[ast.expr | None, list[Node], list[Watched]]] = {}
        for tree, plan in self.watched:
            blurred = self.blur(tree)
            tests = [one for one in (self.counts(plan), self.is_open(blurred)) if one is not None]
            test = joined(ast.And(), tests) if tests else None
            group = terms.setdefault(plain(ast.dump(test)) if test else "", (test, [], []))
            group[1].append(blurred)
            group[2].append((tree, plan))
        return [Group(test, tuple(trees), self.found_clocks(watched)) for test, trees, watched in terms.values()]

    def blur(self, tree: Node) -> Node:
        """A condition with all that time may change left unknown: where it is known even so, time changes nothing."""
        if not self.variables.clocks.is_timed(tree):
            return tree
        if isinstance(tree, Logic):
            return replace(tree, operands=tuple(self.blur(one) for one in tree.operands), nullable=True)
        if isinstance(tree, Unary) and isinstance(tree.operand, Logic):
            return replace(tree, operand=self.blur(tree.operand), nullable=True)
        return Literal(type=Type.BOOLEAN, span=tree.span, value=None, nullable=True)

    def is_open(self, blurred: Node) -> ast.expr | None:
        """Whether time may change a condition; nothing where it always may."""
        if all(isinstance(one, Literal) for one in walk(blurred) if not one.parts):
            return None
        return is_(self.emit.emit(blurred), NONE)

    def found_clocks(self, watched: list[Watched]) -> dict[Kind, list[Clock]]:
        """The clocks of conditions, by kind, each once; counts of one counter together."""
        found: dict[Kind, dict[object, Clock]] = {kind: {} for kind in Kind}
        fixed: list[int] = []
        for tree, plan in watched:
            for one in self.of_tier(tree, plan) if isinstance(plan, TierPlan) else self.variables.clocks.of(tree):
                if one.function in ("reach", "reach_day") and isinstance(one.operands[0], Literal):
                    INSTANTS[one.function](fixed, FIRST, self.variables.where, one.operands[0].value, *one.constants)
                    continue
                operands = tuple(plain(ast.dump(self.emit.emit(each))) for each in one.operands)
                counting = one.function == "reach_counts"
                name = (one.function, operands, one.constants[0] if counting else one.constants)
                known = found[one.kind].get(name, one)
                if counting:
                    counts = tuple(sorted({*known.constants[1], *one.constants[1]}))
                    known = replace(one, constants=(one.constants[0], counts))
                found[one.kind][name] = known
        if fixed:
            found[Kind.ONCE]["pass_by"] = Clock("pass_by", (), (tuple(sorted(set(fixed))),))
        return {kind: list(clocks.values()) for kind, clocks in found.items()}

    def of_tier(self, tree: Node, tier: TierPlan) -> Iterator[Clock]:
        """A tier's input crosses a threshold only where one of its clocks changes it."""
        if isinstance(tree, Reference) and tree.root == "score":
            yield from self.variables.clocks.of(tree)
            return
        for start in tier.edges:
            for edge in (start, start - tier.margin):
                yield from self.variables.clocks.of_numbers(
                    tree, ">=", Literal(type=Type.NUMBER, span=(0, 0), value=edge)
                )

    def has(self, kind: Kind) -> bool:
        """Whether there are clocks of a kind."""
        return any(one.clocks[kind] for one in self.groups)

    def clocks_body(self, kind: Kind) -> list[ast.stmt]:
        """One call for each clock of a kind, on its group's terms."""
        groups = [one for one in self.groups if one.clocks[kind]]
        operands = [tree for one in groups for clock in one.clocks[kind] for tree in clock.operands]
        body = self.variables.again([*operands, *(tree for one in groups for tree in one.trees)])
        body.append(assign("here", call(attribute("run", "here"))))
        for one in groups:
            calls = [self.asked(clock) for clock in one.clocks[kind]]
            body.extend(calls if one.test is None else [ast.If(one.test, calls, [])])
        return body

    def asked(self, clock: Clock) -> ast.stmt:
        """The call of a clock."""
        code = self.emit.function(f"clock_{clock.function}", INSTANTS[clock.function])
        operands = [self.emit.emit(each) for each in clock.operands]
        constants = [self.emit.constant(each) for each in clock.constants]
        return ast.Expr(call(code, load("found"), load("at"), load("WHERE"), *operands, *constants))


def plain(dumped: str) -> str:
    """A dumped expression without the numbers of its temporaries, so that equal ones compare equal."""
    return "".join("x" if part.isdigit() else part for part in dumped.replace("'x", "'x\0").split("\0"))
