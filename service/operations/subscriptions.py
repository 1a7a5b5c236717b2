"""Make, list, change, pause and end subscriptions to changes; each step is in the audit events.

A subscription's secret is shown once, when it is made and when it is rotated. For a day after a rotation the previous
secret signs too.
Source: docs/api.md, "Events".
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC
from typing import Any

from service.audit.rows import DeliveryRow, SubscriptionRow
from service.errors import Conflict, Fault, InvalidRequest, NotFound
from service.language.instants import read_instant, write_instant
from service.operations.keys import audit_row
from service.operations.ports import Caller, OutboxReads, Reads, Unit
from service.operations.replies import json_text
from service.operations.service import Service
from service.operations.shapes import Shape, faults, optional
from service.operations.signing import webhook_secret
from service.operations.targets import LONGEST_URL, read_target
from service.operations.wanted import FILTERS

MOST_SUBSCRIPTIONS = 100
OVERLAP = 86_400_000
"""How long the previous secret signs too, after a rotation."""
CLOCKS_DIFFER = 600_000
"""By how much the clocks of several processes may differ, at most."""
ACTIVE, PAUSED = "active", "paused"
STATES = ("pending", "delivered", "dead")

URL: Shape = {"type": "string", "minLength": 1, "maxLength": LONGEST_URL, "description": "Where events are posted to."}
DESCRIPTION: Shape = {"type": ["string", "null"], "maxLength": 200, "description": "What it is for."}
CREATE_SUBSCRIPTION: Shape = {
    "type": "object",
    "required": ["url"],
    "additionalProperties": False,
    "properties": {"url": URL, "description": DESCRIPTION, "filters": FILTERS},
}
CHANGE_SUBSCRIPTION: Shape = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "url": optional(URL),
        "description": DESCRIPTION,
        "filters": FILTERS,
        "state": {"type": ["string", "null"], "enum": [ACTIVE, PAUSED, None], "description": "Go on, or pause."},
    },
}
REPLAY: Shape = {
    "type": "object",
    "required": ["from"],
    "additionalProperties": False,
    "properties": {
        "from": {
            "type": "string",
            "minLength": 1,
            "maxLength": 64,
            "description": "The id of the first event to send again, or the instant it was recorded at, or later.",
            "examples": ["2026-11-21T09:00:00Z"],
        }
    },
}
RETRY: Shape = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "events": {
            "type": ["array", "null"],
            "minItems": 1,
            "maxItems": 1_000,
            "items": {"type": "string", "minLength": 1, "maxLength": 40},
            "description": "Ids of events; without them, all that are dead.",
        }
    },
}

_EVENT_ID = re.compile(r"([0-9A-HJKMNP-TV-Z]{26})-([0-9]{1,9})")


@dataclass(frozen=True, slots=True)
class Page:
    """Which deliveries to list: in one state or all, below a place of the log."""

    state: str | None
    below: int
    limit: int


def create_subscription(service: Service, body: object, caller: Caller) -> dict[str, Any]:
    """Make a subscription to what changes from now on; only the reply holds its `secret`."""
    wish = _checked(service, CREATE_SUBSCRIPTION, body)
    now = service.clock()
    made = SubscriptionRow(
        id=service.ids.ulid(now)[-12:].lower(),
        url=wish["url"],
        description=wish.get("description") or "",
        filters=_filters_text(wish.get("filters")),
        secret=webhook_secret(service.ids.secret()),
        previous_secret=None,
        previous_until=None,
        state=ACTIVE,
        reason=None,
        position=0,
        created_at=now,
        created_by=caller.actor,
    )

    def job(unit: Unit) -> SubscriptionRow:
        if len(unit.outbox.subscriptions()) >= MOST_SUBSCRIPTIONS:
            raise Conflict(f"there are {MOST_SUBSCRIPTIONS} subscriptions, which is the most", "too-many-subscriptions")
        row = made._replace(position=unit.outbox.last_place())
        unit.outbox.add_subscription(row)
        unit.audit(audit_row(service, caller, "subscription.created", row.id, _told(row)))
        return row

    row = service.store.write(job)
    return {"secret": row.secret, **subscription_json(row, 0)}


def list_subscriptions(service: Service) -> list[dict[str, Any]]:
    """Every subscription, without its secret."""

    def job(reads: Reads) -> list[dict[str, Any]]:
        return [subscription_json(row, reads.outbox.waiting(row.id)[0]) for row in reads.outbox.subscriptions()]

    return service.store.read(job)


def read_subscription(service: Service, subscription: str) -> dict[str, Any]:
    """One subscription, without its secret; `NotFound` if there is none."""

    def job(reads: Reads) -> dict[str, Any]:
        row = _found(reads.outbox.subscription(subscription), subscription)
        return subscription_json(row, reads.outbox.waiting(row.id)[0])

    return service.store.read(job)


def change_subscription(service: Service, subscription: str, body: object, caller: Caller) -> dict[str, Any]:
    """Change where to, which, or whether at all; what waits already is sent to the new URL."""
    wish = _checked(service, CHANGE_SUBSCRIPTION, body)
    given = {name: value for name, value in wish.items() if value is not None}

    def job(unit: Unit) -> SubscriptionRow:
        row = _found(unit.outbox.locked_subscription(subscription), subscription)
        changed = row._replace(
            url=given.get("url", row.url),
            description=given.get("description", row.description),
            filters=_filters_text(given["filters"]) if "filters" in given else row.filters,
            state=given.get("state", row.state),
            reason=None if "state" in given else row.reason,
        )
        unit.outbox.change_subscription(changed)
        unit.audit(audit_row(service, caller, "subscription.changed", row.id, _told(changed)))
        return changed

    service.store.write(job)
    return read_subscription(service, subscription)


def end_subscription(service: Service, subscription: str, caller: Caller) -> None:
    """Forget a subscription and what waits for it; `NotFound` without one."""

    def job(unit: Unit) -> None:
        row = _found(unit.outbox.subscription(subscription), subscription)
        unit.outbox.drop_subscription(row.id)
        unit.audit(audit_row(service, caller, "subscription.ended", row.id, _told(row)))

    service.store.write(job)


def rotate_secret(service: Service, subscription: str, caller: Caller) -> dict[str, Any]:
    """A new secret, which only the reply holds; the one before signs too for a day, one before that no more."""
    secret = webhook_secret(service.ids.secret())
    until = service.clock() + OVERLAP

    def job(unit: Unit) -> None:
        row = _found(unit.outbox.locked_subscription(subscription), subscription)
        changed = row._replace(secret=secret, previous_secret=row.secret, previous_until=until)
        unit.outbox.change_subscription(changed)
        unit.audit(audit_row(service, caller, "subscription.rotated", row.id, {"previous_until": write_instant(until)}))

    service.store.write(job)
    return {"secret": secret, **read_subscription(service, subscription)}


def replay_subscription(service: Service, subscription: str, body: object, caller: Caller) -> dict[str, Any]:
    """Send everything from a point of the log on once more, in order, each event under its own id."""
    start = _checked(service, REPLAY, body)["from"]
    since = _point(start)

    def job(unit: Unit) -> None:
        row = _found(unit.outbox.locked_subscription(subscription), subscription)
        unit.outbox.restart(row.id, since(unit))
        unit.audit(audit_row(service, caller, "subscription.replayed", row.id, {"from": start}))

    service.store.write(job)
    return read_subscription(service, subscription)


def retry_dead(service: Service, subscription: str, body: object, caller: Caller) -> int:
    """Send dead letters once more, now; how many there were. Later events of their profiles may have gone before."""
    events = _checked(service, RETRY, body).get("events") or []
    now = service.clock()

    def job(unit: Unit) -> int:
        row = _found(unit.outbox.locked_subscription(subscription), subscription)
        count = unit.outbox.revive(row.id, events, now)
        unit.audit(audit_row(service, caller, "subscription.retried", row.id, {"events": events, "count": count}))
        return count

    return service.store.write(job)


def list_deliveries(service: Service, subscription: str, page: Page) -> tuple[list[dict[str, Any]], int | None]:
    """A subscription's deliveries, newest first, and where the next page begins."""

    def job(reads: Reads) -> list[DeliveryRow]:
        row = _found(reads.outbox.subscription(subscription), subscription)
        return reads.outbox.deliveries(row.id, page.state, page.below, page.limit + 1)

    rows = service.store.read(job)
    following = rows[page.limit - 1].place if len(rows) > page.limit else None
    return [_delivery_json(row) for row in rows[: page.limit]], following


