"""A draft on the desk: what is shown of it, what an edit begins from, and what comes of saving it."""

from dataclasses import dataclass, field
from typing import Any

from service.audit.rows import DraftRow
from service.console.editing.checking import Checked, check, known_check
from service.console.editing.places import entries_of, id_of, key_of, sections
from service.console.page import Visit
from service.console.texts import Speaker, speaker
from service.errors import Conflict, NotFound
from service.language.document import read_document
from service.language.pretty import pretty_text
from service.operations.authoring.drafts import read_draft_revision, save_draft
from service.operations.authoring.stamps import CHANGED, stamp
from service.operations.programs import Published
from service.operations.service import Service

Json = dict[str, Any]
EDITOR = "editor"


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """A ruleset as it is edited: its draft, else the version in force, from which the first edit begins a draft."""

    key: str
    text: str
    document: Json
    draft: DraftRow | None
    active: Published | None
    checked: Checked | None
    """What there is to say about it, if it is known already."""
    t: Speaker = field(repr=False)

    @property
    def stamp(self) -> str:
        """What names the revision on the desk; empty without a draft."""
        return stamp(self.draft) if self.draft else ""


def open_desk(visit: Visit, *, is_checked: bool = False) -> Desk:
    """The draft of the ruleset that a path names; `NotFound` if there is neither a draft nor a version."""
    service, key, t = visit.service, visit.path["key"], speaker(visit.language)
    draft = service.store.read(lambda reads: reads.governance.draft(key))
    active = active_of(service, key)
    if draft is None and active is None:
        raise NotFound(f"there is no ruleset `{key}` and no draft of one")
    text = draft.document if draft else _active_text(active)
    checked = check(text) if is_checked else known_check(text)
    return Desk(key=key, text=text, document=read_object(text), draft=draft, active=active, checked=checked, t=t)


def active_of(service: Service, key: str) -> Published | None:
    """The version of a ruleset in force, if there is one."""
    try:
        return service.programs.latest(key)
    except NotFound:
        return None


def _active_text(active: Published | None) -> str:
    return pretty_text(active.program.ruleset.document) if active else "{}"


def read_object(text: str) -> Json:
    """The JSON object that a text holds; an empty one for anything else."""
    document, _ = read_document(text)
    return document if isinstance(document, dict) else {}


def held_document(visit: Visit) -> Json:
    """The document that a form was made of: the revision that its stamp names. `Conflict` if that is not kept."""
    held = visit.form.get("etag", "")
    key = visit.path["key"]
    if not held:
        return read_object(_active_text(active_of(visit.service, key)))
    number = held.partition("-")[0]
    try:
        row = read_draft_revision(visit.service, key, int(number) if number.isdecimal() else 0)
    except NotFound:
        row = None
    if row is None or stamp(row) != held:
        raise Conflict(f"the draft of `{key}` is not at `{held}` any more: open the page again", CHANGED)
    return read_object(row.document)


def save(visit: Visit, document: Json) -> DraftRow:
    """Save a document over the draft that the form was made of. `Conflict` if that is not the newest any more."""
    held = visit.form.get("etag") or None
    return save_draft(visit.service, visit.path["key"], pretty_text(document), visit.caller, held)


def frame(visit: Visit, desk: Desk, section: str = "", entry: str = "") -> Json:
    """What every page of the editor shows around its own."""
    document, t, active = desk.document, desk.t, desk.active
    entries = entries_of(document, section) if section in sections() else []
    return {
        "key": desk.key,
        "title": t.text(document.get("title"), desk.key),
        "version": active.version if active else None,
        "is_retired": desk.key in visit.service.programs.retired(),
        "draft": desk.draft,
        "etag": desk.stamp,
        "can_edit": EDITOR in visit.caller.roles,
        "outline": [(name, len(entries_of(document, name))) for name in sections()],
        "at_section": section,
        "at_entry": entry,
        "entries": [(id_of(entries, index), title_of(one, index, t)) for index, one in enumerate(entries)],
        "counts": desk.checked.counts if desk.checked else None,
    }


def title_of(entry: Any, index: int, t: Speaker) -> str:
    """What an entry is called in a list."""
    title = entry.get("title") if isinstance(entry, dict) else None
    return t.text(title, key_of(entry) or t("edit.number", number=index + 1))
