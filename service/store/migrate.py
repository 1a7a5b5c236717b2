"""Bring a database to the newest schema: numbered files in `migrations/`, forward only, run by peewee's own runner."""

from pathlib import Path

from peewee import Database
from playhouse.migrations import Runner  # type: ignore[import-untyped]

from service.store.database import as_unavailable
from service.store.months import add_months_ahead
from service.store.postgres import Pool, refuse_unfit

FOLDER = Path(__file__).parent / "migrations"
PATIENT = (
    "SET LOCAL statement_timeout = 0",
    "SET LOCAL lock_timeout = '60s'",
    "SELECT pg_advisory_xact_lock(7126000)",
)
"""What PostgreSQL is told before the first look. SQLite's transactions begin with the write lock."""


def upgrade(database: Database) -> list[str]:
    """Apply what is pending, all or nothing; the names of what was applied.

    A lock is held from before the first look, so that two processes that start together don't collide.
    """
    with as_unavailable(), database.atomic():
        if isinstance(database, Pool):
            refuse_unfit(database)
            for statement in PATIENT:
                database.execute_sql(statement)  # type: ignore[no-untyped-call]
        applied: list[str] = _runner(database).up()
    if isinstance(database, Pool):
        add_months_ahead(database)
    return applied


def pending(database: Database) -> list[str]:
    """The names of the migrations that the database lacks."""
    with as_unavailable():
        return [one.name for one in _runner(database).status() if not one.applied]


def _runner(database: Database) -> Runner:
    return Runner(database, str(FOLDER))
