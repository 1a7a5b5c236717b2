"""A condition's text -> groups and rows that a form can show, and back. Pure.

Both are views of one expression: what is written from a tree and read again means the same, and what a tree would say
otherwise than its text is not shown as a tree at all.
Source: docs/language.md, "Expressions".
"""

from dataclasses import dataclass
from typing import Any

from service.language.diff.conditions import operands, same
from service.language.expressions import Syntax
from service.language.rewrite import read

COMPARES = {"EQ": "==", "NE": "!=", "LT": "<", "LE": "<=", "GT": ">", "GE": ">="}
MEASURES = ("days_since", "hours_since", "calendar_days_since", "months_since")
BARE = frozenset({"is", "is-not", "known", "missing", "is_empty"})
"""Operators that need no value."""
PATTERNS: dict[str, str] = {
    **{one: f"{{s}} {one} {{v}}" for one in COMPARES.values()},
    **{f"{measure}{one}": f"{measure}({{s}}) {one} {{v}}" for measure in MEASURES for one in COMPARES.values()},
    "is": "{s}",
    "is-not": "not {s}",
    "known": "{s} != null",
    "missing": "{s} == null",
    "is_empty": "{s}.is_empty",
    "in": "{s} in {v}",
    "not-in": "{s} not in {v}",
    "has": "{v} in {s}",
    "has-not": "{v} not in {s}",
    "any_of": "any_of({s}, {v})",
    "all_of": "all_of({s}, {v})",
    "starts_with": "{s}.starts_with({v})",
    "ends_with": "{s}.ends_with({v})",
    "within": "within({s}, '{v}')",
    "not-within": "not within({s}, '{v}')",
}
"""What each operator writes of its subject and its value."""
KINDS = ("all", "any", "none")
_ATOMS = frozenset(
    ["Symbol", "GetAttribute", "FunctionCall", "Float", "String", "Boolean", "Null", "Array", "Datetime", "Timedelta"]
)
_LITERALS = frozenset({"Float", "String", "Boolean", "Datetime"})


@dataclass(frozen=True, slots=True)
class Row:
    """One line: texts of expressions; of `within` the value is a duration such as `P7D`.

    `fallback` is what counts where the subject is unknown; empty for nothing.
    """

    subject: str = ""
    operator: str = ""
    value: str = ""
    fallback: str = ""

    @property
    def is_complete(self) -> bool:
        """Whether it says anything yet."""
        return bool(self.subject.strip() and self.operator and (self.value.strip() or self.operator in BARE))


@dataclass(frozen=True, slots=True)
class Group:
    """Lines and groups of which `all`, `any` or `none` must hold."""

    kind: str
    items: tuple["Row | Group", ...] = ()


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a text has no tree: it can't be read (`unreadable`), or a `part` of it has no row (`unusual`)."""

    reason: str
    part: str = ""


class _Unusual(Exception):
    """A part that no row shows."""


def tree_of(text: str) -> Group | Refusal:
    """The groups and rows of a condition; of an empty text none."""
    if not text.strip():
        return Group("all")
    syntax = read(text)
    if syntax is None:
        return Refusal("unreadable")
    try:
        found = _item(text, syntax)
    except _Unusual as unusual:
        return Refusal("unusual", str(unusual))
    tree = found if isinstance(found, Group) else Group("all", (found,))
    again = read(text_of(tree))
    return tree if again is not None and same(again, syntax) else Refusal("unusual", text)


def text_of(tree: Group) -> str:
    """The text of a tree's complete rows; empty if there are none."""
    whole = pruned(tree)
    return "" if whole is None else _group_text(whole, is_inner=False)


def pruned(tree: Group) -> Group | None:
    """A tree without rows that are not complete and groups that are empty; nothing if nothing is left."""
    items = [pruned(one) if isinstance(one, Group) else one if one.is_complete else None for one in tree.items]
    kept = tuple(one for one in items if one is not None)
    return Group(tree.kind, kept) if kept else None


# --- text -> tree ---------------------------------------------------------------------------------


def _item(text: str, syntax: Syntax) -> Row | Group:
    if syntax.kind == "Logic":
        kind = "all" if syntax.parts[0] == "AND" else "any"
        return Group(kind, tuple(_item(text, one) for one in operands(syntax)))
    if syntax.kind == "Unary" and syntax.parts[0] == "NOT":
        return _negated(text, syntax.parts[1])
    return _row(text, syntax)


def _negated(text: str, inner: Syntax) -> Row | Group:
    """`not` before a row that has an opposite of its own, else a group of which none holds."""
    opposite = {"in": "not-in", "has": "has-not", "is": "is-not", "within": "not-within"}
    found = _item(text, inner)
    if isinstance(found, Row) and found.operator in opposite:
        return Row(found.subject, opposite[found.operator], found.value, found.fallback)
    if isinstance(found, Group) and found.kind == "any":
        return Group("none", found.items)
    return Group("none", (found,))


