"""The handlers of people who sign in to the console."""

from service.api.gate import body_value
from service.api.route import Answer, Call, as_json
from service.operations.people import change_user, create_user, list_users

DEFAULT_LIMIT = 100


def make(call: Call) -> Answer:
    """`POST /v1/users`."""
    return as_json(create_user(call.service, body_value(call.content), call.caller), 201)


def people(call: Call) -> Answer:
    """`GET /v1/users`."""
    items, following = list_users(call.service, call.query.get("cursor", ""), call.query.get("limit", DEFAULT_LIMIT))
    return as_json({"items": items, "next": following})


def change(call: Call) -> Answer:
    """`PATCH /v1/users/{user_name}`."""
    return as_json(change_user(call.service, call.path["user_name"], body_value(call.content), call.caller))
