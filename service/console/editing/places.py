"""Where the constructs of a draft stand, and who refers to them. Pure; documents may be unfinished or odd.

A section is a list of constructs. An entry is known by its key; where it has none of its own, by its position, as `~3`.
"""

import re
from collections.abc import Iterator, Mapping
from copy import deepcopy
from functools import cache
from typing import Any

from service.errors import NotFound
from service.language.fields import Construct, ListOf, Object
from service.language.rewrite import rename_tag, ruleset_shape
from service.language.scalars import Expression

Json = dict[str, Any]
SINGLE = ("ruleset", "lifecycle")
"""What stands once: its own members are a form."""
REFERENCES: Mapping[tuple[str, str], str] = {
    ("TagGroup", "default"): "tags",
    ("Tag", "group"): "tag_groups",
    ("Tag", "on"): "events",
    ("Transition", "on"): "events",
    ("Transition", "from"): "stages",
    ("Transition", "to"): "stages",
    ("Lifecycle", "initial"): "stages",
    ("Trigger", "stage"): "stages",
    ("Trigger", "tag"): "tags",
    ("Trigger", "tier"): "tiers",
    ("Trigger", "band"): "bands",
    ("EventStep", "type"): "events",
    ("ManualStep", "tag"): "tags",
    ("Expect", "stage"): "stages",
    ("Expect", "actions"): "actions",
    ("ExpectedTags", "has"): "tags",
    ("ExpectedTags", "lacks"): "tags",
    ("ExpectedTags", "undetermined"): "tags",
}
"""Which section a member's keys belong to."""
ROOTS: Mapping[str, tuple[str, ...]] = {
    "attributes": ("",),
    "values": ("",),
    "scores": ("score.",),
    "tiers": ("tier.", "since.tier."),
    "tags": ("tag.", "since.tag."),
}
"""How expressions name what stands in a section."""
_QUOTED = re.compile(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"")


@cache
def sections() -> dict[str, tuple[tuple[str, ...], Construct]]:
    """Every section by name, in the language's order: where its list stands, and what it holds."""
    found: dict[str, tuple[tuple[str, ...], Construct]] = {}
    for name, member in ruleset_shape().members.items():
        if isinstance(member, ListOf) and isinstance(member.inner, Object):
            found[name] = (name,), member.inner.construct
        elif isinstance(member, Object):
            for inner, one in member.construct.members.items():
                if isinstance(one, ListOf) and isinstance(one.inner, Object):
                    found[inner] = (name, inner), one.inner.construct
    return found


def construct_of(section: str) -> Construct:
    """What a section holds, or what stands once; `NotFound` for no section."""
    if section == "ruleset":
        return ruleset_shape()
    if section == "lifecycle":
        member = ruleset_shape().members["lifecycle"]
        assert isinstance(member, Object)
        return member.construct
    if section not in sections():
        raise NotFound(f"a ruleset has no `{section}`")
    return sections()[section][1]


def entries_of(document: Json, section: str) -> list[Any]:
    """The entries of a section; none where there is no list."""
    holder: Any = document
    for name in sections()[section][0]:
        holder = holder.get(name) if isinstance(holder, dict) else None
    return holder if isinstance(holder, list) else []


def with_entries(document: Json, section: str, entries: list[Any]) -> Json:
    """The document with other entries in a section."""
    *outer, name = sections()[section][0]
    if not outer:
        return {**document, name: entries}
    held = document.get(outer[0])
    return {**document, outer[0]: {**(held if isinstance(held, dict) else {}), name: entries}}


def pointer_of(section: str, index: int | None = None) -> str:
    """The RFC 6901 pointer of a section's entry, or of what stands once."""
    if section in SINGLE:
        return "" if section == "ruleset" else "/lifecycle"
    return "/" + "/".join(sections()[section][0]) + ("" if index is None else f"/{index}")


def key_of(entry: Any) -> str | None:
    """The key of an entry that has one."""
    found = entry.get("key") if isinstance(entry, dict) else None
    return found if isinstance(found, str) and found else None


def id_of(entries: list[Any], index: int) -> str:
    """What an entry is called in a path."""
    key = key_of(entries[index])
    is_own = key is not None and [key_of(one) for one in entries].count(key) == 1
    return key if is_own and key is not None and "/" not in key else f"~{index}"


def index_of(entries: list[Any], entry_id: str) -> int:
    """Where the entry with an id stands; `NotFound` if there is none."""
    if re.fullmatch(r"~\d{1,5}", entry_id):
        if int(entry_id[1:]) < len(entries):
            return int(entry_id[1:])
    else:
        for index, one in enumerate(entries):
            if key_of(one) == entry_id:
                return index
    raise NotFound(f"the draft has no `{entry_id}` here")


