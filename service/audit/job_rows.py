"""Work that takes longer than a request, and drafts that watch live traffic, as rows.

Data only, as `rows`: fields in the order of their table's columns, instants in whole milliseconds since
1970-01-01T00:00:00Z.
"""

from typing import NamedTuple


class JobRow(NamedTuple):
    """Work that takes longer than a request.

    `kind` says which function does it, with `payload` (a JSON object); it is about the ruleset version or draft with
    this `digest`, compared with the one of `against`, where it is about one. `state` is `queued`, `running`, `done`
    (with a `result`, JSON), `failed` (with an `error`) or `cancelled`. `done` of `total` steps are behind it. `runner`
    is the process that has it, alive at `heartbeat_at`; `tries` counts the processes that began it.
    """

    id: str
    kind: str
    ruleset: str | None
    digest: str | None
    against: str | None
    payload: str
    state: str
    done: int
    total: int | None
    result: str | None
    error: str | None
    tries: int
    runner: str | None
    created_by: str
    created_at: int
    started_at: int | None = None
    heartbeat_at: int | None = None
    finished_at: int | None = None
    cancel_requested_at: int | None = None


class ShadowRow(NamedTuple):
    """A draft (by its `digest`) that is decided beside the active `version` on a `share` (0-1) of the profiles.

    It ends at `ends_at`; `ended_at` says that it has ended, and `reason` why if that was earlier. Of the evaluations
    `compared`, `moved` came out otherwise; `failed` could not be decided by the draft, `dropped` were not looked at for
    want of time.
    """

    ruleset: str
    digest: str
    version: int
    share: float
    started_by: str
    started_at: int
    ends_at: int
    ended_at: int | None = None
    reason: str | None = None
    compared: int = 0
    moved: int = 0
    failed: int = 0
    dropped: int = 0


class ShadowCountRow(NamedTuple):
    """How often a draft came to `target` where `source` was decided, for one tag, tier or the lifecycle; an empty text
    stands for unknown, and for no stage.
    """

    ruleset: str
    kind: str
    key: str
    source: str
    target: str
    times: int


class ShadowSampleRow(NamedTuple):
    """One profile for which a draft differs: what was decided at `at`, and what the draft would have (JSON objects)."""

    ruleset: str
    profile_id: str
    at: int
    live: str
    draft: str
