"""Two documents of a ruleset -> every difference, construct by construct and member by member.

The constructs and their members are those of the shape, so that none can be forgotten; documents may be unfinished or
wrong, and what stands where something else is expected is compared as a plain value.
Source: docs/language.md; docs/api.md, "Rulesets".
"""

from collections.abc import Mapping
from typing import Any

from service.language.constructs import StepShape, TriggerShape
from service.language.diagnostics import step
from service.language.diff import align
from service.language.diff.change import Change, Place, change_at
from service.language.diff.listing import Listing
from service.language.diff.members import Members, equal
from service.language.diff.wording import label_of, say_change, value_words
from service.language.fields import Construct, ListOf, Object
from service.language.model import Ruleset
from service.language.phrases.changes import NOUNS
from service.language.rewrite import rename_tag, ruleset_shape

Json = dict[str, Any]
MOST_ENTRIES = 5_000
"""How many entries a list may have to be compared one by one: more than any ruleset that can be published."""
ORDERED = frozenset({"case", "component", "point", "band", "transition", "action"})
"""Constructs whose order decides; of tags it does in exclusive groups."""
OPAQUE = (StepShape, TriggerShape)
"""Constructs that are compared as the plain values they are."""
SILENT = frozenset({"example"})
"""Constructs that decide nothing."""


def compare(old: Ruleset | Mapping[str, Any] | None, new: Ruleset | Mapping[str, Any] | None) -> tuple[Change, ...]:
    """Every difference, in the order of the language's members; nothing for `None` is there before, or after.

    Takes plain JSON values as the reader gives them, whatever stands in them.
    """
    return Comparison(_document(old), _document(new)).changes()


def _document(one: Any) -> Json:
    document = one.document if isinstance(one, Ruleset) else one
    return dict(document) if isinstance(document, Mapping) else {}


