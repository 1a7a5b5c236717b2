"""What stands in a database, read past the service, whichever kind it is."""

from pathlib import Path

from service.store.database import connected, open_database
from service.store.postgres import Pool
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


def everything(place: Path | str) -> str:
    """All that is written anywhere in our tables, as one text."""
    return "\n".join(str(row) for table in TABLES for row in rows(place, f'SELECT * FROM "{table._meta.table_name}"'))  # noqa: S608, SLF001
