"""The queue of jobs and their results, in the database.

A runner takes a job by making it its own, and every later word about it counts only while it still is: one that was
slow, and whose job was given to another, changes nothing any more. So any number of runners may work at once.
"""

from collections.abc import Sequence

from peewee import Database

from service.audit.job_rows import JobRow
from service.store.statements import insert, run, select
from service.store.vault import Vault, opened, place

WITHOUT_TEXTS = select(JobRow).replace('"payload"', "'' AS p").replace('"result"', "NULL AS r")
JOB = select(JobRow, 'WHERE "id" = ?')
LISTED = f'{WITHOUT_TEXTS} WHERE "id" < ? AND "kind" IN ({{marks}}) {{of}} ORDER BY "id" DESC LIMIT ?'
NEWEST_DONE = select(
    JobRow,
    """
    WHERE "digest" = ? AND "kind" = ? AND "state" = 'done' AND COALESCE("against", '') = COALESCE(?, '')
    ORDER BY "id" DESC LIMIT ?
    """,
)
SAME = select(
    JobRow,
    """
    WHERE "state" IN ('queued', 'running') AND "kind" = ? AND COALESCE("ruleset", '') = COALESCE(?, '')
    AND "payload" = ? AND "created_by" = ? AND "cancel_requested_at" IS NULL ORDER BY "id" LIMIT 1
    """,
)
COUNT = """SELECT COUNT(*), MIN("created_at") FROM "jobs" WHERE "state" = 'queued'"""
LAST_BEATS = """SELECT COUNT(*), MIN("heartbeat_at") FROM "jobs" WHERE "state" = 'running'"""
NEXT = select(JobRow, """WHERE "state" = 'queued' AND "kind" IN ({marks}) ORDER BY "id" LIMIT 1""")
SKIPPING = " FOR UPDATE SKIP LOCKED"
ADD = insert(JobRow)
TAKE = """
UPDATE "jobs" SET "state" = 'running', "runner" = ?, "tries" = "tries" + 1, "done" = 0, "total" = NULL,
"started_at" = ?, "heartbeat_at" = ? WHERE "id" = ? AND "state" = 'queued'
"""
WORD = """SELECT "cancel_requested_at" FROM "jobs" WHERE "id" = ? AND "runner" = ? AND "state" = 'running'"""
BEAT = """
UPDATE "jobs" SET "done" = ?, "total" = ?, "heartbeat_at" = ? WHERE "id" = ? AND "runner" = ? AND "state" = 'running'
"""
FINISH = """
UPDATE "jobs" SET "state" = ?, "result" = ?, "error" = ?, "done" = ?, "total" = ?, "finished_at" = ?
WHERE "id" = ? AND "runner" = ? AND "state" = 'running'
"""
RELEASE = """
UPDATE "jobs" SET "state" = 'queued', "tries" = "tries" - 1, "done" = 0, "total" = NULL
WHERE "id" = ? AND "runner" = ? AND "state" = 'running'
"""
DROP_QUEUED = """
UPDATE "jobs" SET "state" = 'cancelled', "finished_at" = ?, "cancel_requested_at" = ?
WHERE "id" = ? AND "state" = 'queued'
"""
ASK_TO_END = """
UPDATE "jobs" SET "cancel_requested_at" = COALESCE("cancel_requested_at", ?) WHERE "id" = ? AND "state" = 'running'
"""
END_LOST = """
UPDATE "jobs" SET "state" = 'cancelled', "finished_at" = ?
WHERE "state" = 'running' AND ("heartbeat_at" < ? OR "runner" = ?) AND "cancel_requested_at" IS NOT NULL
"""
FAIL_LOST = """
UPDATE "jobs" SET "state" = 'failed', "error" = ?, "finished_at" = ?
WHERE "state" = 'running' AND ("heartbeat_at" < ? OR "runner" = ?) AND "tries" >= ?
"""
REQUEUE_LOST = """
UPDATE "jobs" SET "state" = 'queued', "done" = 0, "total" = NULL
WHERE "state" = 'running' AND ("heartbeat_at" < ? OR "runner" = ?) AND "tries" < ?
"""
PRUNE = """DELETE FROM "jobs" WHERE "finished_at" < ?"""
RESULTS = select(JobRow, """WHERE "kind" = ? AND "state" = 'done' ORDER BY "id" """)
ALL_OF = select(JobRow, 'WHERE "kind" = ? ORDER BY "id"').replace('"result"', "NULL AS r")
CHANGE_PAYLOAD = """UPDATE "jobs" SET "payload" = ? WHERE "id" = ?"""
CHANGE_RESULT = """UPDATE "jobs" SET "result" = ? WHERE "id" = ?"""


