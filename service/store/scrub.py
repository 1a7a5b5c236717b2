"""Deleted rows -> rows that can't be found in the files any more, as far as a database lets us.

SQLite overwrites what is deleted (`secure_delete`), but its write-ahead log keeps older pages until it is emptied.
PostgreSQL keeps old rows until they are vacuumed, and their bytes until the space is used again.
Source: docs/operations.md, "Erasing a person".
"""

from peewee import Database, SqliteDatabase

EMPTY_LOG = "PRAGMA wal_checkpoint(TRUNCATE)"
VACUUM = 'VACUUM "profiles", "holdings", "deliveries", "replies", "reply_people", "audit_events", "erasures"'
"""The tables that an erasure deletes from or changes; the log itself is too large to be gone through each time."""


def scrub(database: Database) -> None:
    """Do so, outside of any transaction."""
    database.execute_sql(EMPTY_LOG if isinstance(database, SqliteDatabase) else VACUUM)  # type: ignore[no-untyped-call]
