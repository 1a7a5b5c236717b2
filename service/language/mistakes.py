"""Takes the mistakes of one expression; a part that is wrong becomes a node that fits everywhere."""

from collections.abc import Callable, Iterable
from typing import Any

from service.language.scope import Scope, nearest
from service.language.tree import Listing, Literal, Node, Reference
from service.language.types import Type

Report = Callable[..., None]
"""`report(sentence, span, help=..., **facts)`: takes one mistake."""


class Mistakes:
    """What is wrong in one expression, told to `report`; `scope` knows the names."""

    def __init__(self, scope: Scope, report: Report) -> None:
        self.scope = scope
        self.report = report

    def wrong(self, sentence: str, span: tuple[int, int], **facts: Any) -> Node:
        """Reports a mistake; the part counts as fitting everywhere."""
        self.report(sentence, span, **facts)
        return Literal(type=Type.ERROR, span=span, value=None)

    def unknown(self, sentence: str, span: tuple[int, int], name: str, known: Iterable[str], **facts: Any) -> Node:
        """Reports an unknown name, with the nearest known one."""
        near = nearest(name, known)
        advice = {"help": "help/nearest", "near": near} if near else {}
        return self.wrong(sentence, span, name=name, **advice, **facts)

    def check_domain(self, named: Node, literal: Node) -> None:
        """Reports constants that the named side can never have."""
        allowed = self.scope.domain(named)
        items = literal.items if isinstance(literal, Listing) else (literal,)
        for one in items if allowed is not None else ():
            values = one.value if isinstance(one, Literal) else ()
            for value in values if isinstance(values, tuple) else (values,):
                if isinstance(value, str) and allowed is not None and value not in allowed:
                    self.outside(named, value, allowed, one.span)

    def outside(self, named: Node, value: str, allowed: tuple[str, ...], span: tuple[int, int]) -> None:
        """Reports one constant outside a name's values."""
        assert isinstance(named, Reference)
        name = ".".join(part for part in (named.root, named.key) if part not in ("", "attribute", "value"))
        near = nearest(value, allowed)
        advice = {"help": "help/nearest", "near": near} if near else {}
        words = ", ".join(f"`{one}`" for one in allowed)
        self.report("impossible-condition/enum", span, value=value, name=name, allowed=words, **advice)
