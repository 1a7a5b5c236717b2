"""The body of an evaluate request -> one `Ask` per ruleset, or every fault of it at once.

The shapes here check requests and describe them in `openapi.yaml`. What a ruleset says about attributes is checked by
`facts`.
Source: docs/api.md, "Evaluate".
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import tzinfo
from typing import Any

from service.engine.decision import Event, ManualChange
from service.engine.facts import Facts, read_facts
from service.errors import Fault, InvalidRequest
from service.language.diagnostics import step
from service.language.instants import read_instant
from service.operations.programs import Published
from service.operations.shapes import Shape, faults, optional

MOST_ITEMS = 1_000
MOST_RULESETS = 50

INSTANT: Shape = {
    "type": "string",
    "maxLength": 64,
    "format": "date-time",
    "description": "RFC 3339; without an offset, in the ruleset's timezone.",
    "examples": ["2026-11-21T09:00:00Z"],
}
PROFILE_ID: Shape = {
    "type": "string",
    "minLength": 1,
    "maxLength": 200,
    "pattern": "^(?!erased:)[^\\u0000-\\u001f\\u007f-\\u009f]+$",
    "x-meaning": "text without control characters that does not begin with `erased:`",
    "description": "The caller's own name for the customer.",
}
PROFILE: Shape = {
    "type": "object",
    "required": ["id"],
    "additionalProperties": False,
    "properties": {
        "id": PROFILE_ID,
        "attributes": {
            "type": ["object", "null"],
            "description": "Values by the ruleset's attribute keys. They replace the stored ones; without this member "
            "the stored ones serve.",
        },
    },
}
EVENT: Shape = {
    "type": ["object", "null"],
    "required": ["type"],
    "additionalProperties": False,
    "description": "Something that happened. A type that is not declared is ignored, and the reply says so.",
    "properties": {
        "type": {"type": "string", "minLength": 1, "maxLength": 63},
        "text": {"type": ["string", "null"], "maxLength": 10_000},
        "at": {**optional(INSTANT), "description": "When it happened; the evaluation's `at` if left out."},
    },
}
ITEM_MEMBERS: Mapping[str, Shape] = {
    "profile": PROFILE,
    "event": EVENT,
    "at": {**optional(INSTANT), "description": "The instant to decide for; now if left out."},
    "merge": {
        "type": ["boolean", "null"],
        "description": "Lay the posted attributes over the stored ones instead of replacing them.",
    },
    "explain": {"type": ["boolean", "null"], "description": "Add why each rule came out as it did."},
    "decisions": {
        "type": ["string", "null"],
        "enum": ["changes", "all", None],
        "description": "List what changed (the default), or every tag, tier and stage.",
    },
    "actions": {
        "type": ["string", "null"],
        "enum": ["fire", "quiet", None],
        "description": "`quiet` records and fires no action, as for an import.",
    },
}
DRY_RUN: Shape = {"type": ["boolean", "null"], "description": "Decide and reply, and keep nothing."}
EVALUATE: Shape = {
    "type": "object",
    "required": ["profile"],
    "additionalProperties": False,
    "properties": {
        **ITEM_MEMBERS,
        "dry_run": DRY_RUN,
        "receipt": {
            "type": ["boolean", "null"],
            "description": "Add a signed promise that this evaluation will be in the log; not for dry runs.",
        },
        "version": {
            "type": ["integer", "null"],
            "minimum": 1,
            "maximum": 10**9,
            "description": "Decide with this published version; for dry runs only.",
        },
    },
}
EVALUATE_RULESETS: Shape = {
    "type": "object",
    "required": ["rulesets", "profile"],
    "additionalProperties": False,
    "properties": {
        "rulesets": {
            "type": "array",
            "minItems": 1,
            "maxItems": MOST_RULESETS,
            "uniqueItems": True,
            "items": {"type": "string"},
            "description": "Keys of rulesets: all of them are decided and recorded, or none.",
        },
        **ITEM_MEMBERS,
        "dry_run": DRY_RUN,
    },
}
ITEM: Shape = {
    "type": "object",
    "required": ["profile"],
    "additionalProperties": False,
    "properties": ITEM_MEMBERS,
}
BATCH: Shape = {
    "type": "object",
    "required": ["items"],
    "additionalProperties": False,
    "properties": {
        "items": {
            "type": "array",
            "maxItems": MOST_ITEMS,
            "items": ITEM,
            "description": "Decided in order; an item that can't be used fails alone.",
        },
        "at": {**optional(INSTANT), "description": "The instant for every item that states none; now if left out."},
        "dry_run": DRY_RUN,
    },
}
BATCH_FRAME: Shape = {
    **BATCH,
    "properties": {**BATCH["properties"], "items": {"type": "array"}},
}
"""A batch without its items, which are checked one by one so that each can fail alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """One profile to decide under one version, checked; `pointer` is its place in the body.

    `facts` stand where all attributes were posted. `at` is `None` for now, `event_at` for `at`.
    """

    published: Published
    pointer: str
    profile_id: str
    attributes: Mapping[str, object] | None
    facts: Facts | None
    event: str | None
    event_text: str | None
    event_at: int | None
    ignored_event: str | None
    at: int | None
    merge: bool
    explain: bool
    everything: bool
    quiet: bool
    manual: ManualChange | None = None

    def event_for(self, at: int) -> Event | None:
        """The event, for an evaluation at an instant."""
        if self.event is None:
            return None
        return Event(self.event, self.event_text, at if self.event_at is None else self.event_at)


