"""Bring a database to the newest schema: numbered files in `migrations/`, forward only, run by peewee's own runner."""

from pathlib import Path

from peewee import Database
from playhouse.migrations import Runner  # type: ignore[import-untyped]

from service.store.database import as_unavailable

FOLDER = Path(__file__).parent / "migrations"


def upgrade(database: Database) -> list[str]:
    """Apply what is pending, all or nothing; the names of what was applied.

    The write lock is held from before the first look, so that two processes that start together don't collide.
    """
    with as_unavailable(), database.atomic():
        applied: list[str] = _runner(database).up()
    return applied


def pending(database: Database) -> list[str]:
    """The names of the migrations that the database lacks."""
    with as_unavailable():
        return [one.name for one in _runner(database).status() if not one.applied]


def _runner(database: Database) -> Runner:
    return Runner(database, str(FOLDER))
