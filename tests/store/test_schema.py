"""The schema on both databases: what the migrations build, and the months that PostgreSQL keeps apart."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from peewee import IntegrityError
from playhouse.migrations import Runner
from playhouse.schema_diff import diff_models

from service.config import ConfigError
from service.store.database import connected, open_database
from service.store.migrate import FOLDER
from service.store.months import PARTITIONED, add_months, later, month_of
from service.store.postgres import Pool
from service.store.store import Store
from service.store.tables import TABLES as MODELS
from tests.databases import rows
from tests.store.test_contract import LAST, change, evaluation, profile

MIGRATIONS = sorted(file.stem for file in FOLDER.glob("[0-9]*.py"))
INDEXES = """
SELECT t.relname, ARRAY(SELECT pg_get_indexdef(i.indexrelid, k + 1, TRUE) FROM generate_subscripts(i.indkey, 1) AS k),
    i.indisunique, CASE WHEN i.indpred IS NOT NULL THEN n.relname END
FROM pg_index AS i JOIN pg_class AS t ON t.oid = i.indrelid JOIN pg_class AS n ON n.oid = i.indexrelid
WHERE t.relname IN ('evaluations', 'changes') AND NOT i.indisprimary
"""
JANUARY = 1_767_225_600_000


@pytest.fixture
def opened(empty_url):
    """An open database of each kind that was just brought up to date."""
    store = Store(empty_url)
    assert store.upgrade() == MIGRATIONS
    store.close()
    opened = open_database(empty_url)
    with connected(opened):
        yield opened
    if isinstance(opened, Pool):
        opened.close_idle()


def drift(database) -> list[object]:
    """In what the schema differs from the models.

    The tables with months are compared here, because peewee sees no index of theirs; a unique one also has the month,
    and one of some rows is known by its name.
    """
    found = diff_models(database, list(MODELS))
    if not isinstance(database, Pool):
        return [*filter(None, found)]
    missing = [one for one in found.add_indexes if one.table in PARTITIONED]
    wanted = {(one.table, one.columns or one.name, bool(one.unique)) for one in missing}
    there = {
        (
            table,
            name or tuple(one.strip('"') for one in columns if not (is_unique and one == "recorded_at")),
            is_unique,
        )
        for table, columns, is_unique, name in database.execute_sql(INDEXES).fetchall()
    }
    rest = found._replace(add_indexes=[one for one in found.add_indexes if one.table not in PARTITIONED])
    return [*filter(None, rest), *(wanted ^ there)]


def test_migrations_build_what_the_models_say(opened):
    """An empty database gets exactly the tables, columns and indexes of the models."""
    assert drift(opened) == []


def test_migrations_can_be_undone_and_done_again(opened):
    """Going back to an empty schema and forward again ends at the same schema."""
    runner = Runner(opened, str(FOLDER))
    while runner.applied():
        runner.down()
    assert opened.get_tables() == ["schema_migration"]
    runner.up()
    assert drift(opened) == []


def test_a_column_or_an_index_too_many_is_seen(opened):
    """The comparison of schema and models is not blind."""
    opened.execute_sql('ALTER TABLE "changes" ADD COLUMN "extra" TEXT')
    opened.execute_sql('CREATE INDEX "extra" ON "evaluations" ("actor")')
    assert len(drift(opened)) == 2


def test_processes_that_start_together_upgrade_once(empty_url):
    """Several processes that bring a new database up to date at the same moment don't collide."""
    stores = [Store(empty_url) for _ in range(4)]
    with ThreadPoolExecutor(4) as threads:
        applied = list(threads.map(Store.upgrade, stores))
    assert sorted(applied, key=len) == [[], [], [], MIGRATIONS]
    assert stores[0].pending() == []
    for store in stores:
        store.close()


