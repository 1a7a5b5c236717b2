"""Two lists of constructs -> which of the one is which of the other, and which of them changed places.

By key; what has none is told by what it says, and what is left over by its position.
"""

from bisect import bisect_left
from collections.abc import Hashable, Iterator, Mapping, Sequence
from typing import Any

Json = dict[str, Any]


def keys_of(entries: Sequence[Any]) -> list[Hashable]:
    """What each entry of a collection is known by: its key, or its position if it has none or not the first of it."""
    found: list[Hashable] = []
    seen = set()
    for index, one in enumerate(entries):
        key = one.get("key") if isinstance(one, dict) else None
        found.append(key if isinstance(key, str) and key not in seen else index)
        seen.add(found[-1])
    return found


def pair_up(old: Sequence[Hashable], new: Sequence[Hashable]) -> dict[int, int]:
    """Positions in `new` -> positions in `old` of the same entry; of entries that stand twice the first with the first.

    Needs equal values for equal entries.
    """
    places: dict[Hashable, list[int]] = {}
    for index, one in reversed(list(enumerate(old))):
        places.setdefault(one, []).append(index)
    return {index: places[one].pop() for index, one in enumerate(new) if places.get(one)}


def pair_rest(pairs: Mapping[int, int], old: int, new: int) -> dict[int, int]:
    """The pairs, and those left over of lists of these lengths paired in their order, if they are equally many."""
    paired = set(pairs.values())
    gone = [index for index in range(old) if index not in paired]
    come = [index for index in range(new) if index not in pairs]
    return {**pairs, **(dict(zip(come, gone, strict=True)) if len(gone) == len(come) else {})}


def moved(pairs: Mapping[int, int]) -> set[int]:
    """The positions in the new list of the fewest entries that must have moved.

    Those that stayed are a longest run of pairs that rises in both lists.
    """
    places = sorted(pairs)
    ends: list[int] = []
    tops: list[int] = []
    before: dict[int, int | None] = {}
    for place in places:
        at = bisect_left(ends, pairs[place])
        before[place] = tops[at - 1] if at else None
        ends[at : at + 1] = [pairs[place]]
        tops[at : at + 1] = [place]
    return set(places) - set(_chain(tops[-1] if tops else None, before))


def _chain(place: int | None, before: Mapping[int, int | None]) -> Iterator[int]:
    while place is not None:
        yield place
        place = before[place]


def renames(old: Sequence[Any], new: Sequence[Any]) -> dict[str, str]:
    """Keys that are gone -> the keys that lead to them now, by their `aliases`."""
    gone, present = _by_key(old), _by_key(new)
    found: dict[str, str] = {}
    for key, one in present.items():
        aliases = one.get("aliases")
        for alias in aliases if isinstance(aliases, list) else ():
            if isinstance(alias, str) and alias in gone and alias not in present:
                found.setdefault(alias, key)
    return found


def _by_key(entries: Sequence[Any]) -> dict[str, Json]:
    return {one["key"]: one for one in entries if isinstance(one, dict) and isinstance(one.get("key"), str)}
