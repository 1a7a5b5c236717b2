"""A ruleset's document -> the text that an author keeps in a file: indented, members in the language's order.

The same document always gives the same text. Unfinished documents keep what the language does not know behind the rest.
"""

from collections.abc import Mapping
from typing import Any

from service.language.canonical import indented_bytes
from service.language.fields import Construct, ListOf, Member, Object
from service.language.rewrite import ruleset_shape


def pretty_text(document: Mapping[str, Any]) -> str:
    """The text of a document as the reader gives it, with a newline at its end."""
    return f"{indented_bytes(_ordered(ruleset_shape(), document)).decode()}\n"


def _ordered(shape: Construct, given: Mapping[str, Any]) -> dict[str, Any]:
    known = [name for name in shape.members if name in given]
    rest = [name for name in given if name not in shape.members]
    return {name: _member(shape.members.get(name), given[name]) for name in [*known, *rest]}


def _member(member: Member | None, value: Any) -> Any:
    if isinstance(member, ListOf) and isinstance(value, list):
        return [_member(member.inner, one) for one in value]
    if isinstance(member, Object) and isinstance(value, dict):
        return _ordered(member.construct, value)
    return value
