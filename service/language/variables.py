"""Typed rules -> the local variables that the generated functions share, each with the statement that fills it.

`v_K` is a value, `s_K` with `c_K` a score with its coverage, `b_K` a tier's band, `t_K` a tag; attributes are `a_K`.
What reads neither the clock nor the state is *fixed*: the facts alone decide it, once for all runs over them.
"""

import ast
from collections.abc import Iterable, Iterator
from decimal import ROUND_HALF_UP, Decimal

from service.language.clocks import Clocks
from service.language.emit import NONE, Emit, assign, attribute, call, choose, extras, is_, joined, load
from service.language.functions import CONTEXT, HUNDRED, ONE, ZERO, add_product, bounded, points_at, ratio
from service.language.instants import zone
from service.language.model import Ruleset
from service.language.plans import Weights
from service.language.program import ComponentRule, Rules
from service.language.tree import Binary, Call, Choice, Listing, Literal, Member, Node, Reference, references

INDEPENDENT = ("value", "score", "tier", "tag", "stage")


class Variables:
    """The local variables of one ruleset's functions.

    `timed` and `fixed` hold the values and scores, as (kind, key), that time alone may change, and that the facts alone
    decide; `kept` the parts of other expressions that the facts alone decide, each under its variable.
    """

    def __init__(self, ruleset: Ruleset, rules: Rules) -> None:
        self.ruleset = ruleset
        self.rules = rules
        self.where = zone(ruleset.timezone)
        self.clocks = Clocks(rules.values, rules.scores)
        self.emit = Emit(self.where)
        self.emit.names["ONE"] = ONE  # Why: full coverage is told by this very object, not by an equal constant.
        self.timed: set[tuple[str, str]] = set()
        self.fixed: set[tuple[str, str]] = set()
        for kind, key in rules.order:
            trees = self.trees_of(kind, key)
            if trees and any(self.clocks.is_timed(tree) for tree in trees):
                self.timed.add((kind, key))
            elif trees and all(self.is_fixed(tree) for tree in trees):
                self.fixed.add((kind, key))
        self.kept: dict[str, Node] = {}
        for tree in self.open_trees():
            self.keep(tree)

    def keep(self, tree: Node) -> None:
        """Gives a variable to each part of an expression, as large as possible, that the facts alone decide."""
        if isinstance(tree, Reference | Literal):
            return
        if self.is_fixed(tree):
            name = f"k{len(self.kept)}"
            self.kept[name] = tree
            self.emit.kept[id(tree)] = name
            return
        parts = tree.parts
        if isinstance(tree, Member) and isinstance(tree.container, Listing):
            # Why: membership in a list that is written out looks at each item, known or not.
            parts = (tree.item, *tree.container.items)
        for part in parts:
            self.keep(part)

    def reads(self, tree: Node) -> Iterator[Node]:
        """The nodes of an expression, parents first; what is below a kept one is left out."""
        yield tree
        if id(tree) not in self.emit.kept:
            for part in tree.parts:
                yield from self.reads(part)

    def open_trees(self) -> Iterator[Node]:
        """Every expression that `run` computes, at least in part."""
        rules = self.rules
        for kind, key in rules.order:
            if (kind, key) not in self.fixed:
                yield from self.trees_of(kind, key)
        yield from rules.tiers.values()
        yield from (tree for pair in rules.tags.values() for tree in pair if tree is not None)
        yield from (tree for tree in rules.transitions.values() if tree is not None)

    def trees_of(self, kind: str, key: str) -> tuple[Node, ...]:
        """The trees of a value or score; nothing for other constructs."""
        if kind == "value":
            return (self.rules.values[key],)
        return tuple(part.tree for part in self.rules.scores[key]) if kind == "score" else ()

    def is_fixed(self, tree: Node) -> bool:
        """Whether the facts alone decide an expression."""
        names = references(tree)
        return not self.clocks.is_timed(tree) and all(
            one.root == "attribute" or (one.root, one.key) in self.fixed for one in names
        )

    def prologue(self, trees: Iterable[Node | None]) -> list[ast.stmt]:
        """The attributes, and what of the calendar and the profile the trees need."""
        nodes = [tree for tree in trees if tree is not None]
        body: list[ast.stmt] = []
        names = [one for tree in nodes for one in self.reads(tree) if isinstance(one, Reference)]
        keys = dict.fromkeys(one.key for one in names if one.root == "attribute")
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
        again = [one for one in self.rules.order if one in needed and one in self.timed]
        wanted.extend(tree for one in again for tree in self.trees_of(*one))
        body = self.prologue(wanted)
        body.extend(self.recall(wanted))
        for kind, key in self.rules.order:
            if (kind, key) in needed:
                body.extend(self.remember(kind, key))
        return body

    def recall(self, trees: Iterable[Node | None]) -> Iterator[ast.stmt]:
        """The kept parts of expressions, after a run."""
        parts = {id(part) for tree in trees if tree is not None for part in self.reads(tree)}
        places = {name: index for index, name in enumerate(self.known())}
        for name, tree in self.kept.items():
            if id(tree) in parts:
                place = ast.Constant(places[name])
                yield assign(name, ast.Subscript(attribute("run", "known"), place, ast.Load()))

    def known(self) -> list[str]:
        """The variables that the facts alone decide, in the order in which `run` gets them."""
        letters = {"value": "v", "score": "sc"}
        fixed = [f"{one}_{key}" for kind, key in self.rules.order if (kind, key) in self.fixed for one in letters[kind]]
        return [*fixed, *self.kept]

    def closure(self, trees: Iterable[Node | None]) -> set[tuple[str, str]]:
        """Every construct that the trees read, with what its timed ones read in turn."""
        found: set[tuple[str, str]] = set()
        stack = [tree for tree in trees if tree is not None]
        while stack:
            for one in self.reads(stack.pop()):
                if not isinstance(one, Reference) or one.root not in INDEPENDENT or (one.root, one.key) in found:
                    continue
                name = (one.root, one.key)
                found.add(name)
                if name in self.timed:
                    stack.extend(self.trees_of(*name))
        return found

    def remember(self, kind: str, key: str) -> Iterator[ast.stmt]:
        """One variable after a run."""
        if (kind, key) in self.timed:
            yield from getattr(self, kind)(key)
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

    def value(self, key: str) -> Iterator[ast.stmt]:
        """`v_K = expression`."""
        yield assign(f"v_{key}", self.emit.emit(self.rules.values[key]))

    def score(self, key: str) -> Iterator[ast.stmt]:
        """`s_K, c_K`: the mean, inline, where every component is known, else `run.rate(plan, values, coverages)`."""
        parts = self.rules.scores[key]
        plan = Weights(self.ruleset, key, parts)
        names = [f"y{index}" for index in range(len(parts))]
        inner = [load(f"c_{part.of_score}") if part.of_score else NONE for part in parts]
        tests: list[ast.expr] = [
            is_(load(name), NONE) for name, part in zip(names, parts, strict=True) if part.tree.nullable
        ]
        tests += [ast.Compare(one, [ast.IsNot()], [self.emit.constant(ONE)]) for one in inner if one is not NONE]
        total = self.emit.constant(ZERO)
        for name, weight in zip(names, plan.weights, strict=True):
            total = call(self.emit.function("add_product", add_product), self.emit.constant(weight), load(name), total)
        mean = call(self.emit.function("ratio", ratio), total, self.emit.constant(plan.total))
        rounding = (self.emit.constant(plan.decimals), ast.Constant(ROUND_HALF_UP), self.emit.constant(CONTEXT))
        known = ast.Tuple(
            [call(ast.Attribute(mean, "quantize", ast.Load()), *rounding), self.emit.constant(ONE)], ast.Load()
        )
        values = ast.Tuple([load(name) for name in names], ast.Load())
        covered = ast.Tuple(list(inner), ast.Load()) if any(part.of_score for part in parts) else NONE
        rated = call(attribute("run", "rate"), self.emit.constant(plan), values, covered)
        yield from (assign(name, self.component(part)) for name, part in zip(names, parts, strict=True))
        yield pair(key, choose(joined(ast.Or(), tests), rated, known) if tests else known)

    def component(self, part: ComponentRule) -> ast.expr:
        """The points of one part, 0-100."""
        value = self.emit.emit(part.tree)
        if part.points is None:
            return value if self.is_bounded(part.tree) else call(self.emit.function("bounded", bounded), value)
        starts = tuple(start for start, _ in part.points[1:])
        points = tuple(one for _, one in part.points)
        return call(
            self.emit.function("points_at", points_at), value, self.emit.constant(starts), self.emit.constant(points)
        )

    def is_bounded(self, tree: Node) -> bool:
        """Whether a number can be seen to lie within 0-100."""
        match tree:
            case Call(function="scale") | Reference(root="score"):
                return True
            case Literal(value=Decimal() as number):
                return ZERO <= number <= HUNDRED
            case Reference(root="value"):
                return self.is_bounded(self.rules.values[tree.key])
            case Choice():
                return self.is_bounded(tree.then) and self.is_bounded(tree.otherwise)
            case Binary(operator="??"):
                return self.is_bounded(tree.left) and self.is_bounded(tree.right)
        return False


def pair(key: str, value: ast.expr) -> ast.stmt:
    """`s_K, c_K = value`."""
    target = ast.Tuple([ast.Name(f"s_{key}", ast.Store()), ast.Name(f"c_{key}", ast.Store())], ast.Store())
    return ast.Assign([target], value)