def subscription_json(row: SubscriptionRow, waiting: int) -> dict[str, Any]:
    """A subscription without its secrets, as JSON values; `waiting` is how many events were queued and not sent."""
    return {
        "id": row.id,
        "url": row.url,
        "description": row.description,
        "filters": json.loads(row.filters),
        "state": row.state,
        "reason": row.reason,
        "waiting": waiting,
        "previous_secret_until": row.previous_until and write_instant(row.previous_until),
        "created_at": write_instant(row.created_at),
        "created_by": row.created_by,
    }


def _delivery_json(row: DeliveryRow) -> dict[str, Any]:
    return {
        "event_id": row.event_id,
        "profile_id": row.profile_id,
        "state": row.state,
        "tries": row.tries,
        "next_try_at": write_instant(row.next_at) if row.state == "pending" else None,
        "last_try_at": row.last_at and write_instant(row.last_at),
        "status": row.status,
        "error": row.error,
    }


def _told(row: SubscriptionRow) -> dict[str, Any]:
    """What the audit events say of a subscription."""
    return {"url": row.url, "filters": json.loads(row.filters), "state": row.state}


def _filters_text(filters: Mapping[str, Any] | None) -> str:
    return json_text({name: one for name, one in (filters or {}).items() if one is not None}).decode()


