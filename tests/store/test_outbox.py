"""The log as others read it: complete up to the place they read to, whoever writes at the same time."""

import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest

from service.audit.rows import ChangeRow
from service.store.database import connected, open_database
from service.store.horizon import BITS, _before, hold_places
from service.store.statements import insert, run
from service.store.store import Store
from tests.databases import url_of

INSTANT = int(time.time() * 1000)
"""Now: the log has room for this month."""
WHAT = ("tag", "regular", "assigned", None, None, "held", None, "data")
ROW = ChangeRow("e", 0, "u", "small", 1, *WHAT, INSTANT, INSTANT)


@pytest.fixture
def postgres_store(postgres):
    """A store on an empty PostgreSQL database, and the database's URL."""
    url = postgres.migrated()
    store = Store(url)
    store.upgrade()
    yield store, url
    store.close()


@contextmanager
def writer(url):
    """A connection of its own, as another process has."""
    database = open_database(url)
    try:
        with connected(database):
            yield database
    finally:
        database.close_idle()


def add(database, name):
    """Take a place in the log within the transaction that is open."""
    run(database, insert(ChangeRow), ROW._replace(evaluation_id=name))


def seen(store):
    """What a reader of the log has: everything up to the horizon."""
    horizon = store.read(lambda reads: reads.outbox.horizon())
    return [one.row.evaluation_id for one in store.read(lambda reads: reads.outbox.changes(0, horizon, 100))]


def test_a_change_that_is_committed_late_is_never_skipped(postgres_store):
    """A reader stops before a place that was taken and may still come, and reads on when it has."""
    store, url = postgres_store
    with writer(url) as slow, writer(url) as fast:
        with slow.atomic():
            hold_places(slow)
            add(slow, "late")
            with fast.atomic():
                hold_places(fast)
                add(fast, "early")
            assert store.read(lambda reads: len(reads.outbox.changes(0, 1 << 62, 100))) == 1
            assert seen(store) == []
        assert seen(store) == ["late", "early"]
        with slow.atomic() as late:
            hold_places(slow)
            add(slow, "gone")
            with fast.atomic():
                hold_places(fast)
                add(fast, "after")
            assert seen(store) == ["late", "early"]
            late.rollback()
        assert seen(store) == ["late", "early", "after"]


def test_readers_beside_many_writers_see_every_change_once_and_in_order(postgres_store):
    """Whoever follows the log while eight others write gets every change, each once."""
    store, url = postgres_store

    def write(number):
        with writer(url) as database:
            for turn in range(25):
                with database.atomic():
                    hold_places(database)
                    add(database, f"{number}-{turn}")

    place, found = 0, []
    with ThreadPoolExecutor(8) as threads:
        running = [threads.submit(write, number) for number in range(8)]
        while True:
            is_over = all(one.done() for one in running)
            horizon = store.read(lambda reads: reads.outbox.horizon())
            rows = store.read(lambda reads, place=place, horizon=horizon: reads.outbox.changes(place, horizon, 1000))
            found += [one.row.evaluation_id for one in rows]
            place = rows[-1].seq if rows else place
            if is_over and not rows:
                break
        for one in running:
            one.result()
    assert len(found) == len(set(found)) == 200
    for number in range(8):
        assert [one for one in found if one.startswith(f"{number}-")] == [f"{number}-{turn}" for turn in range(25)]


def test_a_lock_number_stands_for_the_place_near_the_last():
    """Lock numbers have fewer bits than places; however far the log has grown, the right place is meant."""
    for last in (0, 5, (1 << BITS) - 1, 1 << BITS, (1 << 40) + 3):
        for behind in (0, 1, 1000):
            place = max(0, last - behind)
            assert _before(last, place % (1 << BITS)) == place
        assert _before(last, (last + 7) % (1 << BITS)) == last


def test_the_place_of_an_instant_is_found(database):
    """A replay begins with the first change recorded at an instant or later, though clocks may differ a little."""
    store = Store(url_of(database))
    store.upgrade()
    offsets = [0, 10, 10, 25, 20, 30, 45, 40, 50]

    def fill(unit):
        for number, offset in enumerate(offsets):
            row = ROW._replace(evaluation_id=str(number), recorded_at=INSTANT + offset)
            run(unit._database, insert(ChangeRow), row)  # noqa: SLF001

    store.write(fill)
    places = [one.seq for one in store.read(lambda reads: reads.outbox.changes(0, 1 << 62, 100))]
    expected = {0: 0, 5: 1, 10: 1, 20: 3, 21: 3, 26: 5, 41: 6, 50: 8}
    for offset, index in expected.items():
        found = store.read(lambda reads, at=INSTANT + offset: reads.outbox.place_since(at, 10))
        assert found == places[index] - 1
    assert store.read(lambda reads: reads.outbox.place_since(INSTANT + 51, 10)) == places[-1]
    store.close()


def test_an_empty_log_has_a_beginning(database):
    """Before anything was recorded every point of it is the beginning."""
    store = Store(url_of(database))
    store.upgrade()
    assert store.read(lambda reads: reads.outbox.place_since(INSTANT, 10)) == 0
    assert store.read(lambda reads: reads.outbox.last_place()) == 0
    store.close()
