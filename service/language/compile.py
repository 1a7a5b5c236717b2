"""Checked rules -> one `Program`: four generated Python functions over the same local variables.

`run` makes every step in order; `watch` looks again at what time alone may change; `clocks` says when to look;
`act` decides which actions fire. A step is an expression, or a call into the engine's `run` object for what has memory.
This can't fail: what could fail was checked. Nothing is ever compiled from text.
Source: docs/decisions, "rule-engine parses, we evaluate".
"""

import ast
from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from typing import Any

from service.language.clocks import INSTANTS, Clock, Clocks
from service.language.emit import NONE, Emit, assign, attribute, call, extras, is_, load
from service.language.functions import points_at
from service.language.instants import local_date, midnight, zone
from service.language.model import Action, Duration, Ruleset, Tag
from service.language.program import (
    ActionPlan,
    ComponentRule,
    LifecyclePlan,
    Program,
    Rules,
    TagPlan,
    TierPlan,
    TransitionPlan,
)
from service.language.tree import Node, Reference, references

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
        exclusive = {one.key: one for one in ruleset.tag_groups if one.exclusive}
        defaults = {one.default for one in exclusive.values()}
        self.tags = {
            one.key: TagPlan(one, f"tags/{one.key}", one.group if one.group in exclusive else None, one.key in defaults)
            for one in ruleset.tags
        }
        self.tiers = {one.key: compile_tier(one) for one in ruleset.tiers}
        self.transitions = compile_transitions(ruleset)
        self.actions = tuple(compile_action(one) for one in ruleset.actions)

    def program(self, digest: str) -> Program:
        """Everything put together."""
        watched = self.watched()
        clocks = self.found_clocks(watched)
        return Program(
            ruleset=self.ruleset,
            digest=digest,
            where=self.where,
            rules=self.rules,
            run=self.function("run", ("run", "facts", "event", "at"), self.run_body()),
            watch=self.function("watch", ("run", "facts", "at"), self.watch_body(watched)),
            clocks=self.function("clocks", ("run", "facts", "at", "found"), self.clocks_body(clocks)),
            act=self.function("act", ("run", "facts", "at", "ready"), self.act_body()),
            ticking=any(one.ticking for one in clocks),
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
        found = {plan.rule: rules.tags[key] for key, plan in self.tags.items()}
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
        for key in dict.fromkeys(one.key for tree in nodes for one in references(tree) if one.root == "attribute"):
            body.append(assign(f"a_{key}", call(attribute("facts", "get"), ast.Constant(key))))
        needed = extras(nodes)
        if "day" in needed:
            body.append(assign("day", call(load("local_date"), load("at"), load("WHERE"))))
        if "today" in needed:
            body.append(assign("today", call(load("midnight"), load("day"), load("WHERE"))))
        if "profile" in needed:
            body.append(assign("profile", attribute("run", "profile")))
        return body

    def again(self, trees: Iterable[Node | None]) -> list[ast.stmt]:
        """The local variables for looking again after a run: what is timed is computed anew, all else is read from it."""
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
            target = ast.Attribute(load("run"), name, ast.Store())
            body.append(ast.Assign([target], ast.Dict([ast.Constant(key) for key in keys], values)))
        return body

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
        yield assign(f"b_{key}", call(attribute("run", "place"), plan, self.emit.emit(self.rules.tiers[key])))

    def tag(self, key: str) -> Iterator[ast.stmt]:
        """`t_K = run.settle(plan, when, until)`, unless a glance shows that nothing changes."""
        plan = self.tags[key]
        when, until = self.rules.tags[key]
        condition = self.on_event(plan.tag.on, when)
        settled = call(
            attribute("run", "settle"), self.emit.constant(plan), load("w"), NONE if until is None else self.emit.emit(until)
        )
        if plan.is_default:
            yield assign("w", ast.Compare(ast.Constant(plan.group), [ast.NotIn()], [attribute("run", "taken")]))
        else:
            yield assign("w", ast.Constant(False) if condition is None else condition)
        held = ast.Compare(ast.Constant(key), [ast.In()], [load("held")])
        if is_plain(plan):
            glance: ast.expr = ast.BoolOp(ast.And(), [is_(load("w"), held), load("calm")])
        elif plan.group is None or not plan.is_default:
            # Why: a tag that is not held and whose rule is false stays so, whatever memory it could have.
            idle = [is_(load("w"), ast.Constant(False)), ast.UnaryOp(ast.Not(), held), load("calm")]
            if plan.tag.held_for is not None:
                idle.append(ast.Compare(ast.Constant(plan.rule), [ast.NotIn()], [attribute("run", "waits")]))
            glance = ast.BoolOp(ast.And(), idle)
        else:
            glance = ast.BoolOp(ast.And(), [is_(load("w"), held), load("calm")])
        yield ast.If(glance, [assign(f"t_{key}", load("w"))], [assign(f"t_{key}", settled)])

    def on_event(self, types: tuple[str, ...] | None, when: Node | None) -> ast.expr | None:
        """The condition of a rule; of one with `on` it is false unless such an event is there."""
        if types is None:
            return None if when is None else self.emit.emit(when)
        there = ast.Compare(load("event"), [ast.IsNot()], [NONE])
        fits = ast.Compare(attribute("event", "type"), [ast.In()], [self.emit.constant(frozenset(types))])
        return ast.BoolOp(ast.And(), [there, fits, *([] if when is None else [self.emit.emit(when)])])

    def stage(self, key: str) -> Iterator[ast.stmt]:
        """`stage = run.move((condition, ...), event)`."""
        conditions = []
        for plan in self.transitions.values():
            condition = self.on_event(plan.transition.on, self.rules.transitions[plan.transition.key])
            conditions.append(ast.Constant(True) if condition is None else condition)
        yield assign("stage", call(attribute("run", "move"), ast.Tuple(conditions, ast.Load()), load("event")))

    # watch and clocks

    def watched(self) -> list[tuple[Node, TierPlan | None]]:
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

    def watch_body(self, watched: list[tuple[Node, TierPlan | None]]) -> list[ast.stmt]:
        """What the conditions are now, as one tuple; of a tier's input only between which thresholds it lies."""
        body = self.again(tree for tree, _ in watched)
        seen: list[ast.expr] = []
        for tree, tier in watched:
            value = self.emit.emit(tree)
            if tier is not None:
                starts = tuple(one for one in tier.starts if one is not None)
                edges = tuple(sorted({*starts, *(one - tier.margin for one in starts)}))
                numbers = tuple(Decimal(index) for index in range(len(edges) + 1))
                value = call(
                    self.emit.function("points_at", points_at),
                    value,
                    self.emit.constant(edges),
                    self.emit.constant(numbers),
                )
            seen.append(value)
        return [*body, ast.Return(ast.Tuple(seen, ast.Load()))]

    def found_clocks(self, watched: list[tuple[Node, TierPlan | None]]) -> list[Clock]:
        """The clocks of all that is watched, each once; of a tier the input's crossings of its thresholds."""
        found: dict[object, Clock] = {}
        for tree, tier in watched:
            for one in self.of_tier(tree, tier) if tier else self.clocks.of(tree):
                operands = tuple(ast.dump(self.emit.emit(each)) for each in one.operands)
                temporary_free = (one.function, tuple(map(plain, operands)), one.constants)
                found.setdefault(temporary_free, one)
        return list(found.values())

    def of_tier(self, tree: Node, tier: TierPlan) -> Iterator[Clock]:
        """A tier's input crosses a threshold only where one of its clocks changes it."""
        if isinstance(tree, Reference) and tree.root == "score":
            yield from self.clocks.of(tree)
            return
        for start in tier.starts[1:]:
            assert start is not None
            for edge in {start, start - tier.margin}:
                yield from self.clocks.of_numbers(tree, ">=", number_literal(edge))

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


class Weights:
    """What `run.rate` needs of a score: its weights, how it rounds, and what missing parts mean."""

    __slots__ = ("decimals", "key", "minimum_coverage", "missing", "total", "weights")

    def __init__(self, ruleset: Ruleset, key: str, parts: tuple[ComponentRule, ...]) -> None:
        score = next(one for one in ruleset.scores if one.key == key)
        self.key = key
        self.weights = tuple(part.weight for part in parts)
        self.total = sum(self.weights, Decimal(0))
        self.decimals = Decimal(1).scaleb(-score.decimals)
        self.missing = score.missing
        self.minimum_coverage = Decimal(score.minimum_coverage)  # type: ignore[arg-type]


def pair(key: str, value: ast.expr) -> ast.stmt:
    """`s_K, c_K = value`."""
    target = ast.Tuple([ast.Name(f"s_{key}", ast.Store()), ast.Name(f"c_{key}", ast.Store())], ast.Store())
    return ast.Assign([target], value)


def plain(dumped: str) -> str:
    """A dumped expression without the numbers of its temporaries, so that equal ones compare equal."""
    return "".join("x" if part.isdigit() else part for part in dumped.replace("'x", "'x\0").split("\0"))


def number_literal(value: Decimal) -> Node:
    """A number as a tree."""
    from service.language.check import constant

    return constant(value)


def is_plain(plan: TagPlan) -> bool:
    """Whether a tag has no memory: it is held exactly while its rule is true."""
    tag: Tag = plan.tag
    memory = tag.on or tag.until or tag.sticky or tag.held_for or tag.expires_after or tag.valid_until
    return plan.group is None and memory is None or memory is False


def compile_tier(tier: Any) -> TierPlan:
    """A tier's bands as two parallel tuples."""
    starts = tuple(None if band.start is None else Decimal(band.start) for band in tier.bands)
    keys = tuple(band.key for band in tier.bands)
    return TierPlan(tier, f"tiers/{tier.key}", keys, starts, Decimal(tier.margin))


def compile_transitions(ruleset: Ruleset) -> dict[str, TransitionPlan]:
    """The transitions by key, in document order."""
    transitions = ruleset.lifecycle.transitions if ruleset.lifecycle else ()
    return {
        one.key: TransitionPlan(one, f"lifecycle/transitions/{one.key}", index)
        for index, one in enumerate(transitions)
    }


def compile_lifecycle(ruleset: Ruleset, plans: dict[str, TransitionPlan]) -> LifecyclePlan | None:
    """Which transitions leave each stage."""
    if ruleset.lifecycle is None:
        return None
    leaving = {}
    for stage in ruleset.lifecycle.stages:
        leaving[stage.key] = tuple(
            plan
            for plan in plans.values()
            if stage.key in plan.transition.sources
            or ("*" in plan.transition.sources and stage.key != plan.transition.target)
        )
    held = tuple(plan for plan in plans.values() if plan.transition.held_for is not None)
    return LifecyclePlan(ruleset.lifecycle.initial, leaving, held)


def compile_action(action: Action) -> ActionPlan:
    """An action with its triggers as (kind, key, target)."""
    triggers = set()
    for one in action.on:
        if one.stage is not None:
            triggers.add(("stage", "lifecycle", one.stage))
        elif one.tag is not None:
            triggers.add(("tag", one.tag, "held"))
        else:
            triggers.add(("tier", str(one.tier), str(one.band)))
    return ActionPlan(action, frozenset(triggers))


def alias_pairs(ruleset: Ruleset) -> Iterator[tuple[str, str]]:
    """Every merged key, as `kind/key` (a band's as `tier/key/band`), with the key that took its place."""
    for tag in ruleset.tags:
        yield from ((f"tag/{alias}", tag.key) for alias in tag.aliases)
    for stage in ruleset.lifecycle.stages if ruleset.lifecycle else ():
        yield from ((f"stage/{alias}", stage.key) for alias in stage.aliases)
    for tier in ruleset.tiers:
        for band in tier.bands:
            yield from ((f"tier/{tier.key}/{alias}", band.key) for alias in band.aliases)
