"""Checked rules -> one `Program`: four generated Python functions over the same local variables.

`run` makes every step in order; `watch` looks again at what time alone may change; `clocks` says when to look;
`act` decides which actions fire. A step is an expression, or a call into the engine's `run` object for what has memory.
This can't fail: what could fail was checked. Nothing is ever compiled from text.
Source: docs/decisions, "rule-engine parses, we evaluate".
"""

import ast
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

from service.language.clocks import Clock, Clocks, Kind
from service.language.clockwork import INSTANTS
from service.language.emit import NONE, Emit, assign, attribute, call, extras, is_, load
from service.language.functions import points_at
from service.language.instants import FIRST, local_date, midnight, zone
from service.language.model import Duration, Ruleset
from service.language.plans import (
    Weights,
    alias_pairs,
    compile_action,
    compile_lifecycle,
    compile_tags,
    compile_tier,
    compile_transitions,
    is_plain,
)
from service.language.program import ComponentRule, Program, Rules, TierPlan
from service.language.tree import Literal, Node, Reference, references
from service.language.types import Type

INDEPENDENT = ("value", "score", "tier", "tag", "stage")


def compile_ruleset(ruleset: Ruleset, rules: Rules, digest: str) -> Program:
    """The program of a checked ruleset."""
    return Compile(ruleset, rules).program(digest)


