"""A PostgreSQL URL -> a pool of connections, and what its errors mean.

The only file that knows the driver. Connections are opened when they are needed, at most as many as are allowed; who
finds none waits a while for one. Every connection speaks UTF-8 and gives up by itself on a statement, a lock or an idle
transaction that takes too long.
"""

from time import monotonic
from typing import Any

from peewee import Database, InterfaceError, OperationalError, PostgresqlDatabase
from playhouse.pool import MaxConnectionsExceeded, PooledPostgresqlDatabase  # type: ignore[import-untyped]

from service.config import ConfigError

try:
    import psycopg
    from psycopg.types.numeric import Int8Dumper
except ImportError:  # the extra `postgres` is not installed
    HAS_DRIVER = False
else:
    HAS_DRIVER = True

OLDEST_VERSION = 150_000
"""PostgreSQL 15, as the server counts."""
CONNECT_SECONDS = 3
WAIT_SECONDS = 5
"""How long a thread waits for a connection that others use."""
AWAY_SECONDS = 1.0
"""How long it is not tried again to reach a server that could not be reached."""
RECYCLE_SECONDS = 600
SESSION = {
    "statement_timeout": 15_000,
    "lock_timeout": 5_000,
    "idle_in_transaction_session_timeout": 30_000,
}
"""The most milliseconds that a statement, a wait for a lock, and a pause within a transaction may take."""
FULL = MaxConnectionsExceeded
"""Raised when no connection came free in time."""

_LOST = frozenset({"57P01", "57P02", "57P03", "25P03"})
_RACED = frozenset({"40001", "40P01", "23505"})
_ABSENT = frozenset({"42P01", "42703"})


class _Server(PostgresqlDatabase):
    """Opens connections. While the server is away only now and then one thread finds that out.

    Why: threads open connections one after the other, so each would wait for all that did before it.
    """

    _away_until = 0.0

    def _connect(self) -> Any:
        if monotonic() < self._away_until:
            msg = "the database could not be reached a moment ago"
            raise OperationalError(msg)
        try:
            return super()._connect()  # type: ignore[misc]  # missing in its stubs
        except Exception:
            self._away_until = monotonic() + AWAY_SECONDS
            raise


class Pool(PooledPostgresqlDatabase, _Server):  # type: ignore[misc]  # untyped
    """The connections of one process, shared by its threads."""

    def __init__(self, url: str, connections: int) -> None:
        super().__init__(
            url.replace("postgres://", "postgresql://", 1),
            prefer_psycopg3=True,
            max_connections=connections,
            timeout=WAIT_SECONDS,
            stale_timeout=RECYCLE_SECONDS,
            connect_timeout=CONNECT_SECONDS,
            client_encoding="utf8",
            options=" ".join(f"-c {name}={value}" for name, value in SESSION.items()),
            context=_types(),
        )

    def _is_closed(self, conn: Any) -> bool:
        # Why: asking the server before every transaction costs a round trip; who finds it gone tries again anyway.
        return bool(conn.closed)


def open_postgres(url: str, connections: int) -> Pool:
    """The database at a URL such as `postgresql://user:password@host/name`; `ConfigError` without the driver."""
    if not HAS_DRIVER:
        problem = "TAGWRIGHT_DATABASE_URL: PostgreSQL needs its driver; install `tagwright[postgres]`"
        raise ConfigError([problem])
    return Pool(url, connections)


def refuse_unfit(database: Database) -> None:
    """Raise `ConfigError` for a server that is too old, or a database that can't hold every text."""
    encoding = database.execute_sql("SHOW server_encoding").fetchone()[0]  # type: ignore[no-untyped-call]
    problems = []
    if (database.server_version or 0) < OLDEST_VERSION:
        problems.append("TAGWRIGHT_DATABASE_URL: expected PostgreSQL 15 or newer")
    if encoding != "UTF8":
        problems.append(f"TAGWRIGHT_DATABASE_URL: expected a database with encoding UTF8, found {encoding}")
    if problems:
        raise ConfigError(problems)


def is_lost(error: Exception) -> bool:
    """Whether the connection ended under a statement; a new one may work."""
    code = _code(error)
    return isinstance(error, OperationalError | InterfaceError) and (
        code is None or code in _LOST or code.startswith("08")
    )


def is_raced(error: Exception) -> bool:
    """Whether others were in the way (a deadlock, a row that they added first), so that another try may work."""
    return _code(error) in _RACED


def is_refused(error: Exception) -> bool:
    """Whether the server answered that a statement failed, so that its transaction surely left nothing."""
    return _code(error) is not None and not is_lost(error)


def lacks_schema(error: Exception) -> bool:
    """Whether a table or column is missing, because migrations have not run yet."""
    return _code(error) in _ABSENT


def lacks_month(error: Exception) -> bool:
    """Whether a row fits no partition; a violated CHECK has the same code, and a name."""
    cause = _cause(error)
    return _code(error) == "23514" and cause.diag.constraint_name is None


def _types() -> Any:
    """How values are sent: numbers as one type whatever their size, so that a statement is prepared once."""
    types = psycopg.adapt.AdaptersMap(psycopg.adapters)
    types.register_dumper(int, Int8Dumper)
    return types


def _cause(error: Exception) -> Any:
    """The driver's own error behind one of peewee's."""
    return getattr(error, "orig", None)


def _code(error: Exception) -> str | None:
    code: str | None = getattr(_cause(error), "sqlstate", None)
    return code
