"""A condition's tree <-> the rows of a form: for each subject its operators, for each operator the right input. Pure.

A row's value stands in the form as people write it (`web`, `15`, `2027-02-06`); `widget` says how, and so what text of
an expression it becomes.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from service.console.conditions import BARE, COMPARES, KINDS, MEASURES, PATTERNS, Group, Row, literal_of, quoted
from service.console.editing.leaves import listed, number_of, period_of, period_texts
from service.console.editing.names import Name
from service.language.functions import ACCESSORS, FUNCTIONS
from service.language.rewrite import read

ORDER = ("==", "!=", ">=", ">", "<=", "<")
KNOWN = ("known", "missing")
OF_TYPE: Mapping[str, tuple[str, ...]] = {
    "number": (*ORDER, "in", "not-in", *KNOWN),
    "string": ("==", "!=", "in", "not-in", "starts_with", "ends_with", "has", "has-not", "is_empty", *KNOWN),
    "boolean": ("is", "is-not", *KNOWN),
    "datetime": (
        *(f"{measure}{sign}" for measure in MEASURES for sign in (">=", ">", "<", "<=", "==")),
        *("within", "not-within", "<", ">=", ">", "<="),
        *KNOWN,
    ),
    "strings": ("has", "has-not", "any_of", "all_of", "is_empty", *KNOWN),
}
"""What can be asked of each type, in the order of the list to choose from."""
CHOSEN = ("==", "!=", "in", "not-in", *KNOWN)
"""What is asked of a text with known values."""
MOST_DEEP = 6
ROW_FIELDS = ("subject", "was", "operator", "value", "unit", "widget", "fallback", "formula")


@dataclass(frozen=True, slots=True, kw_only=True)
class RowView:
    """One row as fields. `value` is a text, or a list for `choices`; of a period `unit` goes with it."""

    place: str
    subject: str
    is_listed: bool
    operator: str
    operators: tuple[str, ...]
    widget: str
    value: Any
    unit: str
    choices: tuple[tuple[str, str], ...]
    fallback: str
    has_formula: bool
    was: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupView:
    """A group as fields, with its rows and groups."""

    place: str
    kind: str
    items: tuple["RowView | GroupView", ...]


class Builder:
    """Rows over the names of one draft."""

    def __init__(self, names: Sequence[Name]) -> None:
        self.names = {one.text: one for one in names}

    # --- a tree -> fields -------------------------------------------------------------------------

    def view(self, tree: Group, place: str = "r") -> GroupView:
        """The fields of a group; an empty one shows a row to fill in."""
        items = tree.items or (Row(),)
        inner = (
            self.view(one, f"{place}.{index}") if isinstance(one, Group) else self.row(one, f"{place}.{index}")
            for index, one in enumerate(items)
        )
        return GroupView(place=place, kind=tree.kind, items=tuple(inner))

    def row(self, row: Row, place: str) -> RowView:
        """The fields of a row."""
        type, choices = self.type_of(row.subject)
        operators = operators_of(type, choices)
        operator = row.operator or (operators[0] if operators else "==")
        widget, value, unit = _shown(widget_of(type, choices, operator), row.value)
        return RowView(
            place=place,
            subject=row.subject,
            is_listed=row.subject in self.names or not row.subject,
            operator=operator,
            operators=operators if operator in operators else (*operators, operator),
            widget=widget,
            value=value,
            unit=unit,
            choices=choices,
            fallback=row.fallback,
            has_formula=widget == "formula" and bool(row.value),
            was=f"{row.subject} {operator}",
        )

    def type_of(self, subject: str) -> tuple[str, tuple[tuple[str, str], ...]]:
        """The type of a subject and the texts that it can have."""
        name = self.names.get(subject)
        if name is not None:
            return name.type, name.choices
        syntax = read(subject)
        if syntax is None:
            return "", ()
        if syntax.kind in ("Arithmetic", "Add", "Subtract"):
            return "number", ()
        if syntax.kind == "GetAttribute" and syntax.parts[1] in ACCESSORS:
            return str(next(iter(ACCESSORS[syntax.parts[1]].values())).result), ()
        if syntax.kind == "FunctionCall" and syntax.parts[0].kind == "Symbol":
            function = FUNCTIONS.get(syntax.parts[0].parts[0])
            return (str(function.result) if function else ""), ()
        return "", ()

    # --- fields -> a tree -------------------------------------------------------------------------

    def posted(self, path: str, get: Callable[[str], str | None], lists: Callable[[str], Sequence[str]]) -> Group:
        """The tree that the fields of a condition say, rows that are not complete among it."""

        def group(place: str, depth: int) -> Group:
            kind = get(f"{path}:{place}:kind") or "all"
            items: list[Row | Group] = []
            for index in range(len(self.names) + 200):
                inner = f"{place}.{index}"
                if get(f"{path}:{inner}:kind") is not None and depth < MOST_DEEP:
                    items.append(group(inner, depth + 1))
                elif get(f"{path}:{inner}:operator") is not None:
                    items.append(row(f"{path}:{inner}"))
                else:
                    break
            return Group(kind if kind in KINDS else "all", tuple(items))

        def row(place: str) -> Row:
            fields = {name: get(f"{place}:{name}") or "" for name in ROW_FIELDS}
            return self.posted_row(fields, lists(f"{place}:value"))

        return group("r", 0)

    def posted_row(self, fields: Mapping[str, str], values: Sequence[str]) -> Row:
        """The row that its fields say; a value that does not fit the subject any more is left out."""
        subject, was = fields["subject"], fields["was"]
        type, choices = self.type_of(subject)
        operator, allowed = fields["operator"], operators_of(type, choices)
        is_fit = operator in PATTERNS and (was.rpartition(" ")[0] == subject or operator in allowed)
        operator = operator if is_fit else allowed[0]
        shown = fields["widget"]
        widget = shown if shown and was == f"{subject} {operator}" else widget_of(type, choices, operator)
        if fields["formula"] and widget != "none":
            widget = "formula"
        value = _carried(shown or widget, widget, fields, values)
        return Row(subject, operator, value, fields["fallback"].strip())


def operators_of(type: str, choices: Sequence[object]) -> tuple[str, ...]:
    """What can be asked of a type."""
    if type == "string" and choices:
        return CHOSEN
    return OF_TYPE.get(type, tuple(PATTERNS))


def widget_of(type: str, choices: Sequence[object], operator: str) -> str:
    """The input that an operator needs: `none`, `number`, `text`, `choice`, `choices`, `list`, `numbers`, `yesno`,
    `date`, `period`, or `formula` where nothing better is known.
    """
    if operator in BARE:
        return "none"
    if operator in ("within", "not-within"):
        return "period"
    if operator.startswith(MEASURES):
        return "number"
    if operator in ("in", "not-in", "any_of", "all_of"):
        return "choices" if choices else "numbers" if type == "number" else "list"
    if operator in ("has", "has-not"):
        return "choice" if choices else "text"
    if operator in ("starts_with", "ends_with"):
        return "text"
    plain = {"number": "number", "string": "text", "boolean": "yesno", "datetime": "date"}
    return "choice" if choices and type == "string" else plain.get(type, "formula")


def changed(tree: Group, place: str, do: str) -> Group:
    """The tree with a `row` or a `group` added to the group at a place, or what stands at the place dropped."""
    path = [int(one) for one in place.split(".")[1:] if one.isdecimal()]
    if do == "drop":
        if not path:
            return tree
        return _at(
            tree, path[:-1], lambda group: Group(group.kind, (*group.items[: path[-1]], *group.items[path[-1] + 1 :]))
        )
    fresh: Row | Group = Row() if do == "row" else Group("any", (Row(), Row()))
    return _at(tree, path, lambda group: Group(group.kind, (*group.items, fresh)))


def _at(group: Group, path: Sequence[int], change: Callable[[Group], Group]) -> Group:
    if not path:
        return change(group)
    inner = group.items[path[0]] if path[0] < len(group.items) else None
    if not isinstance(inner, Group):
        return group
    return Group(group.kind, (*group.items[: path[0]], _at(inner, path[1:], change), *group.items[path[0] + 1 :]))


# --- texts of values ------------------------------------------------------------------------------


def _carried(shown: str, widget: str, fields: Mapping[str, str], values: Sequence[str]) -> str:
    """The value's text where what was filled into one input is now for another; empty where it does not fit."""
    if widget == "formula":
        return _written(shown, fields, values)
    if shown == "formula":
        text = fields["value"]
        return text if _shown(widget, text)[0] == widget else ""
    return _written(widget, fields, values) if _is_alike(shown, widget) else ""


