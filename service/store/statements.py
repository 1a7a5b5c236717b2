"""The SQL that runs on every evaluation, as text, and what turns its results into rows.

Portable between SQLite and PostgreSQL; `?` stands for a parameter and becomes the driver's own mark when a statement is
run.
"""

from collections.abc import Callable, Sequence
from functools import lru_cache
from itertools import chain
from typing import Any

from peewee import Database
from peewee import __exception_wrapper__ as as_peewee_errors  # type: ignore[attr-defined]  # missing in its stubs

from service.audit.job_rows import JobRow, ShadowCountRow, ShadowRow, ShadowSampleRow
from service.audit.rows import (
    ActivationRow,
    AuditRow,
    ChangeRow,
    DailyRow,
    DeliveryRow,
    DraftRevisionRow,
    DraftRow,
    EvaluationRow,
    HoldingRow,
    KeyRow,
    LeaseRow,
    MarkRow,
    ReplyRow,
    RulesetRow,
    SessionRow,
    SettingRow,
    SubscriptionRow,
    TallyRow,
    UserRow,
    VersionRow,
)
from service.audit.sealing_rows import (
    BatchRow,
    CheckpointRow,
    ErasureRow,
    HoldRow,
    MasterKeyRow,
    PushRow,
    ReplyPersonRow,
    RetentionRow,
    SealedProfileRow,
    TileRow,
    UnsealedRow,
)

TABLES: dict[type[tuple[Any, ...]], str] = {
    RulesetRow: "rulesets",
    VersionRow: "versions",
    SealedProfileRow: "profiles",
    HoldingRow: "holdings",
    EvaluationRow: "evaluations",
    ChangeRow: "changes",
    ReplyRow: "replies",
    KeyRow: "api_keys",
    AuditRow: "audit_events",
    SubscriptionRow: "subscriptions",
    DeliveryRow: "deliveries",
    LeaseRow: "leases",
    MasterKeyRow: "master_keys",
    UnsealedRow: "unsealed",
    TileRow: "tiles",
    BatchRow: "batches",
    CheckpointRow: "checkpoints",
    PushRow: "pushes",
    ErasureRow: "erasures",
    ReplyPersonRow: "reply_people",
    HoldRow: "holds",
    RetentionRow: "retention",
    JobRow: "jobs",
    ShadowRow: "shadows",
    ShadowCountRow: "shadow_counts",
    ShadowSampleRow: "shadow_samples",
    DraftRow: "drafts",
    DraftRevisionRow: "draft_revisions",
    ActivationRow: "activations",
    SettingRow: "settings",
    UserRow: "users",
    TallyRow: "tallies",
    DailyRow: "daily",
    MarkRow: "tally_marks",
    SessionRow: "sessions",
}
"""The table of each kind of row; a row's fields are its columns, in order."""
DATA_KEY = """(SELECT "p"."key" FROM "profiles" AS "p"
    WHERE "p"."ruleset" = "evaluations"."ruleset" AND "p"."profile_id" = "evaluations"."profile_id")"""
"""What opens the content of an evaluation; `NULL` once its profile was erased."""
SIZES = (64, 16, 4, 1)
"""How many rows one statement takes; few sizes, so that the driver keeps every statement prepared."""


def fields(kind: type[tuple[Any, ...]]) -> str:
    """A kind of row's columns, as they stand in a statement."""
    return ", ".join(f'"{name}"' for name in _names(kind))


def select(kind: type[tuple[Any, ...]], where: str = "") -> str:
    """The statement that reads whole rows of a kind; an evaluation comes with its profile's data key behind it."""
    columns = f"{fields(kind)}, {DATA_KEY}" if kind is EvaluationRow else fields(kind)
    return f'SELECT {columns} FROM "{TABLES[kind]}" {where}'  # noqa: S608  # made of our own names only


def insert(kind: type[tuple[Any, ...]], rows: int = 1) -> str:
    """The statement that adds rows of a kind."""
    marks = ", ".join("?" * len(_names(kind)))
    values = ", ".join([f"({marks})"] * rows)
    return f'INSERT INTO "{TABLES[kind]}" ({fields(kind)}) VALUES {values}'  # noqa: S608  # as above


def upsert(kind: type[tuple[Any, ...]], key: Sequence[str], rows: int = 1) -> str:
    """The statement that adds rows of a kind, each taking the place of the one with the same key."""
    target = ", ".join(f'"{name}"' for name in key)
    rest = ", ".join(f'"{name}" = excluded."{name}"' for name in _names(kind) if name not in key)
    return f"{insert(kind, rows)} ON CONFLICT ({target}) DO UPDATE SET {rest}"


def insert_new(kind: type[tuple[Any, ...]], rows: int = 1) -> str:
    """The statement that adds rows of a kind, but for those that are there already."""
    return f"{insert(kind, rows)} ON CONFLICT DO NOTHING"


def delete(kind: type[tuple[Any, ...]], rows: int = 1) -> str:
    """The statement that drops rows of a kind. Why not a list of rows: SQLite would read the whole table for it."""
    one = " AND ".join(f'"{name}" = ?' for name in _names(kind))
    where = " OR ".join([f"({one})"] * rows)
    return f'DELETE FROM "{TABLES[kind]}" WHERE {where}'  # noqa: S608  # as above


def run(database: Database, sql: str, values: Sequence[object] = ()) -> Any:
    """A statement's cursor."""
    with as_peewee_errors:
        cursor = database.cursor()  # type: ignore[no-untyped-call]
        cursor.execute(_marked(database.param, sql), values)
    return cursor


def run_all(database: Database, statement: Callable[[int], str], rows: Sequence[tuple[object, ...]]) -> int:
    """A statement for all rows, many at a time; how many rows it wrote.

    Why: the driver lets other threads go first at every row it is given alone, and under load each such courtesy is a
    wait.
    """
    done = written = 0
    for size in SIZES:
        sql = statement(size)
        while len(rows) - done >= size:
            written += run(database, sql, tuple(chain.from_iterable(rows[done : done + size]))).rowcount
            done += size
    return written


def _names(kind: type[tuple[Any, ...]]) -> tuple[str, ...]:
    names: tuple[str, ...] = kind._fields  # type: ignore[attr-defined]  # every kind is a NamedTuple
    return names


@lru_cache(maxsize=256)
def _marked(mark: str, sql: str) -> str:
    return sql if mark == "?" else sql.replace("?", mark)
