"""Queued jobs -> results: one runner takes one job at a time, as long as it is wanted.

While a job runs, a thread beside it tells the store that it is alive and how far it is, at most twice a second, and
listens whether it is to end. A job whose runner died is begun again once, then it fails and says so.
Source: docs/operations.md, "Jobs".
"""

import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from threading import Event, Thread
from time import monotonic, sleep
from typing import Any

import orjson

from service.audit.job_rows import JobRow
from service.errors import ServiceError, Unavailable
from service.operations.authoring.jobs import Interrupted, Kind, Task, error_text
from service.operations.ports import Unit
from service.operations.replies import json_text
from service.operations.service import Service

BEAT_SECONDS = 0.5
ALIVE_SECONDS = 2.0
"""How often a job that makes no progress is said to be alive."""
LOST_MILLISECONDS = 30_000
"""After how long without a sign of life a runner is taken for dead."""
MOST_TRIES = 2
GRACE_SECONDS = 1.0
"""How long a job may go on after it was told to end."""
LOOK_SECONDS = 0.5
FINISH_TRIES = 10
DAY = 86_400_000
DIED = error_text(
    "runner-died",
    f"the process that did this ended {MOST_TRIES} times before it was done; its log, or the machine's, says why",
    f"执行该任务的进程在完成之前结束了 {MOST_TRIES} 次；原因见其日志或系统日志",
)

OnError = Callable[[str, BaseException], None]
"""Is told which job had a mistake of ours, and what it was."""


def recover_jobs(service: Service, dead: str = "") -> None:
    """Give the jobs of runners that are dead to others, or fail them; `dead` is one that is known to be."""
    now = service.clock()
    lost = (now - LOST_MILLISECONDS, dead)
    service.store.write(lambda unit: unit.jobs.recover(lost, MOST_TRIES, DIED, now))


class Runner:
    """One runner, known by a name that no other has. Set `stopping` to have it end; its job goes back to the queue.

    `on_stuck` is called when a job did not end though it was told to: the process is to end then.
    """

    def __init__(
        self,
        service: Service,
        name: str,
        kinds: Mapping[str, Kind],
        on_error: OnError,
        on_stuck: Callable[[], None] = lambda: None,
    ) -> None:
        self._service = service
        self._name = name
        self._kinds = kinds
        self._on_error = on_error
        self._on_stuck = on_stuck
        self.stopping = Event()

    def run(self, idle_seconds: float | None = None) -> int:
        """Do whatever is queued until `stopping`, or until nothing was queued for some time; how many jobs were
        begun.
        """
        count, since = 0, monotonic()
        while not self.stopping.is_set():
            try:
                found = self.step()
            except Unavailable as error:
                self._on_error("", error)
                found = False
            if found:
                count, since = count + 1, monotonic()
            elif idle_seconds is not None and monotonic() - since >= idle_seconds:
                break
            else:
                self.stopping.wait(LOOK_SECONDS)
        return count

    def step(self) -> bool:
        """Do one job; false if none waits."""
        service, now = self._service, self._service.clock()
        queued, (_, beat) = service.store.read(lambda reads: (reads.jobs.queued(), reads.jobs.running()))
        if beat is not None and beat < now - LOST_MILLISECONDS:
            recover_jobs(service)
        elif not queued[0]:
            return False
        job = service.store.write(lambda unit: unit.jobs.take(sorted(self._kinds), self._name, service.clock()))
        if job is None:
            return False
        self._do(job, self._kinds[job.kind])
        return True

    def _do(self, job: JobRow, kind: Kind) -> None:
        pulse = _Pulse(self._service, job, self.stopping, self._on_stuck)
        task = Task(service=self._service, job=job, payload=orjson.loads(job.payload), progress=pulse.progress)
        ended = job._replace(state="failed")
        result: Any = None
        pulse.start()
        try:
            result = kind.run(task)
            ended = job._replace(state="done")
        except Interrupted:
            pass
        except ServiceError as refused:
            ended = ended._replace(error=error_text("refused", refused.detail, refused.detail))
        except Exception as error:  # noqa: BLE001  # Why: the runner must outlive whatever is wrong with one job
            self._on_error(job.id, error)
            ended = ended._replace(error=_mistake(job.id))
        word = pulse.end()
        if ended.state == "failed" and ended.error is None:
            _give_up(self._service, job, word)
        else:
            self._keep(ended._replace(done=pulse.done, total=pulse.total), result, kind)

    def _keep(self, job: JobRow, result: Any, kind: Kind) -> None:
        """Keep how a job ended, though the database may be away for a moment."""
        now = self._service.clock()

        def work(unit: Unit) -> None:
            text = json_text(kind.settle(unit, result)).decode() if job.state == "done" else None
            unit.jobs.finish(job._replace(result=text, finished_at=now))

        for _ in range(FINISH_TRIES):
            try:
                return self._service.store.write(work)
            except Unavailable as error:
                self._on_error(job.id, error)
                sleep(LOOK_SECONDS)
        return None


class _Pulse:
    """The thread beside a job: signs of life, progress, and whether it is to end."""

    def __init__(self, service: Service, job: JobRow, stopping: Event, on_stuck: Callable[[], None]) -> None:
        self._service = service
        self._job = job
        self._stopping = stopping
        self._on_stuck = on_stuck
        self._over = Event()
        self._word = "go"
        self._thread = Thread(target=self._run, name="pulse", daemon=True)
        self.done = 0
        self.total: int | None = None

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def end(self) -> str:
        """End; why the job was to end, or `go`."""
        self._over.set()
        self._thread.join()
        return "stop" if self._word == "go" and self._stopping.is_set() else self._word

    def progress(self, done: int, total: int | None = None) -> None:
        """What a job tells; see `Progress`."""
        self.done, self.total = done, total
        if self._word != "go" or self._stopping.is_set():
            raise Interrupted

    def _run(self) -> None:
        told: tuple[int, int | None] = (0, None)
        told_at = monotonic()
        while not self._over.wait(BEAT_SECONDS):
            if self._word != "go" or self._stopping.is_set():
                self._wait_for_the_end()
                return
            now = (self.done, self.total)
            with suppress(ServiceError):  # Why: while the database is away nobody can want anything of the job
                if now != told or monotonic() - told_at >= ALIVE_SECONDS:
                    self._service.store.write(self._beat)
                    told, told_at = now, monotonic()
                self._word = self._service.store.read(lambda reads: reads.jobs.word(self._job))

    def _beat(self, unit: Unit) -> None:
        unit.jobs.beat(self._job, self.done, self.total, self._service.clock())

    def _wait_for_the_end(self) -> None:
        if not self._over.wait(GRACE_SECONDS):
            _give_up(self._service, self._job, "stop" if self._word == "go" else self._word)
            sys.stderr.flush()
            self._on_stuck()


def _give_up(service: Service, job: JobRow, word: str) -> None:
    """Leave a job that did not come to its end: cancelled, or for another runner."""
    now = service.clock()
    with suppress(ServiceError):
        if word == "cancel":
            service.store.write(lambda unit: unit.jobs.finish(job._replace(state="cancelled", finished_at=now)))
        elif word == "stop":
            service.store.write(lambda unit: unit.jobs.release(job))


def _mistake(job_id: str) -> str:
    return error_text(
        "internal-error",
        f"the service made a mistake; its log has it under job id {job_id}",
        f"服务自身出错；日志中以任务编号 {job_id} 记录了原因",
    )
