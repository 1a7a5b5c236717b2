"""One member's JSON value <-> the texts of its fields in a form. Pure.

A kind shows a value as texts by suffix (the empty one is the member's own name) and reads them back. What was not
touched is never read back: whoever reads compares with what was shown, and keeps the value as it was.
"""

import re
from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from service.language.canonical import canonical_bytes, plain_number
from service.language.document import read_document

ABSENT: Any = type("Absent", (), {"__repr__": lambda _: "ABSENT"})()
"""What stands for a member that is not there."""
NULL = "*null*"
"""What a choice shows for null where null is a value."""
Texts = dict[str, Any]
_SIMPLE = re.compile(r"P(?:(\d+)([YMWD])|T(\d+)([HMS]))")
UNITS = ("D", "W", "M", "Y", "TH", "TM", "TS", "iso")
"""The units of a duration; `iso` for one that is written out."""


def period_texts(value: Any) -> tuple[str, str]:
    """A duration as its number and unit."""
    match = _SIMPLE.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        return ("" if value is None else str(value)), ("D" if value is None else "iso")
    return (match[1], match[2]) if match[1] else (match[3], f"T{match[4]}")


def period_of(number: str, unit: str) -> str:
    """The duration that a number and a unit say; what is no number, as it was written."""
    number = number.strip()
    if unit not in UNITS or unit == "iso" or not (number.isascii() and number.isdecimal()):
        return number
    return f"PT{int(number)}{unit[1]}" if unit.startswith("T") else f"P{int(number)}{unit}"


def number_of(text: str) -> Any:
    """The number that a text says, exactly; the text itself if it is none, so that a check can say so."""
    plain = text.strip().replace(",", "").removesuffix(".")
    try:
        found = Decimal(plain)
    except InvalidOperation:
        return text.strip()
    if not found.is_finite():
        return text.strip()
    return int(found) if re.fullmatch(r"[+-]?\d+", plain) else found


def listed(text: str) -> list[str]:
    """The entries of a text with commas or on lines."""
    return [one.strip() for one in re.split(r"[,，、\n]", text) if one.strip()]


def constant_texts(value: Any) -> tuple[str, str]:
    """A JSON value as its kind and a text."""
    if value is None:
        return "null", ""
    if isinstance(value, bool):
        return "yesno", "true" if value else "false"
    if isinstance(value, (int, Decimal)):
        return "number", plain_number(value)
    if isinstance(value, str):
        return "text", value
    if (
        isinstance(value, list)
        and value
        and all(isinstance(one, str) and not re.search(r"[,，、\n]", one) for one in value)
    ):
        return "list", ", ".join(value)
    return "json", canonical_bytes(value).decode()


def constant_of(kind: str, text: str) -> Any:
    """The JSON value that a kind and a text say."""
    if kind == "null":
        return None
    if kind == "yesno":
        return text.strip().lower() in ("true", "yes", "是")
    if kind == "number":
        return number_of(text)
    if kind == "list":
        return listed(text)
    if kind == "json":
        value, found = read_document(text)
        return text if found else value
    return text


def _show_words(value: Any) -> Texts:
    given = value if isinstance(value, dict) else {}
    whole = {"*": value} if isinstance(value, str) else {}
    return {**whole, **{one: given.get(one, "") for one in dict.fromkeys(["en", "zh", *given])}}


def _read_words(texts: Texts) -> Any:
    given = {name: text.strip() for name, text in texts.items() if name != "*" and text.strip()}
    return given or texts.get("*", "").strip() or ABSENT


def _show_pairs(value: Any) -> Texts:
    rows = [(name, *constant_texts(one)) for name, one in (value or {}).items()]
    return {"rows": [list(one) for one in rows]}


def _read_pairs(texts: Texts) -> Any:
    found = {name.strip(): constant_of(kind, text) for name, kind, text in texts["rows"] if name.strip()}
    return found or ABSENT


def _read_text(texts: Texts) -> Any:
    return texts[""].strip() or ABSENT


def _read_constant(texts: Texts) -> Any:
    kind, text = texts["kind"], texts[""]
    return constant_of(kind, text) if text.strip() or kind == "null" else ABSENT


def _text_of(value: Any) -> str:
    return "" if value is None or value is ABSENT else str(value)


SHOW: Mapping[str, Callable[[Any], Texts]] = {
    "text": lambda value: {"": _text_of(value)},
    "number": lambda value: {"": "" if value is None else plain_number(value)},
    "lines": lambda value: {"": "\n".join(value or ())},
    "keys": lambda value: {"": ", ".join(value or ())},
    "flag": lambda value: {"": "yes" if value else ""},
    "choice": lambda value: {"": _text_of(value)},
    "references": lambda value: {"": list(value or ())},
    "period": lambda value: dict(zip(("", "unit"), period_texts(value), strict=True)),
    "words": _show_words,
    "constant": lambda value: (
        dict(zip(("kind", ""), constant_texts(value), strict=True)) if value is not None else {"kind": "text", "": ""}
    ),
    "pairs": _show_pairs,
}
"""How a value that fits its kind is shown; `None` for one that is absent."""
READ: Mapping[str, Callable[[Texts], Any]] = {
    "text": _read_text,
    "number": lambda texts: number_of(texts[""]) if texts[""].strip() else ABSENT,
    "lines": lambda texts: [one.strip() for one in texts[""].splitlines() if one.strip()] or ABSENT,
    "keys": lambda texts: listed(texts[""]) or ABSENT,
    "flag": lambda texts: True if texts[""] else ABSENT,
    "choice": lambda texts: None if texts[""] == NULL else texts[""] or ABSENT,
    "references": lambda texts: list(texts[""]) or ABSENT,
    "period": lambda texts: period_of(texts[""], texts["unit"]) if texts[""].strip() else ABSENT,
    "words": _read_words,
    "constant": _read_constant,
    "pairs": _read_pairs,
}
"""What the texts of a kind say; `ABSENT` where they say nothing."""


def _are_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(one, str) for one in value)


_NUMBERS = (int, Decimal)
FITS: Mapping[str, Callable[[Any], bool]] = {
    "text": lambda value: isinstance(value, str),
    "number": lambda value: isinstance(value, _NUMBERS) and not isinstance(value, bool),
    "lines": _are_texts,
    "keys": _are_texts,
    "flag": lambda value: isinstance(value, bool),
    "choice": lambda value: isinstance(value, str),
    "references": _are_texts,
    "period": lambda value: isinstance(value, str),
    "words": lambda value: isinstance(value, str) or (isinstance(value, dict) and _are_texts(list(value.values()))),
    "constant": lambda _: True,
    "pairs": lambda value: isinstance(value, dict),
    "condition": lambda value: isinstance(value, str),
    "formula": lambda value: isinstance(value, str),
}
"""Whether a value can be shown by its kind; one that can't is left as it is."""
