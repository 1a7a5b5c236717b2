"""Two people changed one draft: which constructs to take from whom. Pure.

A unit is the smallest thing that is taken whole: one entry of a section, the order of a section, or one member that
stands once.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

from service.console.editing.places import SINGLE, construct_of, entries_of, id_of, index_of, sections, with_entries

Json = dict[str, Any]
ORDER = "(order)"


@dataclass(frozen=True, slots=True)
class Unit:
    """What one person changed: an entry by its id, a member, or the order of a section's entries.

    `is_contested` says that the other changed it too, and not in the same way.
    """

    section: str
    id: str
    is_contested: bool

    @property
    def name(self) -> str:
        """The unit in a form."""
        return f"{self.section}:{self.id}"


def units_of(base: Json, theirs: Json, yours: Json) -> list[Unit]:
    """Everything that you changed from the beginning, and that the others did not change in the same way."""
    return [*_members(base, theirs, yours), *_entries(base, theirs, yours)]


def kept(base: Json, theirs: Json, yours: Json, names: Collection[str]) -> Json:
    """Their document with those units, by name, as you have them."""
    found = dict(theirs)
    for unit in units_of(base, theirs, yours):
        if unit.name in names:
            found = _taken(found, yours, unit)
    return found


def _members(base: Json, theirs: Json, yours: Json) -> Iterator[Unit]:
    for section in SINGLE:
        three = [_single(one, section) for one in (base, theirs, yours)]
        for name in dict.fromkeys([*three[0], *three[2]]):
            was, their, your = (one.get(name) for one in three)
            if your not in (was, their):
                yield Unit(section, name, their != was)


def _single(document: Json, section: str) -> Json:
    """The members of what stands once that are no sections."""
    held = document if section == "ruleset" else document.get(section)
    hidden = {*sections(), *SINGLE}
    names = [name for name in construct_of(section).members if name not in hidden]
    return {name: held[name] for name in names if name in held} if isinstance(held, dict) else {}


def _entries(base: Json, theirs: Json, yours: Json) -> Iterator[Unit]:
    for section in sections():
        was, their, your = (_by_id(entries_of(one, section)) for one in (base, theirs, yours))
        for one in dict.fromkeys([*was, *your]):
            if your.get(one) not in (was.get(one), their.get(one)):
                yield Unit(section, one, their.get(one) != was.get(one))
        common = [one for one in was if one in your and one in their]
        orders = [[one for one in many if one in common] for many in (was, their, your)]
        if orders[2] not in orders[:2]:
            yield Unit(section, ORDER, orders[1] != orders[0])


def _by_id(entries: list[Any]) -> dict[str, Any]:
    return {id_of(entries, index): one for index, one in enumerate(entries)}


def _taken(found: Json, yours: Json, unit: Unit) -> Json:
    if unit.section in SINGLE:
        return _with_member(found, _single(yours, unit.section), unit)
    entries, mine = entries_of(found, unit.section), entries_of(yours, unit.section)
    if unit.id == ORDER:
        order = list(_by_id(mine))
        ids = _by_id(entries)
        ranked = sorted((one for one in ids if one in order), key=order.index)
        return with_entries(
            found, unit.section, [*(ids[one] for one in ranked), *(ids[one] for one in ids if one not in order)]
        )
    present, wanted = _by_id(entries), _by_id(mine)
    if unit.id in present:
        place = index_of(entries, unit.id)
        kept = [wanted[unit.id]] if unit.id in wanted else []
        return with_entries(found, unit.section, [*entries[:place], *kept, *entries[place + 1 :]])
    place = min(index_of(mine, unit.id), len(entries)) if unit.id in wanted else len(entries)
    return with_entries(
        found, unit.section, [*entries[:place], *([wanted[unit.id]] if unit.id in wanted else []), *entries[place:]]
    )


def _with_member(found: Json, mine: Json, unit: Unit) -> Json:
    held = found if unit.section == "ruleset" else found.get(unit.section) or {}
    changed = {name: one for name, one in held.items() if name != unit.id}
    if unit.id in mine:
        changed[unit.id] = mine[unit.id]
    return changed if unit.section == "ruleset" else {**found, unit.section: changed}