class Comparison:
    """Compares two documents; `found` grows."""

    def __init__(self, old: Json, new: Json) -> None:
        self.renamed = align.renames(_entries(old, "tags"), _entries(new, "tags"))
        known = {_key(one) for one in _entries(old, "tags")}
        for before, after in self.renamed.items():
            # Why: where a tag is only called otherwise, its references that follow are no change of their own.
            old = old if after in known else rename_tag(old, before, after)
        self.old, self.new = old, new
        self.exclusive = exclusive_groups(old) | exclusive_groups(new)
        self.members = Members(old, new, self.exclusive)
        self.reordered: dict[str, bool] = {}
        self.found: list[Change] = []

    def changes(self) -> tuple[Change, ...]:
        """Every difference."""
        self.construct(ruleset_shape(), Place("ruleset", "", "", "", NOUNS["ruleset"]), self.old, self.new)
        return tuple(self.found)

    def construct(self, shape: Construct, place: Place, old: Json, new: Json) -> None:
        """What differs in one construct, member by member; null is as good as absent."""
        members = shape.members
        for name in dict.fromkeys([*members, *old, *new]):
            member, was, now = members.get(name), old.get(name), new.get(name)
            if _is_collection(member, was, now):
                assert isinstance(member, ListOf)
                assert isinstance(member.inner, Object)
                self.collection(Listing.of(member.inner.construct, place, name, was or [], now or []))
            elif isinstance(member, Object) and _are(dict, was, now):
                self.single(member.construct, name, was, now)
            elif not equal(was, now):
                self.found.append(self.members.change(place, member, name, was, now))

    def single(self, shape: Construct, name: str, was: Json | None, now: Json | None) -> None:
        """A construct that stands once, the lifecycle: new, gone, or compared."""
        place = Place(name, "", step("", name), step("", name), NOUNS[name])
        if was is not None and now is not None:
            self.construct(shape, place, was, now)
        else:
            self.whole(place, "added" if was is None else "removed", was, now, decides=True)

    def collection(self, listing: Listing) -> None:
        """What differs between two lists of constructs."""
        shifted, gone = align.moved(listing.pairs), set(range(len(listing.old))) - set(listing.pairs.values())
        for index, one in enumerate(listing.new):
            place, before = listing.place(index), listing.pairs.get(index)
            if before is None:
                self.whole(place, "added", None, one, decides=self.is_deciding(place, one))
                continue
            if index in listing.renamed:
                self.rename(place, listing.renamed[index], str(listing.now[index]))
            if index in shifted:
                self.moved(listing, place, index)
            old, new = (_without_names(each, listing.names) for each in (listing.old[before], one))
            self.entry(listing.shape, place, old, new)
        for index in sorted(gone):
            place, one = listing.former_place(index), listing.old[index]
            target = listing.names.get(str(listing.was[index]))
            if target is None:
                self.whole(place, "removed", one, None, decides=self.is_deciding(place, one))
            else:
                said = say_change("merged", noun=NOUNS[place.construct], old=str(listing.was[index]), new=target)
                self.found.append(change_at(place, "removed", one, None, said, decides=True))

    def entry(self, shape: Construct, place: Place, old: Any, new: Any) -> None:
        """What differs in one entry of a list."""
        if isinstance(old, dict) and isinstance(new, dict):
            self.construct(shape, place, old, new)
        elif not equal(old, new):
            words = {"before": value_words(old), "after": value_words(new)}
            sentence = say_change("changed", name=place.name, label=label_of("value"), **words)
            self.found.append(change_at(place, "changed", old, new, sentence, decides=place.construct not in SILENT))

    def whole(self, place: Place, kind: str, old: Any, new: Any, *, decides: bool) -> None:
        """A construct that is new, or gone."""
        self.found.append(change_at(place, kind, old, new, say_change(kind, name=place.name), decides=decides))

    def rename(self, place: Place, old: str, new: str) -> None:
        """The same construct by another key, which leads to it."""
        said = say_change("renamed", noun=NOUNS[place.construct], old=old, new=new)
        self.found.append(change_at(place, "changed", old, new, said, decides=True, member="key"))

    def moved(self, listing: Listing, place: Place, index: int) -> None:
        """A construct that stands elsewhere in its list."""
        group = _key(listing.new[index], "group") if place.construct == "tag" else None
        is_rival = group is not None and self.is_reordered(listing, group)
        decides = is_rival or place.construct in ORDERED
        behind = range(index + 1, len(listing.new))
        other = next((at for at in behind if not is_rival or _key(listing.new[at], "group") == group), None)
        if other is None:
            sentence = say_change("moved/last", name=place.name)
        else:
            word = "moved/wins" if is_rival or place.construct in ("case", "transition") else "moved"
            sentence = say_change(word, name=place.name, other=listing.place(other).name)
        self.found.append(change_at(place, "moved", listing.pairs[index], index, sentence, decides=decides))

    def is_reordered(self, listing: Listing, group: str) -> bool:
        """Whether the tags of a group are others, or in another order; and whether that matters, as one is held."""
        if group in self.exclusive and group not in self.reordered:
            old, new = (
                [_key(one) for one in tags if _key(one, "group") == group] for tags in (listing.old, listing.new)
            )
            self.reordered[group] = old != new
        return self.reordered.get(group, False)

    def is_deciding(self, place: Place, one: Any) -> bool:
        """Whether it matters for decisions that a construct is there."""
        if place.construct == "tag_group":
            return _key(one) in self.exclusive
        return place.construct not in SILENT


def _is_collection(member: object, was: object, now: object) -> bool:
    if not isinstance(member, ListOf) or not isinstance(member.inner, Object):
        return False
    if isinstance(member.inner.construct, OPAQUE) or not _are(list, was, now):
        return False
    return all(not isinstance(one, list) or len(one) <= MOST_ENTRIES for one in (was, now))


def _are(kind: type, *values: object) -> bool:
    """Whether every value that is there is of the kind, and one is there."""
    return any(one is not None for one in values) and all(one is None or isinstance(one, kind) for one in values)


def _without_names(one: Any, names: Mapping[str, str]) -> Any:
    """A construct as its other members say it: a key that leads elsewhere by now is told once, not of every member."""
    if not isinstance(one, dict) or not names:
        return one
    aliases = one.get("aliases")
    kept = {"key": names.get(key, key) if isinstance(key := one.get("key"), str) else key}
    if isinstance(aliases, list):
        kept["aliases"] = [alias for alias in aliases if alias not in names] or None
    return {**one, **kept}


def _entries(document: Json, name: str) -> list[Any]:
    found = document.get(name)
    return found if isinstance(found, list) else []


def exclusive_groups(document: Json) -> frozenset[str]:
    """The keys of the groups of which a profile holds one tag at most; whatever is not `false` counts as said."""
    groups = [one for one in _entries(document, "tag_groups") if isinstance(one, dict)]
    return frozenset(key for one in groups if one.get("exclusive") not in (None, False) and (key := _key(one)))


def _key(one: Any, member: str = "key") -> str | None:
    found = one.get(member) if isinstance(one, dict) else None
    return found if isinstance(found, str) else None
