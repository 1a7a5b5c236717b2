"""The routes about a draft's examples: what is proposed, what is accepted, and what they do not notice."""

from service.api.gate import body_value
from service.api.jobbing import accepted
from service.api.route import Answer, Call, as_json
from service.operations.authoring.drafts import draft_json
from service.operations.authoring.examples import accept_examples, propose_examples, try_draft_mutants
from service.operations.authoring.stamps import stamp


def examples_proposed(call: Call) -> Answer:
    """`POST /v1/rulesets/{key}/draft/examples/propose`."""
    return as_json(propose_examples(call.service, call.path["key"], body_value(call.content)))


def examples_accepted(call: Call) -> Answer:
    """`POST /v1/rulesets/{key}/draft/examples/accept`."""
    draft, added = accept_examples(call.service, call.path["key"], body_value(call.content), call.caller, call.held)
    tag = {"ETag": f'"{stamp(draft)}"', "Cache-Control": "no-cache"}
    return as_json({**draft_json(draft), "added": added}, headers=tag)


def mutants_tried(call: Call) -> Answer:
    """`POST /v1/rulesets/{key}/draft/examples/mutants`."""
    return accepted(call, try_draft_mutants(call.service, call.path["key"], body_value(call.content), call.caller))
