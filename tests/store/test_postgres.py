"""PostgreSQL when something is in the way: others, time, a lost connection, a server that is not there."""

import threading
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO

import psycopg
import pytest

from service.app import create_app
from service.audit.rows import KeyRow
from service.bootstrap import COMMAND_LINE
from service.config import Config, ConfigError
from service.errors import Unavailable
from service.operations.keys import create_key
from service.store import postgres as settings
from service.store.store import Store
from tests.conftest import wire_on
from tests.store.test_contract import profile

END_OTHERS = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{}'"
SLOW_COMMIT = """
CREATE FUNCTION slow() RETURNS trigger AS $$ BEGIN PERFORM pg_sleep(5); RETURN NULL; END $$ LANGUAGE plpgsql;
CREATE CONSTRAINT TRIGGER slow AFTER INSERT ON api_keys DEFERRABLE INITIALLY DEFERRED
FOR EACH ROW EXECUTE FUNCTION slow();
"""


@pytest.fixture
def url(postgres):
    """The URL of a new database with the newest schema."""
    url = postgres.migrated()
    yield url
    postgres.drop(url)


@pytest.fixture
def store(url):
    """A store on it."""
    store = Store(url)
    yield store
    store.close()


def name_in(url: str) -> str:
    """The name of a database in its URL."""
    return url.partition("?")[0].rpartition("/")[2]


def key(name: str) -> KeyRow:
    """A row that is easy to write."""
    return KeyRow(name, name, "0" * 64, "admin", 1, "test", None, None, None)


def names(store: Store) -> list[str]:
    """What was written."""
    return [row.id for row in store.read(lambda reads: reads.keys("", 100))]


def execute(unit, sql: str) -> None:
    """Run a statement in a job's transaction."""
    unit._database.execute_sql(sql)  # noqa: SLF001  # what no job of the service would do


def test_a_restarted_server_is_not_noticed(store, url, postgres):
    """Connections that were lost while nobody used them fail no request."""
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda number: store.write(lambda unit: unit.add_key(key(f"a{number}"))), range(8)))
    postgres.run(END_OTHERS.format(name_in(url)))
    assert len(names(store)) == 8
    postgres.run(END_OTHERS.format(name_in(url)))
    store.write(lambda unit: unit.add_key(key("b")))
    assert len(names(store)) == 9


def test_a_connection_lost_in_the_middle_is_run_again(store):
    """A job whose transaction died before its commit is done once, by another."""
    tries = []

    def job(unit):
        tries.append(1)
        unit.add_key(key("a"))
        if len(tries) == 1:
            execute(unit, "SELECT pg_terminate_backend(pg_backend_pid())")

    store.write(job)
    assert len(tries) == 2
    assert names(store) == ["a"]
    assert store.is_healthy


def test_a_connection_lost_at_the_commit_is_told_as_it_is(store, url, postgres):
    """Whether it was recorded is not known then; the caller hears so, and how to find out."""
    postgres.run(SLOW_COMMIT, name_in(url))
    with ThreadPoolExecutor(1) as threads:
        waiting = threads.submit(store.write, lambda unit: unit.add_key(key("a")))
        while not postgres.run("SELECT 1 FROM pg_stat_activity WHERE wait_event = 'PgSleep'"):
            pass
        postgres.run(END_OTHERS.format(name_in(url)))
        with pytest.raises(Unavailable, match="again with the same `Idempotency-Key`"):
            waiting.result(10)
    assert not store.is_healthy


def test_a_deadlock_is_solved_by_another_try(store, url):
    """Two transactions that wait for each other both come through."""
    for one in ("a", "b"):
        row = profile(1, profile_id=one)
        store.write(lambda unit, row=row: unit.record([], [], row))
    meeting = threading.Barrier(2)
    tries = []

    def both(first, second):
        def job(unit):
            tries.append(first)
            unit.profile("r", first)
            if len(tries) <= 2:
                meeting.wait(5)
            return unit.profile("r", second)

        return store.write(job)

    with ThreadPoolExecutor(2) as threads:
        found = list(threads.map(both, ("a", "b"), ("b", "a")))
    assert [row.profile_id for row in found] == ["b", "a"]
    assert len(tries) > 2


def test_a_lock_held_too_long_is_unavailable_and_recovers(url, monkeypatch):
    """Who waits too long for a profile is told to try again, and later it works."""
    monkeypatch.setitem(settings.SESSION, "lock_timeout", 100)
    store = Store(url)
    store.write(lambda unit: unit.record([], [], profile(1)))
    with psycopg.connect(url) as other:
        other.execute("SELECT 1 FROM profiles FOR UPDATE")
        with pytest.raises(Unavailable):
            store.write(lambda unit: unit.profile("r", "p"))
        assert not store.is_healthy
        assert store.read(lambda reads: reads.profile("r", "p")) == profile(1)
    assert store.write(lambda unit: unit.profile("r", "p")) == profile(1)
    assert store.is_healthy
    store.close()


