"""Two lists of constructs of one kind -> what each entry is known and called by, and which is which."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from service.language.canonical import plain_number
from service.language.constructs import CaseShape, ExampleShape, PointShape
from service.language.diagnostics import step
from service.language.diff import align
from service.language.diff.change import Place
from service.language.diff.conditions import fingerprint
from service.language.diff.wording import in_both, named, title_of
from service.language.fields import Construct, shown
from service.language.rewrite import read


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """The list `name` of the construct at `holder`, before and now.

    `was` and `now` are what the entries are known by. `names` maps keys that are gone to those that lead to them.
    `pairs` maps positions now to those before; `renamed` those of entries with another key to the key before.
    """

    shape: Construct
    holder: Place
    name: str
    old: list[Any]
    new: list[Any]
    was: list[Hashable]
    now: list[Hashable]
    names: Mapping[str, str]
    pairs: Mapping[int, int]
    renamed: Mapping[int, str]

    @classmethod
    def of(cls, shape: Construct, holder: Place, name: str, old: list[Any], new: list[Any]) -> "Listing":
        """Two lists, matched."""
        names = align.renames(old, new)
        was, now = identities(shape, old), identities(shape, new)
        known = set(was)
        fresh = {after: before for before, after in reversed(names.items()) if after not in known}
        followed = {before: after for after, before in fresh.items()}
        pairs = align.pair_up([followed.get(str(one), one) for one in was], now)
        if isinstance(shape, (CaseShape, ExampleShape)):
            pairs = align.pair_rest(pairs, len(old), len(new))
        renamed = {index: fresh[str(now[index])] for index in pairs if str(now[index]) in fresh}
        return cls(
            shape=shape,
            holder=holder,
            name=name,
            old=old,
            new=new,
            was=was,
            now=now,
            names=names,
            pairs=pairs,
            renamed=renamed,
        )

    def place(self, index: int) -> Place:
        """The place of an entry that is there now."""
        return _place(self, index, self.pairs.get(index, index), self.new[index], self.now[index])

    def former_place(self, index: int) -> Place:
        """The place of an entry that was there before."""
        return _place(self, index, index, self.old[index], self.was[index])


def identities(shape: Construct, entries: Sequence[Any]) -> list[Hashable]:
    """What each entry of a list is known by."""
    if isinstance(shape, CaseShape):
        return [_condition(one) for one in entries]
    if isinstance(shape, PointShape):
        return [_start(one) for one in entries]
    if isinstance(shape, ExampleShape):
        return [title_of(one, f"#{index + 1}")["en"] for index, one in enumerate(entries)]
    return align.keys_of(entries)


def _condition(case: Any) -> Hashable:
    text = case.get("when") if isinstance(case, dict) else None
    syntax = read(text)
    return str(text) if syntax is None else fingerprint(syntax)


def _start(point: Any) -> str:
    start = point.get("from") if isinstance(point, dict) else None
    if start is None:
        return ""
    return str(start) if isinstance(start, (bool, str, dict, list)) else plain_number(start)


def _place(listing: Listing, index: int, before: int, one: Any, identity: Hashable) -> Place:
    """An entry's place, by its positions now and before; it is called by its title, else by its key."""
    shape, holder, name = listing.shape, listing.holder, listing.name
    construct = _stem(shape)
    key = str(index + 1) if isinstance(shape, CaseShape) or isinstance(identity, int) else str(identity)
    if isinstance(identity, int):
        key = f"#{key}"
    condition = one.get("when") if isinstance(shape, CaseShape) and isinstance(one, dict) else None
    title = in_both(shown(condition)) if isinstance(condition, str) else title_of(one, key or "...")
    outer = None if holder.construct in ("ruleset", "lifecycle") else holder
    path = key if outer is None else f"{outer.key}/{key}"
    pointer, former = step(step(holder.pointer, name), index), step(step(holder.former, name), before)
    return Place(construct, path, pointer, former, named(construct, title, None if outer is None else outer.name))


def _stem(shape: Construct) -> str:
    """`TagGroup` as `tag_group`."""
    return "".join(f"_{one.lower()}" if one.isupper() else one for one in shape.name).lstrip("_")
