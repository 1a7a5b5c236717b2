"""JSON text -> plain values, or every reason why not.

Out come `dict`, `list`, `str`, `bool`, `None`, `int`, and `Decimal` for a number with a fraction or an exponent;
never a float. It reads rulesets and the body of every request, so good text takes one pass of the C scanner
and a few cheap tests; only a suspicion starts the slow walk that finds every place. It knows nothing of rulesets.
Source: RFC 8259; docs/language.md, "Checks".
"""

import re
from collections.abc import Iterator
from decimal import Clamped, Context, Inexact, Overflow, Subnormal
from json import JSONDecodeError, JSONDecoder
from typing import Any, NamedTuple

from service.language.diagnostics import Diagnostic, step
from service.language.sentences import say

MAX_BYTES = 1 << 20
"""The most bytes a ruleset may have."""
MAX_DEPTH = 64
"""How deep objects and lists may stand inside each other."""
MAX_DIGITS = 4300
"""The most digits of a number; and it is below ten to that power, and not nearer to zero than its inverse."""

_BAD_ESCAPE = re.compile(
    r"""\\(?:
    u0000
    | \\u[dD][89a-fA-F]                                      # after a backslash: maybe no escape, the slow walk knows
    | u[dD][89abAB][0-9a-fA-F]{2} (?! \\u[dD][c-fC-F] )      # a first half without its second
    | u (?<! \\u[dD][89abAB][0-9a-fA-F]{2}\\u ) [dD][c-fC-F]  # a second half without its first
    )""",
    re.VERBOSE,
)
_HOLDERS = frozenset({dict, list})
_BAD_SIGNS = (b"\\u0000", b"\\ud", b"\\uD")
_BAD_TEXT = re.compile("[\x00\ud800-\udfff]")
_SPACE = re.compile(r"[ \t\n\r]*")
_COMMA_LAST = re.compile(r",[ \t\n\r]*[}\]]")

Trail = tuple["Trail", "str | int"] | None
"""Where a value stands: the trail of what holds it, and its name or position there."""


class _Suspicion(Exception):
    """Something that the fast reading can't place."""


class _Doubled(dict[str, object]):
    """An object in which a name stands more than once; `names` says which."""

    names: tuple[str, ...] = ()


class _Refused(NamedTuple):
    """Stands where a value stood that is none: `text` is what stood there, `sentence` says why."""

    sentence: str
    text: str


def read_document(text: str | bytes, max_bytes: int = MAX_BYTES) -> tuple[Any, tuple[Diagnostic, ...]]:
    """The value that a JSON text holds, and no diagnostics; or `None`, and all of them.

    Codes: `not-json`, `duplicate-key`, `wrong-shape` (NUL, lone surrogates), `limit-exceeded` (bytes, depth, digits).
    """
    raw = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    if len(raw) > max_bytes:
        return None, (say("limit-exceeded/bytes", "", most=max_bytes, found=len(raw)),)
    try:
        decoded = raw.decode().removeprefix("\ufeff")
    except UnicodeDecodeError as refused:
        return None, (say("not-json/encoding", "", offset=refused.start),)
    try:
        value = _FAST.decode(decoded)
        if _is_plain(raw, decoded, value):
            return value, ()
        return _with_places(value)
    except JSONDecodeError as refused:
        return None, (_not_json(decoded, refused),)
    except RecursionError:
        return None, (say("limit-exceeded/nesting", "", most=MAX_DEPTH),)
    except (_Suspicion, ArithmeticError, ValueError):
        return _read_again(decoded)


def locate(text: str, pointer: str) -> tuple[int, int]:
    """The line and column, both from 1, at which the value begins that an RFC 6901 pointer names.

    Where the pointer leads nowhere, or the text is broken, the place of the last step that could be made.
    """
    at = _value_start(text, 0)
    for part in pointer.split("/")[1:]:
        try:
            inside = _member_start(text, at, part.replace("~1", "/").replace("~0", "~"))
        except (ValueError, RecursionError, IndexError):
            break
        if inside is None:
            break
        at = inside
    return text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at)


# --- the fast reading -----------------------------------------------------------------------------


