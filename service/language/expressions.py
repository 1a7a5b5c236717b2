"""Expression text -> syntax tree with places, and rule-engine's own verdict on its types.

The one file that knows rule-engine. Its grammar (tokens, precedence, productions) decides what a text means; nothing is
evaluated or folded here, so a hostile constant costs nothing. The tree is untyped: `typing` gives it types.
`confirm` then has rule-engine build the same text with the types we found: what it would refuse, we refuse.
Source: docs/language.md, "Expressions"; docs/decisions, "rule-engine parses, we evaluate".
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from threading import Lock
from typing import Any

import rule_engine
from rule_engine.parser import Parser, _DeferredAstNode

from service.language.types import ELEMENT_OF, Type


@dataclass(frozen=True, slots=True)
class Syntax:
    """One untyped node: rule-engine's word for its kind, its parts, and the span of characters it was written in.

    `parts` holds further nodes, tuples of them, and plain texts (operators, names, literals as written).
    `grouped` says that the author put it in parentheses.
    """

    kind: str
    parts: tuple[Any, ...]
    options: Mapping[str, Any]
    span: tuple[int, int]
    grouped: bool = False


class SyntaxFault(Exception):
    """The text is no expression; `at` is the offset of what could not be read,
    `found` the text there (empty at the end).
    """

    def __init__(self, at: int, found: str) -> None:
        super().__init__(found)
        self.at = at
        self.found = found


def _located(name: str, production: Callable[[Any, Any], None]) -> Callable[[Any, Any], None]:
    """One of rule-engine's grammar rules, giving a `Syntax` with its place instead of a node to be built."""

    def reduce(self: Any, p: Any) -> None:
        production(self, p)
        span = (p.slice[1].lexpos, getattr(p.slice[-1], "endlexpos", p.slice[-1].lexpos))
        if name == "p_expression_group" and isinstance(p[0], Syntax):
            p[0] = replace(p[0], grouped=True)
        elif isinstance(p[0], _DeferredAstNode):
            p[0] = _syntax(p[0], span)

    # Why: the parser generator reads the grammar from the docstring and orders the rules by line.
    reduce.__doc__ = production.__doc__
    reduce.co_firstlineno = production.__code__.co_firstlineno  # type: ignore[attr-defined]
    return reduce


def _syntax(node: Any, span: tuple[int, int]) -> Syntax:
    """A deferred node of rule-engine as a `Syntax`; one nested in the same grammar rule shares its place."""
    parts = (
        _syntax(part, span) if isinstance(part, _DeferredAstNode) else tuple(part) if isinstance(part, deque) else part
        for part in node.args[1:]
    )
    return Syntax(node.cls.__name__.removesuffix("Expression"), tuple(parts), node.kwargs, span)


_Grammar: Any = type(
    "_Grammar",
    (Parser,),
    {
        name: _located(name, getattr(Parser, name))
        for name in dir(Parser)
        if name.startswith("p_") and name != "p_error"
    },
)


class _Tokens:
    """The lexer's tokens, each marked with the offset at which it ends."""

    def __init__(self, lexer: Any) -> None:
        self.lexer = lexer

    def input(self, text: str) -> None:
        self.lexer.input(text)

    def token(self) -> Any:
        found = self.lexer.token()
        if found is not None:
            found.endlexpos = self.lexer.lexpos
        return found


_parsing = Lock()


@lru_cache(maxsize=1)
def _grammar() -> Any:
    """The parser, made once: reading the grammar takes a few hundred milliseconds."""
    return _Grammar()


def parse(text: str) -> Syntax:
    """The syntax tree of an expression; `SyntaxFault` where it can't be read."""
    with _parsing:
        grammar = _grammar()
        grammar.context = None
        tokens = _Tokens(grammar._lexer.clone())
        try:
            statement = grammar._parser.parse(text, lexer=tokens, tracking=True)
        except rule_engine.errors.SyntaxError as error:
            raise _fault(error, text, tokens.lexer.lexpos) from None
    if isinstance(statement.parts[0], Syntax) and not statement.options:
        return statement.parts[0]
    found: Syntax = statement
    return found


def _fault(error: Any, text: str, position: int) -> SyntaxFault:
    """Where and at what the parser stopped; without a token, at the lexer's own position."""
    token = getattr(error, "token", None)
    if token is None:
        return SyntaxFault(min(position, len(text)), "")
    end = getattr(token, "endlexpos", token.lexpos + 1)
    return SyntaxFault(token.lexpos, text[token.lexpos : end])


_TYPES: dict[Type, Any] = {
    Type.BOOLEAN: rule_engine.DataType.BOOLEAN,
    Type.NUMBER: rule_engine.DataType.FLOAT,
    Type.STRING: rule_engine.DataType.STRING,
    Type.DATETIME: rule_engine.DataType.DATETIME,
    Type.SPAN: rule_engine.DataType.TIMEDELTA,
}


def engine_type(found: Type) -> Any:
    """rule-engine's name for one of our types."""
    if found in ELEMENT_OF:
        return rule_engine.DataType.ARRAY(_TYPES[ELEMENT_OF[found]])
    return _TYPES[found]


Signature = tuple[Type, tuple[Type, ...], int]
"""A function's result, its arguments (repeated as often as allowed) and how many of them it needs."""


def engine_context(
    names: Mapping[str, Type | Mapping[str, Any]], functions: Mapping[str, Signature], **options: Any
) -> rule_engine.Context:
    """A typed context of rule-engine: `names` maps a name to its type, or to its members where it has some."""
    types: dict[str, Any] = {key: _named_type(key, one) for key, one in names.items()}
    for key, (result, arguments, minimum) in functions.items():
        types[key] = rule_engine.DataType.FUNCTION(
            key,
            return_type=engine_type(result),
            argument_types=tuple(engine_type(one) for one in arguments),
            minimum_arguments=minimum,
        )
    return rule_engine.Context(type_resolver=rule_engine.type_resolver_from_dict(types), **options)


def _named_type(key: str, found: Type | Mapping[str, Any]) -> Any:
    if isinstance(found, Type):
        return engine_type(found)
    return rule_engine.DataType.OBJECT(key, {name: _named_type(f"{key}_{name}", one) for name, one in found.items()})


def confirm(text: str, context: rule_engine.Context) -> str | None:
    """rule-engine's complaint about the types of an expression, or nothing.

    Only texts that `typing` found no fault with may come here: rule-engine folds constants while it builds.
    A constant part without a result, such as `1 / 0`, is no fault: it is unknown.
    """
    try:
        rule_engine.Rule(text, context=context)
    except (ArithmeticError, rule_engine.errors.ArithmeticError):
        return None
    except rule_engine.errors.EngineError as error:
        return str(error.message)
    return None
