"""An outcome -> why: for each decision the tree of its rule, with the value of every part.

Made on demand, by walking the same trees. Source: docs/language.md, "Decisions".
"""

from decimal import Decimal
from typing import Any

from service.engine.decide import all_decisions
from service.engine.decision import Decision, Outcome
from service.engine.walk import Walk
from service.language.instants import write_instant
from service.language.program import Program
from service.language.tree import Literal, Node
from service.language.types import Type

MOST_TEXT = 200


def explain(program: Program, outcome: Outcome, *, everything: bool = False) -> list[dict[str, Any]]:
    """An entry for each change and each decision that is not simply kept or absent; `everything` adds the others.

    An entry has `kind`, `key`, `outcome`, `rule`, and `conditions`: one per expression of the rule, with `member`,
    `expression`, `result` and `parts` (nested; each with `text` and `value`; unknown is `null`).
    """
    walk = Walk(outcome.run)
    decisions = all_decisions(outcome) if everything else [*outcome.decisions, *outcome.standing]
    return [explain_decision(program, walk, one) for one in decisions]


def explain_decision(program: Program, walk: Walk, one: Decision) -> dict[str, Any]:
    """One decision with the conditions of its rule."""
    return {
        "kind": one.kind,
        "key": one.key,
        "outcome": one.outcome,
        "rule": one.rule,
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
