"""Every sentence of the console by name: (English, Chinese). One file for each part of it; blanks are in braces."""

from service.console.words.audit import AUDIT
from service.console.words.editing import EDITING
from service.console.words.evidence import EVIDENCE
from service.console.words.finding import FINDING
from service.console.words.frame import FRAME
from service.console.words.jobs import JOBS
from service.console.words.members import MEMBERS
from service.console.words.overview import OVERVIEW
from service.console.words.people import PEOPLE
from service.console.words.reports import REPORTS
from service.console.words.review import REVIEW
from service.console.words.rulesets import RULESETS
from service.console.words.subscriptions import SUBSCRIPTIONS
from service.console.words.trying import TRYING
from service.console.words.versions import VERSIONS

WORDS: dict[str, tuple[str, str]] = {
    **AUDIT,
    **EVIDENCE,
    **REPORTS,
    **EDITING,
    **MEMBERS,
    **FRAME,
    **JOBS,
    **OVERVIEW,
    **PEOPLE,
    **RULESETS,
    **SUBSCRIPTIONS,
    **TRYING,
    **FINDING,
    **REVIEW,
    **VERSIONS,
}
