"""What differs between two rulesets, as values.

Data only.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from service.language.diagnostics import Words, step


@dataclass(frozen=True, slots=True)
class Place:
    """Where a construct stands in the newer document, `former` in the older one, and how a sentence calls it."""

    construct: str
    key: str
    pointer: str
    former: str
    name: Words


@dataclass(frozen=True, slots=True)
class Change:
    """One difference.

    `construct` is the stem of a construct (`tag`, `band`, `ruleset`) and `key` its key; of one inside another the keys
    of both (`activity/recency`), of a case its place from 1, of a step of points its `from`, of an example its title.
    `kind` is `added`, `removed`, `changed` (one `member`) or `moved`.
    `pointer` is the place in the newer document; of what was removed, in the older one.
    `before` and `after` are JSON values, `None` where there is none; of what moved, the positions from 0.
    `name` is what the construct is called by its title, such as "tag `Reader`", in English and Chinese; `sentence` says
    what happened to it; `decides` whether any decision can differ for it.
    """

    construct: str
    key: str
    kind: str
    pointer: str
    before: Any
    after: Any
    name: Words
    sentence: Words
    decides: bool
    member: str | None = None

    def to_json(self) -> dict[str, Any]:
        """The change as JSON values, its sentence in both languages."""
        return {
            "construct": self.construct,
            "key": self.key,
            "kind": self.kind,
            "member": self.member,
            "pointer": self.pointer,
            "before": self.before,
            "after": self.after,
            "name": dict(self.name),
            "sentence": dict(self.sentence),
            "decides": self.decides,
        }


@dataclass(frozen=True, slots=True)
class Conflict:
    """A construct that two people changed from the same beginning, not in the same way; what each of them did."""

    construct: str
    key: str
    sentence: Words
    theirs: tuple[Change, ...]
    yours: tuple[Change, ...]

    def to_json(self) -> dict[str, Any]:
        """The conflict as JSON values, its sentences in both languages."""
        return {
            "construct": self.construct,
            "key": self.key,
            "sentence": dict(self.sentence),
            "theirs": [one.to_json() for one in self.theirs],
            "yours": [one.to_json() for one in self.yours],
        }


def change_at(
    place: Place, kind: str, before: Any, after: Any, sentence: Words, *, decides: bool, member: str | None = None
) -> Change:
    """A change of the construct at a place, or of one of its members."""
    pointer = place.former if kind == "removed" else place.pointer
    pointer = pointer if member is None else step(pointer, member)
    return Change(place.construct, place.key, kind, pointer, before, after, place.name, sentence, decides, member)


def can_change_decisions(changes: Iterable[Change]) -> bool:
    """Whether any decision can differ for these changes."""
    return any(one.decides for one in changes)
