"""A database URL -> an open peewee database, and its errors -> ours.

SQLite with a write-ahead log, every commit on disk before it returns (`synchronous=FULL`), foreign keys checked, and
transactions that take the write lock when they begin, so that none fails halfway for want of it.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from peewee import (
    Database,
    DataError,
    IntegrityError,
    NotSupportedError,
    PeeweeException,
    ProgrammingError,
    SqliteDatabase,
)

from service.errors import Unavailable

SCHEME = "sqlite:///"
BUSY_MILLISECONDS = 5_000
"""How long a transaction waits for another process's write lock."""
PRAGMAS = {
    "busy_timeout": BUSY_MILLISECONDS,
    "journal_mode": "wal",
    "synchronous": "full",
    "foreign_keys": 1,
    "journal_size_limit": 64 * 1024 * 1024,
    # Why: a page that changes often is copied into the database once per checkpoint, so fewer checkpoints write less.
    "wal_autocheckpoint": 4_000,
}

_OURS = (IntegrityError, ProgrammingError, DataError, NotSupportedError)


def open_database(url: str) -> Database:
    """The database at `sqlite:///` and a path; each thread gets a connection of its own when it first asks."""
    return SqliteDatabase(
        url.removeprefix(SCHEME), pragmas=PRAGMAS, timeout=BUSY_MILLISECONDS / 1000, lock_type="IMMEDIATE"
    )


def is_down(error: Exception) -> bool:
    """Whether the database itself failed (locked, full, unreachable, damaged), and not what was asked of it."""
    return isinstance(error, PeeweeException) and not isinstance(error, _OURS)


@contextmanager
def as_unavailable() -> Iterator[None]:
    """Turn a failure of the database itself into `Unavailable`; the request left no trace."""
    try:
        yield
    except PeeweeException as error:
        if not is_down(error):
            raise
        raise unavailable() from error


def unavailable() -> Unavailable:
    """What a caller is told while the database fails."""
    return Unavailable("the database can't be reached or written; nothing was recorded, try again")
