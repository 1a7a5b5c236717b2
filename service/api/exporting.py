"""The routes by which evidence is taken away: packs, and samples that nobody could choose."""

from service.api.gate import body_value
from service.api.jobbing import accepted
from service.api.paging import spans
from service.api.route import Answer, Call, as_json
from service.errors import Fault, InvalidRequest
from service.operations.auditing.export import export_log, read_export
from service.operations.auditing.sample import Population, sample_log

ZIP = "application/zip"
DEFAULT_SIZE = 25


def export(call: Call) -> Answer:
    """`POST /v1/audit/exports`. It is done by a job."""
    return accepted(call, export_log(call.service, body_value(call.content), call.caller))


def pack(call: Call) -> Answer:
    """`GET /v1/audit/exports/{job_id}`: the pack as a stream."""
    job_id = call.path["job_id"]
    parts = read_export(call.service, job_id, call.caller)
    return Answer(parts, 200, ZIP, {"Content-Disposition": f'attachment; filename="evidence-{job_id}.zip"'})


def sample(call: Call) -> Answer:
    """`GET /v1/audit/sample`."""
    ((begin, end),) = spans(call.query, ("from", "to"))
    if end is None:
        fault = Fault("/to", "missing-member", "expected the instant at which the period ended")
        raise InvalidRequest("the query has faults", [fault])
    population = Population(call.query.get("ruleset"), begin, end)
    return as_json(sample_log(call.service, population, call.query.get("size", DEFAULT_SIZE)))
