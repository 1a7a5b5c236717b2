"""What the editor's forms do: save an entry, rearrange it, build its conditions, mend a finding; add, move, copy and
delete entries; begin, submit and discard a draft.

Every act begins from the revision that its form was made of, and is saved over that only; who comes second sees both.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import quote

from service.console.conditions import Group
from service.console.editing.builder import Builder, changed
from service.console.editing.checking import check, fix_of, known_check, value_at, with_value
from service.console.editing.desk import active_of, held_document, save
from service.console.editing.edit_pages import draft_page, entry_page, section_page
from service.console.editing.forms import Posted, read_fields, rearranged, tree_posted
from service.console.editing.losing import lost
from service.console.editing.names import names_of
from service.console.editing.places import (
    SINGLE,
    construct_of,
    duplicate,
    entries_of,
    free_key,
    id_of,
    index_of,
    key_of,
    moved,
    referring,
    renamed,
    slug,
    with_entries,
)
from service.console.page import Moved, Reaction, Sent, Visit
from service.console.texts import speaker
from service.errors import Conflict, InvalidRequest, NotFound, RulesetRejected
from service.language.pretty import pretty_text
from service.language.scalars import KEY
from service.operations.authoring.drafts import discard_draft, save_draft
from service.operations.authoring.review import submit_draft
from service.operations.authoring.stamps import CHANGED, stamp
from service.operations.authoring.tags import merge_draft_tags

Json = dict[str, Any]
RACES = frozenset({CHANGED, "precondition-required"})


def act_edit(visit: Visit) -> Reaction:
    """Begin a draft, submit it, or discard it."""
    key, do, held = visit.path["key"], visit.form.get("do", ""), visit.form.get("etag") or None
    here = f"/console/rulesets/{key}/edit"
    if do == "start":
        active = active_of(visit.service, key)
        text = pretty_text(active.program.ruleset.document) if active else "{}"
        save_draft(visit.service, key, text, visit.caller, None)
        return Moved(here, "edit.started")
    if do == "discard":
        discard_draft(visit.service, key, visit.caller, held)
        return Moved(here if active_of(visit.service, key) else "/console/rulesets", "edit.discarded")
    if do == "submit":
        try:
            submit_draft(visit.service, key, visit.caller, held)
        except RulesetRejected:
            return draft_page(visit, 422, is_checked=True)
        return Moved(here, "edit.submitted")
    return draft_page(visit)


def act_section(visit: Visit) -> Reaction:
    """Add, move, copy or delete an entry of a section, or merge two tags; of what stands once, save its form."""
    section = visit.path["section"]
    if section in SINGLE:
        return act_entry(visit)
    construct_of(section)
    do, _, entry_id = visit.form.get("do", "").partition("|")
    if do == "merge":
        return _merge_tags(visit)
    if do == "add":
        return _add(visit, section)
    if do in ("up", "down", "duplicate", "delete"):
        return _rearrange(visit, section, do, entry_id)
    return section_page(visit)


def _rearrange(visit: Visit, section: str, do: str, entry_id: str) -> Reaction:
    document = held_document(visit)
    entries = entries_of(document, section)
    index, here = index_of(entries, entry_id), f"/console/rulesets/{visit.path['key']}/edit/{section}"
    if do in ("up", "down"):
        group = entries[index].get("group") if section == "tags" and isinstance(entries[index], dict) else ...
        found = moved(entries, index, -1 if do == "up" else 1, group)
        return saved(visit, document, with_entries(document, section, found), here)
    if do == "duplicate":
        found = duplicate(entries, index)
        there = f"{here}/{quote(id_of(found, index + 1))}"
        return saved(visit, document, with_entries(document, section, found), there, "edit.duplicated")
    key = key_of(entries[index])
    users = referring(document, section, key) if key is not None else []
    if users and visit.form.get("sure") != "yes":
        return section_page(visit, 409, doomed={"id": entry_id, "users": users})
    found = [*entries[:index], *entries[index + 1 :]]
    return saved(visit, document, with_entries(document, section, found), here, "edit.deleted")


def _add(visit: Visit, section: str) -> Reaction:
    t, form = speaker(visit.language), visit.form
    document = held_document(visit)
    entries = entries_of(document, section)
    title = {language: text for language in ("en", "zh") if (text := form.get(language, "").strip())}
    entry: Json = {"title": title} if title else {}
    if "key" in construct_of(section).members:
        key = form.get("key", "").strip() or free_key(
            entries, slug(title.get("en", "")) or f"new_{section.rstrip('s')}"
        )
        wrong = _key_fault(entries, key)
        if wrong:
            return section_page(visit, 422, wrong={"key": t(wrong, key=key)})
        entry = {"key": key, **entry}
    entry |= _beginning(section, form)
    found = with_entries(document, section, [*entries, entry])
    there = f"/console/rulesets/{visit.path['key']}/edit/{section}/{quote(id_of([*entries, entry], len(entries)))}"
    return saved(visit, document, found, there, "edit.added")


def _beginning(section: str, form: Mapping[str, str]) -> Json:
    """What a new entry needs beside its key, so that its form has something to begin with."""
    begun: dict[str, Json] = {
        "attributes": {"type": "integer"},
        "values": {"expression": ""},
        "scores": {"components": [{"key": "first", "weight": 1, "value": ""}]},
        "tiers": {"input": "", "bands": [{"key": "low"}, {"key": "high", "from": 50}]},
        "transitions": {"from": [], "to": "", "movement": "promotion"},
        "actions": {"on": [{}]},
        "examples": {"steps": [{}]},
    }
    group = form.get("group", "")
    return {**begun.get(section, {}), **({"group": group} if section == "tags" and group else {})}


def _key_fault(entries: list[Any], key: str) -> str:
    if re.fullmatch(KEY, key) is None:
        return "edit.bad_key"
    return "edit.taken_key" if key in {key_of(one) for one in entries} else ""


def _merge_tags(visit: Visit) -> Reaction:
    wish = {name: visit.form.get(name, "") for name in ("keep", "drop")} | {"when": visit.form.get("when") or "keep"}
    try:
        merge_draft_tags(visit.service, visit.path["key"], wish, visit.caller, visit.form.get("etag") or None)
    except InvalidRequest as refused:
        return section_page(visit, 422, wrong={"merge": "; ".join(one.message for one in refused.errors)})
    return Moved(f"/console/rulesets/{visit.path['key']}/edit/tags/{wish['keep']}", "edit.merged", wish)


def act_entry(visit: Visit) -> Reaction:
    """Save the form of one construct, and do what its button says."""
    section = visit.path["section"]
    do, *rest = visit.form.get("do", "save").split("|")
    where = [*rest, "", ""]
    document = _held_or_lost(visit)
    if not isinstance(document, dict):
        return document
    here = f"/console/rulesets/{visit.path['key']}/edit/{section}"
    if section in SINGLE:
        held = document if section == "ruleset" else document.get(section) or {}

        def placed(entry: Json) -> Json:
            return entry if section == "ruleset" else {**document, section: entry}

    else:
        entries = entries_of(document, section)
        index = index_of(entries, visit.path["entry"])
        held, here = entries[index], f"{here}/{quote(visit.path['entry'])}"

        def placed(entry: Json) -> Json:
            return with_entries(document, section, [*entries[:index], entry, *entries[index + 1 :]])

        if do == "rename":
            return _rename(visit, document, section, index)
    if not isinstance(held, dict):
        return Moved(here)
    checked = known_check(pretty_text(document))
    builder = Builder(names_of(document, checked.reading.program if checked else None, speaker(visit.language)))
    posted = Posted(visit.form, visit.lists, builder)
    entry = read_fields(construct_of(section), held, posted)
    if do in ("add", "remove", "up", "down"):
        if where[0].partition("/")[0] not in construct_of(section).members:
            raise NotFound(f"there is no `{where[0]}` to change here")
        return saved(visit, document, placed(rearranged(entry, do, where[0])), f"{here}#f-{where[0]}")
    if do == "fix":
        return saved(visit, document, _mended(document, placed(entry), where[0]), here)
    if do in ("row", "group", "drop", "refresh"):
        tree = tree_posted(posted, where[0])
        trees = {where[0]: tree if do == "refresh" else changed(tree, where[1], do)}
        again = read_fields(construct_of(section), held, replace(posted, builder=_Built(builder, trees)))
        return saved(visit, document, placed(again), lambda: entry_page(visit, trees=trees))
    if do in ("text", "rows"):
        as_text = frozenset(where[:1]) if do == "text" else frozenset[str]()
        return saved(visit, document, placed(entry), lambda: entry_page(visit, as_text=as_text))
    return saved(visit, document, placed(entry), here, "edit.saved")


class _Built(Builder):
    """A builder that reads some conditions as they are being built, not as they were posted."""

    def __init__(self, builder: Builder, trees: Mapping[str, Group]) -> None:
        self.names = builder.names
        self._trees = trees

    def posted(self, path: str, get: Any, lists: Any) -> Group:
        """The tree of a condition."""
        return self._trees[path] if path in self._trees else super().posted(path, get, lists)


def _rename(visit: Visit, document: Json, section: str, index: int) -> Reaction:
    key, entries = visit.form.get("key", "").strip(), entries_of(document, section)
    others = [*entries[:index], *entries[index + 1 :]]
    wrong = _key_fault(others, key)
    if wrong:
        return entry_page(visit, 422, wrong=speaker(visit.language)(wrong, key=key))
    active, old = active_of(visit.service, visit.path["key"]), key_of(entries[index])
    is_used = active is not None and old in {
        key_of(one) for one in entries_of(dict(active.program.ruleset.document), section)
    }
    found = renamed(document, section, index, key, keeps_alias=is_used)
    return saved(visit, document, found, f"/console/rulesets/{visit.path['key']}/edit/{section}/{key}", "edit.renamed")


def _mended(held: Json, document: Json, told: str) -> Json:
    """The document with one finding of the held one mended, unless what it is about was changed meanwhile."""
    found = check(pretty_text(held)).found
    number = int(told) if told.isascii() and told.isdecimal() else len(found)
    one = found[number] if number < len(found) else None
    fix = fix_of(held, one) if one else None
    if one is None or fix is None or value_at(document, one.pointer) != value_at(held, one.pointer):
        return document
    mended: Json = with_value(document, one.pointer, fix[1])
    return mended


def _held_or_lost(visit: Visit) -> Json | Reaction:
    try:
        return held_document(visit)
    except Conflict as error:
        if not visit.is_fragment:
            raise
        return _told(visit, error)


def saved(
    visit: Visit, base: Json, document: Json, then: str | Callable[[], Reaction], message: str | None = None
) -> Reaction:
    """Save a document and go on; a script is told the new stamp. Who was not the first sees what both changed."""
    is_plain = visit.is_fragment and isinstance(then, str)
    if document == base:
        return (
            Sent(b"", "text/plain", headers={"ETag": f'"{visit.form.get("etag", "")}"'})
            if is_plain
            else _then(then, None)
        )
    try:
        draft = save(visit, document)
    except Conflict as error:
        if error.code not in RACES:
            raise
        return _told(visit, error) if visit.is_fragment else lost(visit, base, document)
    if is_plain:
        return Sent(b"", "text/plain", headers={"ETag": f'"{stamp(draft)}"'})
    return _then(then, message)


def _then(then: str | Callable[[], Reaction], message: str | None) -> Reaction:
    return Moved(then, message) if isinstance(then, str) else then()


def _told(visit: Visit, error: Conflict) -> Sent:
    """Tell a script that somebody else was faster."""
    told = quote(speaker(visit.language)("edit.lost_told"))
    return Sent(error.detail.encode(), "text/plain", 409, {"X-Told": told})
