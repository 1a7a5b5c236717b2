"""The routes of administrators: API keys."""

from service.api.gate import body_value
from service.api.reading import DEFAULT_LIMIT
from service.api.route import Answer, Call, as_json
from service.operations.keys import create_key, list_keys, revoke_key


def new_key(call: Call) -> Answer:
    """`POST /v1/keys`."""
    made = create_key(call.service, body_value(call.content), call.caller)
    return as_json(made, 201, {"Cache-Control": "no-store"})


def keys(call: Call) -> Answer:
    """`GET /v1/keys`."""
    items, following = list_keys(call.service, call.query.get("cursor", ""), call.query.get("limit", DEFAULT_LIMIT))
    return as_json({"items": items, "next": following})


def no_key(call: Call) -> Answer:
    """`DELETE /v1/keys/{key_id}`."""
    revoke_key(call.service, call.path["key_id"], call.caller)
    return Answer(b"", 204)
