"""The routes that decide: a request's body -> an operation -> its reply, given once per idempotency key."""

from hashlib import sha256

from service.api.gate import body_value
from service.api.problems import problem
from service.api.route import Answer, Call
from service.operations.evaluate import Request, evaluate_batch, evaluate_profile, evaluate_rulesets
from service.operations.repeats import Repeat, Reply


def evaluate_one(call: Call) -> Answer:
    """`POST /v1/rulesets/{key}/evaluate`."""
    key = call.path["key"]
    return answer_of(evaluate_profile(call.service, key, request_of(call, f"evaluate {key}")))


def evaluate_many(call: Call) -> Answer:
    """`POST /v1/rulesets/{key}/evaluate-batch`."""
    key, request_id = call.path["key"], call.caller.request_id
    request = request_of(call, f"evaluate-batch {key}")
    return answer_of(evaluate_batch(call.service, key, request, lambda error: problem(error, request_id)))


def evaluate_several(call: Call) -> Answer:
    """`POST /v1/evaluate`."""
    return answer_of(evaluate_rulesets(call.service, request_of(call, "evaluate")))


def request_of(call: Call, route: str) -> Request:
    """What a call asks an operation; `route` tells it from the same body sent elsewhere."""
    repeat = None
    if call.idempotency_key is not None:
        fingerprint = sha256(f"{route}\n".encode() + call.content).hexdigest()
        days = call.service.idempotency_days
        repeat = Repeat(call.caller.actor, call.idempotency_key, fingerprint, days)
    return Request(body=body_value(call.content), caller=call.caller, repeat=repeat)


def answer_of(reply: Reply) -> Answer:
    """A reply, and whether it was given before."""
    headers = {"Idempotency-Replayed": "true"} if reply.is_repeated else {}
    return Answer(reply.text, headers=headers, recorded=reply.recorded)
