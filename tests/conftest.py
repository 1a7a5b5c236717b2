"""A whole service in memory of one test: real store in a temporary file, real programs, a clock that stands still."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from service.app import create_app
from service.bootstrap import COMMAND_LINE
from service.config import Config
from service.operations.keyring import KeyRing
from service.operations.keys import create_key
from service.operations.programs import Programs
from service.operations.publish import publish_ruleset
from service.operations.service import Service
from service.store.store import Store
from service.store.ulids import Ulids
from tests.databases import url_of
from tests.postgres import Server, postgres_server
from tests.small import RULESET, START


class HandClock:
    """A clock that is moved by hand."""

    def __init__(self, at: int) -> None:
        self.at = at

    def __call__(self) -> int:
        """The instant it shows."""
        return self.at


def pytest_addoption(parser) -> None:
    """`--database postgresql` runs on PostgreSQL whatever runs on SQLite by default."""
    parser.addoption("--database", choices=["sqlite", "postgresql"], default="sqlite")


def wire_on(place: Path | str, clock: HandClock) -> Service:
    """A service on the SQLite database at a path, or on the database at a URL."""
    store = Store(url_of(place))
    return Service(
        store=store,
        clock=clock,
        ids=Ulids(),
        programs=Programs(store, clock),
        keyring=KeyRing(store, clock),
        idempotency_days=7,
    )


def new_database(request, file: Path | str, kind: str, make: Callable[[Server], str]) -> Iterator[Path | str]:
    """A SQLite database in a file, or one that the server makes and forgets again."""
    if kind == "sqlite":
        yield file
        return
    server = request.getfixturevalue("postgres")
    url = make(server)
    yield url
    server.drop(url)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """A real PostgreSQL, started when the first test asks for it."""
    with postgres_server() as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request, tmp_path: Path) -> Iterator[str]:
    """The URL of a new database without tables, of each kind in turn."""
    yield from new_database(request, f"sqlite:///{tmp_path / 'both.db'}", request.param, Server.empty)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request, tmp_path: Path) -> Iterator[str]:
    """The URL of a new database with the newest schema, of each kind in turn."""
    for url in new_database(request, f"sqlite:///{tmp_path / 'both.db'}", request.param, Server.migrated):
        store = Store(url)
        store.upgrade()
        store.close()
        yield url


@pytest.fixture
def clock() -> HandClock:
    """The clock of the test's service, at the start of 2026."""
    return HandClock(START)


@pytest.fixture
def database(request, tmp_path: Path) -> Iterator[Path | str]:
    """Where the test's service keeps everything: the path of a SQLite database, or the URL of one on PostgreSQL."""
    yield from new_database(request, tmp_path / "test.db", request.config.getoption("database"), Server.migrated)


@pytest.fixture
def service(database: Path | str, clock: HandClock) -> Iterator[Service]:
    """A service with the small ruleset published as version 1."""
    service = wire_on(database, clock)
    service.store.upgrade()
    publish_ruleset(service, json.dumps(RULESET), "first", COMMAND_LINE)
    yield service
    service.store.close()


@pytest.fixture
def app(service: Service, tmp_path: Path):
    """The service's Flask app; requests are logged to `requests.log` in the test's folder."""
    with (tmp_path / "requests.log").open("wb", buffering=0) as log:
        yield create_app(service, Config(), log)


@pytest.fixture
def http(app):
    """What speaks HTTP to the app, without a server between."""
    return app.test_client()


@pytest.fixture
def key_for(service: Service):
    """Makes the header of a fresh key with some roles."""

    def make(*roles: str) -> dict[str, str]:
        made = create_key(service, {"name": "test", "roles": list(roles)}, COMMAND_LINE)
        return {"Authorization": f"Bearer {made['key']}"}

    return make


@pytest.fixture
def evaluator(key_for) -> dict[str, str]:
    """The header of a key that may evaluate."""
    return key_for("evaluator")


@pytest.fixture
def auditor(key_for) -> dict[str, str]:
    """The header of a key that may read everything."""
    return key_for("auditor")


@pytest.fixture
def admin(key_for) -> dict[str, str]:
    """The header of a key that may manage keys."""
    return key_for("admin")
