"""The schema on SQLite, and how the code names it; `test_schema` holds both databases to the models."""

import pytest
from peewee import AutoField

from service.audit.sealing_rows import SealedProfileRow
from service.store.database import open_database
from service.store.migrate import FOLDER
from service.store.statements import TABLES
from service.store.store import Store
from service.store.tables import TABLES as MODELS
from service.store.tables import columns

MIGRATIONS = sorted(file.stem for file in FOLDER.glob("[0-9]*.py"))


@pytest.fixture
def opened(database):
    """An open database with the newest schema."""
    Store(f"sqlite:///{database}").upgrade()
    opened = open_database(f"sqlite:///{database}")
    opened.connect()
    yield opened
    opened.close()


def test_statements_name_the_columns_of_the_models():
    """Every kind of row has its table's columns, in their order."""
    models = {model._meta.table_name: columns(model) for model in MODELS}  # noqa: SLF001
    counted = {model._meta.table_name for model in MODELS if isinstance(model._meta.primary_key, AutoField)}  # noqa: SLF001
    kinds = {table: list(kind._fields) for kind, table in TABLES.items()}
    assert {table: [*(["seq"] if table in counted else []), *names] for table, names in kinds.items()} == models


def test_pending_migrations_are_named(database):
    """An operator can see what a database lacks."""
    store = Store(f"sqlite:///{database}")
    assert store.pending() == MIGRATIONS
    store.upgrade()
    assert store.pending() == []


def test_every_commit_reaches_the_disk(opened):
    """The database is opened so that a commit survives the loss of power, and foreign keys are checked."""
    assert opened.pragma("journal_mode") == "wal"
    assert opened.pragma("synchronous") == 2
    assert opened.pragma("foreign_keys") == 1


def test_a_profile_is_found_by_an_index(opened):
    """What every evaluation looks for is never searched for."""
    assert SealedProfileRow._fields[:2] == ("ruleset", "profile_id")
    plan = opened.execute_sql(
        "EXPLAIN QUERY PLAN SELECT content FROM profiles WHERE ruleset = 'a' AND profile_id = 'b'"
    )
    assert "USING INDEX" in plan.fetchone()[3]
