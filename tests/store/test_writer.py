"""Group commit: what it promises to each job that shares a transaction with others."""

import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from service.audit.rows import KeyRow
from service.errors import NotFound, Unavailable
from service.store import database as database_settings
from service.store.store import Store


@pytest.fixture
def store(database):
    """An empty store."""
    store = Store(f"sqlite:///{database}")
    store.upgrade()
    yield store
    store.close()


def key(name: str) -> KeyRow:
    """A row that is easy to write."""
    return KeyRow(name, name, "0" * 64, "admin", 1, "test", None, None, None)


def names(store: Store) -> list[str]:
    """What was written."""
    return [row.id for row in store.read(lambda reads: reads.keys("", 100))]


def together(store: Store, *jobs):
    """Run jobs so that they share one commit: they queue up while an earlier one holds the writer."""
    gate, started = threading.Event(), threading.Event()

    def hold(_unit):
        started.set()
        gate.wait(5)

    with ThreadPoolExecutor(len(jobs) + 1) as threads:
        first = threads.submit(store.write, hold)
        started.wait(5)
        waiting = [threads.submit(store.write, job) for job in jobs]
        while store._writer._queue.qsize() < len(jobs):  # noqa: SLF001  # only so is it known that they all wait
            pass
        gate.set()
        first.result(5)
        return waiting


def test_a_written_job_is_on_disk_when_it_returns(store, database):
    """Whoever opens the database after a write returned sees what was written."""
    store.write(lambda unit: unit.add_key(key("a")))
    with sqlite3.connect(database) as other:
        assert other.execute("SELECT id FROM api_keys").fetchall() == [("a",)]
    other.close()


def test_a_write_returns_what_its_job_returned(store):
    """Each caller gets the result of its own job, however many share a commit."""
    results = together(store, *[lambda _unit, number=number: number for number in range(20)])
    assert [one.result(5) for one in results] == list(range(20))


def test_a_job_that_fails_before_it_writes_harms_nobody(store):
    """A refused request gets its refusal; the others of its commit are recorded."""

    def refuse(_unit):
        raise NotFound("no such thing")

    bad, good = together(store, refuse, lambda unit: unit.add_key(key("good")))
    with pytest.raises(NotFound):
        bad.result(5)
    good.result(5)
    assert names(store) == ["good"]


def test_a_job_that_fails_after_it_wrote_leaves_nothing(store):
    """Half a job is never kept, and the others of its commit are recorded all the same."""

    def spoil(unit):
        unit.add_key(key("half"))
        raise NotFound("too late")

    bad, good = together(store, spoil, lambda unit: unit.add_key(key("good")))
    with pytest.raises(NotFound):
        bad.result(5)
    good.result(5)
    assert names(store) == ["good"]


def test_a_bug_in_one_job_is_told_to_its_own_caller(store):
    """An unexpected error reaches the caller whose job it was, and only that one."""

    def bug(unit):
        unit.add_key(key("twice"))
        unit.add_key(key("twice"))

    bad, good = together(store, bug, lambda unit: unit.add_key(key("good")))
    with pytest.raises(Exception, match="UNIQUE"):
        bad.result(5)
    good.result(5)
    assert names(store) == ["good"]


def test_a_locked_database_is_unavailable_and_recovers(database, monkeypatch):
    """While another process holds the lock too long nothing is recorded; afterwards the same store works again."""
    monkeypatch.setitem(database_settings.PRAGMAS, "busy_timeout", 50)
    store = Store(f"sqlite:///{database}")
    store.upgrade()
    other = sqlite3.connect(database, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(Unavailable):
        store.write(lambda unit: unit.add_key(key("lost")))
    assert not store.is_healthy
    other.execute("ROLLBACK")
    other.close()
    store.write(lambda unit: unit.add_key(key("kept")))
    assert store.is_healthy
    assert names(store) == ["kept"]
    store.close()


def test_a_store_without_its_folder_is_unavailable(tmp_path):
    """A database that can't be opened is told as such, for reading and for writing."""
    store = Store(f"sqlite:///{tmp_path}/nowhere/test.db")
    with pytest.raises(Unavailable):
        store.read(lambda reads: reads.rulesets())
    with pytest.raises(Unavailable):
        store.write(lambda unit: unit.probe())
    store.close()


def test_closing_finishes_what_is_queued(store):
    """What was handed over before the store closes is written."""
    for number in range(50):
        store.write_later(lambda unit, number=number: unit.add_key(key(f"k{number:02d}")))
    store.close()
    assert len(names(store)) == 50


def test_two_stores_on_one_file_lose_no_update(database):
    """Two processes that read and write the same row one after the other count every step."""
    stores = [Store(f"sqlite:///{database}") for _ in range(2)]
    stores[0].upgrade()
    stores[0].write(lambda unit: unit.add_key(key("counter")))

    def count(unit):
        unit.use_key("counter", (unit.key("counter").last_used_at or 0) + 1)

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda number: stores[number % 2].write(count), range(100)))
    assert stores[0].read(lambda reads: reads.key("counter")).last_used_at == 100
    for store in stores:
        store.close()
