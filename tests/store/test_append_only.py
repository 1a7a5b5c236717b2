"""The log is only added to, whoever asks the database; what may go is content."""

import pytest
from peewee import PeeweeException

from service.audit.rows import AuditRow
from service.store.database import connected, open_database
from service.store.postgres import Pool
from service.store.store import Store
from service.store.tables import TABLES
from tests.store.test_contract import change, evaluation, profile

FILLED = ("evaluations", "changes", "audit_events", "versions", "activations")
EMPTIED = "UPDATE evaluations SET record = NULL, erased_by = 'x', profile_id = 'erased:x', request_id = ''"


@pytest.fixture
def opened(database_url):
    """An open database of each kind, with a row in every table of the log."""
    store = Store(database_url)
    store.write(lambda unit: unit.record([evaluation(1)], [change(1)], profile(1)))
    store.write(lambda unit: unit.audit(AuditRow("a1", 1, "key", "tag.assigned", "p", '{"tag":"t"}', "r", "p")))
    store.close()
    opened = open_database(database_url)
    with connected(opened):
        opened.execute_sql("INSERT INTO rulesets (key, revision, applied) VALUES ('r', 1, 1)")
        for table in ("versions", "activations"):
            (model,) = [one for one in TABLES if one._meta.table_name == table]  # noqa: SLF001
            fields = model._meta.columns  # noqa: SLF001
            values = [
                "r" if name == "ruleset" else 1 if "INT" in one.field_type else "publish" if name == "kind" else "now"
                for name, one in fields.items()
            ]
            names = ", ".join(f'"{name}"' for name in fields)
            opened.execute_sql(f'INSERT INTO "{table}" ({names}) VALUES ({marks(opened, values)})', values)  # noqa: S608
        yield opened
    if isinstance(opened, Pool):
        opened.close_idle()


def marks(opened, values) -> str:
    """A mark for each value."""
    return ", ".join([opened.param] * len(values))


def refused(opened, sql: str) -> bool:
    """Whether the database refuses a statement, because of what it would do to the log."""
    told = ""
    try:
        with opened.atomic():
            opened.execute_sql(sql)
    except PeeweeException as error:
        told = str(error)
    assert "append-only" in told or not told
    return bool(told)


@pytest.mark.parametrize("table", FILLED)
def test_no_row_of_the_log_is_deleted(opened, table):
    """Not one, and not all."""
    assert refused(opened, f'DELETE FROM "{table}"')  # noqa: S608
    assert opened.execute_sql(f'SELECT COUNT(*) FROM "{table}"').fetchone() == (1,)  # noqa: S608


@pytest.mark.parametrize("table", FILLED)
def test_no_column_of_the_log_is_changed(opened, table):
    """Whatever the column, it can't get another value."""
    (model,) = [one for one in TABLES if one._meta.table_name == table]  # noqa: SLF001
    for name, field in model._meta.columns.items():  # noqa: SLF001
        new = (
            "99"
            if "INT" in field.field_type or name == "seq"
            else "CAST('99' AS BYTEA)"
            if field.field_type == "BLOB" and isinstance(opened, Pool)
            else "'99'"
        )
        assert refused(opened, f'UPDATE "{table}" SET "{name}" = {new}'), name  # noqa: S608


def test_content_may_go_and_a_name_may_become_a_pseudonym(opened):
    """What erasure does is let through, and nothing that only looks like it."""
    for almost in ("'erased'", "'somebody'"):
        assert refused(opened, EMPTIED.replace("'erased:x'", almost))
    assert refused(opened, EMPTIED.replace("NULL", "''"))
    assert refused(opened, EMPTIED.replace("erased_by = 'x'", "erased_by = NULL"))
    assert refused(opened, EMPTIED.replace("request_id = ''", "request_id = 'other'"))
    assert not refused(opened, EMPTIED)
    assert not refused(opened, "UPDATE changes SET profile_id = 'erased:x'")
    emptied = "UPDATE audit_events SET subject = 'erased:x', profile_id = 'erased:x', detail = '{}', request_id = '', salt = NULL"
    assert refused(opened, emptied.replace("'{}'", "'{\"a\":1}'"))
    assert refused(opened, emptied.replace("subject = 'erased:x'", "subject = 'q'"))
    assert not refused(opened, emptied)


def test_without_the_guards_the_log_could_be_changed(opened):
    """The guards do it, not luck: whoever drops one, as the owner of a database can, may change what it guarded."""
    of = ' ON "changes"' if isinstance(opened, Pool) else ""
    opened.execute_sql(f'DROP TRIGGER "changes_remain"{of}')
    assert not refused(opened, "DELETE FROM changes")


def test_guards_hold_in_months_that_begin_later(database_url):
    """A partition that is made while the service runs is guarded as all others."""
    store = Store(database_url)
    later = 4_102_444_800_000
    store.write(lambda unit: unit.record([evaluation(1, recorded_at=later)], [], profile(1)))
    store.close()
    opened = open_database(database_url)
    with connected(opened):
        assert refused(opened, "DELETE FROM evaluations")
    if isinstance(opened, Pool):
        opened.close_idle()
