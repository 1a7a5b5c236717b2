"""The schema: what the migrations build is what the code expects."""

import sqlite3
from concurrent.futures import ThreadPoolExecutor

import pytest
from playhouse.migrations import Runner
from playhouse.schema_diff import diff_models

from service.audit.rows import ProfileRow
from service.store.database import open_database
from service.store.migrate import FOLDER
from service.store.statements import TABLES
from service.store.store import Store
from service.store.tables import TABLES as MODELS
from service.store.tables import Change, Evaluation, Ruleset, Version, columns

MIGRATIONS = sorted(file.stem for file in FOLDER.glob("[0-9]*.py"))


@pytest.fixture
def opened(database):
    """An open database with the newest schema."""
    Store(f"sqlite:///{database}").upgrade()
    opened = open_database(f"sqlite:///{database}")
    opened.connect()
    yield opened
    opened.close()


def test_migrations_build_what_the_models_say(opened):
    """The newest schema has exactly the tables, columns and indexes of the models."""
    assert not diff_models(opened, list(MODELS))


def test_statements_name_the_columns_of_the_models():
    """Every kind of row has its table's columns, in their order."""
    models = {model._meta.table_name: [one for one in columns(model) if one != "seq"] for model in MODELS}  # noqa: SLF001
    assert {table: list(kind._fields) for kind, table in TABLES.items()} == models


def test_migrations_can_be_undone_and_done_again(opened):
    """Going back to an empty schema and forward again ends at the same schema."""
    runner = Runner(opened, str(FOLDER))
    while runner.applied():
        runner.down()
    assert opened.get_tables() == ["schema_migration"]
    runner.up()
    assert not diff_models(opened, list(MODELS))


def test_processes_that_start_together_upgrade_once(database):
    """Several processes that bring a new database up to date at the same moment don't collide."""
    with ThreadPoolExecutor(4) as threads:
        applied = list(threads.map(lambda _: Store(f"sqlite:///{database}").upgrade(), range(4)))
    assert sorted(applied, key=len) == [[], [], [], MIGRATIONS]


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


def add(connection, model, **values):
    """Add a row with some values; the others are empty."""
    row = {name: values.get(name, 1 if name == "seq" else 0) for name in columns(model)}
    marks = ", ".join("?" * len(row))
    names = ", ".join(f'"{name}"' for name in row)
    table = model._meta.table_name  # noqa: SLF001
    connection.execute(f'INSERT INTO "{table}" ({names}) VALUES ({marks})', list(row.values()))  # noqa: S608


@pytest.mark.parametrize(
    ("model", "values"),
    [
        (Version, {"ruleset": "unknown", "version": 1}),
        (Version, {"ruleset": "known", "version": 0}),
        (Evaluation, {"trigger": "nonsense"}),
        (Change, {"kind": "nonsense"}),
    ],
)
def test_the_database_refuses_what_makes_no_sense(opened, model, values):
    """A row that contradicts the schema is refused, whoever writes it."""
    connection = opened.connection()
    add(connection, Ruleset, key="known")
    with pytest.raises(sqlite3.IntegrityError):
        add(connection, model, **values)


def test_a_profile_is_found_by_an_index(opened):
    """What every evaluation looks for is never searched for."""
    assert ProfileRow._fields[:2] == ("ruleset", "profile_id")
    plan = opened.execute_sql("EXPLAIN QUERY PLAN SELECT state FROM profiles WHERE ruleset = 'a' AND profile_id = 'b'")
    assert "USING INDEX" in plan.fetchone()[3]
