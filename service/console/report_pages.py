"""Reports: figures of the log with a picture, tables, and a file for a spreadsheet; what takes long is a job."""

from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from service.console.page import Moved, Reaction, Sent, Shown, Visit
from service.console.report_choices import DAYS, Choices, address_of, read_choices
from service.console.report_views import View, show_report_of
from service.console.texts import speaker
from service.console.working import Work, read_work
from service.errors import InvalidRequest, NotFound
from service.language.instants import local_date
from service.operations.auditing.export_text import rows as csv_rows
from service.operations.auditing.reports.question import KINDS
from service.operations.auditing.reports.report import KIND, flat_rows, is_long, make_report, queue_report
from service.operations.authoring.jobs import cancel_job
from service.operations.tally import DAY, LITTLE, read_counts

HERE = "/console/reports"
MOST_AT_ONCE = 5_000
"""The most changes that are read while a visitor waits."""
CSV = "text/csv; charset=utf-8"


def show_reports(visit: Visit) -> Reaction:
    """The first report, of the ruleset that the address names; or the one that a job made."""
    if "job" in visit.query:
        work = read_work(visit, KIND, visit.query["job"])
        query = work.payload["query"]
        program = visit.service.programs.latest(query["ruleset"]).program
        return Moved(address_of(work.job["id"], work.payload["report"], query, program))
    first, ruleset = f"{HERE}/{KINDS[0]}", visit.query.get("ruleset")
    return Moved(f"{first}?" + urlencode({"ruleset": ruleset}) if ruleset else first)


def show_report(visit: Visit) -> Reaction:
    """One report, as the address asks for it."""
    kind = _kind(visit)
    try:
        choices = read_choices(visit, kind)
    except InvalidRequest as refused:
        plain = {name: value for name, value in visit.query.items() if name not in {"from", "to"}}
        choices = read_choices(replace(visit, query=plain), kind)
        return _page(visit, choices, wrong=[one.message for one in refused.errors])
    try:
        return _made(visit, choices)
    except InvalidRequest as refused:
        return _page(visit, choices, wrong=[one.message for one in refused.errors])


def act_report(visit: Visit) -> Reaction:
    """Have a long report made by a job, or cancel that."""
    kind = _kind(visit)
    choices = read_choices(visit, kind)
    if visit.form.get("do") == "cancel":
        cancel_job(visit.service, {KIND}, visit.query.get("job", ""), visit.caller)
        return Moved(choices.address(), "jobs.cancelled")
    job = queue_report(visit.service, kind, choices.query, visit.caller)
    return Moved(choices.address(job=job.id))


def _made(visit: Visit, choices: Choices) -> Reaction:
    if _is_impossible(choices):
        return _page(visit, choices)
    work = _work(visit, choices)
    if work is not None:
        report = work.result
    else:
        report = None if _is_slow(visit, choices) else make_report(visit.service, choices.kind, choices.query)
    if visit.query.get("format") == "csv" and report is not None:
        columns, rows = flat_rows(choices.kind, report)
        names = csv_rows(columns, [dict(zip(columns, columns, strict=True))])
        name = f'attachment; filename="{choices.kind}-{choices.program.key}.csv"'
        return Sent(names + csv_rows(columns, rows), CSV, headers={"Content-Disposition": name})
    return _page(visit, choices, report, work)


def _page(
    visit: Visit,
    choices: Choices,
    report: dict[str, Any] | None = None,
    work: Work | None = None,
    wrong: list[str] | None = None,
) -> Shown:
    t, service = speaker(visit.language), visit.service
    view = View() if report is None else show_report_of(report, choices.program, t)
    counts = None if report or wrong else read_counts(service, choices.program.key)
    more = {} if work is None else {"job": work.job["id"]}
    values = {
        "kinds": KINDS,
        "kind": choices.kind,
        "choices": choices,
        "spans": choices.spans(local_date(service.clock(), choices.program.where)),
        "days": DAYS,
        "view": view,
        "is_made": report is not None,
        "is_impossible": _is_impossible(choices),
        "work": work,
        "counts": counts,
        "csv": choices.address(format="csv", **more),
        "again": choices.address(**more),
        "wrong": wrong or [],
    }
    return Shown("report_state.html" if visit.is_fragment else "report.html", values, 422 if wrong else 200)


def _work(visit: Visit, choices: Choices) -> Work | None:
    """The job that the address names, if it makes just this report."""
    job_id = visit.query.get("job")
    if job_id is None:
        return None
    try:
        work = read_work(visit, KIND, job_id)
    except NotFound:
        return None
    return work if work.payload == {"report": choices.kind, "query": choices.query} else None


def _is_slow(visit: Visit, choices: Choices) -> bool:
    """Whether a visitor had better not wait. Why profiles are counted, too: who holds what now is looked at whole."""
    key, service = choices.program.key, visit.service
    if choices.kind == "causes":
        first = (choices.begin or 0) // DAY
        days = service.store.read(lambda reads: reads.tallies.daily(key, first))
        return sum(row.changes for row in days) > MOST_AT_ONCE
    is_many = service.store.read(lambda reads: reads.tallies.is_many(key, LITTLE))
    return is_many or is_long(service, choices.kind, choices.query, MOST_AT_ONCE)


def _is_impossible(choices: Choices) -> bool:
    """Whether the ruleset has nothing that this report is about."""
    program, kind = choices.program, choices.kind
    if kind == "stages":
        return program.lifecycle is None
    is_empty = {"tiers": not program.tiers, "tags": not program.tags, "transitions": not choices.fields["what"]}
    return is_empty.get(kind, kind == "retention" and not choices.fields["entered"])


def _kind(visit: Visit) -> str:
    kind = visit.path["report"]
    if kind not in KINDS:
        raise NotFound(f"there is no report `{kind}`")
    return kind
