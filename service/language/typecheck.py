"""Syntax tree + the names in scope -> typed tree, and every mistake with its place.

A part that is wrong gets the type `error`, which fits everywhere,
so that one mistake makes one message and checking goes on.
Nothing is evaluated. Source: docs/language.md, "Expressions".
"""

from dataclasses import replace
from typing import Any

from service.language.calls import Calls, takes_arguments
from service.language.expressions import Syntax
from service.language.functions import FUNCTIONS
from service.language.literals import LITERALS
from service.language.mistakes import Mistakes, Report
from service.language.scope import Scope, is_constant
from service.language.tree import Binary, Call, Choice, Listing, Literal, Logic, Member, Node, Reference, Unary
from service.language.types import ATTRIBUTE_TYPES, ELEMENT_OF, LIST_OF, ORDERED, Type

FORBIDDEN = {
    "GetItem": ("indexing", "索引"),
    "GetSlice": ("slicing", "切片"),
    "Bitwise": ("a bit operator", "位运算"),
    "BitwiseShift": ("a bit operator", "位运算"),
    "FuzzyComparison": ("a regular expression", "正则表达式"),
    "Comprehension": ("a comprehension", "推导式"),
    "Set": ("a set", "集合"),
    "Mapping": ("a mapping", "映射"),
    "Bytes": ("a byte string", "字节串"),
    "Statement": ("a comment", "注释"),
}
COMPARES = {"EQ": "==", "NE": "!=", "LT": "<", "LE": "<=", "GT": ">", "GE": ">="}
COMPUTES = {"ADD": "+", "SUB": "-", "MUL": "*", "TDIV": "/", "FDIV": "//", "MOD": "%"}
BESIDE_COALESCE = {"Comparison", "ArithmeticComparison", "FuzzyComparison", "Contains", "Arithmetic", "Add", "Subtract"}