def test_a_statement_ends_in_time(url, monkeypatch):
    """No request hangs on a statement for ever."""
    monkeypatch.setitem(settings.SESSION, "statement_timeout", 100)
    store = Store(url)
    with pytest.raises(Unavailable):
        store.write(lambda unit: execute(unit, "SELECT pg_sleep(60)"))
    store.close()


def test_threads_wait_for_a_connection_but_not_for_ever(url, monkeypatch):
    """More threads than connections share them; one that finds none in time is told to try again."""
    monkeypatch.setattr(settings, "WAIT_SECONDS", 0.3)
    store = Store(url, connections=1)
    is_held, may_go = threading.Event(), threading.Event()

    def hold(_unit):
        is_held.set()
        may_go.wait(5)

    with ThreadPoolExecutor(4) as threads:
        first = threads.submit(store.write, hold)
        is_held.wait(5)
        with pytest.raises(Unavailable):
            store.read(lambda reads: reads.rulesets())
        waiting = [threads.submit(names, store) for _ in range(3)]
        may_go.set()
        first.result(5)
        assert [one.result(5) for one in waiting] == [[], [], []]
    store.close()


def test_a_sweeper_passes_over_what_others_have_in_hand(store, url):
    """What is due is shared among sweepers without waiting: a profile that one has, another leaves to it."""
    for one in ("a", "b"):
        row = profile(1, profile_id=one, next_at=5)
        store.write(lambda unit, row=row: unit.record([], [], row))
    with psycopg.connect(url) as other:
        other.execute("SELECT 1 FROM profiles WHERE profile_id = 'a' FOR UPDATE")
        assert [row.profile_id for row in store.write(lambda unit: unit.due(9, None, 10))] == ["b"]
    assert len(store.write(lambda unit: unit.due(9, "r", 10))) == 2


def test_a_server_that_is_away_is_told_and_the_service_recovers(url, postgres, clock, monkeypatch):
    """Without its database the service decides nothing and says so; when it is back, so is the service."""
    monkeypatch.setattr(settings, "AWAY_SECONDS", 0.05)
    service = wire_on(url, clock)
    made = create_key(service, {"name": "test", "roles": ["auditor"]}, COMMAND_LINE)
    headers = {"Authorization": f"Bearer {made['key']}"}
    http = create_app(service, Config(), BytesIO()).test_client()
    assert http.get("/v1/decisions", headers=headers).status_code == 200
    postgres.run(f"ALTER DATABASE {name_in(url)} ALLOW_CONNECTIONS false")
    postgres.run(END_OTHERS.format(name_in(url)))
    reply = http.get("/v1/decisions", headers=headers)
    assert (reply.status_code, reply.get_json()["code"]) == (503, "unavailable")
    with pytest.raises(Unavailable):
        service.store.write(lambda unit: unit.add_key(key("lost")))
    ready = http.get("/readyz")
    assert (ready.status_code, set(ready.get_json()["checks"].values())) == (503, {False})
    assert http.get("/healthz").status_code == 200
    postgres.run(f"ALTER DATABASE {name_in(url)} ALLOW_CONNECTIONS true")
    threading.Event().wait(0.1)
    checks = http.get("/readyz").get_json()["checks"]
    assert checks == {"database": True, "writable": True, "migrations": True, "rulesets": False, "log": True}
    assert http.get("/v1/decisions", headers=headers).status_code == 200
    service.store.close()


def test_a_server_that_is_away_is_not_asked_by_everybody(monkeypatch):
    """While it can't be reached the next callers hear so at once, instead of each waiting for it in turn."""
    asked = []

    def connect(**_settings):
        asked.append(1)
        raise psycopg.OperationalError

    monkeypatch.setattr(psycopg, "connect", connect)
    store = Store("postgresql://user@host/name")
    with ThreadPoolExecutor(8) as threads:
        refused = [threads.submit(names, store) for _ in range(8)]
    assert {type(one.exception()) for one in refused} == {Unavailable}
    assert len(asked) == 1


def test_a_database_without_its_schema_is_unavailable(postgres):
    """Before its migrations have run a database can't be used, and says so instead of failing."""
    url = postgres.empty()
    store = Store(url)
    with pytest.raises(Unavailable):
        names(store)
    store.upgrade()
    assert names(store) == []
    store.close()
    postgres.drop(url)


def test_without_the_driver_the_remedy_is_told(monkeypatch):
    """Whoever names a PostgreSQL database without having its driver hears what to install."""
    monkeypatch.setattr(settings, "HAS_DRIVER", False)
    with pytest.raises(ConfigError, match=r"install `tagwright\[postgres\]`"):
        Store("postgresql://user:password@host/name")