def _members(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _Suspicion
    return found


def _constant(_name: str) -> object:
    raise _Suspicion


# Why: a context's `create_decimal` is one C call that reads a number and refuses what is too long or too large.
_NUMBERS = Context(
    prec=MAX_DIGITS,
    Emax=MAX_DIGITS - 1,
    Emin=1 - MAX_DIGITS,
    traps=[Clamped, Inexact, Overflow, Subnormal],
)
_FAST = JSONDecoder(object_pairs_hook=_members, parse_float=_NUMBERS.create_decimal, parse_constant=_constant)


def _is_plain(raw: bytes, decoded: str, value: object) -> bool:
    """Whether nothing is left to refuse: no bad character, which only an escape can bring in, and not too deep."""
    if any(sign in raw for sign in _BAD_SIGNS) and _BAD_ESCAPE.search(decoded):
        return False
    return raw.count(b"{") + raw.count(b"[") <= MAX_DEPTH or not _is_deep(value)


def _is_deep(value: object) -> bool:
    """Whether objects and lists stand deeper inside each other than `MAX_DEPTH`, level by level."""
    level: list[Any] = [value] if type(value) in _HOLDERS else []
    for _ in range(MAX_DEPTH):
        level = [
            inside
            for one in level
            for inside in (one.values() if type(one) is dict else one)
            if type(inside) in _HOLDERS
        ]
    return bool(level)


# --- the slow reading -----------------------------------------------------------------------------


def _marked_members(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) == len(pairs):
        return found
    names = [name for name, _ in pairs]
    doubled = _Doubled(found)
    doubled.names = tuple(name for name in found if names.count(name) > 1)
    return doubled


def _marked_number(text: str) -> object:
    try:
        return _NUMBERS.create_decimal(text) if text.strip("-0123456789") else int(text)
    except (ArithmeticError, ValueError):
        return _Refused("limit-exceeded/long-number", text)


def _marked_constant(name: str) -> object:
    return _Refused("not-json/constant", name)


_SLOW = JSONDecoder(
    object_pairs_hook=_marked_members,
    parse_float=_marked_number,
    parse_int=_marked_number,
    parse_constant=_marked_constant,
)


def _read_again(text: str) -> tuple[object, tuple[Diagnostic, ...]]:
    try:
        return _with_places(_SLOW.decode(text))
    except JSONDecodeError as refused:
        return None, (_not_json(text, refused),)
    except RecursionError:
        return None, (say("limit-exceeded/nesting", "", most=MAX_DEPTH),)


def _with_places(value: object) -> tuple[object, tuple[Diagnostic, ...]]:
    found = tuple(_refusals(value))
    return (None, found) if found else (value, ())


def _refusals(document: object) -> Iterator[Diagnostic]:
    """Everything in a document that may not stand there, in its order; an object's names before what it holds."""
    waiting: list[tuple[object, Trail, int]] = [(document, None, 0)]
    while waiting:
        value, trail, depth = waiting.pop()
        if isinstance(value, _Refused):
            yield say(value.sentence, _pointer(trail), found=value.text, most=MAX_DIGITS)
        elif isinstance(value, str):
            if _BAD_TEXT.search(value):
                yield say("wrong-shape/character", _pointer(trail))
        elif isinstance(value, (dict, list)):
            if depth >= MAX_DEPTH:
                yield say("limit-exceeded/nesting", _pointer(trail), most=MAX_DEPTH)
                continue
            if isinstance(value, dict):
                yield from _name_refusals(value, trail)
            inside = value.items() if isinstance(value, dict) else enumerate(value)
            waiting += [(one, (trail, name), depth + 1) for name, one in reversed(list(inside))]


def _name_refusals(value: dict[str, object], trail: Trail) -> Iterator[Diagnostic]:
    """What is wrong with the names of an object's members."""
    if isinstance(value, _Doubled):
        for name in value.names:
            yield say("duplicate-key/member", _pointer((trail, name)), key=_shown(name))
    for name in value:
        if _BAD_TEXT.search(name):
            yield say("wrong-shape/character-in-name", _pointer(trail), key=_shown(name))


def _pointer(trail: Trail) -> str:
    parts: list[str | int] = []
    while trail is not None:
        trail, part = trail
        parts.append(part)
    pointer = ""
    for part in reversed(parts):
        pointer = step(pointer, _shown(part) if isinstance(part, str) else part)
    return pointer


def _shown(name: str) -> str:
    """A name that can be written as UTF-8: characters that can't be there are spelled out."""
    return _BAD_TEXT.sub(lambda bad: f"\\u{ord(bad[0]):04x}", name)


def _not_json(text: str, refused: JSONDecodeError) -> Diagnostic:
    """Where the text stops being JSON, and what stands there."""
    at = min(refused.pos, len(text))
    last = text.rfind(",", 0, at + 1)
    if _COMMA_LAST.match(text, max(last, 0)) and not text[last + 1 : at].strip():
        at, sentence = last, "not-json/last-comma"
    elif at == len(text) or refused.msg.startswith("Unterminated"):
        sentence = "not-json/end"
    elif refused.msg.startswith("Extra data"):
        sentence = "not-json/more"
    elif refused.msg.startswith("Invalid"):
        sentence = "not-json/string"
    else:
        sentence = "not-json"
    found = text[at : at + 1]
    return say(
        sentence,
        "",
        span=(at, at + len(found)),
        line=text.count("\n", 0, at) + 1,
        column=at - text.rfind("\n", 0, at),
        found=found if found.isprintable() else f"\\u{ord(found):04x}",
    )


# --- places ---------------------------------------------------------------------------------------


def _value_start(text: str, at: int) -> int:
    found = _SPACE.match(text, at + (text[at : at + 1] == "\ufeff"))
    assert found is not None
    return found.end()


def _member_start(text: str, at: int, part: str) -> int | None:
    """Where the member `part` of the object, or the element `part` of the list, that begins at `at` begins itself.

    Of a name that stands twice, the last one, which is the one that counts.
    """
    if text[at] not in "{[":
        return None
    is_object = text[at] == "{"
    found, position = None, 0
    at = _value_start(text, at + 1)
    while text[at] not in "}]":
        name = str(position)
        if is_object:
            name, at = _PLACES.raw_decode(text, at)
            at = _value_start(text, _value_start(text, at) + 1)
        if name == part:
            found = at
        at = _value_start(text, _PLACES.raw_decode(text, at)[1])
        at = _value_start(text, at + (text[at] == ","))
        position += 1
    return found


_PLACES = JSONDecoder(parse_int=str, parse_float=str, parse_constant=str)
