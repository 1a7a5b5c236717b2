"""The rows of the table of pages for trying, and for looking up profiles, decisions and evaluations."""

from service.console.finding.decision_pages import show_decisions
from service.console.finding.evaluation_pages import show_evaluation
from service.console.finding.profile_acting import ADMINS, TAGGERS, act_profile
from service.console.finding.profile_pages import show_profile
from service.console.finding.segment_pages import show_profiles
from service.console.page import Page
from service.console.trying.beginnings import READERS
from service.console.trying.try_pages import act_try, show_try

AUDITORS = frozenset({"auditor"})

FINDING_PAGES: tuple[Page, ...] = (
    Page(path="/rulesets/{key}/try", name="try", show=show_try, act=act_try, section="rulesets"),
    Page(path="/profiles", name="profiles", show=show_profiles, roles=READERS, section="profiles"),
    Page(
        path="/profiles/{profile_id*}",
        name="profile",
        show=show_profile,
        act=act_profile,
        roles=READERS,
        act_roles=TAGGERS | ADMINS,
        section="profiles",
    ),
    Page(path="/decisions", name="decisions", show=show_decisions, roles=AUDITORS, section="decisions"),
    Page(
        path="/evaluations/{evaluation_id}",
        name="evaluation",
        show=show_evaluation,
        roles=AUDITORS,
        section="decisions",
    ),
)
"""These pages."""

FINDING_MENU: tuple[tuple[str, str, str, frozenset[str] | None], ...] = (
    ("profiles", "profiles", "people", READERS),
    ("decisions", "decisions", "log", AUDITORS),
)
"""Their entries of the menu."""
