"""The table of all pages, and the menu. Everything else follows from it: Flask's rules and the check of roles."""

from service.console.audit_pages import AUDIT_PAGES
from service.console.editing.accepting import act_proposals, show_proposals
from service.console.editing.draft_pages import act_history, act_new, act_text, show_history, show_names, show_new, show_text
from service.console.editing.edit_acting import act_edit, act_entry, act_section
from service.console.editing.edit_pages import show_edit, show_entry, show_section
from service.console.editing.losing import act_lost, show_lost
from service.console.editing.sampling import show_impact
from service.console.finding_pages import FINDING_MENU, FINDING_PAGES
from service.console.job_pages import act_job, show_job, show_jobs
from service.console.overviewing import show_overview
from service.console.page import EVERYBODY, Page
from service.console.peopling import act_people, show_people
from service.console.review_acting import act_review
from service.console.review_pages import show_review
from service.console.ruleset_pages import show_ruleset, show_rulesets
from service.console.settings_pages import act_settings, show_settings
from service.console.signing import act_preferences, act_sign_in, act_sign_out, show_sign_in
from service.console.subscription_pages import (
    act_subscription,
    act_subscriptions,
    show_subscription,
    show_subscriptions,
)

from service.console.version_pages import act_versions, show_versions
from service.console.watch_pages import act_watch, show_watch

ADMINS = frozenset({"admin"})
AUDITORS = frozenset({"auditor"})
KEEPERS = frozenset({"auditor", "admin"})
EDITORS = frozenset({"editor"})
EDIT = "/rulesets/{key}/edit"
REVIEWERS = frozenset({"editor", "publisher", "auditor", "admin"})
AUTHORS = frozenset({"editor", "publisher"})
PUBLISHERS = frozenset({"publisher"})

PAGES: tuple[Page, ...] = (
    Page(path="/sign-in", name="sign_in", show=show_sign_in, act=act_sign_in, roles=EVERYBODY),
    Page(path="/sign-out", name="sign_out", show=show_sign_in, act=act_sign_out, roles=EVERYBODY),
    Page(path="/preferences", name="preferences", show=show_sign_in, act=act_preferences, roles=EVERYBODY),
    Page(path="/", name="overview", show=show_overview, section="overview"),
    Page(path="/rulesets", name="rulesets", show=show_rulesets, section="rulesets"),
    Page(path="/rulesets/{key}", name="ruleset", show=show_ruleset, section="rulesets"),
    Page(
        path="/rulesets/{key}/review",
        name="review",
        show=show_review,
        act=act_review,
        roles=REVIEWERS,
        act_roles=AUTHORS,
        section="rulesets",
    ),
    Page(
        path="/rulesets/{key}/versions",
        name="versions",
        show=show_versions,
        act=act_versions,
        act_roles=PUBLISHERS,
        section="rulesets",
    ),
    Page(
        path="/rulesets/{key}/watch",
        name="watch",
        show=show_watch,
        act=act_watch,
        roles=REVIEWERS,
        act_roles=AUTHORS,
        section="rulesets",
    ),
    Page(path="/new-ruleset", name="new_ruleset", show=show_new, act=act_new, roles=EDITORS, section="rulesets"),
    *(
        Page(path=path, name=name, show=show, act=act, roles=REVIEWERS, act_roles=EDITORS, section="rulesets")
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
    *FINDING_PAGES,
    Page(path="/jobs", name="jobs", show=show_jobs, section="jobs"),
    Page(path="/jobs/{job_id}", name="job", show=show_job, act=act_job, section="jobs"),
    *AUDIT_PAGES,
    Page(
        path="/subscriptions",
        name="subscriptions",
        show=show_subscriptions,
        act=act_subscriptions,
        roles=KEEPERS,
        act_roles=ADMINS,
        section="subscriptions",
    ),
    Page(
        path="/subscriptions/{subscription_id}",
        name="subscription",
        show=show_subscription,
        act=act_subscription,
        roles=KEEPERS,
        act_roles=ADMINS,
        section="subscriptions",
    ),
    Page(path="/people", name="people", show=show_people, act=act_people, roles=ADMINS, section="people"),
    Page(path="/settings", name="settings", show=show_settings, act=act_settings, roles=ADMINS, section="settings"),
)
"""Every page."""

MENU: tuple[tuple[str, str, str, frozenset[str] | None], ...] = (
    ("overview", "overview", "home", None),
    ("rulesets", "rulesets", "rules", None),
    *FINDING_MENU,
    ("jobs", "jobs", "jobs", None),
    ("reports", "reports", "chart", REVIEWERS),
    ("audit", "audit", "shield", AUDITORS),
    ("subscriptions", "subscriptions", "send", KEEPERS),
    ("people", "people", "key", ADMINS),
    ("settings", "settings", "settings", ADMINS),
)
"""The entries of the menu: section, page, picture, and who sees it."""
