"""Group commit: one thread owns the writing connection, takes every job that waits, runs them in one transaction,
commits once.

A caller waits until the commit that holds its job is on disk, so a reply means recorded. Under load many callers share
one commit; alone, a caller waits for nobody. Other processes are kept out by the write lock that each transaction
begins with.
Source: docs/architecture.md, "Writing".
"""

from collections.abc import Callable
from contextlib import suppress
from queue import Empty, SimpleQueue
from threading import Lock, Thread
from typing import Generic, TypeVar

from peewee import Database, PeeweeException

from service.store.database import LostRace, is_down, unavailable
from service.store.unit import Unit
from service.store.vault import Vault

MOST_JOBS = 64
"""The most jobs that share one commit, so that the first of them does not wait for ever."""
TRIES = 4
"""How often a job is run that finds what it had read changed."""

T = TypeVar("T")


class Ticket(Generic[T]):
    """A job that waits for its commit, then its result or what it raised."""

    __slots__ = ("_done", "error", "job", "result")

    def __init__(self, job: Callable[[Unit], T]) -> None:
        self.job = job
        self.result: T
        self.error: Exception | None = None
        self._done = Lock()
        self._done.acquire()

    def close(self) -> None:
        """Wake who waits."""
        self._done.release()

    def wait(self) -> T:
        """The job's result, once it is committed; or its exception."""
        self._done.acquire()
        if self.error is not None:
            raise self.error
        return self.result


class Writer:
    """The one writer of this process. Its thread starts with the first job, so it may be made before a fork."""

    def __init__(self, database: Database, unlocked: Callable[[], Vault]) -> None:
        self._database = database
        self._unlocked = unlocked
        self._queue: SimpleQueue[Ticket[object] | None] = SimpleQueue()
        self._starting = Lock()
        self._thread: Thread | None = None
        self.is_healthy = True
        """Whether the last commit reached the disk."""

    def write(self, job: Callable[[Unit], T]) -> T:
        """The result of a job, once it is on disk."""
        return self.submit(job).wait()

    def write_later(self, job: Callable[[Unit], object]) -> None:
        """Queue a job, and don't wait for it."""
        self.submit(job)

    def submit(self, job: Callable[[Unit], T]) -> Ticket[T]:
        """Queue a job, which may be run more than once and must do nothing but read and write its unit."""
        if self._thread is None:
            self._start()
        ticket = Ticket(job)
        self._queue.put(ticket)  # type: ignore[arg-type]  # a queue of jobs with any result
        return ticket

    def close(self) -> None:
        """Finish what is queued, then end the thread and its connection."""
        thread, self._thread = self._thread, None
        if thread is not None:
            self._queue.put(None)
            thread.join()

    def _start(self) -> None:
        with self._starting:
            if self._thread is None:
                self._thread = Thread(target=self._serve, name="writer", daemon=True)
                self._thread.start()

    def _serve(self) -> None:
        is_open = True
        while is_open:
            waiting = [self._queue.get()]
            while len(waiting) < MOST_JOBS:
                try:
                    waiting.append(self._queue.get_nowait())
                except Empty:
                    break
            tickets = [ticket for ticket in waiting if ticket is not None]
            is_open = len(tickets) == len(waiting)
            self._commit(tickets)
            for ticket in tickets:
                ticket.close()
        self._database.close()

    def _commit(self, tickets: list[Ticket[object]], tries: int = TRIES) -> None:
        """Run the jobs in one transaction; if one of them spoils it for the others, each in one of its own."""
        try:
            with self._database.atomic():
                unit = Unit(self._database, self._unlocked())
                for ticket in tickets:
                    _run_job(ticket, unit)
                unit.flush()
            self.is_healthy = True
        except Exception as error:  # noqa: BLE001  # Why: whatever it is belongs to the caller who waits, not to this thread
            if isinstance(error, LostRace) and tries > 1:
                for ticket in tickets:
                    self._commit([ticket], tries - 1)
            elif is_down(error):
                self._give_up(tickets, error)
            elif len(tickets) == 1:
                tickets[0].error = error
            else:
                for ticket in tickets:
                    self._commit([ticket])

    def _give_up(self, tickets: list[Ticket[object]], error: Exception) -> None:
        """Tell every caller that nothing was recorded; a connection that is stuck in its transaction is given up."""
        self.is_healthy = False
        for ticket in tickets:
            ticket.error = unavailable()
            ticket.error.__cause__ = error
        # Why not always: without a connection SQLite drops its log, and on a full disk no reader could open it again.
        with suppress(PeeweeException):
            connection = self._database.connection()  # type: ignore[no-untyped-call]
            if getattr(connection, "in_transaction", True):
                self._database.close()


def _run_job(ticket: Ticket[object], unit: Unit) -> None:
    unit.begin_job()
    ticket.error = None
    try:
        ticket.result = ticket.job(unit)
    except Exception as error:
        if unit.has_written or is_down(error):
            raise
        ticket.error = error
    else:
        unit.end_job()
