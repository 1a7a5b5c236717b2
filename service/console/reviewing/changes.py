"""What differs between two versions of a ruleset, for a page: sentences in groups, as the ruleset is arranged."""

from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby

from markupsafe import Markup

from service.console.reviewing.looking import marked
from service.console.texts import Speaker
from service.language.diff import Change, can_change_decisions, compare
from service.language.document import read_document

KEPT = 64
GROUPS = ("attribute", "event", "value", "score", "tier", "tag_group", "tag", "lifecycle", "action", "example")
REST = "ruleset"
"""What is in none of them: the ruleset's own members."""
WITHIN = {
    "case": "value",
    "component": "score",
    "point": "score",
    "band": "tier",
    "stage": "lifecycle",
    "transition": "lifecycle",
}
"""Constructs that are told with what holds them."""


@dataclass(frozen=True, slots=True)
class Told:
    """One change: what happened, of which kind that is (`added`, `removed`, `changed`, `moved`), and if it decides."""

    sentence: Markup
    kind: str
    decides: bool


@dataclass(frozen=True, slots=True)
class Changes:
    """All changes by group, each (key, title, changes), and whether any decision can differ for them."""

    groups: tuple[tuple[str, str, tuple[Told, ...]], ...]
    decides: bool
    count: int


def tell_changes(before: str | None, after: str, t: Speaker) -> Changes:
    """What differs between two documents; of what nothing stood before, all that it says."""
    found = _compared(before, after)
    ordered = sorted(found, key=_place)
    groups = []
    for name, those in groupby(ordered, key=_group):
        told = tuple(Told(marked(one.sentence[t.language]), one.kind, one.decides) for one in those)
        groups.append((name, t(f"changes.{name}"), told))
    return Changes(tuple(groups), can_change_decisions(found), len(found))


@lru_cache(KEPT)
def _compared(before: str | None, after: str) -> tuple[Change, ...]:
    return compare(None if before is None else read_document(before)[0], read_document(after)[0])


def _group(change: Change) -> str:
    name = WITHIN.get(change.construct, change.construct)
    return name if name in GROUPS else REST


def _place(change: Change) -> int:
    return (*GROUPS, REST).index(_group(change))
