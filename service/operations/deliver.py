"""Changes of the log -> deliveries that wait -> events that are sent -> how that went: what a delivery worker does,
without the sending.

Of each profile only the earliest delivery that waits may be sent, so a failing one holds back its own profile's later
events and nobody else's. What was sent and not settled, because the process ended between, is sent again under the same
id: at least once, never lost.
Source: docs/operations.md, "Events out".
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from random import random

from service.audit.events import CONTENT_TYPE, event_id, event_text
from service.audit.rows import DeliveryRow, SubscriptionRow
from service.operations.keys import audit_row
from service.operations.ports import Caller, Reads, Unit
from service.operations.service import Service
from service.operations.signing import signed_headers
from service.operations.subscriptions import ACTIVE, PAUSED
from service.operations.wanted import is_wanted

PAGE = 500
"""The most changes that are looked at in one step."""
MOST_WAITING = 5_000
"""The most deliveries that wait for one subscription; what comes behind them waits in the log."""
LAST = 1 << 62
FIRST_WAIT, LONGEST_WAIT = 1_000, 3_600_000
DAY = 86_400_000
KEPT_DAYS = {"delivered": 7, "dead": 30}
MOST_PRUNED = 2_000
COURIER = Caller("delivery", frozenset(), "delivery")
"""Who pauses a subscription when no person does."""


@dataclass(frozen=True, slots=True)
class Parcel:
    """One delivery that is to be sent now, with the event; `None` if its change is no longer kept."""

    row: DeliveryRow
    body: bytes | None


@dataclass(frozen=True, slots=True)
class Tried:
    """How one try went: the reply's status, or why there was none."""

    parcel: Parcel
    status: int | None
    error: str | None = None

    @property
    def is_good(self) -> bool:
        """Whether the receiver has the event."""
        return self.status is not None and self.status // 100 == HTTPStatus.OK // 100


def active_subscriptions(service: Service) -> list[SubscriptionRow]:
    """The subscriptions that events are sent to."""
    return [row for row in service.store.read(lambda reads: reads.outbox.subscriptions()) if row.state == ACTIVE]


def queue_changes(service: Service, subscription: SubscriptionRow) -> bool:
    """Queue the next changes that a subscription wants; whether there may be more."""
    horizon = service.store.read(lambda reads: reads.outbox.horizon())

    def look(reads: Reads) -> tuple[int, list[DeliveryRow]] | None:
        if reads.outbox.waiting(subscription.id)[0] >= MOST_WAITING:
            return None
        found = reads.outbox.changes(subscription.position, horizon, PAGE)
        filters = json.loads(subscription.filters)
        rows = [
            DeliveryRow(subscription.id, seq, event_id(row), row.profile_id, "pending", 0, 0, None, None, None, None)
            for seq, row in found
            if is_wanted(row, filters)
        ]
        return (found[-1].seq, rows) if found else None

    found = service.store.read(look)
    if found is None:
        return False
    position, rows = found
    return service.store.write(lambda unit: unit.outbox.queue(subscription, rows, position))


def due_parcels(service: Service, subscription: str, limit: int) -> list[Parcel]:
    """What is to be sent to a subscription now, each of another profile."""
    now = service.clock()

    def job(reads: Reads) -> list[Parcel]:
        rows = reads.outbox.due(subscription, now, limit)
        changes = reads.outbox.changes_at([row.place for row in rows])
        evaluations = reads.outbox.evaluations(sorted({one.evaluation_id for one in changes.values()}))
        parcels = []
        for row in rows:
            change = changes.get(row.place)
            evaluation = change and evaluations.get(change.evaluation_id)
            body = event_text(change, evaluation) if change and evaluation and evaluation.record else None
            parcels.append(Parcel(row, body))
        return parcels

    return service.store.read(job)


def headers_for(subscription: SubscriptionRow, parcel: Parcel, now: int) -> dict[str, str]:
    """The headers that an event is sent with, signed anew for every try."""
    secrets = [subscription.secret]
    if subscription.previous_secret and (subscription.previous_until or 0) > now:
        secrets.append(subscription.previous_secret)
    return {"content-type": CONTENT_TYPE, **signed_headers(secrets, parcel.row.event_id, now, parcel.body or b"")}


def settle(service: Service, tried: Sequence[Tried], share: Callable[[], float] = random) -> list[DeliveryRow]:
    """Keep how tries went, as the rows that came of them. A receiver that is gone (410) has its subscription paused.

    `share` gives numbers from 0 up to 1, for waits that differ.
    """
    now = service.clock()
    rows = [_settled(service, one, now, share()) for one in tried]
    gone = {one.parcel.row.subscription for one in tried if one.status == HTTPStatus.GONE}

    def job(unit: Unit) -> None:
        unit.outbox.settle(rows)
        for subscription in gone:
            _pause(service, unit, subscription)

    service.store.write(job)
    return rows


def prune_deliveries(service: Service, subscription: str) -> None:
    """Forget deliveries that are over and old, some at a time."""
    now = service.clock()

    def job(unit: Unit) -> None:
        for state, days in KEPT_DAYS.items():
            unit.outbox.prune(subscription, state, now - days * DAY, MOST_PRUNED)

    service.store.write(job)


def read_lag(service: Service) -> int:
    """How late the oldest change is that was not delivered yet, in milliseconds; what is paused does not count."""

    def job(reads: Reads) -> int:
        recorded = []
        for one in reads.outbox.subscriptions():
            if one.state != ACTIVE:
                continue
            earliest = reads.outbox.waiting(one.id)[1]
            place = one.position if earliest is None else earliest - 1
            recorded += [found.row.recorded_at for found in reads.outbox.changes(place, LAST, 1)]
        return max(0, service.clock() - min(recorded)) if recorded else 0

    return service.store.read(job)


def wait_after(tries: int, share: float) -> int:
    """How long to wait after some failed tries: a second, doubling up to an hour, of which between half and all."""
    whole = min(FIRST_WAIT << min(tries - 1, 12), LONGEST_WAIT)
    return int(whole * (0.5 + share / 2))


def _settled(service: Service, one: Tried, now: int, share: float) -> DeliveryRow:
    row = one.parcel.row
    tries = row.tries + 1
    first_at = now if row.first_at is None else row.first_at
    tried = row._replace(tries=tries, first_at=first_at, last_at=now, status=one.status, error=one.error)
    if one.is_good:
        return tried._replace(state="delivered")
    rules = service.delivery
    is_over = tries >= rules.tries or now - first_at >= rules.days * DAY or one.parcel.body is None
    # Why: a receiver that is gone may come back under another URL, and then wants what it missed.
    if is_over and one.status != HTTPStatus.GONE:
        return tried._replace(state="dead")
    return tried._replace(next_at=now + wait_after(tries, share))


def _pause(service: Service, unit: Unit, subscription: str) -> None:
    row = unit.outbox.locked_subscription(subscription)
    if row is not None and row.state == ACTIVE:
        reason = "the receiver answered 410 Gone"
        unit.outbox.change_subscription(row._replace(state=PAUSED, reason=reason))
        unit.audit(audit_row(service, COURIER, "subscription.paused", row.id, {"reason": reason}))
