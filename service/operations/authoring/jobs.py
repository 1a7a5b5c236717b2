"""Work that takes longer than a request: it is queued, done in a process of its own, and its result can be read later.

What kinds of work there are says `kinds`; `runner` does it. Whoever may read a kind's results says the kind.
Source: docs/api.md, "Jobs".
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from service.audit.job_rows import JobRow
from service.errors import Conflict, Forbidden, NotFound
from service.language.instants import write_instant
from service.operations.ports import Caller, Reads, Unit
from service.operations.replies import json_text
from service.operations.service import Service

MOST_QUEUED = 100
"""The most jobs that wait at a time."""

Progress = Callable[[int, int | None], None]
"""Is told how many steps are done, and of how many if that is known; raises `Interrupted` when the work is to end."""


class Interrupted(Exception):  # not an error: the work is not wanted any more, or not here
    """The job was cancelled or given to another runner, or this one is about to end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """A job while it is done. Tell `progress` at least ten times a second, so that it can be cancelled."""

    service: Service
    job: JobRow
    payload: Mapping[str, Any]
    progress: Progress


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of work: what does it (the result are JSON values), and the roles that may read and cancel it.

    `settle` is given the result in the transaction that keeps it, and gives back what is kept.
    """

    run: Callable[[Task], Any]
    roles: frozenset[str]
    settle: Callable[[Unit, Any], Any] = lambda _, result: result


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """A job to be queued: its kind, what it is about (see `JobRow`), and what its function is told."""

    kind: str
    ruleset: str | None = None
    digest: str | None = None
    against: str | None = None
    payload: Mapping[str, Any] = field(default_factory=dict)


def add_job(service: Service, wish: Wish, caller: Caller) -> JobRow:
    """Queue a job; the one that waits or runs already if the caller asked the very same before.

    `Conflict` when too many wait.
    """
    now = service.clock()
    row = JobRow(
        id=service.ids.ulid(now),
        kind=wish.kind,
        ruleset=wish.ruleset,
        digest=wish.digest,
        against=wish.against,
        payload=json_text(wish.payload).decode(),
        state="queued",
        done=0,
        total=None,
        result=None,
        error=None,
        tries=0,
        runner=None,
        created_by=caller.actor,
        created_at=now,
    )

    def job(unit: Unit) -> JobRow:
        jobs = unit.jobs
        same = jobs.same(row)
        if same is not None:
            return same
        if jobs.queued()[0] >= MOST_QUEUED:
            raise Conflict(f"{MOST_QUEUED} jobs wait already; try again when some of them are done", "queue-full")
        jobs.add(row)
        return row

    return service.store.write(job)


def list_jobs(
    service: Service, kinds: Collection[str], ruleset: str | None, below: str, limit: int, language: str
) -> tuple[list[dict[str, Any]], str | None]:
    """Jobs of some kinds, newest first below an id, without results; and where the next page begins."""
    rows = service.store.read(lambda reads: reads.jobs.listed(sorted(kinds), ruleset, below, limit + 1))
    return [job_json(row, language) for row in rows[:limit]], rows[limit - 1].id if len(rows) > limit else None


def read_job(service: Service, kinds: Collection[str], job_id: str, language: str) -> dict[str, Any]:
    """One job of some kinds with its result, if it has one yet; `NotFound` if there is none."""
    row = service.store.read(lambda reads: _found(reads, kinds, job_id))
    return {**job_json(row, language), "result": None if row.result is None else orjson.Fragment(row.result)}


def cancel_job(service: Service, kinds: Collection[str], job_id: str, caller: Caller) -> None:
    """End a job that waits or runs; one that has ended stays as it is.

    `NotFound` if there is none of these kinds, `Forbidden` for somebody else's, but for admins.
    """
    now = service.clock()

    def job(unit: Unit) -> None:
        row = _found(unit, kinds, job_id)
        if row.created_by != caller.actor and "admin" not in caller.roles:
            raise Forbidden("a job can be cancelled by whoever asked for it, or with the role `admin`")
        unit.jobs.cancel(job_id, now)

    service.store.write(job)


def job_json(row: JobRow, language: str) -> dict[str, Any]:
    """A job without its result, as JSON values."""
    error = None if row.error is None else orjson.loads(row.error)
    return {
        "id": row.id,
        "kind": row.kind,
        "ruleset": row.ruleset,
        "digest": row.digest,
        "against": row.against,
        "state": row.state,
        "done": row.done,
        "total": row.total,
        "error": error and {"code": error["code"], "message": error["message"][language]},
        "created_by": row.created_by,
        **{
            name: None if at is None else write_instant(at)
            for name in ("created_at", "started_at", "finished_at", "cancel_requested_at")
            for at in [getattr(row, name)]
        },
    }


def error_text(code: str, english: str, chinese: str) -> str:
    """Why a job failed, as it is kept: JSON with a code and a message in both languages."""
    return orjson.dumps({"code": code, "message": {"en": english, "zh": chinese}}).decode()


def _found(reads: Reads, kinds: Collection[str], job_id: str) -> JobRow:
    row = reads.jobs.job(job_id)
    if row is None or row.kind not in kinds:
        raise NotFound(f"there is no job `{job_id}`")
    return row
