"""A job that a page asked for: how far it is, what it was told, and what came of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from service.console.page import Visit
from service.errors import NotFound
from service.operations.authoring.jobs import job_json, list_jobs

LAST = "~"
"""Behind every id."""


@dataclass(frozen=True, slots=True)
class Work:
    """A job as JSON values, what it was told, and its result, which is `None` before it is done."""

    job: Mapping[str, Any]
    payload: Mapping[str, Any]
    result: Any

    @property
    def is_under_way(self) -> bool:
        """Whether it waits or runs."""
        return self.job["state"] in {"queued", "running"}


def read_work(visit: Visit, kind: str, job_id: str) -> Work:
    """A job of a kind; `NotFound` if there is none."""
    row = visit.service.store.read(lambda reads: reads.jobs.job(job_id))
    if row is None or row.kind != kind:
        raise NotFound(f"there is no job `{job_id}`")
    result = None if row.result is None else orjson.loads(row.result)
    return Work(job_json(row, visit.language), orjson.loads(row.payload), result)


def recent_work(visit: Visit, kind: str, most: int) -> list[dict[str, Any]]:
    """The newest jobs of a kind, without results."""
    return list_jobs(visit.service, {kind}, None, LAST, most, visit.language)[0]