def read_ask(body: object, shape: Shape, published: Published, pointer: str = "", at: int | None = None) -> Ask:
    """What a body of this shape asks of one ruleset, at `at` if it does not say; `InvalidRequest` lists every fault."""
    found = faults(shape, body, pointer)
    whole = body if isinstance(body, dict) else {}
    profile = _object(whole, "profile")
    event = _object(whole, "event")
    where = published.program.where
    own_at = _instant(whole, "at", where, pointer, found)
    event_at = _instant(event, "at", where, step(pointer, "event"), found)
    attributes = profile.get("attributes")
    is_merge = whole.get("merge") is True
    facts = None
    if isinstance(attributes, dict):
        facts = _facts(attributes, published, step(pointer, "profile"), found, is_merge=is_merge)
    if found:
        raise InvalidRequest("the request has faults", found)
    type_ = event.get("type")
    is_declared = type_ in published.events
    return Ask(
        published=published,
        pointer=pointer,
        profile_id=profile["id"],
        attributes=attributes,
        facts=None if is_merge else facts,
        event=type_ if is_declared else None,
        event_text=event.get("text"),
        event_at=event_at,
        ignored_event=None if is_declared else type_,
        at=at if own_at is None else own_at,
        merge=is_merge,
        explain=whole.get("explain") is True,
        everything=whole.get("decisions") == "all",
        quiet=whole.get("actions") == "quiet",
    )


def plain_ask(
    published: Published, profile_id: str, *, at: int | None = None, manual: ManualChange | None = None
) -> Ask:
    """What asks for a profile with nothing new, or with a person's word on one of its tags."""
    return Ask(
        published=published,
        pointer="",
        profile_id=profile_id,
        attributes=None,
        facts=None,
        event=None,
        event_text=None,
        event_at=None,
        ignored_event=None,
        at=at,
        merge=False,
        explain=False,
        everything=False,
        quiet=False,
        manual=manual,
    )


def gather(readings: list[Callable[[], Ask]]) -> list[Ask]:
    """Every ask, or the faults of all of them, each once."""
    asks: list[Ask] = []
    found: dict[Fault, None] = {}
    for reading in readings:
        try:
            asks.append(reading())
        except InvalidRequest as refused:
            found |= dict.fromkeys(refused.errors)
    if found:
        raise InvalidRequest("the request has faults", list(found))
    return asks


def read_at(body: object, where: tzinfo, pointer: str = "") -> int | None:
    """The `at` of a body that has the right shape."""
    found: list[Fault] = []
    at = _instant(body if isinstance(body, dict) else {}, "at", where, pointer, found)
    if found:
        raise InvalidRequest("the request has faults", found)
    return at


def _object(whole: Mapping[str, Any], name: str) -> dict[str, Any]:
    inside = whole.get(name)
    return inside if isinstance(inside, dict) else {}


def _instant(whole: Mapping[str, object], name: str, where: tzinfo, pointer: str, found: list[Fault]) -> int | None:
    text = whole.get(name)
    if not isinstance(text, str):
        return None
    try:
        return read_instant(text, where)
    except ValueError:
        place = step(pointer, name)
        found.append(Fault(place, "wrong-value", "expected an instant such as `2026-11-21T09:00:00Z`"))
    return None


def _facts(
    attributes: dict[str, object], published: Published, pointer: str, found: list[Fault], *, is_merge: bool
) -> Facts | None:
    """The facts, their faults added to `found`; where they are to be merged, only faults of what was posted."""
    pointer = step(pointer, "attributes")
    try:
        return read_facts(published.program, attributes, pointer)
    except InvalidRequest as refused:
        posted = tuple(f"{step(pointer, name)}/" for name in attributes)
        found += [one for one in refused.errors if not is_merge or f"{one.pointer}/".startswith(posted)]
    return None
