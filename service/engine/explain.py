"""An outcome -> why: for each decision a sentence, and the tree of its rule with the value of every part.

Made on demand, by walking the same trees. Source: docs/language.md, "Decisions".
"""

from decimal import Decimal
from typing import Any

from service.engine.decide import all_decisions
from service.engine.decision import Decision, Outcome
from service.engine.places import atoms
from service.engine.sentences import Sentences
from service.engine.suggesting import nearest_json
from service.engine.walk import Walk
from service.engine.worlds import World
from service.language.instants import write_instant
from service.language.program import Program
from service.language.tree import Literal, Node
from service.language.types import Type

MOST_TEXT = 200


def explain(
    program: Program, outcome: Outcome, *, everything: bool = False, world: World | None = None
) -> list[dict[str, Any]]:
    """An entry for each change and each decision that is not simply kept or absent; `everything` adds the others.

    An entry has `kind`, `key`, `outcome`, `rule`, `sentence` (by language), and `conditions`: one per expression of the
    rule, with `member`, `expression`, `value` and `parts` (nested; each with `text` and `value`; unknown is `null`).
    With the `world` that the outcome was decided in, also `nearest`: what would have to be otherwise.
    """
    say = Sentences(outcome.run, Walk(outcome.run))
    decisions = all_decisions(outcome) if everything else [*outcome.decisions, *outcome.standing]
    found = [explain_decision(program, say, one) for one in decisions]
    if world is not None:
        for entry, one in zip(found, decisions, strict=True):
            entry["nearest"] = nearest_json(say.wording, world, outcome, one)
    return found


def explain_decision(program: Program, say: Sentences, one: Decision) -> dict[str, Any]:
    """One decision with the conditions of its rule."""
    walk = say.walk
    return {
        "kind": one.kind,
        "key": one.key,
        "outcome": one.outcome,
        "rule": one.rule,
        "sentence": say.of(one),
        "conditions": [
            {"member": member, "expression": text, **explain_node(walk, tree, text)}
            for member, text, tree in conditions(program, one.rule)
        ],
    }


def conditions(program: Program, rule: str | None) -> list[tuple[str, str, Node]]:
    """The expressions of a rule: (member, text, tree)."""
    path = (rule or "").rpartition("/")
    key = path[2]
    rules = program.rules
    if path[0] == "tags" and key in program.tags:
        tag = program.tags[key].tag
        pairs = zip(("when", "until"), (tag.when, tag.until), rules.tags[key], strict=True)
        return [(member, text, tree) for member, text, tree in pairs if text is not None and tree is not None]
    if path[0] == "tiers" and key in program.tiers:
        return [("input", program.tiers[key].tier.input, rules.tiers[key])]
    if path[0] == "lifecycle/transitions":
        tree, text = rules.transitions[key], program.transitions[key].transition.when
        return [] if tree is None or text is None else [("when", text, tree)]
    return []


def explain_leaves(program: Program, say: Sentences, one: Decision) -> list[dict[str, Any]]:
    """What each condition of a decision's rule is joined of: whether it held (unknown is `null`), in words, and the
    attributes whose absence left it unknown.
    """
    return [
        {
            "member": member,
            "text": text[slice(*leaf.span)],
            "held": say.walk.value(leaf),
            "sentence": say.wording.leaf(leaf),
            "missing": sorted(say.walk.blame(leaf)),
        }
        for member, text, tree in conditions(program, one.rule)
        if tree.type is Type.BOOLEAN
        for leaf in atoms(tree)
    ]


def explain_node(walk: Walk, node: Node, text: str) -> dict[str, Any]:
    """A part: what was written, its value, and the parts below it (constants are left out)."""
    parts = [explain_node(walk, part, text) for part in node.parts if not isinstance(part, Literal)]
    found = {"text": text[slice(*node.span)], "value": plain(walk.value(node), node.type)}
    return {**found, "parts": parts} if parts else found


def plain(value: Any, type: Type) -> Any:
    """A value as JSON shows it; long texts are cut."""
    if value is None or isinstance(value, bool | Decimal):
        return value
    if type is Type.DATETIME:
        return write_instant(value)
    if isinstance(value, tuple):
        element = Type.DATETIME if type is Type.DATETIMES else Type.STRING
        return [plain(one, element) for one in value]
    return value[:MOST_TEXT] if isinstance(value, str) else value
