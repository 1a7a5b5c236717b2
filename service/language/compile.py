"""Checked rules -> one `Program`: generated Python functions over the same local variables.

`know` computes what the facts alone decide, `run` makes every other step in order;
`watch` looks again at what time alone may change, `clocks` says when to look; `act` decides which actions fire.
A step is an expression, or a call into the engine's `run` object for what has memory.
This can't fail: what could fail was checked. Nothing is ever compiled from text.
Source: docs/decisions, "rule-engine parses, we evaluate".
"""

import ast
from collections.abc import Callable, Iterator
from typing import Any

from service.language.clocks import Kind
from service.language.emit import FALSE, NONE, TRUE, assign, attribute, call, is_, load
from service.language.instants import local_date, midnight
from service.language.lookout import Lookout
from service.language.model import Duration, Ruleset
from service.language.plans import (
    alias_pairs,
    compile_action,
    compile_lifecycle,
    compile_tags,
    compile_tier,
    compile_transitions,
    is_plain,
)
from service.language.program import Program, Rules
from service.language.tree import Node
from service.language.variables import Variables


def compile_ruleset(ruleset: Ruleset, rules: Rules, digest: str) -> Program:
    """The program of a checked ruleset."""
    return Compile(ruleset, rules).program(digest)


class Compile(Variables):
    """Builds the functions of one ruleset."""

    def __init__(self, ruleset: Ruleset, rules: Rules) -> None:
        super().__init__(ruleset, rules)
        self.tags = compile_tags(ruleset)
        self.tiers = {one.key: compile_tier(one) for one in ruleset.tiers}
        self.transitions = compile_transitions(ruleset)
        self.lifecycle = compile_lifecycle(ruleset, self.transitions)
        self.actions = tuple(compile_action(one) for one in ruleset.actions)

    def program(self, digest: str) -> Program:
        """Everything put together."""
        lookout = Lookout(self, self.tags, self.tiers, self.transitions, self.lifecycle)
        looks = ("run", "facts", "at", "found")
        return Program(
            ruleset=self.ruleset,
            digest=digest,
            where=self.where,
            rules=self.rules,
            know=self.function("know", ("run", "facts"), self.know_body()),
            run=self.function("run", ("run", "facts", "event", "at"), self.run_body()),
            watch=self.function("watch", ("run", "facts", "at"), lookout.watch_body()),
            clocks=self.function("clocks", looks, lookout.clocks_body(Kind.ONCE)),
            next_clocks=self.function("next_clocks", looks, lookout.clocks_body(Kind.NEXT)),
            ticks=self.function("ticks", looks, lookout.clocks_body(Kind.TICK)),
            act=self.function("act", ("run", "facts", "at", "ready"), self.act_body()),
            has_next=lookout.has(Kind.NEXT),
            has_ticks=lookout.has(Kind.TICK),
            tags=self.tags,
            tiers=self.tiers,
            lifecycle=self.lifecycle,
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

    # know and run

    def know_body(self) -> list[ast.stmt]:
        """All that the facts alone decide, as one tuple."""
        trees = [tree for one in self.rules.order if one in self.fixed for tree in self.trees_of(*one)]
        for tree in self.kept.values():
            trees += [tree, *tree.parts]
        body = self.prologue(trees)
        for kind, key in self.rules.order:
            if (kind, key) in self.fixed:
                body.extend(getattr(self, kind)(key))
        body.extend(assign(name, self.emit.compute(tree)) for name, tree in self.kept.items())
        return [*body, ast.Return(ast.Tuple([load(name) for name in self.known()], ast.Load()))]

    def run_body(self) -> list[ast.stmt]:
        """Every other step in order, then the values and scores for whoever looks again."""
        rules = self.rules
        known: list[ast.expr] = [ast.Name(name, ast.Store()) for name in self.known()]
        body: list[ast.stmt] = [ast.Assign([ast.Tuple(known, ast.Store())], attribute("run", "known"))]
        body += self.prologue(self.open_trees())
        body += [assign(name, attribute("run", name)) for name in ("held", "calm", "taken")]
        for kind, key in rules.order:
            if (kind, key) not in self.fixed:
                body.extend(getattr(self, kind)(key))
        for name, prefix, keys in (("values", "v", rules.values), ("scores", "s", rules.scores)):
            values: list[ast.expr] = [
                load(f"v_{key}") if prefix == "v" else ast.Tuple([load(f"s_{key}"), load(f"c_{key}")], ast.Load())
                for key in keys
            ]
            target = ast.Attribute(load("run"), name, ast.Store())
            body.append(ast.Assign([target], ast.Dict([ast.Constant(key) for key in keys], values)))
        return body

    def tier(self, key: str) -> Iterator[ast.stmt]:
        plan = self.emit.constant(self.tiers[key])
        yield assign(f"b_{key}", call(attribute("run", "place"), plan, self.emit.emit(self.rules.tiers[key])))

    def tag(self, key: str) -> Iterator[ast.stmt]:
        """`t_K = run.settle(plan, when, until)`, unless a glance shows that nothing changes."""
        plan = self.tags[key]
        when, until = self.rules.tags[key]
        condition = self.on_event(plan.tag.on, when)
        settled = call(
            attribute("run", "settle"),
            self.emit.constant(plan),
            load("w"),
            NONE if until is None else self.emit.emit(until),
        )
        if plan.is_default:
            yield assign("w", ast.Compare(ast.Constant(plan.group), [ast.NotIn()], [load("taken")]))
        else:
            yield assign("w", ast.Constant(False) if condition is None else condition)
        held = ast.Compare(ast.Constant(key), [ast.In()], [load("held")])
        same = ast.BoolOp(ast.And(), [is_(load("w"), held), load("calm")])
        step: list[ast.stmt] = [assign(f"t_{key}", settled)]
        if not plan.has_memory and plan.group is not None and not plan.is_default:
            # Why: a tag that is held and whose rule is true stays so, if the place of its group is free.
            free = ast.Compare(ast.Constant(plan.group), [ast.NotIn()], [load("taken")])
            take = ast.Expr(call(ast.Attribute(load("taken"), "add", ast.Load()), ast.Constant(plan.group)))
            stays = ast.BoolOp(ast.And(), [is_(load("w"), TRUE), same, free])
            step = [ast.If(stays, [take, assign(f"t_{key}", TRUE)], step)]
        if is_plain(plan) or plan.is_default:
            glance = same
        else:
            # Why: a tag that is not held and whose rule is false stays so, whatever memory it could have.
            idle = [is_(load("w"), FALSE), same]
            if plan.tag.held_for is not None:
                idle.append(ast.Compare(ast.Constant(plan.rule), [ast.NotIn()], [attribute("run", "waits")]))
            glance = ast.BoolOp(ast.And(), idle)
        yield ast.If(glance, [assign(f"t_{key}", load("w"))], step)

    def on_event(self, types: tuple[str, ...] | None, when: Node | None) -> ast.expr | None:
        """The condition of a rule; of one with `on` it is false unless such an event is there."""
        if types is None:
            return None if when is None else self.emit.emit(when)
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
