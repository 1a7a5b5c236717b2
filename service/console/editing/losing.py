"""Somebody else saved first: what they changed, what you changed, and which constructs to keep as you have them."""

from typing import Any

from service.console.editing.desk import frame, held_document, open_desk, read_object, title_of
from service.console.editing.keeping import ORDER, Unit, kept, units_of
from service.console.editing.places import SINGLE, entries_of, id_of
from service.console.page import Moved, Reaction, Shown, Visit
from service.console.texts import Speaker
from service.errors import Conflict
from service.language.diff import merge_three
from service.language.pretty import pretty_text
from service.operations.authoring.drafts import save_draft
from service.operations.authoring.stamps import CHANGED

Json = dict[str, Any]


def lost(visit: Visit, base: Json, yours: Json) -> Shown:
    """What both changed since `base`, to choose from."""
    desk = open_desk(visit)
    theirs_changes, yours_changes, conflicts = merge_three(base, desk.document, yours)
    language = visit.language
    values = {
        **frame(visit, desk),
        "theirs": [one.sentence[language] for one in theirs_changes],
        "yours": [one.sentence[language] for one in yours_changes],
        "conflicts": [one.sentence[language] for one in conflicts],
        "units": [(one, _named(one, yours, desk.document, desk.t)) for one in units_of(base, desk.document, yours)],
        "base": pretty_text(base),
        "yours_text": pretty_text(yours),
        "by": desk.draft.author if desk.draft else "",
    }
    return Shown("edit_lost.html", values, 409)


def act_lost(visit: Visit) -> Reaction:
    """Save their draft with the constructs that you keep as you have them."""
    key, form = visit.path["key"], visit.form
    theirs, base, yours = held_document(visit), read_object(form.get("base", "")), read_object(form.get("yours", ""))
    merged = kept(base, theirs, yours, frozenset(visit.lists("keep")))
    if merged != theirs:
        try:
            save_draft(visit.service, key, pretty_text(merged), visit.caller, form.get("etag") or None)
        except Conflict as error:
            if error.code != CHANGED:
                raise
            return lost(visit, theirs, merged)
    return Moved(f"/console/rulesets/{key}/edit", "edit.kept")


def show_lost(visit: Visit) -> Reaction:
    """Nothing is lost here: back to the draft."""
    return Moved(f"/console/rulesets/{visit.path['key']}/edit")


def _named(unit: Unit, yours: Json, theirs: Json, t: Speaker) -> str:
    if unit.section in SINGLE:
        return t.or_key(f"member.{unit.id}", unit.id)
    if unit.id == ORDER:
        return t("edit.order")
    for document in (yours, theirs):
        entries = entries_of(document, unit.section)
        for index, one in enumerate(entries):
            if id_of(entries, index) == unit.id:
                return title_of(one, index, t)
    return unit.id
