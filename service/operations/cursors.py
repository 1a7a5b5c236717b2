"""Cursors: where a page of a list begins, bound to the question that the list answers.

They are opaque to callers; one of another question, or a made-up one, is refused.
"""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from hashlib import sha256
from typing import Any

from service.errors import Fault, InvalidRequest

LAST = 1 << 62


def write_cursor(question: object, place: Sequence[int | str] | None) -> str | None:
    """The cursor of a place, for a question whose `repr` says all of it; none where there is no next page."""
    if place is None:
        return None
    text = json.dumps([_fingerprint(question), *place], ensure_ascii=False)
    return urlsafe_b64encode(text.encode()).decode().rstrip("=")


def read_cursor(cursor: str, question: object, length: int) -> tuple[int, ...]:
    """The place of a cursor: `length` whole numbers. `InvalidRequest` if it is not of this question."""
    place = _read(cursor, question)
    if len(place) != length or not all(type(one) is int and -LAST <= one <= LAST for one in place):
        raise _refused()
    return tuple(place)


def read_name(cursor: str, question: object) -> str:
    """The name that a cursor holds, for a list in the order of names; errors as in `read_cursor`."""
    match _read(cursor, question):
        case [str(name)]:
            return name
    raise _refused()


def _read(cursor: str, question: object) -> list[Any]:
    try:
        fingerprint, *place = json.loads(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, TypeError):
        raise _refused() from None
    if fingerprint != _fingerprint(question):
        raise _refused()
    return list(place)


def _refused() -> InvalidRequest:
    fault = Fault("/cursor", "wrong-value", "expected the `next` of a reply to the same query")
    return InvalidRequest("the request has faults", [fault])


def _fingerprint(question: object) -> str:
    return sha256(repr(question).encode()).hexdigest()[:16]
