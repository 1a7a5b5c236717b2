"""A person's word on a tag of a profile, decided and recorded at once: assigned, blocked, released to its rule again.

Source: docs/api.md, "Tags by hand".
"""

from collections.abc import Mapping
from typing import Any

from service.engine.decision import ManualChange
from service.errors import Fault, InvalidRequest, NotFound
from service.language.diagnostics import step
from service.language.instants import read_instant
from service.operations.evaluate import DecideOne, Request, perform
from service.operations.programs import Published
from service.operations.repeats import Reply
from service.operations.replies import json_text, reply_json
from service.operations.requests import INSTANT, Ask, plain_ask
from service.operations.service import Service
from service.operations.shapes import Shape, faults, optional

MANUAL: Shape = {
    "type": "object",
    "required": ["ruleset", "state", "reason"],
    "additionalProperties": False,
    "properties": {
        "ruleset": {"type": "string", "minLength": 1, "maxLength": 63},
        "state": {
            "type": "string",
            "enum": ["assigned", "blocked", "released"],
            "description": "Held whatever its rule says, kept away, or left to its rule again.",
        },
        "reason": {"type": "string", "minLength": 1, "maxLength": 1_000, "description": "Why; kept in the record."},
        "expires_at": {
            **optional(INSTANT),
            "description": "When the tag is left to its rule again by itself; never, if left out.",
        },
        "at": {**optional(INSTANT), "description": "The instant to decide for; now if left out."},
    },
}


def set_tag(service: Service, profile_id: str, tag: str, request: Request) -> Reply:
    """Put a person's word in place of a tag's rule, or take it back, and decide the profile on what is remembered.

    `NotFound` without such a ruleset, tag or profile; `InvalidRequest` with every fault, one of them that the ruleset
    lets nobody set the tag by hand; `Conflict` for a stale `at`.
    """

    def prepare() -> Ask:
        found = faults(MANUAL, request.body)
        if found:
            raise InvalidRequest("the request has faults", found)
        published = service.programs.active(request.member("ruleset"))
        if service.store.read(lambda reads: reads.profile(published.key, profile_id)) is None:
            raise NotFound(f"there is no profile `{profile_id}` under ruleset `{published.key}`")
        return _ask(service, published, profile_id, tag, request)

    def work(decide_one: DecideOne, ask: Ask) -> Reply:
        return Reply(json_text(reply_json(decide_one(ask))), recorded=1)

    return perform(service, request, "manual", prepare, work)


def _ask(service: Service, published: Published, profile_id: str, tag: str, request: Request) -> Ask:
    program = published.program
    key = program.aliases.get(f"tag/{tag}", tag)
    if key not in program.tags:
        raise NotFound(f"ruleset `{published.key}` has no tag `{tag}`")
    found: list[Fault] = []
    if program.tags[key].tag.manual == "no":
        found.append(Fault("", "manual-refused", f"the ruleset lets nobody set `{key}` by hand"))
    instants = _instants(published, request, found)
    at, expires_at = instants.get("at"), instants.get("expires_at")
    if expires_at is not None and request.member("state") == "released":
        found.append(Fault("/expires_at", "wrong-value", "a release has no end; leave it out"))
    elif expires_at is not None and expires_at <= (service.clock() if at is None else at):
        found.append(Fault("/expires_at", "wrong-value", "expected an instant after `at`"))
    if found:
        raise InvalidRequest("the request has faults", found)
    member = request.member
    manual = ManualChange(key, member("state"), request.caller.actor, member("reason"), expires_at)
    return plain_ask(published, profile_id, at=at, manual=manual)


def _instants(published: Published, request: Request, found: list[Fault]) -> Mapping[str, int]:
    instants: dict[str, int] = {}
    for name in ("at", "expires_at"):
        text: Any = request.member(name)
        if text is not None:
            try:
                instants[name] = read_instant(text, published.program.where)
            except ValueError:
                message = "expected an instant such as `2026-11-21T09:00:00Z`"
                found.append(Fault(step("", name), "wrong-value", message))
    return instants
