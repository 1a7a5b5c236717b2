"""The foreman: a thread of a serving process that starts a runner in a process of its own when jobs wait.

So that a job never takes the turn of a request. Every serving process has one; only the one that holds the lease starts
runners. A runner ends by itself when nothing is left to do, and when the process that started it is gone; what a runner
that died had in hand is given to another at once.
Source: docs/operations.md, "Jobs".
"""

import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from threading import Event, Thread
from time import monotonic

from service.audit.rows import LeaseRow
from service.errors import ServiceError
from service.operations.authoring.runner import DAY, LOST_MILLISECONDS, recover_jobs
from service.operations.service import Service

LEASE = "jobs"
LEASE_MILLISECONDS = 15_000
IDLE_SECONDS = 5
"""How long a runner waits for another job before it ends."""
STOP_SECONDS = 3.0
"""How long a runner may take to put its job back."""
LONGEST_REST = 30.0
PRUNE_SECONDS = 600.0


class RunnerDied(Exception):  # not an error of ours: told to the log
    """A runner's process ended otherwise than it should."""


class Foreman:
    """The foreman of one process, who has at most `most` runners at a time; results are kept for `days`.

    `on_error` is told why something went wrong. Runners are started with the environment of this process.
    """

    def __init__(self, service: Service, most: int, days: int, on_error: Callable[[BaseException], None]) -> None:
        self._service = service
        self._most = most
        self._days = days
        self._on_error = on_error
        self._holder = ""
        self._held_until = 0
        self._runners: dict[str, subprocess.Popen[bytes]] = {}
        self._deaths = 0
        self._rest_until = 0.0
        self._pruned_at: float | None = None
        self._stopping = Event()
        self._thread: Thread | None = None

    def start(self, seconds: float) -> None:
        """Look for jobs every so many seconds, until `stop`."""
        self._thread = Thread(target=self._run, args=(seconds,), name="foreman", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the runners, which put their jobs back, and give the lease back."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join()
        for runner in self._runners.values():
            if runner.stdin is not None:
                runner.stdin.close()  # Why: a runner ends when the process that started it is gone
        until = monotonic() + STOP_SECONDS
        for runner in self._runners.values():
            try:
                runner.wait(max(0.0, until - monotonic()))
            except subprocess.TimeoutExpired:
                runner.kill()
                runner.wait()
        if self._held_until:
            with suppress(ServiceError):
                self._service.store.write(lambda unit: unit.end_lease(LEASE, self._holder))

    def step(self) -> None:
        """Look once: who has died, and what waits. While nothing does, nothing is written."""
        service, now = self._service, self._service.clock()
        self._bury()
        self._prune(now)
        (queued, _), (_, beat) = service.store.read(lambda reads: (reads.jobs.queued(), reads.jobs.running()))
        is_lost = beat is not None and beat < now - LOST_MILLISECONDS
        if not queued and not is_lost and not self._runners:
            return
        if not self._hold_lease(now):
            return
        if is_lost:
            recover_jobs(service)
        if (queued or is_lost) and len(self._runners) < self._most and monotonic() >= self._rest_until:
            self._start_runner()

    def _run(self, seconds: float) -> None:
        while not self._stopping.wait(seconds):
            try:
                self.step()
            except Exception as error:  # noqa: BLE001  # Why: the thread must outlive whatever goes wrong in one step
                self._on_error(error)

    def _start_runner(self) -> None:
        name = self._service.ids.ulid(self._service.clock())
        command = [sys.executable, "-m", "service", "work", "--with-parent", "--runner", name]
        self._runners[name] = subprocess.Popen(  # noqa: S603  # our own command
            [*command, "--idle", str(IDLE_SECONDS)], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL
        )

    def _bury(self) -> None:
        """Deal with runners that have ended, each longer rested after if it ended badly."""
        for name, runner in [*self._runners.items()]:
            code = runner.poll()
            if code is None:
                continue
            if runner.stdin is not None:
                runner.stdin.close()
            del self._runners[name]
            self._deaths = self._deaths + 1 if code else 0
            if code:
                recover_jobs(self._service, name)
                self._rest_until = monotonic() + min(2.0 ** (self._deaths - 1), LONGEST_REST)
                self._on_error(RunnerDied(f"a runner of jobs ended with code {code}"))

    def _prune(self, now: int) -> None:
        """Forget old results, now and then."""
        if self._pruned_at is None or monotonic() - self._pruned_at >= PRUNE_SECONDS:
            self._pruned_at = monotonic()
            before = now - self._days * DAY
            self._service.store.write(lambda unit: unit.jobs.prune(before))

    def _hold_lease(self, now: int) -> bool:
        self._holder = self._holder or self._service.ids.secret()  # Why: not before processes are forked
        if self._held_until - now > LEASE_MILLISECONDS // 2:
            return True
        lease = LeaseRow(LEASE, self._holder, now + LEASE_MILLISECONDS)
        if self._service.store.write(lambda unit: unit.take_lease(lease, now)):
            self._held_until = lease.until
        return now < self._held_until
