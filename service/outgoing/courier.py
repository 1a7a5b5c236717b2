"""The delivery worker: a thread that sends waiting events while its process holds the lease.

Every process has one, and any may take over: the lease is a row in the database that ends by itself. Subscriptions are
served side by side, and within one several profiles at once, so a slow receiver holds back nobody else's events.
Source: docs/operations.md, "Events out".
"""

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from threading import Event, Thread
from typing import Protocol

from service.audit.rows import LeaseRow, SubscriptionRow
from service.errors import ServiceError
from service.operations.deliver import (
    Parcel,
    Tried,
    active_subscriptions,
    due_parcels,
    headers_for,
    prune_deliveries,
    queue_changes,
    settle,
    wait_after,
)
from service.operations.service import Service
from service.outgoing.sender import NotSent, Sender

LEASE = "delivery"
LEASE_MILLISECONDS = 15_000
LINES, PER_LINE = 8, 8
"""How many connections one subscription has at most, and how many events go over one of them before a commit."""
MOST_SUBSCRIPTIONS = 16
"""How many subscriptions are served at the same moment."""
LONGEST_REST = 30_000
"""How long a receiver that can't be reached is left alone, at most."""
PRUNE_MILLISECONDS = 60_000


class Counts(Protocol):
    """Where the worker tells what happened."""

    def delivered(self, good: int, failed: int, dead: int) -> None:
        """Count tries that went well, that did not, and events given up."""


class Courier:
    """The worker of one process. `on_error` is told why it could not go on for now."""

    def __init__(
        self, service: Service, sender: Sender, counts: Counts, on_error: Callable[[BaseException], None]
    ) -> None:
        self._service = service
        self._sender = sender
        self._counts = counts
        self._on_error = on_error
        self._holder = ""
        self._held_until = 0
        self._stopping = Event()
        self._thread: Thread | None = None
        self._serving: dict[str, Future[None]] = {}
        self._rests: dict[str, tuple[int, int]] = {}
        self._pruned_at = 0
        self._subscriptions = ThreadPoolExecutor(MOST_SUBSCRIPTIONS, "subscription")
        self._lines = ThreadPoolExecutor(MOST_SUBSCRIPTIONS * LINES, "line")

    def start(self, seconds: float) -> None:
        """Look for work every so many seconds, until `stop`."""
        self._thread = Thread(target=self._run, args=(seconds,), name="courier", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Finish what is being sent, and give the lease back."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join()
        self._subscriptions.shutdown()
        self._lines.shutdown()
        if self._is_holder():
            with suppress(ServiceError):
                self._service.store.write(lambda unit: unit.end_lease(LEASE, self._holder))

    def step(self) -> None:
        """Look for work once, and begin it. Without an active subscription nothing is written."""
        subscriptions = active_subscriptions(self._service)
        if not subscriptions or not self._hold_lease():
            return
        for one in subscriptions:
            running = self._serving.get(one.id)
            if (running is None or running.done()) and self._service.clock() >= self._rests.get(one.id, (0, 0))[1]:
                self._serving[one.id] = self._subscriptions.submit(self._serve, one)
        self._serving = {one.id: self._serving[one.id] for one in subscriptions if one.id in self._serving}
        self._rests = {one.id: self._rests[one.id] for one in subscriptions if one.id in self._rests}
        self._prune(subscriptions)

    def finish(self) -> None:
        """Wait for what has begun."""
        for running in list(self._serving.values()):
            running.result()

    def _run(self, seconds: float) -> None:
        while not self._stopping.wait(seconds):
            try:
                self.step()
            except Exception as error:  # noqa: BLE001  # Why: the thread must outlive whatever goes wrong in one step
                self._on_error(error)

    def _hold_lease(self) -> bool:
        """Whether this process may send; the lease is written again only when half of it is over."""
        now = self._service.clock()
        self._holder = self._holder or self._service.ids.secret()  # Why: not before processes are forked
        if self._held_until - now > LEASE_MILLISECONDS // 2:
            return True
        lease = LeaseRow(LEASE, self._holder, now + LEASE_MILLISECONDS)
        if self._service.store.write(lambda unit: unit.take_lease(lease, now)):
            self._held_until = lease.until
        return self._is_holder()

    def _is_holder(self) -> bool:
        return self._service.clock() < self._held_until

    def _serve(self, subscription: SubscriptionRow) -> None:
        try:
            while not self._stopping.is_set() and self._is_holder() and self._send_some(subscription.id):
                pass
        except Exception as error:  # noqa: BLE001  # as in `_run`
            self._rest(subscription.id)  # what was sent and could not be settled is not sent again at once
            self._on_error(error)

    def _send_some(self, subscription_id: str) -> bool:
        """Queue what is new and send what is due; whether there may be more to do at once."""
        found = [one for one in active_subscriptions(self._service) if one.id == subscription_id]
        if not found:
            return False
        is_behind = queue_changes(self._service, found[0])
        parcels = due_parcels(self._service, subscription_id, LINES * PER_LINE)
        if not parcels:
            return is_behind
        tried = self._send(found[0], parcels)
        rows = settle(self._service, tried)
        good = sum(one.is_good for one in tried)
        self._counts.delivered(good, len(tried) - good, sum(row.state == "dead" for row in rows))
        if all(one.status is None for one in tried):
            self._rest(subscription_id)
        else:
            self._rests.pop(subscription_id, None)
        return good > 0

    def _send(self, subscription: SubscriptionRow, parcels: Sequence[Parcel]) -> list[Tried]:
        shares = [parcels[place::LINES] for place in range(min(LINES, len(parcels)))]
        done = [self._lines.submit(self._send_over_line, subscription, share) for share in shares]
        return [one for share in done for one in share.result()]

    def _send_over_line(self, subscription: SubscriptionRow, parcels: Sequence[Parcel]) -> list[Tried]:
        tried = []
        with self._sender.line(subscription.url) as line:
            for parcel in parcels:
                if parcel.body is None:
                    tried.append(Tried(parcel, None, "the change is no longer kept"))
                    continue
                try:
                    status = line.post(headers_for(subscription, parcel, self._service.clock()), parcel.body)
                except NotSent as why:
                    tried.append(Tried(parcel, None, str(why)))
                else:
                    tried.append(Tried(parcel, status))
        return tried

    def _rest(self, subscription_id: str) -> None:
        """Leave a receiver that can't be reached alone for a while, and longer every time."""
        rounds = self._rests.get(subscription_id, (0, 0))[0] + 1
        wait = min(wait_after(rounds, 0), LONGEST_REST)
        self._rests[subscription_id] = (rounds, self._service.clock() + wait)

    def _prune(self, subscriptions: Sequence[SubscriptionRow]) -> None:
        now = self._service.clock()
        if now - self._pruned_at >= PRUNE_MILLISECONDS:
            self._pruned_at = now
            for one in subscriptions:
                prune_deliveries(self._service, one.id)
