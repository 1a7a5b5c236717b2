"""One typed condition -> the same condition in other rule languages.

Every translation is by shape, one for one: what a dialect has no word for (`share`, `any_of`) becomes the operators
that it stands for. A part that no translation covers is a `KeyError`.
CEL's numbers are doubles here, since it does not mix them with whole numbers.
"""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from service.language.tree import Binary, Call, Literal, Logic, Member, Node, Reference, Unary


@dataclass(frozen=True, slots=True)
class Words:
    """What a written dialect calls the connectives, and how it writes a number."""

    both: str = "and"
    either: str = "or"
    deny: str = "not "
    number: Callable[[Decimal], str] = str


PLAIN = Words()
CEL = Words("&&", "||", "!", lambda number: repr(float(number)))


def parts(node: Node) -> tuple[str, tuple[Node, ...]]:
    """A node as an operator with its operands, functions written out; empty for names and constants."""
    match node:
        case Logic() | Unary(operator="not"):
            return node.operator, node.parts
        case Binary():
            return node.operator, node.parts
        case Member():
            return "in", node.parts
        case Call(function="share"):
            return "/", node.arguments
        case Call(function="any_of", arguments=(have, Literal(value=tuple(wanted)))):
            each = (Literal(type=node.type, span=node.span, value=one) for one in wanted)
            return "or", tuple(Member(type=node.type, span=node.span, item=one, container=have) for one in each)
        case Literal() | Reference(root="attribute" | "value"):
            return "", ()
    raise KeyError(type(node).__name__)


def written(node: Node, words: Words = PLAIN) -> str:
    """The condition in a dialect with infix operators."""
    operator, operands = parts(node)
    if isinstance(node, Reference):
        return node.key
    if isinstance(node, Literal):
        return literal(node.value, words)
    texts = [written(one, words) for one in operands]
    word = {"and": words.both, "or": words.either}.get(operator, operator)
    return f"({words.deny}{texts[0]})" if operator == "not" else f"({f' {word} '.join(texts)})"


def literal(value: object, words: Words) -> str:
    """A constant as text."""
    match value:
        case bool():
            return str(value).lower()
        case Decimal():
            return words.number(value)
        case str():
            return f"'{value}'"
        case tuple():
            return f"[{', '.join(literal(one, words) for one in value)}]"
    raise KeyError(type(value).__name__)


def json_logic(node: Node) -> Any:
    """The condition as JsonLogic."""
    operator, operands = parts(node)
    if isinstance(node, Reference):
        return {"var": node.key}
    if isinstance(node, Literal):
        return as_json(node.value)
    return {"!" if operator == "not" else operator: [json_logic(one) for one in operands]}


def as_json(value: Any, whole: Callable[[Decimal], Any] = int) -> Any:
    """A value of ours as JSON has it: numbers whole or floating, lists as lists."""
    if isinstance(value, Decimal):
        return whole(value) if value == value.to_integral_value() else float(value)
    return [as_json(one, whole) for one in value] if isinstance(value, tuple) else value