def _row(text: str, syntax: Syntax) -> Row:
    if syntax.kind in ("Comparison", "ArithmeticComparison"):
        return _comparison(text, syntax)
    if syntax.kind == "Contains":
        return _contained(text, *syntax.parts)
    if syntax.kind == "FunctionCall":
        return _call(text, syntax)
    if syntax.kind == "GetAttribute" and syntax.parts[1] == "is_empty":
        return _of(text, syntax.parts[0], "is_empty")
    if syntax.kind in ("Symbol", "GetAttribute", "Coalesce"):
        return _of(text, syntax, "is")
    raise _Unusual(_cut(text, syntax))


def _comparison(text: str, syntax: Syntax) -> Row:
    sign, left, right = COMPARES[syntax.parts[0]], syntax.parts[1], syntax.parts[2]
    if right.kind == "Null" and sign in ("==", "!="):
        return _of(text, left, "missing" if sign == "==" else "known")
    measure = _called(left)
    if measure in MEASURES and len(left.parts[1]) == 1:
        return _of(text, left.parts[1][0], f"{measure}{sign}", _cut(text, right))
    return _of(text, left, sign, _cut(text, right))


def _contained(text: str, container: Syntax, item: Syntax) -> Row:
    if item.kind in _LITERALS:
        return _of(text, container, "has", _cut(text, item))
    return _of(text, item, "in", _cut(text, container))


def _call(text: str, syntax: Syntax) -> Row:
    name, arguments = _called(syntax), syntax.parts[1]
    if name == "within" and len(arguments) == 2 and arguments[1].kind == "String":  # noqa: PLR2004
        return _of(text, arguments[0], "within", arguments[1].parts[0])
    if name in ("any_of", "all_of") and len(arguments) == 2:  # noqa: PLR2004
        return _of(text, arguments[0], name, _cut(text, arguments[1]))
    if name in (".starts_with", ".ends_with") and len(arguments) == 1:
        return _of(text, syntax.parts[0].parts[0], name[1:], _cut(text, arguments[0]))
    raise _Unusual(_cut(text, syntax))


def _called(syntax: Syntax) -> str:
    """The name of the function that is called, an accessor with its dot; empty for anything else."""
    if syntax.kind != "FunctionCall":
        return ""
    function: Any = syntax.parts[0]
    if function.kind == "GetAttribute":
        return f".{function.parts[1]}"
    return str(function.parts[0]) if function.kind == "Symbol" else ""


def _of(text: str, subject: Syntax, operator: str, value: str = "") -> Row:
    if subject.kind == "Coalesce":
        first, otherwise = subject.parts
        return Row(_cut(text, first), operator, value, _cut(text, otherwise))
    return Row(_cut(text, subject), operator, value)


def _cut(text: str, syntax: Syntax) -> str:
    return text[syntax.span[0] : syntax.span[1]].strip()


# --- tree -> text ---------------------------------------------------------------------------------


def _group_text(group: Group, *, is_inner: bool) -> str:
    joint = " and " if group.kind == "all" else " or "
    parts = [_group_text(one, is_inner=True) if isinstance(one, Group) else row_text(one) for one in group.items]
    found = joint.join(parts)
    if group.kind == "none":
        return f"not ({found})"
    return f"({found})" if is_inner and len(parts) > 1 else found


def row_text(row: Row) -> str:
    """The text of one complete row."""
    subject = row.subject.strip()
    if row.fallback.strip():
        subject = f"({_atom(subject)} ?? {_atom(row.fallback.strip())})"
    is_duration = row.operator in ("within", "not-within")
    value = row.value.strip() if is_duration else _atom(row.value.strip())
    return PATTERNS[row.operator].format(s=_atom(subject), v=value)


def _atom(text: str) -> str:
    """A text in brackets, unless it binds as closely as any; what can't be read stays as it is."""
    syntax = read(text)
    if syntax is None or syntax.kind in _ATOMS or syntax.grouped:
        return text
    return f"({text})"


def quoted(text: str) -> str:
    """A text as a literal."""
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def literal_of(text: str) -> tuple[str, Any] | None:
    """The kind (`number`, `string`, `boolean`, `datetime`, or `list of` one of them) and the plain value of a literal's
    text; nothing for any other expression. Of a list the value are the plain texts of its entries.
    """
    syntax = read(text)
    if syntax is None:
        return None
    if syntax.kind == "Unary" and syntax.parts[0] == "UMINUS" and syntax.parts[1].kind == "Float":
        return "number", f"-{syntax.parts[1].parts[0]}"
    if syntax.kind == "Array":
        inner = [literal_of(_cut(text, one)) for one in syntax.parts[0]]
        kinds = {one[0] for one in inner if one is not None}
        if None in inner or len(kinds) != 1 or next(iter(kinds)).startswith("list"):
            return None
        return f"list of {kinds.pop()}", [str(one[1]) for one in inner if one is not None]
    kinds_by_syntax = {"Float": "number", "String": "string", "Boolean": "boolean", "Datetime": "datetime"}
    if syntax.kind not in kinds_by_syntax:
        return None
    value = syntax.parts[0]
    return kinds_by_syntax[syntax.kind], str(value).lower() if syntax.kind == "Boolean" else value