def _found(row: SubscriptionRow | None, subscription: str) -> SubscriptionRow:
    if row is None:
        raise NotFound(f"there is no subscription `{subscription}`")
    return row


def _checked(service: Service, shape: Shape, body: object) -> Mapping[str, Any]:
    found = faults(shape, body)
    url = body.get("url") if isinstance(body, dict) else None
    if isinstance(url, str) and url:
        try:
            read_target(url, service.delivery.allowed)
        except ValueError as refused:
            found.append(Fault("/url", "wrong-value", str(refused)))
    if found or not isinstance(body, dict):
        raise InvalidRequest("the request has faults", found)
    return body


def _point(text: str) -> Callable[[Unit], int]:
    """What finds the place before the first change of a point, which is an event's id or an instant."""
    event = _EVENT_ID.fullmatch(text)
    if event is not None:
        return lambda unit: _before_event(unit.outbox, unit, event[1], int(event[2]))
    try:
        instant = read_instant(text, UTC)
    except ValueError:
        fault = Fault("/from", "wrong-value", "expected an event's id, or an instant such as `2026-11-21T09:00:00Z`")
        raise InvalidRequest("the request has faults", [fault]) from None
    return lambda unit: unit.outbox.place_since(instant, CLOCKS_DIFFER)


def _before_event(outbox: OutboxReads, reads: Reads, evaluation_id: str, position: int) -> int:
    evaluation = reads.evaluation(evaluation_id)
    place = None if evaluation is None else outbox.place_of(evaluation.profile_id, evaluation_id, position)
    if place is None:
        fault = Fault("/from", "wrong-value", f"there is no event `{evaluation_id}-{position}`")
        raise InvalidRequest("the request has faults", [fault])
    return place - 1