def where_is(document: Json, pointer: str) -> tuple[str, str] | None:
    """The section and the entry's id that a pointer leads into; the id is empty for the section itself."""
    parts = pointer.split("/")[1:]
    for name, (path, _) in sections().items():
        if tuple(parts[: len(path)]) == path:
            rest, entries = parts[len(path) :], entries_of(document, name)
            is_entry = bool(rest) and rest[0].isdecimal() and int(rest[0]) < len(entries)
            return name, id_of(entries, int(rest[0])) if is_entry else ""
    return ("lifecycle", "") if parts[:1] == ["lifecycle"] else ("ruleset", "")


def moved(entries: list[Any], index: int, by: int, group: Any = ...) -> list[Any]:
    """The entries, one of them moved by one place; among those of its `group` only, if one is given."""
    rivals = [
        place
        for place, one in enumerate(entries)
        if group is ... or (isinstance(one, dict) and one.get("group") == group)
    ]
    at = rivals.index(index) + by
    if not 0 <= at < len(rivals):
        return entries
    found = list(entries)
    one = found.pop(index)
    found.insert(rivals[at], one)
    return found


def duplicate(entries: list[Any], index: int) -> list[Any]:
    """The entries with a copy behind one of them, by a key of its own."""
    copy = deepcopy(entries[index])
    key = key_of(copy)
    if key is not None:
        copy["key"] = free_key(entries, f"{key}_copy")
        copy.pop("aliases", None)
    return [*entries[: index + 1], copy, *entries[index + 1 :]]


def free_key(entries: list[Any], wanted: str) -> str:
    """A key that no entry has yet."""
    known = {key_of(one) for one in entries}
    numbered = (f"{wanted[:59]}_{number}" for number in range(2, len(entries) + 3))
    return next(one for one in (wanted[:63], *numbered) if one not in known)


def slug(title: str) -> str:
    """A key made of a title; empty where it has no Latin letters."""
    plain = re.sub(r"[^a-z0-9]+", "_", title.lower()).strip("_")
    return re.sub(r"^[^a-z]+", "", plain)[:63].rstrip("_")


def renamed(document: Json, section: str, index: int, key: str, *, keeps_alias: bool) -> Json:
    """The document with another key for an entry; of a tag every reference follows, and the former key stays an alias
    where it may be in use.
    """
    entries = entries_of(document, section)
    old, entry = key_of(entries[index]), dict(entries[index])
    entry["key"] = key
    if keeps_alias and old is not None and "aliases" in construct_of(section).members:
        held = entry.get("aliases")
        entry["aliases"] = [*(held if isinstance(held, list) else []), old]
    found = with_entries(document, section, [*entries[:index], entry, *entries[index + 1 :]])
    return rename_tag(found, old, key) if section == "tags" and old is not None else found


# --- who refers to an entry -----------------------------------------------------------------------


def referring(document: Json, section: str, key: str) -> list[tuple[str, str]]:
    """The entries (section, id) in which something names the entry of a section by its key; itself left out."""
    found = []
    for name, (_, construct) in sections().items():
        entries = entries_of(document, name)
        for index, one in enumerate(entries):
            is_itself = name == section and key_of(one) == key
            if not is_itself and _names(construct, one, section, key):
                found.append((name, id_of(entries, index)))
    lifecycle = document.get("lifecycle")
    if section == "stages" and isinstance(lifecycle, dict) and lifecycle.get("initial") == key:
        found.append(("lifecycle", ""))
    return found


def _names(construct: Construct, value: Any, section: str, key: str) -> bool:
    return any(_is_named(name, member, one, section, key) for name, member, one in _leaves(construct, value))


def _is_named(place: tuple[str, str], member: Any, value: Any, section: str, key: str) -> bool:
    if isinstance(member, Expression):
        return isinstance(value, str) and is_named_in(value, section, key)
    if REFERENCES.get(place) == section:
        return key == value or (isinstance(value, list) and key in value)
    held = {("Expect", "tiers"): "tiers", ("Expect", "scores"): "scores", ("Expect", "values"): "values"}.get(place)
    is_facts = place == ("Step", "attributes") and section == "attributes"
    return isinstance(value, dict) and (held == section or is_facts) and key in value


def is_named_in(text: str, section: str, key: str) -> bool:
    """Whether an expression's text names an entry of a section."""
    if section == "stages":
        return bool(re.search(r"\bstage\b", text)) and f"'{key}'" in text.replace('"', "'")
    plain = _QUOTED.sub("''", text)
    return any(re.search(rf"(?<![\w.$]){re.escape(root + key)}(?!\w)", plain) for root in ROOTS.get(section, ()))


def _leaves(construct: Construct, value: Any) -> Iterator[tuple[tuple[str, str], Any, Any]]:
    """Every member of a construct and of those in it that holds no construct, with its value."""
    for name, one in value.items() if isinstance(value, dict) else ():
        member = construct.members.get(name)
        inner = member.inner if isinstance(member, ListOf) else member
        if isinstance(inner, Object):
            for each in one if isinstance(one, list) else [one]:
                yield from _leaves(inner.construct, each)
        else:
            yield (construct.name, name), inner if not isinstance(member, ListOf) else member, one
