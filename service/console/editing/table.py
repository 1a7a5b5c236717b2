"""The editor's pages, for the table of all pages."""

from service.console.editing.accepting import act_proposals, show_proposals
from service.console.editing.draft_pages import (
    act_history,
    act_new,
    act_text,
    show_history,
    show_names,
    show_new,
    show_text,
)
from service.console.editing.edit_acting import act_edit, act_entry, act_section
from service.console.editing.edit_pages import show_edit, show_entry, show_section
from service.console.editing.losing import act_lost, show_lost
from service.console.editing.sampling import show_impact
from service.console.page import Page

EDITORS = frozenset({"editor"})
DRAFT_READERS = frozenset({"editor", "publisher", "auditor", "admin"})
EDIT = "/rulesets/{key}/edit"

EDIT_PAGES: tuple[Page, ...] = (
    Page(path="/new-ruleset", name="new_ruleset", show=show_new, act=act_new, roles=EDITORS, section="rulesets"),
    *(
        Page(path=path, name=name, show=show, act=act, roles=DRAFT_READERS, act_roles=EDITORS, section="rulesets")
        for path, name, show, act in (
            (EDIT, "edit", show_edit, act_edit),
            (f"{EDIT}/json", "edit_text", show_text, act_text),
            (f"{EDIT}/history", "edit_history", show_history, act_history),
            (f"{EDIT}/both", "edit_lost", show_lost, act_lost),
            (f"{EDIT}/proposals", "edit_proposals", show_proposals, act_proposals),
            (f"{EDIT}/names", "edit_names", show_names, None),
            (f"{EDIT}/impact", "edit_impact", show_impact, None),
            (f"{EDIT}/{{section}}", "edit_section", show_section, act_section),
            (f"{EDIT}/{{section}}/{{entry}}", "edit_entry", show_entry, act_entry),
        )
    ),
)
"""Every page of the editor; `names` is JSON, and `impact` a part of a page where a script asks for it."""