class Compile:
    """Builds the functions of one ruleset."""

    def __init__(self, ruleset: Ruleset, rules: Rules) -> None:
        self.ruleset = ruleset
        self.rules = rules
        self.where = zone(ruleset.timezone)
        self.clocks = Clocks(rules.values, rules.scores)
        self.emit = Emit(self.where)
        self.timed = {key for key, tree in rules.values.items() if self.clocks.is_timed(tree)}
        self.timed_scores = {
            key for key, parts in rules.scores.items() if any(self.clocks.is_timed(part.tree) for part in parts)
        }
        self.tags = compile_tags(ruleset)
        self.tiers = {one.key: compile_tier(one) for one in ruleset.tiers}
        self.transitions = compile_transitions(ruleset)
        self.actions = tuple(compile_action(one) for one in ruleset.actions)
        self.watched = self.find_watched()
        self.places = {id(tree): index for index, (tree, _) in enumerate(self.watched)}

    def program(self, digest: str) -> Program:
        """Everything put together."""
        clocks = self.found_clocks()
        return Program(
            ruleset=self.ruleset,
            digest=digest,
            where=self.where,
            rules=self.rules,
            run=self.function("run", ("run", "facts", "event", "at"), self.run_body()),
            watch=self.function("watch", ("run", "facts", "at"), self.watch_body()),
            clocks=self.function("clocks", ("run", "facts", "at", "found"), self.clocks_body(clocks[Kind.ONCE])),
            next_clocks=self.function(
                "next_clocks", ("run", "facts", "at", "found"), self.clocks_body(clocks[Kind.NEXT])
            ),
            ticks=self.function("ticks", ("run", "facts", "at", "found"), self.clocks_body(clocks[Kind.TICK])),
            act=self.function("act", ("run", "facts", "at", "ready"), self.act_body()),
            has_next=bool(clocks[Kind.NEXT]),
            has_ticks=bool(clocks[Kind.TICK]),
            tags=self.tags,
            tiers=self.tiers,
            lifecycle=compile_lifecycle(self.ruleset, self.transitions),
            transitions=self.transitions,
            actions=self.actions,
            outputs=tuple(one.key for one in self.ruleset.values if one.output),
            aliases=dict(alias_pairs(self.ruleset)),
            held=self.held(),
            ending={key: plan.tag.valid_until for key, plan in self.tags.items() if plan.tag.valid_until is not None},
            trees=self.trees(),
        )

    def held(self) -> dict[str, Duration]:
        """The rules whose condition must be held, and for how long."""
        found = {plan.rule: plan.tag.held_for for plan in self.tags.values()}
        found |= {plan.rule: plan.transition.held_for for plan in self.transitions.values()}
        return {rule: period for rule, period in found.items() if period is not None}

    def trees(self) -> dict[str, tuple[Node, ...]]:
        """Every rule with its trees."""
        rules = self.rules
        found: dict[str, tuple[Node | None, ...]] = {plan.rule: rules.tags[key] for key, plan in self.tags.items()}
        found |= {plan.rule: (rules.tiers[key],) for key, plan in self.tiers.items()}
        found |= {plan.rule: (rules.transitions[key],) for key, plan in self.transitions.items()}
        return {rule: tuple(tree for tree in trees if tree is not None) for rule, trees in found.items()}

    def function(self, name: str, parameters: tuple[str, ...], body: list[ast.stmt]) -> Callable[..., Any]:
        """One function of a body."""
        arguments = ast.arguments([], [ast.arg(one) for one in parameters], None, [], [], None, [])
        definition = ast.FunctionDef(name, arguments, body or [ast.Pass()], [], None)
        module = ast.fix_missing_locations(ast.Module([definition], []))
        scope = {"__builtins__": {}, **self.emit.names, "local_date": local_date, "midnight": midnight}
        exec(compile(module, f"<ruleset {self.ruleset.key}>", "exec"), scope)  # noqa: S102  # Why: built from nodes, never from text
        found: Callable[..., Any] = scope[name]  # type: ignore[assignment]
        return found

    # Where local variables come from

    def prologue(self, trees: Iterable[Node | None]) -> list[ast.stmt]:
        """The attributes, and what of the calendar and the profile the trees need."""
        nodes = [tree for tree in trees if tree is not None]
        body: list[ast.stmt] = []
        keys = dict.fromkeys(one.key for tree in nodes for one in references(tree) if one.root == "attribute")
        body += [assign(f"a_{key}", call(attribute("facts", "get"), ast.Constant(key))) for key in keys]
        needed = extras(nodes)
        if "day" in needed:
            body.append(assign("day", call(load("local_date"), load("at"), load("WHERE"))))
        if "today" in needed:
            body.append(assign("today", call(load("midnight"), load("day"), load("WHERE"))))
        if "profile" in needed:
            body.append(assign("profile", attribute("run", "profile")))
        return body

    def again(self, trees: Iterable[Node | None]) -> list[ast.stmt]:
        """The local variables for looking again after a run: what is timed is computed anew,
        all else is read from it.
        """
        wanted = list(trees)
        needed = self.closure(wanted)
        for kind, key in needed:
            if kind == "value" and key in self.timed:
                wanted.append(self.rules.values[key])
            elif kind == "score" and key in self.timed_scores:
                wanted.extend(part.tree for part in self.rules.scores[key])
        body = self.prologue(wanted)
        for kind, key in self.rules.order:
            if (kind, key) in needed:
                body.extend(self.remember(kind, key))
        return body

    def closure(self, trees: Iterable[Node | None]) -> set[tuple[str, str]]:
        """Every construct that the trees read, with what its timed ones read in turn."""
        found: set[tuple[str, str]] = set()
        stack = [tree for tree in trees if tree is not None]
        while stack:
            for one in references(stack.pop()):
                name = (one.root, one.key)
                if one.root not in INDEPENDENT or name in found:
                    continue
                found.add(name)
                if one.root == "value" and one.key in self.timed:
                    stack.append(self.rules.values[one.key])
                elif one.root == "score" and one.key in self.timed_scores:
                    stack.extend(part.tree for part in self.rules.scores[one.key])
        return found

    def remember(self, kind: str, key: str) -> Iterator[ast.stmt]:
        """One variable after a run."""
        if kind == "value" and key in self.timed:
            yield assign(f"v_{key}", self.emit.emit(self.rules.values[key]))
        elif kind == "score" and key in self.timed_scores:
            yield from self.score(key)
        elif kind == "stage":
            yield assign("stage", attribute("run", "stage"))
        elif kind == "score":
            yield pair(key, ast.Subscript(attribute("run", "scores"), ast.Constant(key), ast.Load()))
        elif kind == "value":
            yield assign(f"v_{key}", ast.Subscript(attribute("run", "values"), ast.Constant(key), ast.Load()))
        elif kind == "tier":
            yield assign(f"b_{key}", call(attribute("run", "band"), ast.Constant(key)))
        else:
            yield assign(f"t_{key}", ast.Compare(ast.Constant(key), [ast.In()], [attribute("run", "tags")]))

    # run

    def run_body(self) -> list[ast.stmt]:
        """Every step in order, then the values and scores for whoever looks again."""
        rules = self.rules
        body = self.prologue(self.all_trees())
        body.append(assign("held", attribute("run", "held")))
        body.append(assign("calm", attribute("run", "calm")))
        for kind, key in rules.order:
            body.extend(getattr(self, kind)(key))
        for name, prefix, keys in (("values", "v", rules.values), ("scores", "s", rules.scores)):
            values: list[ast.expr] = [
                load(f"v_{key}") if prefix == "v" else ast.Tuple([load(f"s_{key}"), load(f"c_{key}")], ast.Load())
                for key in keys
            ]
            body.append(keep(name, ast.Dict([ast.Constant(key) for key in keys], values)))
        views = [self.view(load(f"q{index}"), tier) for index, (_, tier) in enumerate(self.watched)]
        return [*body, keep("view", ast.Tuple(views, ast.Load()))]

    def seen(self, tree: Node, value: ast.expr) -> ast.expr:
        """The value of a tree; of one that is watched it is kept for the view at the end."""
        index = self.places.get(id(tree))
        return value if index is None else ast.NamedExpr(ast.Name(f"q{index}", ast.Store()), value)

    def all_trees(self) -> Iterator[Node | None]:
        rules = self.rules
        yield from rules.values.values()
        yield from (part.tree for parts in rules.scores.values() for part in parts)
        yield from rules.tiers.values()
        yield from (tree for pair in rules.tags.values() for tree in pair)
        yield from rules.transitions.values()

    def value(self, key: str) -> Iterator[ast.stmt]:
        yield assign(f"v_{key}", self.emit.emit(self.rules.values[key]))

    def score(self, key: str) -> Iterator[ast.stmt]:
        """`s_K, c_K = run.rate(plan, values, coverages)`."""
        parts = self.rules.scores[key]
        plan = self.emit.constant(Weights(self.ruleset, key, parts))
        values = ast.Tuple([self.component(part) for part in parts], ast.Load())
        covered: ast.expr = NONE
        if any(part.of_score for part in parts):
            names = [load(f"c_{part.of_score}") if part.of_score else NONE for part in parts]
            covered = ast.Tuple(list(names), ast.Load())
        yield pair(key, call(attribute("run", "rate"), plan, values, covered))

    def component(self, part: ComponentRule) -> ast.expr:
        """The points of one part."""
        value = self.emit.emit(part.tree)
        if part.points is None:
            return value
        starts = tuple(start for start, _ in part.points[1:])
        points = tuple(one for _, one in part.points)
        return call(
            self.emit.function("points_at", points_at), value, self.emit.constant(starts), self.emit.constant(points)
        )

    def tier(self, key: str) -> Iterator[ast.stmt]:
        plan = self.emit.constant(self.tiers[key])
        tree = self.rules.tiers[key]
        yield assign(f"b_{key}", call(attribute("run", "place"), plan, self.seen(tree, self.emit.emit(tree))))

    def tag(self, key: str) -> Iterator[ast.stmt]:
        """`t_K = run.settle(plan, when, until)`, unless a glance shows that nothing changes."""
        plan = self.tags[key]
        when, until = self.rules.tags[key]
        condition = self.on_event(plan.tag.on, when)
        if until is not None:
            yield assign("u", self.seen(until, self.emit.emit(until)))
        ends = NONE if until is None else load("u")
        settled = call(attribute("run", "settle"), self.emit.constant(plan), load("w"), ends)
        if plan.is_default:
            yield assign("w", ast.Compare(ast.Constant(plan.group), [ast.NotIn()], [attribute("run", "taken")]))
        else:
            yield assign("w", ast.Constant(False) if condition is None else condition)
        held = ast.Compare(ast.Constant(key), [ast.In()], [load("held")])
        if is_plain(plan) or plan.is_default:
            glance = ast.BoolOp(ast.And(), [is_(load("w"), held), load("calm")])
        else:
            # Why: a tag that is not held and whose rule is false stays so, whatever memory it could have.
            idle = [is_(load("w"), ast.Constant(False)), ast.UnaryOp(ast.Not(), held), load("calm")]
            if plan.tag.held_for is not None:
                idle.append(ast.Compare(ast.Constant(plan.rule), [ast.NotIn()], [attribute("run", "waits")]))
            glance = ast.BoolOp(ast.And(), idle)
        yield ast.If(glance, [assign(f"t_{key}", load("w"))], [assign(f"t_{key}", settled)])

    def on_event(self, types: tuple[str, ...] | None, when: Node | None) -> ast.expr | None:
        """The condition of a rule; of one with `on` it is false unless such an event is there."""
        if types is None:
            return None if when is None else self.seen(when, self.emit.emit(when))
        there = ast.Compare(load("event"), [ast.IsNot()], [NONE])
        fits = ast.Compare(attribute("event", "type"), [ast.In()], [self.emit.constant(frozenset(types))])
        return ast.BoolOp(ast.And(), [there, fits, *([] if when is None else [self.emit.emit(when)])])

    def stage(self, _: str) -> Iterator[ast.stmt]:
        """`stage = run.move((condition, ...), event)`."""
        conditions = []
        for plan in self.transitions.values():
            condition = self.on_event(plan.transition.on, self.rules.transitions[plan.transition.key])
            conditions.append(ast.Constant(True) if condition is None else condition)
        yield assign("stage", call(attribute("run", "move"), ast.Tuple(conditions, ast.Load()), load("event")))

    # watch and clocks

    def find_watched(self) -> list[tuple[Node, TierPlan | None]]:
        """The conditions and tier inputs that time alone may change."""
        rules = self.rules
        trees: list[Node | None] = []
        for key, (when, until) in rules.tags.items():
            trees.extend((None if self.tags[key].tag.on else when, until))
        trees.extend(rules.transitions[key] for key, plan in self.transitions.items() if plan.transition.on is None)
        found: list[tuple[Node, TierPlan | None]] = [
            (tree, None) for tree in trees if tree is not None and self.clocks.is_timed(tree)
        ]
        for key, tree in rules.tiers.items():
            if self.clocks.is_timed(tree):
                found.append((tree, self.tiers[key]))
        return found

    def watch_body(self) -> list[ast.stmt]:
        """What the conditions are now, as one tuple; of a tier's input only between which thresholds it lies."""
        body = self.again(tree for tree, _ in self.watched)
        views = [self.view(self.emit.emit(tree), tier) for tree, tier in self.watched]
        return [*body, ast.Return(ast.Tuple(views, ast.Load()))]

    def view(self, value: ast.expr, tier: TierPlan | None) -> ast.expr:
        """A condition's answer; or between which thresholds of its tier a number lies."""
        if tier is None:
            return value
        edges = tuple(sorted({*tier.edges, *(one - tier.margin for one in tier.edges)}))
        numbers = tuple(Decimal(index) for index in range(len(edges) + 1))
        code = self.emit.function("points_at", points_at)
        return call(code, value, self.emit.constant(edges), self.emit.constant(numbers))

    def found_clocks(self) -> dict[Kind, list[Clock]]:
        """The clocks of all that is watched, by kind, each once; counts of one counter together."""
        found: dict[Kind, dict[object, Clock]] = {kind: {} for kind in Kind}
        fixed: list[int] = []
        for tree, tier in self.watched:
            for one in self.clocks_of(tree, tier):
                if one.function in ("reach", "reach_day") and isinstance(one.operands[0], Literal):
                    INSTANTS[one.function](fixed, FIRST, self.where, one.operands[0].value, *one.constants)
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

    def clocks_of(self, tree: Node, tier: TierPlan | None) -> Iterator[Clock]:
        """The clocks of a condition, or of a tier's input."""
        return self.of_tier(tree, tier) if tier else self.clocks.of(tree)

    def of_tier(self, tree: Node, tier: TierPlan) -> Iterator[Clock]:
        """A tier's input crosses a threshold only where one of its clocks changes it."""
        if isinstance(tree, Reference) and tree.root == "score":
            yield from self.clocks.of(tree)
            return
        for start in tier.edges:
            for edge in (start, start - tier.margin):
                yield from self.clocks.of_numbers(tree, ">=", Literal(type=Type.NUMBER, span=(0, 0), value=edge))

    def clocks_body(self, clocks: list[Clock]) -> list[ast.stmt]:
        """One call for each clock."""
        body = self.again(tree for one in clocks for tree in one.operands)
        for one in clocks:
            code = self.emit.function(f"clock_{one.function}", INSTANTS[one.function])
            operands = [self.emit.emit(each) for each in one.operands]
            constants = [self.emit.constant(each) for each in one.constants]
            body.append(ast.Expr(call(code, load("found"), load("at"), load("WHERE"), *operands, *constants)))
        return body

    # act

    def act_body(self) -> list[ast.stmt]:
        """Those of the ready actions whose `when` is true."""
        body = self.again(self.rules.actions.values())
        body.append(assign("fired", ast.List([], ast.Load())))
        for plan in self.actions:
            tree = self.rules.actions[plan.action.key]
            name = self.emit.constant(plan)
            test: ast.expr = ast.Compare(ast.Constant(plan.action.key), [ast.In()], [load("ready")])
            if tree is not None:
                test = ast.BoolOp(ast.And(), [test, is_(self.emit.emit(tree), ast.Constant(True))])
            append = call(ast.Attribute(load("fired"), "append", ast.Load()), name)
            body.append(ast.If(test, [ast.Expr(append)], []))
        return [*body, ast.Return(load("fired"))]


def keep(name: str, value: ast.expr) -> ast.stmt:
    """`run.name = value`."""
    return ast.Assign([ast.Attribute(load("run"), name, ast.Store())], value)


def pair(key: str, value: ast.expr) -> ast.stmt:
    """`s_K, c_K = value`."""
    target = ast.Tuple([ast.Name(f"s_{key}", ast.Store()), ast.Name(f"c_{key}", ast.Store())], ast.Store())
    return ast.Assign([target], value)


def plain(dumped: str) -> str:
    """A dumped expression without the numbers of its temporaries, so that equal ones compare equal."""
    return "".join("x" if part.isdigit() else part for part in dumped.replace("'x", "'x\0").split("\0"))
