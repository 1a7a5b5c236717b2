"""Which changes someone wants to be told of: a filter over rulesets, kinds, keys and outcomes.

Source: docs/api.md, "Events".
"""

from collections.abc import Mapping
from typing import Any

from service.audit.rows import PSEUDONYM, ChangeRow
from service.engine.decision import CHANGES
from service.operations.shapes import Shape

KINDS = ("tag", "tier", "stage")
OUTCOMES = tuple(sorted(CHANGES))
COLUMNS = {"rulesets": "ruleset", "kinds": "kind", "keys": "key", "outcomes": "outcome"}
"""Each list of a filter, and what of a change must be in it."""


def _list(about: str, words: tuple[str, ...] = ()) -> Shape:
    items: Shape = (
        {"type": "string", "enum": list(words)} if words else {"type": "string", "minLength": 1, "maxLength": 63}
    )
    return {
        "type": ["array", "null"],
        "minItems": 1,
        "maxItems": 1_000,
        "uniqueItems": True,
        "items": items,
        "description": about,
    }


FILTERS: Shape = {
    "type": ["object", "null"],
    "additionalProperties": False,
    "description": "A change is sent if each list that is there names it; without lists, every change is.",
    "properties": {
        "rulesets": _list("Keys of rulesets."),
        "kinds": _list("Kinds of what changed.", KINDS),
        "keys": _list("Keys of tags and tiers, or `lifecycle`."),
        "outcomes": _list("Outcomes that change something.", OUTCOMES),
    },
}


def is_wanted(change: ChangeRow, filters: Mapping[str, Any]) -> bool:
    """Whether a change fits a filter. Nobody is told of somebody who was erased."""
    if change.profile_id.startswith(PSEUDONYM):
        return False
    return all(getattr(change, COLUMNS[name]) in wanted for name, wanted in filters.items() if wanted is not None)
