"""A question -> its report: rows of figures, as they are shown as JSON and as CSV. Long ones are jobs.

Source: docs/api.md, "Reports".
"""

from collections.abc import Mapping
from typing import Any

from service.audit.job_rows import JobRow
from service.audit.report_rows import Things
from service.language.instants import write_instant
from service.operations.auditing.reports.causes import count_causes
from service.operations.auditing.reports.counts import count_over_time
from service.operations.auditing.reports.flows import count_flows, count_movements
from service.operations.auditing.reports.question import Question, read_question
from service.operations.auditing.reports.retention import count_retention
from service.operations.auditing.reports.timelines import Progress
from service.operations.authoring.jobs import Task, Wish, add_job
from service.operations.ports import Caller, Reads
from service.operations.service import Service

KIND = "report"
MOST_AT_ONCE = 50_000
"""The most changes that a report reads while its caller waits; also the most profiles for an average."""
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "stages": ("at", "key", "value", "by", "count"),
    "tags": ("at", "key", "value", "by", "count"),
    "tiers": ("at", "key", "value", "by", "count"),
    "transitions": ("since", "key", "from", "to", "by", "movement", "cause", "count"),
    "retention": ("since", "by", "entered", "already", "reached", "missed", "open", "rate"),
    "causes": ("since", "kind", "key", "outcome", "movement", "from", "to", "cause", "rule", "count"),
}
"""The columns of each report as CSV; averages and quantiles follow."""


def make_report(
    service: Service, kind: str, query: Mapping[str, Any], progress: Progress = lambda _: None
) -> dict[str, Any]:
    """A report, as JSON values. `NotFound` without such a report or ruleset, `InvalidRequest` with every fault."""
    question = read_question(service, kind, query)
    now = service.clock()
    found = service.store.read(lambda reads: _rows(reads, kind, question, now, progress))
    begin = None if question.begin is None else write_instant(question.begin)
    return {"report": kind, "ruleset": question.ruleset, "from": begin, "to": write_instant(question.end), **found}


def is_long(service: Service, kind: str, query: Mapping[str, Any], most: int | None = None) -> bool:
    """Whether a report reads so much, `most` changes or more, that its caller had better not wait. Errors as in
    `make_report`.
    """
    question, most = read_question(service, kind, query), MOST_AT_ONCE if most is None else most
    things = [axis.things for axis in (*question.axes, question.by) if axis is not None]
    if question.entered is not None:
        things.append(question.entered[0].things)

    def job(reads: Reads) -> bool:
        if question.average or question.quantiles:
            return len(_sample(reads, question)) >= most
        return sum(_amount(reads, question, each) for each in things) >= most

    return service.store.read(job)


def queue_report(service: Service, kind: str, query: Mapping[str, Any], caller: Caller) -> JobRow:
    """Have a report made by a job; its result is the report."""
    wish = Wish(kind=KIND, ruleset=query["ruleset"], payload={"report": kind, "query": dict(query)})
    return add_job(service, wish, caller)


def run(task: Task) -> dict[str, Any]:
    """What the job does."""
    payload = task.payload
    return make_report(task.service, payload["report"], payload["query"], lambda done: task.progress(done, None))


def flat_rows(kind: str, report: Mapping[str, Any]) -> tuple[list[str], list[dict[str, Any]]]:
    """The columns and the rows of a report as a table."""
    rows = [dict(row) for name in ("rows", "movements") for row in report.get(name, ())]
    shares = sorted({share for row in rows for share in row.get("quantiles", {})})
    figures = [name for name in ("average", "average_of", "quantiles_of") if any(name in row for row in rows)]
    columns = [*COLUMNS[kind], *figures]
    for row in rows:
        row |= {f"quantile {share}": value for share, value in row.pop("quantiles", {}).items()}
    columns += [f"quantile {share}" for share in shares]
    return columns, [{name: row.get(name) for name in columns} for row in rows]


def _rows(reads: Reads, kind: str, question: Question, now: int, progress: Progress) -> dict[str, Any]:
    if kind == "transitions":
        return {"rows": count_flows(reads, question, progress), "movements": count_movements(reads, question)}
    if kind == "retention":
        return {"rows": count_retention(reads, question, now, progress)}
    return {"rows": count_causes(reads, question) if kind == "causes" else count_over_time(reads, question, progress)}


def _amount(reads: Reads, question: Question, things: Things) -> int:
    return reads.reporting.amount(question.ruleset, things, question.begin or question.end, MOST_AT_ONCE)


def _sample(reads: Reads, question: Question) -> list[str]:
    return reads.history.candidates(question.ruleset, None, 0, "", MOST_AT_ONCE)
