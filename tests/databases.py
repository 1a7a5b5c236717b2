"""What stands in a database, read past the service, whichever kind it is."""

from pathlib import Path

from service.audit.rows import EvaluationRow, ProfileRow
from service.store.database import connected, open_database
from service.store.postgres import Pool
from service.store.store import Store
from service.store.tables import TABLES


def url_of(place: Path | str) -> str:
    """The URL of the SQLite database at a path, or the URL that was given."""
    return f"sqlite:///{place}" if isinstance(place, Path) else place


def rows(place: Path | str, sql: str) -> list[tuple]:
    """What a query finds."""
    database = open_database(url_of(place))
    is_shared = isinstance(database, Pool)
    with connected(database):
        found = database.execute_sql(sql.replace("%", "%%") if is_shared else sql).fetchall()
    if is_shared:
        database.close_idle()
    return found


def evaluations(place: Path | str) -> list[EvaluationRow]:
    """Every evaluation in the order of the log, with its record opened."""
    store = Store(url_of(place))
    found = store.read(lambda reads: reads.evaluations({}, (None, None), 1 << 62, 1 << 31))
    store.close()
    return [one.row for one in reversed(found)]


def profiles(place: Path | str) -> list[ProfileRow]:
    """What is remembered of every profile, opened."""
    names = rows(place, 'SELECT "ruleset", "profile_id" FROM "profiles"')
    store = Store(url_of(place))
    found = store.read(lambda reads: [reads.profile(*name) for name in names])
    store.close()
    return found


def everything(place: Path | str) -> str:
    """All that is written anywhere in our tables, as one text."""
    return "\n".join(str(row) for table in TABLES for row in rows(place, f'SELECT * FROM "{table._meta.table_name}"'))  # noqa: S608, SLF001
