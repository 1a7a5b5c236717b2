"""A ruleset's document -> the document in which one tag has become part of another.

Pure: plain JSON values in, plain JSON values out; what was given stays as it was.
Source: docs/language.md, "Merging tags".
"""

from typing import Any

from service.errors import Fault, InvalidRequest
from service.language.fields import nearest
from service.language.rewrite import objects, rename_tag

Json = dict[str, Any]
HOW = ("keep", "either")
"""Whose condition counts: that of the tag that is kept, or either of the two."""
RULE: Json = {
    "on": None,
    "until": None,
    "sticky": False,
    "held_for": None,
    "expires_after": None,
    "valid_until": None,
    "manual": "allowed",
}
"""The members beside `when` that say when a tag is held, with what their absence means."""


def merge_tags(document: Json, keep: str, drop: str, when: str = "keep") -> Json:
    """The document without the tag `drop`, whose key and aliases lead to `keep` from now on.

    Every reference follows: expressions, triggers of actions, examples, a group's default. The rule of `keep` stays as
    it is, or, with `when="either"`, holds where either condition is true; the two must then be alike but for `when`.
    `InvalidRequest` where that can't be: tags that are not there, or one tag twice, or rules that can't be joined.
    """
    tags = document.get("tags")
    known = {one["key"]: one for one in objects(document, "tags") if isinstance(one.get("key"), str)}
    faults = [*_unknown(known, keep, "/keep"), *_unknown(known, drop, "/drop")]
    if not faults and keep == drop:
        faults.append(Fault("/drop", "same-tag", f"expected another tag than `{keep}` to merge into it"))
    if not faults:
        faults += _obstacles(document, known[keep], known[drop], when)
    if faults:
        raise InvalidRequest("the tags can't be merged", faults)
    assert isinstance(tags, list)
    merged = {**known[keep], "aliases": _aliases(known[keep], known[drop])}
    if when == "either":
        merged["when"] = either(known[keep]["when"], known[drop]["when"])
    kept = [merged if one is known[keep] else one for one in tags if one is not known[drop]]
    return rename_tag({**document, "tags": kept}, drop, keep)


def either(one: str, other: str) -> str:
    """Two conditions as one that holds where either does."""
    return one if one == other else f"({one}) or ({other})"


def _unknown(known: Json, key: str, pointer: str) -> list[Fault]:
    if key in known:
        return []
    near = nearest(key, known)
    advice = f"; did you mean `{near}`?" if near else ""
    return [Fault(pointer, "unknown-tag", f"the ruleset has no tag `{key}`{advice}")]


def _aliases(keep: Json, drop: Json) -> list[Any]:
    given = [one.get("aliases") for one in (keep, drop)]
    kept, dropped = (one if isinstance(one, list) else [] for one in given)
    return [*kept, drop["key"], *(one for one in dropped if one not in kept)]


def _obstacles(document: Json, keep: Json, drop: Json, when: str) -> list[Fault]:
    """Why two tags can't become one: a group's default that would get a rule, rules that don't go together."""
    defaults = {one.get("default"): one.get("key") for one in objects(document, "tag_groups")}
    if drop["key"] in defaults and defaults[drop["key"]] is not None:
        group = defaults[drop["key"]]
        what = (
            f"`{drop['key']}` is the default of group `{group}` and has no rule of its own; name another default first"
        )
        return [Fault("/drop", "default-tag", what)]
    if when != "either":
        return []
    if not all(isinstance(one.get("when"), str) for one in (keep, drop)):
        return [Fault("/when", "no-condition", "expected two tags with a condition to join")]
    others = [name for name, default in RULE.items() if _given(keep, name, default) != _given(drop, name, default)]
    if others:
        named = ", ".join(f"`{one}`" for one in others)
        return [
            Fault("/when", "unlike-rules", f"expected two rules that differ in `when` only, found others in {named}")
        ]
    return []


def _given(tag: Json, name: str, default: Any) -> Any:
    return default if tag.get(name) is None else tag[name]
