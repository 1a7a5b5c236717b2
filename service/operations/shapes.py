"""A declared shape and a JSON value -> every fault of the value, each with its pointer.

A shape is a JSON Schema (2020-12) of the few words below, so that the same object checks a request and describes it in
`openapi.yaml`: `type` (one or a list), `properties`, `required`, `additionalProperties: false`, `items`, `maxItems`,
`minItems`, `uniqueItems`, `enum`, `pattern`, `minLength`, `maxLength`, `minimum`, `maximum`. Other words only describe.
A member that is `null` counts as absent where its type allows null. Numbers are `int` or `Decimal`; a whole one is an
integer.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from difflib import get_close_matches
from functools import lru_cache
from typing import Any

from service.errors import Fault
from service.language.diagnostics import step

Shape = Mapping[str, Any]

_JSON_TYPES: Mapping[str, Callable[[object], bool]] = {
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
    "string": lambda value: isinstance(value, str),
    "boolean": lambda value: isinstance(value, bool),
    "null": lambda value: value is None,
    "number": lambda value: isinstance(value, (int, Decimal)) and not isinstance(value, bool),
    "integer": lambda value: isinstance(value, (int, Decimal)) and not isinstance(value, bool) and value == int(value),
}


def optional(shape: Shape) -> Shape:
    """The same shape, or null, which counts as absent."""
    return {**shape, "type": [shape["type"], "null"]}


def faults(shape: Shape, value: object, pointer: str = "") -> list[Fault]:
    """Everything about a value that its shape refuses; codes `unknown-member`, `missing-member`, `wrong-type`,
    `wrong-value`.
    """
    return list(_walk(shape, value, pointer))


def json_type(value: object) -> str:
    """What JSON calls a value's type."""
    return next(name for name, fits in _JSON_TYPES.items() if fits(value))


def _walk(shape: Shape, value: object, pointer: str) -> Iterator[Fault]:
    wanted = shape.get("type", ())
    kinds = (wanted,) if isinstance(wanted, str) else wanted
    if kinds and not any(_JSON_TYPES[kind](value) for kind in kinds):
        expected = " or ".join(kind for kind in kinds if kind != "null")
        yield Fault(pointer, "wrong-type", f"expected {_with_article(expected)}, found {json_type(value)}")
    elif isinstance(value, dict):
        yield from _object_faults(shape, value, pointer)
    elif isinstance(value, list):
        yield from _list_faults(shape, value, pointer)
    elif value is not None:
        yield from _scalar_faults(shape, value, pointer)


def _object_faults(shape: Shape, value: dict[str, object], pointer: str) -> Iterator[Fault]:
    members: Mapping[str, Shape] = shape.get("properties", {})
    for name in shape.get("required", ()):
        if name not in value:
            yield Fault(step(pointer, name), "missing-member", f"`{name}` is required")
    for name, inside in value.items():
        if name in members:
            yield from _walk(members[name], inside, step(pointer, name))
        elif shape.get("additionalProperties") is False:
            yield unknown_member(name, members, pointer)


def unknown_member(name: str, known: Mapping[str, object], pointer: str) -> Fault:
    """The fault of a member that does not exist, with the nearest one that does."""
    near = get_close_matches(name, known, 1)
    advice = f"did you mean `{near[0]}`?" if near else f"known are {', '.join(f'`{one}`' for one in known)}"
    return Fault(step(pointer, name), "unknown-member", f"unknown member `{name}`: {advice}")


def _list_faults(shape: Shape, value: list[object], pointer: str) -> Iterator[Fault]:
    if len(value) < shape.get("minItems", 0):
        yield Fault(pointer, "wrong-value", f"expected at least {shape['minItems']} entries, found {len(value)}")
    if len(value) > shape.get("maxItems", len(value)):
        yield Fault(pointer, "wrong-value", f"expected at most {shape['maxItems']} entries, found {len(value)}")
    if shape.get("uniqueItems") and any(one in value[:place] for place, one in enumerate(value)):
        yield Fault(pointer, "wrong-value", "expected each entry once")
    for place, inside in enumerate(value):
        yield from _walk(shape.get("items", {}), inside, step(pointer, place))


def _scalar_faults(shape: Shape, value: object, pointer: str) -> Iterator[Fault]:
    if "enum" in shape and value not in shape["enum"]:
        known = [one for one in shape["enum"] if one is not None]
        yield Fault(
            pointer, "wrong-value", f"expected one of {', '.join(f'`{one}`' for one in known)}{_near(value, known)}"
        )
    elif isinstance(value, str):
        yield from _text_faults(shape, value, pointer)
    elif isinstance(value, (int, Decimal)):
        low, high = shape.get("minimum", value), shape.get("maximum", value)
        if not low <= value <= high:
            yield Fault(pointer, "wrong-value", f"expected a number from {low} to {high}")


def _text_faults(shape: Shape, value: str, pointer: str) -> Iterator[Fault]:
    if len(value) < shape.get("minLength", 0):
        yield Fault(pointer, "wrong-value", "expected text, found an empty string")
    elif len(value) > shape.get("maxLength", len(value)):
        most = shape["maxLength"]
        yield Fault(pointer, "wrong-value", f"expected at most {most} characters, found {len(value)}")
    elif "pattern" in shape and not _compiled(shape["pattern"]).fullmatch(value):
        meaning = shape.get("x-meaning") or f"text of the form {shape['pattern']}"
        yield Fault(pointer, "wrong-value", f"expected {meaning}")


@lru_cache(maxsize=64)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern.removeprefix("^").removesuffix("$"))


def _near(value: object, known: list[object]) -> str:
    near = get_close_matches(str(value), [str(one) for one in known], 1)
    return f"; did you mean `{near[0]}`?" if near else ""


def _with_article(kind: str) -> str:
    return f"an {kind}" if kind[0] in "aio" else f"a {kind}"
