"""The jobs about a draft: the one under way, and what the last one found."""

from dataclasses import dataclass
from typing import Any

import orjson

from service.operations.authoring.jobs import job_json
from service.operations.service import Service

NEWEST = "~"
"""Behind every id of a job."""
LOOKED_AT = 20
UNDER_WAY = frozenset({"queued", "running"})


@dataclass(frozen=True, slots=True)
class Work:
    """The newest job of a kind as JSON values if there is one, and the newest result with the job it is of."""

    job: dict[str, Any] | None
    found: dict[str, Any] | None
    found_at: str | None

    @property
    def is_under_way(self) -> bool:
        """Whether it is still to come."""
        return self.job is not None and self.job["state"] in UNDER_WAY


NO_WORK = Work(None, None, None)


def work_on(service: Service, key: str, kind: str, digests: tuple[str, str | None], language: str) -> Work:
    """What was asked of one kind about exactly this draft, beside exactly that version if one is named."""
    digest, against = digests
    listed = service.store.read(lambda reads: reads.jobs.listed([kind], key, NEWEST, LOOKED_AT))
    about = [row for row in listed if row.digest == digest and against in {None, row.against}]
    done = service.store.read(lambda reads: reads.jobs.newest_done(kind, digest, against))
    newest = job_json(about[0], language) if about else None
    if not done:
        return Work(newest, None, None)
    return Work(newest, orjson.loads(done[0].result or "null"), job_json(done[0], language)["finished_at"])
