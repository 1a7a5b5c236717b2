"""A declared shape and a JSON value -> every fault of the value, each with its pointer.

A shape is a JSON Schema (2020-12) of the few words below, so that the same object checks a request and describes it in
`openapi.yaml`: `type` (one or a list), `properties`, `required`, `additionalProperties: false`, `items`, `maxItems`,
`minItems`, `uniqueItems`, `enum`, `pattern`, `minLength`, `maxLength`, `minimum`, `maximum`. Other words only describe.
A member that is `null` counts as absent where its type allows null. Numbers are `int` or `Decimal`; a whole one is an
integer.
"""

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from difflib import get_close_matches
from functools import lru_cache
from typing import Any

from service.errors import Fault, InvalidRequest
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
    found: list[Fault] = []
    _look(found, shape, value, pointer)
    return found


def json_type(value: object) -> str:
    """What JSON calls a value's type."""
    return next(name for name, fits in _JSON_TYPES.items() if fits(value))


def _look(found: list[Fault], shape: Shape, value: object, pointer: str) -> None:
    """Add the faults of a value. Why a list handed down: this runs on every request, and most have no fault."""
    kinds = shape.get("type", ())
    kinds = (kinds,) if isinstance(kinds, str) else kinds
    for kind in kinds:
        if _JSON_TYPES[kind](value):
            break
    else:
        if kinds:
            expected = " or ".join(kind for kind in kinds if kind != "null")
            found.append(Fault(pointer, "wrong-type", f"expected {_with_article(expected)}, found {json_type(value)}"))
            return
    if isinstance(value, dict):
        _look_inside(found, shape, value, pointer)
    elif isinstance(value, list):
        _look_along(found, shape, value, pointer)
    elif value is not None:
        _look_at(found, shape, value, pointer)


def _look_inside(found: list[Fault], shape: Shape, value: dict[str, object], pointer: str) -> None:
    members: Mapping[str, Shape] | None = shape.get("properties")
    if members is None:
        return
    found += [
        Fault(step(pointer, name), "missing-member", f"`{name}` is required")
        for name in shape.get("required", ())
        if name not in value
    ]
    for name, inside in value.items():
        if name in members:
            _look(found, members[name], inside, f"{pointer}/{name}")
        elif shape.get("additionalProperties") is False:
            found.append(unknown_member(name, members, pointer))


def checked(shape: Shape, body: object) -> dict[str, Any]:
    """A body that has the shape of an object; `InvalidRequest` lists every fault."""
    found = faults(shape, body)
    if found or not isinstance(body, dict):
        raise InvalidRequest("the request has faults", found)
    return body


def unknown_member(name: str, known: Mapping[str, object], pointer: str) -> Fault:
    """The fault of a member that does not exist, with the nearest one that does."""
    near = get_close_matches(name, known, 1)
    advice = f"did you mean `{near[0]}`?" if near else f"known are {', '.join(f'`{one}`' for one in known)}"
    return Fault(step(pointer, name), "unknown-member", f"unknown member `{name}`: {advice}")


def _look_along(found: list[Fault], shape: Shape, value: list[object], pointer: str) -> None:
    if len(value) < shape.get("minItems", 0):
        found.append(_wrong(pointer, f"expected at least {shape['minItems']} entries, found {len(value)}"))
    if len(value) > shape.get("maxItems", len(value)):
        found.append(_wrong(pointer, f"expected at most {shape['maxItems']} entries, found {len(value)}"))
    if shape.get("uniqueItems") and any(one in value[:place] for place, one in enumerate(value)):
        found.append(_wrong(pointer, "expected each entry once"))
    if "items" in shape:
        for place, inside in enumerate(value):
            _look(found, shape["items"], inside, f"{pointer}/{place}")


def _look_at(found: list[Fault], shape: Shape, value: object, pointer: str) -> None:
    if "enum" in shape and value not in shape["enum"]:
        known = [str(one) for one in shape["enum"] if one is not None]
        listed = ", ".join(f"`{one}`" for one in known)
        found.append(_wrong(pointer, f"expected one of {listed}{_near(value, known)}"))
    elif isinstance(value, str):
        _look_at_text(found, shape, value, pointer)
    elif isinstance(value, (int, Decimal)):
        low, high = shape.get("minimum", value), shape.get("maximum", value)
        if not low <= value <= high:
            found.append(_wrong(pointer, f"expected a number from {low} to {high}"))


def _look_at_text(found: list[Fault], shape: Shape, value: str, pointer: str) -> None:
    if len(value) < shape.get("minLength", 0):
        found.append(_wrong(pointer, "expected text, found an empty string"))
    elif len(value) > shape.get("maxLength", len(value)):
        found.append(_wrong(pointer, f"expected at most {shape['maxLength']} characters, found {len(value)}"))
    elif "pattern" in shape and not _compiled(shape["pattern"]).fullmatch(value):
        meaning = shape.get("x-meaning") or f"text of the form {shape['pattern']}"
        found.append(_wrong(pointer, f"expected {meaning}"))


def _wrong(pointer: str, message: str) -> Fault:
    return Fault(pointer, "wrong-value", message)


@lru_cache(maxsize=64)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern.removeprefix("^").removesuffix("$"))


def _near(value: object, known: list[str]) -> str:
    near = get_close_matches(str(value), known, 1)
    return f"; did you mean `{near[0]}`?" if near else ""


def _with_article(kind: str) -> str:
    return f"an {kind}" if kind[0] in "aio" else f"a {kind}"
