"""The routes about work that takes longer than a request; and the reply to whoever asked for some."""

from service.api.reading import DEFAULT_LIMIT
from service.api.route import Answer, Call, as_json
from service.audit.job_rows import JobRow
from service.operations.authoring.jobs import cancel_job, job_json, list_jobs, read_job
from service.operations.authoring.kinds import readable_kinds

LAST = "~"
"""Behind every id."""


def jobs(call: Call) -> Answer:
    """`GET /v1/jobs`."""
    query = call.query
    below, limit = query.get("cursor", LAST), query.get("limit", DEFAULT_LIMIT)
    items, following = list_jobs(
        call.service, readable_kinds(call.caller.roles), query.get("ruleset"), below, limit, _language(call)
    )
    return as_json({"items": items, "next": following})


def job(call: Call) -> Answer:
    """`GET /v1/jobs/{job_id}`."""
    kinds = readable_kinds(call.caller.roles)
    return as_json(read_job(call.service, kinds, call.path["job_id"], _language(call)))


def no_job(call: Call) -> Answer:
    """`DELETE /v1/jobs/{job_id}`."""
    cancel_job(call.service, readable_kinds(call.caller.roles), call.path["job_id"], call.caller)
    return Answer(b"", 204)


def accepted(call: Call, queued: JobRow) -> Answer:
    """The answer to a request whose work was queued: the job, and where it is to be asked for."""
    return as_json(job_json(queued, _language(call)), 202, {"Location": f"/v1/jobs/{queued.id}"})


def _language(call: Call) -> str:
    found: str = call.query.get("language", call.language)
    return found
