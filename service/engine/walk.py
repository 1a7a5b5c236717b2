"""An expression's tree, walked: the value of every part, and which attributes left it unknown.

The second reading of the language beside the compiled one; explanations and missing names come from it,
and tests hold both to
one answer. Never on the hot path of a profile whose rules can all be decided.
Source: docs/language.md, "Three-valued logic".
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from service.language.emit import function_of, member, shift
from service.language.functions import OPERATORS, negative
from service.language.instants import local_date, midnight
from service.language.tree import Binary, Call, Choice, Listing, Literal, Logic, Member, Node, Reference, Unary

if TYPE_CHECKING:
    from service.engine.run import Run

ORDER = {
    "==": lambda left, right: left == right,
    "!=": lambda left, right: left != right,
    "<": lambda left, right: left < right,
    "<=": lambda left, right: left <= right,
    ">": lambda left, right: left > right,
    ">=": lambda left, right: left >= right,
}


class Walk:
    """Walks trees against what one run found."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.blamed: dict[tuple[str, str], set[str]] = {}

    def value(self, node: Node) -> Any:
        """The node's value; unknown is `None`."""
        return getattr(self, f"value_{type(node).__name__.lower()}")(node)

    def value_literal(self, node: Literal) -> Any:
        return node.value

    def value_reference(self, node: Reference) -> Any:
        run, key = self.run, node.key
        match node.root:
            case "attribute":
                return self.run.facts.get(key)
            case "value":
                return run.values[key]
            case "score":
                return run.scores[key][0]
            case "tier":
                return run.band(key)
            case "tag":
                return key in run.tags
            case "stage":
                return run.stage
            case "since.stage":
                return run.stage_since
            case "since.tag":
                return run.since_tag(key)
            case "since.tier":
                return run.since_tier(key)
            case "event":
                return None if run.event is None else getattr(run.event, key)
            case "now":
                return run.at
        return midnight(local_date(run.at, run.where), run.where)

    def value_unary(self, node: Unary) -> Any:
        operand = self.value(node.operand)
        if node.operator == "is-null":
            return operand is None
        if operand is None:
            return None
        return not operand if node.operator == "not" else negative(operand)

    def value_binary(self, node: Binary) -> Any:
        left = self.value(node.left)
        if node.operator == "??":
            return self.value(node.right) if left is None else left
        right = self.value(node.right)
        if left is None or right is None:
            return None
        if node.operator == "shift":
            return shift(left, right)
        compute = ORDER.get(node.operator) or OPERATORS[node.operator]
        return compute(left, right)

    def value_logic(self, node: Logic) -> Any:
        stop = node.operator == "or"
        answers = [self.value(one) for one in node.operands]
        if stop in answers:
            return stop
        return None if None in answers else not stop

    def value_choice(self, node: Choice) -> Any:
        condition = self.value(node.condition)
        if condition is None:
            return None
        return self.value(node.then if condition else node.otherwise)

    def value_member(self, node: Member) -> Any:
        item = self.value(node.item)
        if isinstance(node.container, Listing):
            return member(item, tuple(self.value(one) for one in node.container.items))
        container = self.value(node.container)
        return None if item is None or container is None else item in container

    def value_listing(self, node: Listing) -> Any:
        items = tuple(self.value(one) for one in node.items)
        return None if None in items else items

    def value_call(self, node: Call) -> Any:
        function = function_of(node)
        arguments = [self.value(one) for one in node.arguments]
        if None in arguments and not function.takes_unknown:
            return None
        return function.code(*arguments, *(self.extra(name) for name in function.extra))

    def extra(self, name: str) -> Any:
        """What the engine adds behind a function's arguments."""
        run = self.run
        if name == "today":
            return local_date(run.at, run.where)
        return {"at": run.at, "where": run.where, "profile": run.profile}[name]

    # Why unknown

    def blame(self, node: Node) -> set[str]:
        """The attributes whose absence left a node unknown; empty for a known one."""
        if self.value(node) is not None:
            return set()
        if isinstance(node, Reference):
            name = (node.root, node.key)
            if name not in self.blamed:
                self.blamed[name] = self.blame_name(node)
            return self.blamed[name]
        if isinstance(node, Choice) and self.value(node.condition) is not None:
            return self.blame(node.then if self.value(node.condition) else node.otherwise)
        return {name for part in node.parts for name in self.blame(part)}

    def blame_name(self, node: Reference) -> set[str]:
        """The attributes behind an unknown name."""
        rules = self.run.program.rules
        if node.root == "attribute":
            return {node.key}
        trees: Iterator[Node] | list[Node] = []
        if node.root == "value":
            trees = [rules.values[node.key]]
        elif node.root == "score":
            trees = (part.tree for part in rules.scores[node.key])
        elif node.root in ("tier", "since.tier"):
            trees = [rules.tiers[node.key]]
        return {name for tree in trees for name in self.blame(tree)}
