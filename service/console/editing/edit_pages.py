"""The editor's pages: the draft as a whole, a section with its entries, and the form of one construct."""

from collections.abc import Iterable, Mapping
from typing import Any

from service.console.conditions import Group
from service.console.editing.builder import Builder
from service.console.editing.checking import at_fields, findings_of
from service.console.editing.desk import Desk, frame, open_desk, title_of
from service.console.editing.forms import Book, Field, fields_of
from service.console.editing.names import names_of
from service.console.editing.places import (
    SINGLE,
    construct_of,
    entries_of,
    id_of,
    index_of,
    key_of,
    pointer_of,
    referring,
    sections,
)
from service.console.page import Reaction, Shown, Visit
from service.console.texts import Speaker
from service.engine.describe import Description, describe
from service.language.diff import Change, can_change_decisions, compare
from service.language.instants import write_instant
from service.language.types import Type
from service.operations.authoring.drafts import editors_of

Json = dict[str, Any]
RULES = frozenset({"tags", "transitions", "tiers", "scores", "values"})
"""The sections whose rules examples can be proposed for."""
MOST_SHOWN = 60
MOST_FOUND = 50
KINDS = ("attribute", "value", "score", "tier", "tag", "stage", "since", "event", "time")
"""The kinds of names, in the order of the list to choose from."""


def show_edit(visit: Visit) -> Reaction:
    """The draft as a whole: its state, what it changes, what is wrong with it."""
    return draft_page(visit)


def show_section(visit: Visit) -> Reaction:
    """The entries of a section in their order; of what stands once, its form."""
    if visit.path["section"] in SINGLE:
        return entry_page(visit)
    return section_page(visit)


def show_entry(visit: Visit) -> Reaction:
    """The form of one construct."""
    return entry_page(visit, as_text=frozenset(filter(None, [visit.query.get("text")])))


def draft_page(visit: Visit, status: int = 200, *, is_checked: bool = False) -> Shown:
    """The draft as a whole."""
    desk = open_desk(visit, is_checked=is_checked or "check" in visit.query)
    found = findings_of(desk.document, desk.checked, visit.language)
    changes = changes_of(desk)
    draft, wanted = desk.draft, visit.query.get("q", "").strip()
    values = {
        **frame(visit, desk),
        "findings": found[:MOST_FOUND],
        "more_findings": max(0, len(found) - MOST_FOUND),
        "changes": [_told(one, visit.language) for one in changes[:MOST_SHOWN]],
        "more_changes": max(0, len(changes) - MOST_SHOWN),
        "failing": sum(one.code == "failing-example" for one in found),
        "can_decide": can_change_decisions(changes),
        "editors": editors_of(draft) if draft else [],
        "edited_at": write_instant(draft.edited_at) if draft else "",
        "wanted": wanted,
        "hits": _hits(desk, wanted) if wanted else [],
    }
    return Shown("edit.html", values, status)


def changes_of(desk: Desk) -> list[Change]:
    """What the draft changes of the version in force; nothing without a draft."""
    if desk.draft is None:
        return []
    return list(compare(desk.active.program.ruleset.document if desk.active else None, desk.document))


def _told(change: Change, language: str) -> dict[str, Any]:
    return {"sentence": change.sentence[language], "kind": change.kind, "decides": change.decides}


def _hits(desk: Desk, wanted: str) -> list[tuple[str, str, str]]:
    """The entries whose key or title holds what is looked for: section, id, title."""
    found = []
    for section in sections():
        entries = entries_of(desk.document, section)
        for index, one in enumerate(entries):
            title = title_of(one, index, desk.t)
            if wanted.casefold() in f"{title} {key_of(one) or ''}".casefold():
                found.append((section, id_of(entries, index), title))
    return found[:MOST_SHOWN]


def section_page(visit: Visit, status: int = 200, **more: Any) -> Shown:
    """The entries of a section."""
    section, desk = visit.path["section"], open_desk(visit)
    construct_of(section)
    entries, t = entries_of(desk.document, section), desk.t
    by_entry: dict[str, list[str]] = {}
    for one in findings_of(desk.document, desk.checked, visit.language):
        if one.section == section:
            by_entry.setdefault(one.entry, []).append(one.severity)
    rows = []
    for index, one in enumerate(entries):
        entry_id, held = id_of(entries, index), one if isinstance(one, dict) else {}
        rows.append(
            {
                "id": entry_id,
                "key": key_of(one),
                "title": title_of(one, index, t),
                "group": held.get("group"),
                "about": t.text(held.get("purpose") or held.get("goal") or held.get("description")),
                "severities": by_entry.get(entry_id, []),
            }
        )
    values = {
        **frame(visit, desk, section),
        "rows": rows,
        "groups": _groups(desk.document, rows, t) if section == "tags" else [(None, False, rows)],
        "tags": [(row["key"], row["title"]) for row in rows if row["key"]] if section == "tags" else [],
        "wrong": {},
        "form": visit.form,
        "needs_key": "key" in construct_of(section).members,
        **more,
    }
    return Shown("edit_section.html", values, status)


