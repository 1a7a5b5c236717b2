"""The routes that say what a draft would change: by a simulation, and by watching what is decided live."""

from service.api.gate import body_value
from service.api.jobbing import accepted
from service.api.route import Answer, Call, as_json
from service.audit.job_rows import JobRow
from service.operations.authoring.shadow import end_shadow, read_shadow, start_shadow
from service.operations.authoring.simulate import simulate_draft


def simulated(call: Call) -> Answer:
    """`POST /v1/rulesets/{key}/draft/simulate`."""
    found = simulate_draft(call.service, call.path["key"], body_value(call.content), call.caller)
    return accepted(call, found) if isinstance(found, JobRow) else as_json(found)


def shadow(call: Call) -> Answer:
    """`GET /v1/rulesets/{key}/draft/shadow`."""
    return as_json(read_shadow(call.service, call.path["key"]))


def shadow_started(call: Call) -> Answer:
    """`PUT /v1/rulesets/{key}/draft/shadow`."""
    return as_json(start_shadow(call.service, call.path["key"], body_value(call.content), call.caller))


def no_shadow(call: Call) -> Answer:
    """`DELETE /v1/rulesets/{key}/draft/shadow`."""
    end_shadow(call.service, call.path["key"], call.caller)
    return Answer(b"", 204)
