"""The background sweeper: a thread of this process that sweeps while it holds the lease.

Every process has one; whoever finds something due takes the lease, a row that ends by itself, so another takes over
when this one dies. While nothing is due nothing is written.
Source: docs/operations.md, "Time".
"""

from collections.abc import Callable
from contextlib import suppress
from threading import Event, Thread
from typing import Protocol

from service.errors import ServiceError
from service.operations.service import Service
from service.operations.sweep import LEASE, Sweep, Swept, applying, read_due, sweep


class Counts(Protocol):
    """Where the sweeper tells what it did."""

    def swept(self, profiles: int, evaluations: int, failed: int) -> None:
        """Count profiles that were decided, the evaluations recorded for them, and profiles that can't be decided."""


class Sweeper:
    """The sweeper of one process. `on_error` is told why something could not be decided for now."""

    def __init__(self, service: Service, counts: Counts, on_error: Callable[[BaseException], None]) -> None:
        self._service = service
        self._counts = counts
        self._on_error = on_error
        self._holder = service.ids.ulid(service.clock())
        self._may_hold = False
        self._stopping = Event()
        self._thread: Thread | None = None

    def start(self, seconds: float) -> None:
        """Look for what is due every so many seconds, until `stop`."""
        self._thread = Thread(target=self._run, args=(seconds,), name="sweeper", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Finish the batch in hand, and give the lease back."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join()
        if self._may_hold:
            with suppress(ServiceError):
                self._service.store.write(lambda unit: unit.end_lease(LEASE, self._holder))

    def step(self) -> Swept:
        """Decide what is due now, unless another process does."""
        service, done = self._service, Swept()
        if not applying(service) and not read_due(service).profiles:
            return done

        def note(swept: Swept) -> None:
            nonlocal done
            self._counts.swept(
                swept.profiles - done.profiles, swept.evaluations - done.evaluations, swept.failed - done.failed
            )
            done = swept

        self._may_hold = True
        wish = Sweep(until=service.clock(), holder=self._holder)
        return sweep(
            service, wish, note, lambda _ruleset, _profile, error: self._on_error(error), self._stopping.is_set
        )

    def _run(self, seconds: float) -> None:
        while not self._stopping.wait(seconds):
            try:
                self.step()
            except Exception as error:  # noqa: BLE001  # Why: the thread must outlive whatever goes wrong in one step
                self._on_error(error)
