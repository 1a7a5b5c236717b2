"""The routes about letting content go: erasure, legal hold, retention."""

from service.api.gate import body_value
from service.api.reading import DEFAULT_LIMIT
from service.api.route import Answer, Call, as_json
from service.operations.auditing.erase import erase_profile
from service.operations.auditing.hold import end_hold, list_holds, place_hold, read_hold
from service.operations.auditing.retention import read_retention, set_retention


def erasure(call: Call) -> Answer:
    """`DELETE /v1/profiles/{profile_id}`."""
    erased = erase_profile(call.service, call.path["profile_id"], body_value(call.content), call.caller)
    return as_json(erased.to_json())


def holds(call: Call) -> Answer:
    """`GET /v1/holds`."""
    query = call.query
    items, following = list_holds(call.service, query.get("cursor", ""), query.get("limit", DEFAULT_LIMIT))
    return as_json({"items": items, "next": following})


def hold(call: Call) -> Answer:
    """`GET /v1/profiles/{profile_id}/hold`."""
    return as_json(read_hold(call.service, call.path["profile_id"]))


def new_hold(call: Call) -> Answer:
    """`PUT /v1/profiles/{profile_id}/hold`."""
    return as_json(place_hold(call.service, call.path["profile_id"], body_value(call.content), call.caller))


def no_hold(call: Call) -> Answer:
    """`DELETE /v1/profiles/{profile_id}/hold`."""
    end_hold(call.service, call.path["profile_id"], call.caller)
    return Answer(b"", 204)


def retention(call: Call) -> Answer:
    """`GET /v1/retention`."""
    return as_json(read_retention(call.service))


def new_retention(call: Call) -> Answer:
    """`PUT /v1/retention`."""
    return as_json(set_retention(call.service, body_value(call.content), call.caller))
