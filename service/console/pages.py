"""The table of all pages, and the menu. Everything else follows from it: Flask's rules and the check of roles."""

from service.console.audit_pages import AUDIT_PAGES
from service.console.editing.table import EDIT_PAGES
from service.console.finding_pages import FINDING_MENU, FINDING_PAGES
from service.console.job_pages import act_job, show_job, show_jobs
from service.console.overviewing import show_overview
from service.console.page import EVERYBODY, Page
from service.console.peopling import act_people, show_people
from service.console.review_acting import act_review
from service.console.review_pages import show_review
from service.console.ruleset_pages import show_ruleset, show_rulesets
from service.console.settings_pages import act_settings, show_settings
from service.console.signing import act_preferences, act_sign_in, act_sign_out, show_back, show_provider, show_sign_in
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
REVIEWERS = frozenset({"editor", "publisher", "auditor", "admin"})
AUTHORS = frozenset({"editor", "publisher"})
PUBLISHERS = frozenset({"publisher"})

PAGES: tuple[Page, ...] = (
    Page(path="/sign-in", name="sign_in", show=show_sign_in, act=act_sign_in, roles=EVERYBODY),
    Page(path="/sign-in/provider", name="sign_in_provider", show=show_provider, roles=EVERYBODY),
    Page(path="/sign-in/back", name="sign_in_back", show=show_back, roles=EVERYBODY),
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
    *EDIT_PAGES,
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