def _is_alike(shown: str, widget: str) -> bool:
    """Whether what was filled into one input can be taken for another."""
    alike = ({"number", "text"}, {"choice", "text", "choices", "list"}, {"list", "numbers", "choices"})
    return shown == widget or any({shown, widget} <= one for one in alike)


def _shown(widget: str, value: str) -> tuple[str, Any, str]:
    """The widget, what stands in it, and the unit of a period; a formula where the value is no literal that fits."""
    if widget == "period":
        number, unit = period_texts(value or None)
        return widget, number, unit
    if not value or widget == "none":
        return widget, [] if widget == "choices" else "", "D"
    if widget in ("choices", "list", "numbers"):
        found = literal_of(value)
        if found is None or found[0] != ("list of number" if widget == "numbers" else "list of string"):
            return "formula", value, "D"
        return widget, found[1] if widget == "choices" else ", ".join(found[1]), "D"
    kinds = {"number": "number", "text": "string", "choice": "string", "yesno": "boolean", "date": "datetime"}
    found = literal_of(value)
    if widget == "formula" or found is None or found[0] != kinds[widget]:
        return "formula", value, "D"
    return widget, found[1], "D"


def _written(widget: str, fields: Mapping[str, str], values: Sequence[str]) -> str:
    """The text of an expression for what stands in a widget; empty for nothing."""
    text = fields["value"].strip()
    if widget in ("choices", "list", "numbers"):
        entries = list(values) if fields["widget"] == "choices" else listed(text)
        inner = entries if widget == "numbers" else [quoted(one) for one in entries]
        return f"[{', '.join(inner)}]" if entries else ""
    if widget == "period":
        return period_of(text, fields["unit"] or "D")
    if not text or widget in ("yesno", "formula"):
        return text
    if widget == "number":
        return text if isinstance(number_of(text), str) else text.replace(",", "")
    return f"d{quoted(text)}" if widget == "date" else quoted(text)


__all__ = ["COMPARES", "Builder", "GroupView", "RowView", "changed", "operators_of", "widget_of"]
