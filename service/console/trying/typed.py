"""The fields of a form <-> the attributes of a profile: one field for each attribute, empty for one that is unknown."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from service.console.naming import Names, field_instant, number
from service.engine.facts import MISFIT, reading
from service.language.model import Attribute

PREFIX = "a."
KINDS = {"integer": "number", "number": "number", "datetime": "datetime-local", "date": "date"}
"""The kind of input of each type that has one of its own; others are texts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field: `kind` is `choice`, `list` or the type of an input; `step` and the ends are those of an input."""

    key: str
    title: str
    help: str
    kind: str
    value: str
    options: Sequence[tuple[str, str]] = ()
    step: str = ""
    low: str = ""
    high: str = ""
    is_required: bool = False
    is_personal: bool = False
    wrong: str = ""

    @property
    def name(self) -> str:
        """What it is called in the form."""
        return PREFIX + self.key


def fields_of(names: Names, texts: Mapping[str, str], wrong: Mapping[str, str]) -> list[Field]:
    """The fields of all attributes, with the texts in them and what is wrong with these."""
    return [_field(names, one, texts.get(one.key, ""), wrong.get(one.key, "")) for one in _attributes(names)]


def _attributes(names: Names) -> Sequence[Attribute]:
    return names.program.ruleset.attributes


def _field(names: Names, attribute: Attribute, text: str, wrong: str) -> Field:
    t = names.t
    options: list[tuple[str, str]] = []
    if attribute.type == "boolean":
        options = [("", t("answer.unknown")), ("true", t("answer.yes")), ("false", t("answer.no"))]
    elif attribute.type == "string" and attribute.enum is not None:
        options = [("", t("answer.unknown")), *((one, one) for one in attribute.enum)]
    return Field(
        key=attribute.key,
        title=names.of("attribute", attribute.key),
        help=_help(names, attribute),
        kind="choice" if options else KINDS.get(attribute.type, "text"),
        value=text,
        options=options,
        step={"integer": "1", "number": "any", "datetime": "1"}.get(attribute.type, ""),
        low=_end(attribute.minimum),
        high=_end(attribute.maximum),
        is_required=attribute.required,
        is_personal=attribute.personal,
        wrong=wrong,
    )


def _help(names: Names, attribute: Attribute) -> str:
    t = names.t
    parts = [t.text(attribute.description)]
    if attribute.default is not None:
        parts.append(t("try.default", value=names.posted(attribute, attribute.default)))
    if attribute.type == "strings":
        parts.append(t("try.list", words=", ".join(attribute.enum)) if attribute.enum else t("try.list_free"))
    return " ".join(one for one in parts if one)


def _end(value: object) -> str:
    return "" if value is None else number(value)


def texts_of(names: Names, document: Mapping[str, Any]) -> dict[str, str]:
    """Posted attributes as the texts of their fields."""
    known = {one.key: one for one in _attributes(names)}
    return {key: _text(names, known[key], value) for key, value in document.items() if key in known}


def _text(names: Names, attribute: Attribute, value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    if attribute.type == "datetime":
        at = reading(names.program).readers[attribute.key](value)
        return str(value) if at is MISFIT else field_instant(at, names.program)
    return number(value)


def posted_texts(form: Mapping[str, str]) -> dict[str, str]:
    """What was typed into the fields of attributes."""
    return {name.removeprefix(PREFIX): text.strip() for name, text in form.items() if name.startswith(PREFIX)}


def read_texts(attributes: Sequence[Attribute], texts: Mapping[str, str]) -> dict[str, Any]:
    """The attributes that the texts stand for; a text that does not fit is left as it is, to be told what fits."""
    types = {one.key: one.type for one in attributes}
    return {key: READ[types[key]](text) for key, text in texts.items() if text and key in types}


def read_moment(text: str) -> str:
    """A field's date and time as the language writes it: with seconds."""
    minutes = "2026-11-21T09:00"
    return f"{text}:00" if len(text) == len(minutes) else text


def _read_number(text: str) -> Any:
    try:
        found = Decimal(text)
    except InvalidOperation:
        return text
    if not found.is_finite():
        return text
    return int(found) if found == found.to_integral_value() and "e" not in text.lower() else found


def _read_list(text: str) -> list[str]:
    return [one.strip() for one in text.replace("，", ",").split(",") if one.strip()]


READ: Mapping[str, Callable[[str], Any]] = {
    "boolean": lambda text: {"true": True, "false": False}.get(text, text),
    "integer": _read_number,
    "number": _read_number,
    "string": str,
    "date": str,
    "datetime": read_moment,
    "strings": _read_list,
}
"""How the text of each type is read."""