class Typecheck:
    """Gives types to one expression. `report` takes the mistakes."""

    def __init__(self, scope: Scope, report: Report) -> None:
        self.scope = scope
        self.report = report
        self.mistakes = Mistakes(scope, report)
        self.calls = Calls(self.mistakes)

    def type(self, syntax: Syntax) -> Node:
        """The typed tree of a syntax tree."""
        if syntax.kind in FORBIDDEN:
            what, what_zh = FORBIDDEN[syntax.kind]
            return self.mistakes.wrong("forbidden-construct", syntax.span, what=what, what_zh=what_zh)
        if syntax.kind in LITERALS:
            return LITERALS[syntax.kind](syntax, self.scope.where, self.mistakes.wrong)
        found: Node = getattr(self, f"type_{syntax.kind.lower()}")(syntax)
        return found

    # Lists

    def type_null(self, syntax: Syntax) -> Node:
        return self.mistakes.wrong("forbidden-construct/null", syntax.span)

    def type_array(self, syntax: Syntax) -> Node:
        items = tuple(self.type(one) for one in syntax.parts[0])
        kinds = {one.type for one in items} - {Type.ERROR}
        if not kinds <= set(LIST_OF) or len(kinds) > 1:
            return self.mistakes.wrong("type-mismatch/items", syntax.span)
        found = LIST_OF[kinds.pop()] if kinds else Type.ERROR if items else Type.STRINGS
        if all(isinstance(one, Literal) for one in items):
            value = tuple(one.value for one in items if isinstance(one, Literal))
            return Literal(type=found, span=syntax.span, value=value)
        return Listing(type=found, span=syntax.span, items=items, nullable=any(one.nullable for one in items))

    # Names

    def type_symbol(self, syntax: Syntax) -> Node:
        name = syntax.parts[0]
        if syntax.options.get("scope"):
            if name in ("now", "today"):
                return Reference(type=Type.DATETIME, span=syntax.span, root=name)
            return self.mistakes.wrong("forbidden-construct", syntax.span, what=f"`${name}`", what_zh=f"`${name}`")
        return self.name(name, syntax.span)

    def name(self, name: str, span: tuple[int, int]) -> Node:
        """An attribute, a value or the stage."""
        scope = self.scope
        if name in scope.attributes:
            one = scope.attributes[name]
            # Why also one that is required: facts that were stored before it was declared lack it.
            nullable = one.default is None
            return Reference(type=ATTRIBUTE_TYPES[one.type], span=span, root="attribute", key=name, nullable=nullable)
        if name in scope.values:
            tree = scope.value(name)
            if tree is None:
                return Literal(type=Type.ERROR, span=span, value=None)
            return Reference(type=tree.type, span=span, root="value", key=name, nullable=tree.nullable)
        if name == "stage":
            return self.stage("stage", Type.STRING, span)
        if name in ("score", "tier", "tag", "since", "event"):
            return self.mistakes.wrong("unknown-name/root", span, root=name)
        known = [*scope.attributes, *scope.values, "stage"]
        sentence = "unknown-name"
        return self.mistakes.unknown(sentence, span, name, known)

    def stage(self, root: str, type: Type, span: tuple[int, int]) -> Node:
        """`stage` or `since.stage`."""
        if self.scope.stages is None:
            return self.mistakes.wrong("unknown-name/stage", span, name=root)
        if self.scope.in_transition:
            return self.mistakes.wrong("forbidden-construct/own-stage", span, name=root)
        return Reference(type=type, span=span, root=root)

    def type_getattribute(self, syntax: Syntax) -> Node:
        if syntax.options.get("safe"):
            return self.mistakes.wrong("forbidden-construct", syntax.span, what="`&.`", what_zh="`&.`")
        path = _path(syntax)
        if path and path[0] in ("score", "tier", "tag", "since", "event"):
            return self.rooted(path, syntax.span)
        return self.call(f".{syntax.parts[1]}", (syntax.parts[0],), syntax.span)

    def rooted(self, path: list[str], span: tuple[int, int]) -> Node:
        """`score.K`, `tier.K`, `tag.K`, `since.stage`, `since.tag.K`, `since.tier.K` or `event.X`;
        an accessor may follow.
        """
        root, rest = path[0], path[1:]
        if root == "since" and rest[:1] == ["stage"]:
            return self.accessed(self.stage("since.stage", Type.DATETIME, span), rest[1:], span)
        if root == "since" and rest[:1] in (["tag"], ["tier"]):
            root, rest = f"since.{rest[0]}", rest[1:]
        if not rest:
            return self.mistakes.wrong("unknown-name/root", span, root=root)
        if root == "event" and not self.scope.on_event:
            return self.mistakes.wrong("unknown-name/event", span)
        known, type, nullable = self.members(root)
        if rest[0] not in known:
            return self.mistakes.unknown("unknown-name", span, f"{root}.{rest[0]}", [f"{root}.{one}" for one in known])
        if root == "event":
            type, nullable = (Type.DATETIME if rest[0] == "at" else Type.STRING), rest[0] == "text"
        found = Reference(type=type, span=span, root=root, key=rest[0], nullable=nullable)
        return self.accessed(found, rest[1:], span)

    def members(self, root: str) -> tuple[Any, Type, bool]:
        """What may stand behind a root: the known keys, their type, and whether they may be unknown."""
        scope = self.scope
        return {
            "score": (scope.scores, Type.NUMBER, True),
            "tier": (scope.tiers, Type.STRING, True),
            "tag": (scope.tags, Type.BOOLEAN, False),
            "since.tag": (scope.tags, Type.DATETIME, True),
            "since.tier": (scope.tiers, Type.DATETIME, True),
            "since": ((), Type.DATETIME, True),
            "event": (("type", "text", "at"), Type.STRING, True),
        }[root]

    def accessed(self, node: Node, names: list[str], span: tuple[int, int]) -> Node:
        """The node with accessors behind it."""
        for name in names:
            node = self.calls.apply(f".{name}", (node,), span)
        return node

    # Calls

    def type_functioncall(self, syntax: Syntax) -> Node:
        function, arguments = syntax.parts
        if function.kind == "GetAttribute" and not function.options.get("safe"):
            name = function.parts[1]
            if not arguments and not takes_arguments(name):
                return self.mistakes.wrong(
                    "forbidden-construct", syntax.span, what=f"`()` behind `.{name}`", what_zh=f"`.{name}` 后的 `()`"
                )
            return self.call(f".{name}", (function.parts[0], *arguments), syntax.span)
        if function.kind != "Symbol" or function.options.get("scope"):
            return self.mistakes.wrong("forbidden-construct", syntax.span, what="this call", what_zh="这种调用")
        name = function.parts[0]
        if name not in FUNCTIONS:
            return self.mistakes.unknown("unknown-function", function.span, name, FUNCTIONS)
        return self.call(name, arguments, syntax.span)

    def call(self, name: str, arguments: tuple[Syntax, ...], span: tuple[int, int]) -> Node:
        return self.calls.apply(name, tuple(self.type(one) for one in arguments), span)

    # Operators

    def type_unary(self, syntax: Syntax) -> Node:
        operator, inner = syntax.parts
        operand = self.type(inner)
        if operator == "NOT":
            self.condition(operand)
            return Unary(
                type=Type.BOOLEAN, span=syntax.span, operator="not", operand=operand, nullable=operand.nullable
            )
        self.expect(operand, Type.NUMBER, "type-mismatch", expected=Type.NUMBER)
        if isinstance(operand, Literal) and operand.type is Type.NUMBER:
            return replace(operand, value=-operand.value, span=syntax.span)  # type: ignore[operator]
        return Unary(type=Type.NUMBER, span=syntax.span, operator="-", operand=operand, nullable=operand.nullable)

    def expect(self, node: Node, type: Type, sentence: str, **facts: Any) -> None:
        """Reports a node of another type."""
        if node.type not in (type, Type.ERROR):
            self.report(sentence, node.span, found=node.type, **facts)

    def condition(self, node: Node) -> None:
        """Reports what stands as a condition and is none, or the same for all;
        comparisons have reported that themselves.
        """
        self.expect(node, Type.BOOLEAN, "not-a-condition")
        if isinstance(node, Literal | Call) and node.type is Type.BOOLEAN and is_constant(node):
            self.report("constant-condition", node.span)

    def type_logic(self, syntax: Syntax) -> Node:
        operator = syntax.parts[0].lower()
        operands = tuple(self.type(one) for one in chain(syntax))
        for one in operands:
            self.condition(one)
        nullable = any(one.nullable for one in operands)
        return Logic(type=Type.BOOLEAN, span=syntax.span, operator=operator, operands=operands, nullable=nullable)

    def type_comparison(self, syntax: Syntax) -> Node:
        operator = COMPARES[syntax.parts[0]]
        left, right = syntax.parts[1:]
        if "Null" in (left.kind, right.kind) and operator in ("==", "!="):
            operand = self.type(right if left.kind == "Null" else left)
            if is_constant(operand):
                self.report("constant-condition", syntax.span)
            found = Unary(type=Type.BOOLEAN, span=syntax.span, operator="is-null", operand=operand)
            if operator == "==":
                return found
            return Unary(type=Type.BOOLEAN, span=syntax.span, operator="not", operand=found)
        return self.compare(operator, self.type(left), self.type(right), syntax.span)

    type_arithmeticcomparison = type_comparison

    def compare(self, operator: str, left: Node, right: Node, span: tuple[int, int]) -> Node:
        """Two values beside `==`, `<` and the like."""
        if Type.ERROR in (left.type, right.type):
            return Literal(type=Type.ERROR, span=span, value=None)
        if operator in ("==", "!="):
            self.check_equality(left, right, span)
        elif left.type is not right.type or left.type not in ORDERED:
            return self.mistakes.wrong("type-mismatch/order", span, operator=operator, left=left.type, right=right.type)
        if is_constant(left) and is_constant(right):
            self.report("constant-condition", span)
        return Binary(
            type=Type.BOOLEAN,
            span=span,
            operator=operator,
            left=left,
            right=right,
            nullable=left.nullable or right.nullable,
        )

    def check_equality(self, left: Node, right: Node, span: tuple[int, int]) -> None:
        """Reports an equality that can never hold, or only for a moment."""
        if left.type is not right.type:
            self.report("impossible-condition", span, left=left.type, right=right.type)
        elif self.scope.moves(left) or self.scope.moves(right):
            self.report("forbidden-construct/now-equals", span)
        self.mistakes.check_domain(left, right)
        self.mistakes.check_domain(right, left)

    def type_contains(self, syntax: Syntax) -> Node:
        container, item = (self.type(one) for one in syntax.parts)
        if Type.ERROR in (container.type, item.type):
            return Literal(type=Type.ERROR, span=syntax.span, value=None)
        element = Type.STRING if container.type is Type.STRING else ELEMENT_OF.get(container.type)
        if element is None:
            return self.mistakes.wrong("type-mismatch/container", container.span, found=container.type)
        if element is not item.type and not (isinstance(container, Literal) and container.value == ()):
            self.report("impossible-condition", syntax.span, left=item.type, right=element)
        if self.scope.moves(item) or self.scope.moves(container):
            self.report("forbidden-construct/now-equals", syntax.span)
        if is_constant(item) and is_constant(container):
            self.report("constant-condition", syntax.span)
        self.mistakes.check_domain(item, container)
        self.mistakes.check_domain(container, item)
        nullable = item.nullable or container.nullable
        return Member(type=Type.BOOLEAN, span=syntax.span, item=item, container=container, nullable=nullable)

    def type_arithmetic(self, syntax: Syntax) -> Node:
        word, *sides = syntax.parts
        if word == "POW":
            return self.mistakes.wrong("forbidden-construct", syntax.span, what="`**`", what_zh="`**`")
        left, right = (self.type(one) for one in sides)
        if Type.ERROR in (left.type, right.type):
            return Literal(type=Type.ERROR, span=syntax.span, value=None)
        if {left.type, right.type} == {Type.NUMBER}:
            return Binary(
                type=Type.NUMBER, span=syntax.span, operator=COMPUTES[word], left=left, right=right, nullable=True
            )
        if Type.DATETIME in (left.type, right.type) or Type.SPAN in (left.type, right.type):
            return self.shift(word, left, right, syntax.span)
        operator = COMPUTES[word]
        return self.mistakes.wrong(
            "type-mismatch/arithmetic", syntax.span, operator=operator, left=left.type, right=right.type
        )

    type_add = type_subtract = type_arithmetic

    def shift(self, word: str, left: Node, right: Node, span: tuple[int, int]) -> Node:
        """A date and a span."""
        if word == "ADD" and left.type is Type.SPAN:
            left, right = right, left
        if (
            word not in ("ADD", "SUB")
            or left.type is not Type.DATETIME
            or not isinstance(right, Literal)
            or right.type is not Type.SPAN
        ):
            return self.mistakes.wrong("forbidden-construct/dates", span)
        if word == "SUB":
            right = replace(right, value=-right.value)  # type: ignore[operator]
        return Binary(type=Type.DATETIME, span=span, operator="shift", left=left, right=right, nullable=True)

    def type_ternary(self, syntax: Syntax) -> Node:
        condition, then, otherwise = (self.type(one) for one in syntax.parts)
        self.condition(condition)
        nullable = condition.nullable or then.nullable or otherwise.nullable
        type = self.one_type(then, otherwise, syntax.span)
        return Choice(
            type=type, span=syntax.span, condition=condition, then=then, otherwise=otherwise, nullable=nullable
        )

    def type_coalesce(self, syntax: Syntax) -> Node:
        for part in syntax.parts:
            inner = part.parts[1] if part.kind == "Unary" and part.parts[0] == "NOT" else part
            if inner.kind in BESIDE_COALESCE and not part.grouped:
                self.report("ambiguous-coalesce", syntax.span)
                return Literal(type=Type.ERROR, span=syntax.span, value=None)
        left, right = (self.type(one) for one in syntax.parts)
        type = self.one_type(left, right, syntax.span)
        return Binary(
            type=type,
            span=syntax.span,
            operator="??",
            left=left,
            right=right,
            nullable=left.nullable and right.nullable,
        )

    def one_type(self, left: Node, right: Node, span: tuple[int, int]) -> Type:
        """The type of both sides; reports two types."""
        if Type.ERROR in (left.type, right.type):
            return Type.ERROR
        if left.type is right.type is not Type.SPAN:
            return left.type
        sentence = "type-mismatch/branches" if left.type is not right.type else "forbidden-construct/span"
        self.report(sentence, span, left=left.type, right=right.type)
        return Type.ERROR


def chain(syntax: Syntax) -> list[Syntax]:
    """The operands of a run of one `and` or `or`."""
    word, left, right = syntax.parts
    same = left.kind == "Logic" and left.parts[0] == word and not left.grouped
    return [*(chain(left) if same else [left]), right]


def _path(syntax: Syntax) -> list[str] | None:
    """`a.b.c` as its names, if it begins with a plain name."""
    names: list[str] = []
    while syntax.kind == "GetAttribute" and not syntax.options.get("safe"):
        names.append(syntax.parts[1])
        syntax = syntax.parts[0]
    if syntax.kind != "Symbol" or syntax.options.get("scope"):
        return None
    return [syntax.parts[0], *reversed(names)]