@pytest.mark.parametrize(
    ("table", "values"),
    [
        ("versions", {"ruleset": "unknown", "version": 1}),
        ("versions", {"ruleset": "known", "version": 0}),
        ("versions", {"ruleset": "known", "version": 1, "apply": "nonsense"}),
        ("drafts", {"revision": 1, "state": "nonsense"}),
        ("activations", {"seq": 1, "kind": "nonsense", "apply": "now"}),
        ("activations", {"seq": 1, "kind": "retire", "apply": "nonsense"}),
        ("evaluations", {"recorded_at": JANUARY, "trigger": "nonsense"}),
        ("changes", {"recorded_at": JANUARY, "kind": "nonsense"}),
        ("holdings", {"kind": "nonsense"}),
        ("subscriptions", {"state": "nonsense"}),
        ("deliveries", {"state": "nonsense"}),
        ("profiles", {"revision": None}),
    ],
    ids=str,
)
def test_the_database_refuses_what_makes_no_sense(opened, table, values):
    """A row that contradicts the schema is refused, whoever writes it."""
    (model,) = [one for one in MODELS if one._meta.table_name == table]  # noqa: SLF001
    fields = {name: field for name, field in model._meta.columns.items() if name != "seq"}  # noqa: SLF001
    filled = {name: 0 if "INT" in field.field_type else "" for name, field in fields.items()} | values
    add_month(opened)
    opened.execute_sql("INSERT INTO rulesets (key, revision, applied) VALUES ('known', 1, 1)")
    marks = ", ".join([opened.param] * len(filled))
    names = ", ".join(f'"{name}"' for name in filled)
    with pytest.raises(IntegrityError, match=r"(?i)constraint"):
        opened.execute_sql(f'INSERT INTO "{table}" ({names}) VALUES ({marks})', list(filled.values()))  # noqa: S608


def add_month(opened) -> None:
    """Make room for January 2026 where the log is kept by months."""
    if isinstance(opened, Pool):
        add_months(opened, [month_of(JANUARY)])


def record(store, number: int, recorded_at: int) -> None:
    """Record one evaluation with a change."""
    kept = evaluation(number, recorded_at=recorded_at), change(number, recorded_at=recorded_at)
    store.write(lambda unit: unit.record([kept[0]], [kept[1]], profile(number)))


def test_months_are_counted_through_the_years():
    """The month after December is January of the next year."""
    assert month_of(JANUARY - 1) == (2025, 12)
    assert [later((2025, 11), count) for count in (0, 1, 2, 14)] == [(2025, 11), (2025, 12), (2026, 1), (2027, 1)]


def test_a_month_begins_with_its_first_record(postgres):
    """A record of a month that nobody foresaw is kept, in a partition of its own, and the log stays one list."""
    url = postgres.migrated()
    store = Store(url)
    for number, recorded_at in enumerate((JANUARY, JANUARY - 1, JANUARY + 1, 4_102_444_800_000), 1):
        record(store, number, recorded_at)
    found = store.read(lambda reads: reads.evaluations({"profile_id": "p"}, (None, None), LAST, 10))
    assert [one.row.id for one in found] == ["e4", "e3", "e2", "e1"]
    assert store.read(lambda reads: reads.evaluation("e2")).recorded_at == JANUARY - 1
    for table in PARTITIONED:
        counted = {
            name: rows(url, f'SELECT count(*) FROM "{table}_{name}"')[0][0]  # noqa: S608
            for name in ("2025_12", "2026_01", "2100_01")
        }
        assert counted == {"2025_12": 1, "2026_01": 2, "2100_01": 1}
    store.close()
    postgres.drop(url)


def test_processes_that_begin_a_month_together_make_it_once(postgres):
    """Whoever else writes the first record of a month at the same moment, all of them are kept."""
    url = postgres.migrated()
    stores = [Store(url) for _ in range(3)]

    def write(number):
        kept = evaluation(number, profile_id=f"p{number}")
        stores[number % 3].write(lambda unit: unit.record([kept], [], profile(1, profile_id=f"p{number}")))

    with ThreadPoolExecutor(12) as threads:
        list(threads.map(write, range(24)))
    assert rows(url, "SELECT count(*) FROM evaluations_2026_01") == [(24,)]
    for store in stores:
        store.close()
    postgres.drop(url)


def test_an_old_month_is_dropped_whole(postgres):
    """Retention is one statement a month; what is younger stays, and the month may begin again."""
    url = postgres.migrated()
    store = Store(url)
    record(store, 1, JANUARY - 1)
    record(store, 2, JANUARY)
    for table in PARTITIONED:
        postgres.run(f'DROP TABLE "{table}_2025_12"', url.partition("?")[0].rpartition("/")[2])
    found = store.read(lambda reads: reads.evaluations({}, (None, None), LAST, 10))
    assert [one.row.id for one in found] == ["e2"]
    record(store, 3, JANUARY - 1)
    assert store.read(lambda reads: reads.evaluation("e3")).recorded_at == JANUARY - 1
    store.close()
    postgres.drop(url)


def test_a_database_that_can_not_hold_every_text_is_refused(postgres):
    """An operator is told before anything is built, not when the first Chinese name comes."""
    postgres.run("CREATE DATABASE narrow TEMPLATE template0 ENCODING 'LATIN1' LOCALE 'C'")
    store = Store(postgres.url("narrow"))
    with pytest.raises(ConfigError, match="encoding UTF8, found LATIN1"):
        store.upgrade()
    store.close()
    postgres.run("DROP DATABASE narrow WITH (FORCE)")
