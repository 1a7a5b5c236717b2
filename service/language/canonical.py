"""Plain values -> the one sequence of bytes that stands for them, and its digest: a version's identity.

Members are sorted by name, in the order of their characters' code points; numbers are written in full and as short as
can be (1, 1.0 and 1e0 are one number and have one form); text is UTF-8. Floats must not come in: the reader makes none.
Source: docs/language.md, "Numbers"; docs/log-format.md.
"""

from decimal import Decimal
from hashlib import sha256

import orjson


def canonical_bytes(value: object) -> bytes:
    """The bytes of a value as the reader gives it (tuples count as lists); `TypeError` for what JSON can't say."""
    try:
        return orjson.dumps(value, default=_fragment, option=orjson.OPT_SORT_KEYS)
    except TypeError:
        # Why: orjson refuses integers beyond 64 bits; they are rare, so only then are all values looked at.
        return orjson.dumps(_without_big_integers(value), default=_fragment, option=orjson.OPT_SORT_KEYS)


def indented_bytes(value: object) -> bytes:
    """The same value for people: members in the order in which they are given, indented, numbers written as above."""
    return orjson.dumps(_without_big_integers(value), default=_fragment, option=orjson.OPT_INDENT_2)


def digest(content: bytes) -> str:
    """The SHA-256 of some bytes, as `sha256:` and 64 hexadecimal digits."""
    return f"sha256:{sha256(content).hexdigest()}"


def plain_number(number: int | Decimal) -> str:
    """A finite number written in full: no exponent, no zeros at the end of the fraction, no negative zero."""
    if isinstance(number, int):
        return str(number)
    text = format(number, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def digits(number: int | Decimal) -> int:
    """How many digits `plain_number` writes, without the single zero before the point."""
    whole, _, fraction = plain_number(number).lstrip("-").partition(".")
    return len(whole.lstrip("0")) + len(fraction)


def _fragment(value: object) -> orjson.Fragment:
    if isinstance(value, Decimal):
        return orjson.Fragment(plain_number(value))
    raise TypeError(value)


def _without_big_integers(value: object) -> object:
    if isinstance(value, dict):
        return {name: _without_big_integers(one) for name, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_without_big_integers(one) for one in value]
    if isinstance(value, int) and not -(1 << 63) <= value < 1 << 64:
        return orjson.Fragment(str(value))
    return value