class JobsReads:
    """What can be read of it."""

    def __init__(self, database: Database, vault: Vault) -> None:
        self._database = database
        self._vault = vault

    def job(self, job_id: str) -> JobRow | None:
        """One job, with its result."""
        rows = self._opened(JOB, (job_id,))
        return rows[0] if rows else None

    def listed(self, kinds: Sequence[str], ruleset: str | None, below: str, limit: int) -> list[JobRow]:
        """Jobs of some kinds, of one ruleset or of all, newest first below an id, without payload and result."""
        if not kinds:
            return []
        of, values = ("", ()) if ruleset is None else ('AND "ruleset" = ?', (ruleset,))
        sql = LISTED.format(marks=_marks(kinds), of=of)
        return [JobRow._make(row) for row in run(self._database, sql, (below, *kinds, *values, limit))]

    def newest_done(self, kind: str, digest: str, against: str | None, limit: int = 1) -> list[JobRow]:
        """The newest finished jobs of a kind about exactly this digest, compared with exactly that one."""
        return self._opened(NEWEST_DONE, (digest, kind, against, limit))

    def word(self, job: JobRow) -> str:
        """What is wanted of a job that its runner has: `go`, `cancel`, or `lost` if it is the runner's no more."""
        row = run(self._database, WORD, (job.id, job.runner)).fetchone()
        return "lost" if row is None else "go" if row[0] is None else "cancel"

    def same(self, job: JobRow) -> JobRow | None:
        """A job that waits or runs, asks the same and is of the same caller."""
        values = (job.kind, job.ruleset, job.payload, job.created_by)
        row = run(self._database, SAME, values).fetchone()
        return JobRow._make(row) if row else None

    def queued(self) -> tuple[int, int | None]:
        """How many jobs wait, and since when the first of them does."""
        count, since = run(self._database, COUNT).fetchone()
        return int(count), since

    def running(self) -> tuple[int, int | None]:
        """How many jobs run, and the oldest of their last signs of life."""
        count, beat = run(self._database, LAST_BEATS).fetchone()
        return int(count), beat

    def results(self, kind: str) -> list[JobRow]:
        """Every finished job of a kind."""
        return self._opened(RESULTS, (kind,))

    def all_of(self, kind: str) -> list[JobRow]:
        """Every job of a kind, without its result."""
        return [JobRow._make(row) for row in run(self._database, ALL_OF, (kind,))]

    def _opened(self, sql: str, values: Sequence[object]) -> list[JobRow]:
        rows = map(JobRow._make, run(self._database, sql, values))
        return [row if row.result is None else row._replace(result=self._open(row)) for row in rows]

    def _open(self, row: JobRow) -> str:
        return opened(row.result or "", self._vault.shared, _place(row.id))


class Jobs(JobsReads):
    """What can be done with it in a write transaction."""

    def add(self, job: JobRow) -> None:
        """Queue a job."""
        run(self._database, ADD, job)

    def take(self, kinds: Sequence[str], runner: str, now: int) -> JobRow | None:
        """Make the job of some kinds that waits longest the runner's own; none if none waits."""
        sql = NEXT.format(marks=_marks(kinds)) + (SKIPPING if self._database.for_update else "")
        row = run(self._database, sql, tuple(kinds)).fetchone()
        if row is None:
            return None
        found = JobRow._make(row)
        run(self._database, TAKE, (runner, now, now, found.id))
        return self.job(found.id)

    def beat(self, job: JobRow, done: int, total: int | None, now: int) -> None:
        """Note that a job goes on, and how far it is."""
        run(self._database, BEAT, (done, total, now, job.id, job.runner))

    def finish(self, job: JobRow) -> bool:
        """End a job as `job` says; false if it is the runner's no more."""
        values = (
            job.state,
            self._sealed(job.id, job.result),
            job.error,
            job.done,
            job.total,
            job.finished_at,
            job.id,
            job.runner,
        )
        return bool(run(self._database, FINISH, values).rowcount)

    def release(self, job: JobRow) -> None:
        """Put a job back into the queue, as if it had never begun."""
        run(self._database, RELEASE, (job.id, job.runner))

    def cancel(self, job_id: str, now: int) -> None:
        """End a job that waits, or ask the runner of one that runs to end it."""
        if not run(self._database, DROP_QUEUED, (now, now, job_id)).rowcount:
            run(self._database, ASK_TO_END, (now, job_id))

    def recover(self, lost: tuple[int, str], most_tries: int, error: str, now: int) -> None:
        """Deal with jobs whose runner gave no sign of life since an instant, or is the one that is named.

        What was to be cancelled is; what was begun too often fails with `error`; the rest is queued again.
        """
        run(self._database, END_LOST, (now, *lost))
        run(self._database, FAIL_LOST, (error, now, *lost, most_tries))
        run(self._database, REQUEUE_LOST, (*lost, most_tries))

    def prune(self, before: int) -> None:
        """Forget jobs that ended before an instant."""
        run(self._database, PRUNE, (before,))

    def change_result(self, job_id: str, result: str) -> None:
        """Keep another result."""
        run(self._database, CHANGE_RESULT, (self._sealed(job_id, result), job_id))

    def change_payload(self, job_id: str, payload: str) -> None:
        """Have been told something else."""
        run(self._database, CHANGE_PAYLOAD, (payload, job_id))

    def _sealed(self, job_id: str, result: str | None) -> bytes | None:
        """Why sealed: what is said of named profiles is as personal as their facts."""
        return None if result is None else self._vault.shared.seal(result.encode(), _place(job_id))


def _place(job_id: str) -> bytes:
    return place("jobs", "result", job_id)


def _marks(values: Sequence[object]) -> str:
    return ", ".join("?" * len(values))
