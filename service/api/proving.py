"""The route about what holds of a draft for every profile."""

from service.api.jobbing import accepted
from service.api.route import Answer, Call
from service.operations.authoring.prove import prove_draft


def draft_proven(call: Call) -> Answer:
    """`POST /v1/rulesets/{key}/draft/prove`."""
    return accepted(call, prove_draft(call.service, call.path["key"], call.caller))
