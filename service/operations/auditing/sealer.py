"""The background sealer: a thread of this process that seals what waits, many times a minute.

Every process has one. As long as one of them seals, the others only look on, and whoever finds that nobody does takes
over. While nothing waits, nothing is written. Where the log contradicts itself it stops, says so, and looks again only
after a while.
Source: docs/operations.md, "Sealing".
"""

from collections.abc import Callable
from threading import Event, Thread
from typing import Protocol

from service.audit.rows import LeaseRow
from service.errors import LogBroken
from service.operations.auditing.seal import MOST_ENTRIES, seal
from service.operations.auditing.verify import count_left_out
from service.operations.service import Service

LEASE = "completeness"
DAY_MILLISECONDS = 86_400_000
FRESH_INTERVALS = 2
"""For how many intervals a checkpoint of another process says that it is at work."""
BROKEN_SECONDS = 30.0
"""How long a log that contradicts itself is left alone: each look at it holds up who writes."""


class Counts(Protocol):
    """Where the sealer tells what it did."""

    def sealed(self, entries: int) -> None:
        """Count entries that were sealed."""

    def log_broken(self) -> None:
        """Count that the log was found to contradict itself."""


class Sealer:
    """The sealer of one process. `on_error` is told why nothing could be sealed for now."""

    def __init__(self, service: Service, counts: Counts, on_error: Callable[[BaseException], None]) -> None:
        self._service = service
        self._counts = counts
        self._on_error = on_error
        self._check_at = 0
        self._fresh_milliseconds = 0.0
        self._sealed_size = 0
        self._stopping = Event()
        self._thread: Thread | None = None

    def start(self, seconds: float) -> None:
        """Seal every so many seconds, until `stop`."""
        self._fresh_milliseconds = FRESH_INTERVALS * seconds * 1000
        self._thread = Thread(target=self._run, args=(seconds,), name="sealer", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Finish the transaction in hand; what still waits is sealed by whoever comes next."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join()

    def step(self) -> int:
        """Seal what waits now, unless another process just did; how many entries."""
        total = 0
        while self._is_mine() and not self._stopping.is_set():
            done = seal(self._service)
            if done is None:
                break
            total += done.entries
            self._sealed_size = done.checkpoint.size
            self._counts.sealed(done.entries)
            if done.entries < MOST_ENTRIES:
                break
        return total

    def check(self) -> None:
        """Once a day, by one of all processes: see that nothing that was recorded is missing in the log."""
        now = self._service.clock()
        lease = LeaseRow(LEASE, self._service.ids.secret(), now + DAY_MILLISECONDS)
        if not self._service.store.write(lambda unit: unit.take_lease(lease, now)):
            return
        missing = count_left_out(self._service)
        if missing:
            raise LogBroken(
                f"expected every record in the log, found {missing} that are not; run `tagwright audit verify`"
            )

    def _is_mine(self) -> bool:
        """Whether something waits, and no other process is at work on it."""
        waiting, newest = self._service.store.read(
            lambda reads: (reads.sealing.first_waiting(), reads.sealing.newest())
        )
        if waiting is None or newest is None or newest.size == self._sealed_size:
            return waiting is not None
        return abs(self._service.clock() - newest.signed_at) >= self._fresh_milliseconds

    def _run(self, seconds: float) -> None:
        pause = seconds
        while not self._stopping.wait(pause):
            pause = seconds
            try:
                self.step()
                if self._service.clock() >= self._check_at:
                    self._check_at = self._service.clock() + DAY_MILLISECONDS
                    self.check()
            except LogBroken as error:
                pause = BROKEN_SECONDS
                self._counts.log_broken()
                self._on_error(error)
            except Exception as error:  # noqa: BLE001  # Why: the thread must outlive whatever goes wrong in one step
                self._on_error(error)