def _groups(
    document: Json, rows: list[dict[str, Any]], t: Speaker
) -> list[tuple[str | None, bool, list[dict[str, Any]]]]:
    """The tags by their groups; the order inside an exclusive one decides."""
    groups = [one for one in entries_of(document, "tag_groups") if isinstance(one, dict)]
    found = [
        (
            t.text(one.get("title"), str(one.get("key"))),
            bool(one.get("exclusive")),
            [row for row in rows if row["group"] == one.get("key")],
        )
        for one in groups
    ]
    known = {one.get("key") for one in groups}
    return [*(one for one in found if one[2]), (None, False, [row for row in rows if row["group"] not in known])]


def entry_page(
    visit: Visit,
    status: int = 200,
    *,
    trees: Mapping[str, Group] | None = None,
    as_text: frozenset[str] = frozenset(),
    wrong: str = "",
) -> Shown:
    """The form of one construct; `trees` are conditions that are being built."""
    desk = open_desk(visit, is_checked="check" in visit.query)
    section = visit.path["section"]
    construct = construct_of(section)
    entry, index, entry_id = _entry(desk.document, section, visit.path.get("entry", ""))
    program = desk.checked.reading.program if desk.checked else None
    names = names_of(desk.document, program, desk.t)
    book = Book(document=desk.document, builder=Builder(names), t=desk.t, trees=trees or {}, as_text=as_text)
    fields = fields_of(construct, entry, book)
    pointer = pointer_of(section, index)
    found = [
        one
        for one in findings_of(desk.document, desk.checked, visit.language)
        if (one.section, one.entry) == (section, entry_id)
    ]
    key = key_of(entry) if section not in SINGLE else None
    values = {
        **frame(visit, desk, section, entry_id),
        "fields": fields,
        "entry_key": key,
        "entry_title": desk.t(f"section.{section}") if section in SINGLE else title_of(entry, index or 0, desk.t),
        "by_field": at_fields(found, [one.path for one in _all(fields)]),
        "rule": f"{pointer_of(section).lstrip('/')}/{key}" if key and section in RULES else "",
        "opened": {one.path.rpartition("/expect")[0] for one in found},
        "is_checked": desk.checked is not None,
        "names": [(kind, [one for one in names if one.kind == kind]) for kind in KINDS],
        "said": _said(desk, section, key, visit.language),
        "changes": [one.sentence[visit.language] for one in changes_of(desk) if _is_in(one, pointer)],
        "users": _users(desk, section, key),
        "wrong": wrong,
        "form": visit.form,
    }
    return Shown("edit_entry.html", values, status)


def _entry(document: Json, section: str, entry_id: str) -> tuple[Any, int | None, str]:
    if section in SINGLE:
        held = document if section == "ruleset" else document.get(section)
        return held, None, ""
    entries = entries_of(document, section)
    index = index_of(entries, entry_id)
    return entries[index], index, id_of(entries, index)


def _all(fields: Iterable[Field]) -> Iterable[Field]:
    for one in fields:
        yield one
        yield from _all(one.fields)
        for row in one.rows:
            yield from _all(row)


def _is_in(change: Change, pointer: str) -> bool:
    if pointer in ("", "/lifecycle"):
        return change.construct == (pointer[1:] or "ruleset")
    return change.kind != "removed" and (change.pointer == pointer or change.pointer.startswith(f"{pointer}/"))


def _users(desk: Desk, section: str, key: str | None) -> list[tuple[str, str, str]]:
    """Who refers to an entry: section, id, title."""
    if key is None:
        return []
    found = []
    for name, entry_id in referring(desk.document, section, key):
        entries = entries_of(desk.document, name) if name in sections() else []
        title = (
            title_of(entries[index_of(entries, entry_id)], index_of(entries, entry_id), desk.t)
            if entry_id
            else desk.t("section.lifecycle")
        )
        found.append((name, entry_id, title))
    return found


def _said(desk: Desk, section: str, key: str | None, language: str) -> str:
    """What a rule says in words; nothing while the draft has errors, or for what is no rule."""
    program = desk.checked.reading.program if desk.checked else None
    if program is None or key is None:
        return ""
    said, ruleset = describe(program), program.ruleset
    if section == "tags":
        return next(said.tag(one)[language] for one in ruleset.tags if one.key == key)
    if section == "transitions" and ruleset.lifecycle:
        return next(said.transition(one)[language] for one in ruleset.lifecycle.transitions if one.key == key)
    if section == "actions":
        return next(said.action(one)[language] for one in ruleset.actions if one.key == key)
    return _value_said(said, key, language) if section == "values" else ""


def _value_said(said: Description, key: str, language: str) -> str:
    tree = said.program.rules.values.get(key)
    value = next(one for one in said.program.ruleset.values if one.key == key)
    is_condition = tree is not None and tree.type is Type.BOOLEAN and value.cases is None
    return said.condition(tree)[language] if tree is not None and is_condition else ""
