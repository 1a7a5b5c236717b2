"""A database URL -> an open peewee database, and its errors -> ours.

SQLite with a write-ahead log, every commit on disk before it returns (`synchronous=FULL`), foreign keys checked, and
transactions that take the write lock when they begin, so that none fails halfway for want of it. PostgreSQL: see
`postgres`.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from peewee import (
    Database,
    DataError,
    IntegrityError,
    NotSupportedError,
    OperationalError,
    PeeweeException,
    ProgrammingError,
    SqliteDatabase,
)

from service.errors import Unavailable
from service.store.postgres import FULL, lacks_schema, open_postgres

SCHEME = "sqlite:///"
BUSY_MILLISECONDS = 5_000
"""How long a transaction waits for another process's write lock."""
PRAGMAS = {
    "busy_timeout": BUSY_MILLISECONDS,
    "journal_mode": "wal",
    "synchronous": "full",
    "foreign_keys": 1,
    # Why: what is deleted is overwritten, so that nothing erased can be found in the file.
    "secure_delete": 1,
    "journal_size_limit": 64 * 1024 * 1024,
    # Why: a page that changes often is copied into the database once per checkpoint, so fewer checkpoints write less.
    "wal_autocheckpoint": 4_000,
}

_OURS = (IntegrityError, ProgrammingError, DataError, NotSupportedError)


class LostRace(OperationalError):
    """Somebody else changed what this transaction had read; it is undone, and its job can be run again."""


def open_database(url: str, connections: int = 1) -> Database:
    """The database at a URL; each thread gets a connection of its own when it first asks.

    `connections` is how many threads may have one at a time; SQLite sets no limit.
    """
    if not url.startswith(SCHEME):
        return open_postgres(url, connections)
    return SqliteDatabase(
        url.removeprefix(SCHEME), pragmas=PRAGMAS, timeout=BUSY_MILLISECONDS / 1000, lock_type="IMMEDIATE"
    )


@contextmanager
def connected(database: Database) -> Iterator[bool]:
    """This thread's connection, closed again by whoever opened it; true for the one who did."""
    is_first = database.connect(reuse_if_open=True)
    try:
        yield is_first
    finally:
        if is_first:
            database.close()


def is_down(error: Exception) -> bool:
    """Whether the database itself failed (locked, full, unreachable, damaged), and not what was asked of it."""
    if isinstance(error, FULL) or lacks_schema(error):
        return True
    return isinstance(error, PeeweeException) and not isinstance(error, _OURS)


@contextmanager
def as_unavailable() -> Iterator[None]:
    """Turn a failure of the database itself into `Unavailable`; the request left no trace."""
    try:
        yield
    except (PeeweeException, FULL) as error:
        if not is_down(error):
            raise
        raise unavailable() from error


def unavailable() -> Unavailable:
    """What a caller is told while the database fails."""
    return Unavailable("the database can't be reached or written; nothing was recorded, try again")
