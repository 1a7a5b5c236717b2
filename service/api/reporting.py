"""The routes that make figures of the log, and that decide its evaluations again."""

from service.api.gate import body_value
from service.api.jobbing import accepted
from service.api.paging import ndjson, table
from service.api.route import CSV, NDJSON, Answer, Call, as_json
from service.operations.auditing import replay_period
from service.operations.auditing.replay import replay_evaluation
from service.operations.auditing.reports.report import flat_rows, is_long, make_report, queue_report
from service.operations.authoring.jobs import Wish, add_job


def report(call: Call) -> Answer:
    """`GET /v1/reports/{report}`. One that reads very much is made by a job, whose result it is."""
    kind = call.path["report"]
    if is_long(call.service, kind, call.query):
        return accepted(call, queue_report(call.service, kind, call.query, call.caller))
    made = make_report(call.service, kind, call.query)
    if call.accepts not in {CSV, NDJSON}:
        return as_json(made)
    columns, rows = flat_rows(kind, made)
    if call.accepts == NDJSON:
        return Answer(ndjson(rows), content_type=NDJSON)
    return Answer(table(columns, rows), content_type=f"{CSV}; charset=utf-8")


def replay_one(call: Call) -> Answer:
    """`POST /v1/evaluations/{evaluation_id}/replay`."""
    evaluation_id = call.path["evaluation_id"]
    return as_json(replay_evaluation(call.service, evaluation_id, body_value(call.content)))


def replay_many(call: Call) -> Answer:
    """`POST /v1/replays`. It is done by a job."""
    wish = body_value(call.content)
    replay_period.read_period(call.service, wish)
    return accepted(
        call,
        add_job(call.service, Wish(kind=replay_period.KIND, ruleset=wish.get("ruleset"), payload=wish), call.caller),
    )
