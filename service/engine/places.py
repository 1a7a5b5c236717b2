"""A program -> every expression of its ruleset with the rule it belongs to, and what stands behind a rule.

Data about the document only; nothing is decided. Source: docs/language.md.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import takewhile
from typing import NamedTuple

from service.language.program import Program
from service.language.tree import Choice, Logic, Node, Unary, references, walk
from service.language.types import Type


class Place(NamedTuple):
    """One expression: the path of its rule (`tags/x`, `values/v/cases/0`, `scores/s/components/c`), its JSON pointer,
    its text and its tree. The spans in the tree count in that text.
    """

    rule: str
    pointer: str
    text: str
    tree: Node


def places(program: Program) -> tuple[Place, ...]:
    """Every expression, in document order; found once for each program."""
    found: tuple[Place, ...] | None = program.cache.get("places")
    if found is None:
        found = program.cache["places"] = tuple(_places(program))
    return found


def places_of(program: Program, rule: str) -> list[Place]:
    """The expressions of one rule."""
    found: dict[str, list[Place]] | None = program.cache.get("places by rule")
    if found is None:
        found = {}
        for one in places(program):
            found.setdefault(one.rule, []).append(one)
        program.cache["places by rule"] = found
    return found.get(rule, [])


def _places(program: Program) -> Iterator[Place]:
    ruleset, rules = program.ruleset, program.rules
    yield from _values(program)
    for index, score in enumerate(ruleset.scores):
        for number, (part, rule) in enumerate(zip(score.components, rules.scores[score.key], strict=True)):
            member, text = ("value", part.value) if part.input is None else ("input", part.input)
            pointer = f"/scores/{index}/components/{number}/{member}"
            yield Place(f"scores/{score.key}/components/{part.key}", pointer, str(text), rule.tree)
    for index, tier in enumerate(ruleset.tiers):
        yield Place(f"tiers/{tier.key}", f"/tiers/{index}/input", tier.input, rules.tiers[tier.key])
    for index, tag in enumerate(ruleset.tags):
        for member, text, tree in zip(("when", "until"), (tag.when, tag.until), rules.tags[tag.key], strict=True):
            if tree is not None:
                yield Place(f"tags/{tag.key}", f"/tags/{index}/{member}", str(text), tree)
    for index, one in enumerate(ruleset.lifecycle.transitions if ruleset.lifecycle else ()):
        tree = rules.transitions[one.key]
        if tree is not None:
            pointer = f"/lifecycle/transitions/{index}/when"
            yield Place(f"lifecycle/transitions/{one.key}", pointer, str(one.when), tree)
    for index, action in enumerate(ruleset.actions):
        tree = rules.actions[action.key]
        if tree is not None:
            yield Place(f"actions/{action.key}", f"/actions/{index}/when", str(action.when), tree)


def _values(program: Program) -> Iterator[Place]:
    for index, value in enumerate(program.ruleset.values):
        tree = program.rules.values[value.key]
        if value.cases is None:
            yield Place(f"values/{value.key}", f"/values/{index}/expression", str(value.expression), tree)
            continue
        for number, case in enumerate(value.cases):
            assert isinstance(tree, Choice)
            pointer = f"/values/{index}/cases/{number}/when"
            yield Place(f"values/{value.key}/cases/{number}", pointer, case.when, tree.condition)
            tree = tree.otherwise


def text_of(program: Program, node: Node) -> str:
    """A part of an expression as it was written; nothing for one that was never written."""
    texts: dict[int, str] | None = program.cache.get("texts")
    if texts is None:
        texts = {id(one): place.text[slice(*one.span)] for place in places(program) for one in walk(place.tree)}
        program.cache["texts"] = texts
    return texts.get(id(node), "")


def atoms(node: Node) -> Iterator[Node]:
    """The conditions that a condition is joined of by `and`, `or`, `not` and `?:`; itself, if it is not joined."""
    match node:
        case Logic() | Unary(operator="not") | Choice(type=Type.BOOLEAN):
            for part in node.parts:
                yield from atoms(part)
        case _:
            yield node


# What stands behind a rule


@dataclass(slots=True)
class Basis:
    """What may decide a rule: the attributes it reads, itself or through others, and every tree on the way.

    Both in the order in which they are met, nearest first. `events` are the types that it listens to.
    """

    attributes: dict[str, None] = field(default_factory=dict)
    trees: list[Node] = field(default_factory=list)
    scores: dict[str, None] = field(default_factory=dict)
    tiers: dict[str, None] = field(default_factory=dict)
    events: dict[str, None] = field(default_factory=dict)


def basis_of(program: Program, names: Iterable[tuple[str, str]]) -> Basis:
    """Everything behind some constructs, each (kind, key): `tag`, `tier`, `score`, `value` or `stage`."""
    basis = Basis()
    waiting = list(names)
    seen = set(waiting)
    for kind, key in waiting:
        for tree in _trees(program, kind, key, basis):
            basis.trees.append(tree)
            for one in references(tree):
                name = (one.root.removeprefix("since."), one.key)
                if one.root == "attribute":
                    basis.attributes[one.key] = None
                elif name not in seen and name[0] in _BEHIND:
                    seen.add(name)
                    waiting.append(name)
        for name in _rivals(program, kind, key):
            if name not in seen:
                seen.add(name)
                waiting.append(name)
    return basis


_BEHIND = frozenset({"value", "score", "tier", "tag", "stage"})


def basis_of_tree(program: Program, tree: Node) -> Basis:
    """Everything behind one expression."""
    names = dict.fromkeys((one.root.removeprefix("since."), one.key) for one in references(tree))
    basis = basis_of(program, [name for name in names if name[0] in _BEHIND])
    own = {one.key: None for one in references(tree) if one.root == "attribute"}
    basis.attributes = own | basis.attributes
    basis.trees.insert(0, tree)
    return basis


def _trees(program: Program, kind: str, key: str, basis: Basis) -> list[Node]:
    rules = program.rules
    if kind == "value":
        return [rules.values[key]]
    if kind == "score":
        basis.scores[key] = None
        return [part.tree for part in rules.scores[key]]
    if kind == "tier":
        basis.tiers[key] = None
        return [rules.tiers[key]]
    if kind == "tag":
        basis.events |= dict.fromkeys(program.tags[key].tag.on or ())
        return [tree for tree in rules.tags[key] if tree is not None]
    for plan in program.transitions.values():
        basis.events |= dict.fromkeys(plan.transition.on or ())
    return [tree for tree in rules.transitions.values() if tree is not None]


def _rivals(program: Program, kind: str, key: str) -> Iterator[tuple[str, str]]:
    """The tags that can take the one place of a tag's group before it."""
    group = program.tags[key].group if kind == "tag" else None
    if group is not None:
        before = takewhile(lambda one: one != key, program.tags)
        yield from (("tag", one) for one in before if program.tags[one].group == group)
