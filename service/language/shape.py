"""Plain values -> the model, or every fault in them at once, each with its place.

Which members a construct has, what they hold and what they say against each other stands in `constructs`. Whether a
name leads anywhere, and what an expression says, is for `check` to find.
Source: docs/language.md.
"""

from dataclasses import replace
from datetime import UTC, tzinfo
from functools import cache
from typing import Any

from service.language.constructs import RulesetShape
from service.language.diagnostics import Diagnostic
from service.language.fields import Object, Refused, Zone, faults
from service.language.instants import zone, zone_names
from service.language.model import Ruleset


def shape_ruleset(document: object) -> tuple[Ruleset | None, tuple[Diagnostic, ...]]:
    """The ruleset that a value from the reader states, and no diagnostics; or `None`, and all, in the document's order.

    Codes: `unknown-member`, `missing-member`, `wrong-shape`, `duplicate-key`, `reserved-word`, `bands-out-of-order`,
    `limit-exceeded`.
    """
    with Zone(_zone(document)):
        try:
            return replace(_shape().deserialize(document), document=_shape().plain(document)), ()
        except Refused as refused:
            return None, tuple(sorted(faults(refused, ""), key=lambda one: _place(document, one.pointer)))


@cache
def _shape() -> Object:
    """The shape of a ruleset; made once, since marshmallow copies every member whenever a schema is made."""
    return Object(RulesetShape)


def _zone(document: object) -> tzinfo:
    """The timezone in which a document's instants are meant; UTC where it names none that exists."""
    name = document.get("timezone") if isinstance(document, dict) else None
    return zone(name) if isinstance(name, str) and name in zone_names() else UTC


def _place(document: Any, pointer: str) -> list[int]:
    """Where a pointer leads, as positions that sort in the document's order."""
    places = []
    for part in pointer.split("/")[1:]:
        name: str | int = part.replace("~1", "/").replace("~0", "~")
        if isinstance(document, list):
            name = int(name)
        places.append(name if isinstance(name, int) else list(document).index(name))
        document = document[name]
    return places
