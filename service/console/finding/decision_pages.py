"""The page "Decisions": the log by whatever it can be asked for, every filter in the address, page by page."""

from collections.abc import Mapping
from datetime import UTC
from typing import Any
from urllib.parse import urlencode

from service.audit.find_rows import Span
from service.audit.rows import PSEUDONYM
from service.console.finding.segment_pages import profile_path
from service.console.naming import Names, utc
from service.console.page import Reaction, Shown, Visit
from service.console.sheets import sheet
from service.console.telling import changed
from service.console.texts import Speaker, speaker
from service.console.trying.typed import read_moment
from service.errors import Fault, InvalidRequest, NotFound
from service.language.instants import read_instant
from service.operations.auditing.find import Filter, list_decisions
from service.operations.wanted import KINDS

HERE = "/console/decisions"
ON_A_PAGE = 25
IN_A_FILE = 1_000
CAUSES = ("first", "data", "event", "time", "expiry", "manual", "rules")
MOVEMENTS = ("promotion", "recovery", "demotion", "churn")
TRIGGERS = ("api", "batch", "bulk", "sweep", "manual", "publish")
OUTCOMES = ("assigned", "removed", "expired", "entered", "rose", "fell", "moved")
OPEN_OUTCOMES = ("kept", "absent", "waiting", "undetermined", "suppressed", "blocked", "conflict")
TEXTS: tuple[str, ...] = (
    "profile",
    "ruleset",
    "version",
    "kind",
    "key",
    "outcome",
    "cause",
    "rule",
    "movement",
    "trigger",
    "actor",
)
TEXTS += ("request_id", "from_value", "to_value")
SPANS = ("from", "to", "recorded_from", "recorded_to")
NAMED = {"profile": "profile_id", "from_value": "source", "to_value": "target"}
"""Filters that are called otherwise in the log."""
COLUMNS: tuple[str, ...] = (
    "id",
    "evaluation_id",
    "at",
    "recorded_at",
    "ruleset",
    "version",
    "profile_id",
    "kind",
    "key",
    "outcome",
)
COLUMNS += ("movement", "from", "to", "rule", "cause", "trigger", "actor", "request_id")
MOST_TEXT = 200


def show_decisions(visit: Visit) -> Reaction:
    """The form, and the decisions that fit it."""
    t = speaker(visit.language)
    chosen = {
        name: text for name in (*TEXTS, *SPANS, "include") if (text := visit.query.get(name, "").strip()[:MOST_TEXT])
    }
    wrong, following = "", None
    rows: list[dict[str, Any]] = []
    is_file = visit.query.get("format") == "csv"
    try:
        wanted = _filter(chosen, t)
        rows, following = list_decisions(
            visit.service, wanted, visit.query.get("cursor"), IN_A_FILE if is_file else ON_A_PAGE
        )
    except InvalidRequest as refused:
        wrong = "; ".join(one.message for one in refused.errors)
    if is_file and not wrong:
        return sheet("decisions", COLUMNS, [rows])
    return _page(visit, chosen, rows, following, wrong)


def _filter(chosen: Mapping[str, str], t: Speaker) -> Filter:
    """What was chosen; `InvalidRequest` for an instant that is none."""
    equal: dict[str, object] = {NAMED.get(name, name): chosen[name] for name in TEXTS if name in chosen}
    version = chosen.get("version", "")
    if version:
        equal["version"] = int(version) if version.isdecimal() and len(version) < len("1000000000") else 0
    between, recorded = (_span(chosen, SPANS[place], SPANS[place + 1], t) for place in (0, 2))
    return Filter(equal, between, chosen.get("include") == "all", recorded)


def _span(chosen: Mapping[str, str], start: str, end: str, t: Speaker) -> Span:
    return _instant(chosen.get(start), t), _instant(chosen.get(end), t)


def _instant(text: str | None, t: Speaker) -> int | None:
    """An instant of the address, in UTC where it names no offset."""
    try:
        return None if not text else read_instant(read_moment(text), UTC)
    except ValueError:
        raise InvalidRequest("the query has faults", [Fault("", "wrong-value", t("profile.no_instant"))]) from None


def _page(
    visit: Visit, chosen: Mapping[str, str], rows: list[dict[str, Any]], following: str | None, wrong: str
) -> Shown:
    t, service = speaker(visit.language), visit.service
    keys = [row.key for row in service.store.read(lambda reads: reads.rulesets())]
    program = {key: service.programs.latest(key).program for key in keys}
    address = urlencode(chosen)
    values = {
        "chosen": chosen,
        "rulesets": [(key, t.text(one.ruleset.title, key)) for key, one in program.items()],
        "kinds": KINDS,
        "causes": CAUSES,
        "movements": MOVEMENTS,
        "triggers": TRIGGERS,
        "outcomes": OUTCOMES,
        "open_outcomes": OPEN_OUTCOMES,
        "rows": [_row(visit, one) for one in rows],
        "next": f"?{address}&{urlencode({'cursor': following})}" if following else None,
        "file": f"?{address}&format=csv",
        "is_more": bool(set(chosen) - {"profile", "ruleset", "kind", "cause", "from", "to"}),
        "wrong": wrong,
    }
    return Shown("decisions.html", values, 422 if wrong else 200)


def _row(visit: Visit, one: Mapping[str, Any]) -> Mapping[str, Any]:
    """One decision in words; its version's own titles."""
    try:
        program = visit.service.programs.published(one["ruleset"], one["version"]).program
    except NotFound:
        program = visit.service.programs.latest(one["ruleset"]).program
    names = Names(program, speaker(visit.language))
    title = names.t.text(program.ruleset.title, one["ruleset"])
    return {
        **changed(names, one),
        "ruleset_title": title,
        "path": None if one["profile_id"].startswith(PSEUDONYM) else profile_path(one["profile_id"]),
        "recorded": utc(one["recorded_at"]),
    }
