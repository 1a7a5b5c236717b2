"""Records by month on PostgreSQL: one partition for each month (UTC) of `recorded_at`, so that old ones are dropped
whole.

Partitions are made ahead whenever the service starts, and by whoever writes the first record of a month that has none.
SQLite keeps everything in one table.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from time import time

from peewee import Database

PARTITIONED = ("evaluations", "changes")
AHEAD = 3
"""How many months after the present one are made at the start."""
LOCK = "SELECT pg_advisory_xact_lock(7126001)"
EXISTS = "SELECT to_regclass(%s) IS NOT NULL"
MAKE = 'CREATE TABLE "{name}" (LIKE "{table}" INCLUDING ALL)'
# Why: attached, not created in place, because that lets others go on writing to the table.
ATTACH = 'ALTER TABLE "{table}" ATTACH PARTITION "{name}" FOR VALUES FROM ({start}) TO ({end})'

Month = tuple[int, int]
"""A year and a month."""


def add_months_ahead(database: Database) -> None:
    """Make the partitions of this month and of those that come next."""
    present = month_of(int(time() * 1000))
    add_months(database, [later(present, count) for count in range(AHEAD + 1)])


def add_months(database: Database, months: Iterable[Month]) -> None:
    """Make the partitions of some months that there are not yet; processes that do so at once wait for each other."""
    with database.atomic():
        database.execute_sql(LOCK)  # type: ignore[no-untyped-call]
        for month in sorted(set(months)):
            for table in PARTITIONED:
                _add(database, table, month)


def month_of(at: int) -> Month:
    """The month that an instant lies in."""
    day = datetime.fromtimestamp(at // 1000, UTC)
    return day.year, day.month


def later(month: Month, count: int) -> Month:
    """The month that comes some months later."""
    year, place = divmod(month[0] * 12 + month[1] - 1 + count, 12)
    return year, place + 1


def partition(table: str, month: Month) -> str:
    """The name of one month's partition, such as `evaluations_2026_11`."""
    return f"{table}_{month[0]}_{month[1]:02}"


def _add(database: Database, table: str, month: Month) -> None:
    name = partition(table, month)
    if database.execute_sql(EXISTS, (name,)).fetchone()[0]:  # type: ignore[no-untyped-call]
        return
    start, end = _first_instant(month), _first_instant(later(month, 1))
    for statement in (MAKE, ATTACH):
        database.execute_sql(statement.format(table=table, name=name, start=start, end=end))  # type: ignore[no-untyped-call]


def _first_instant(month: Month) -> int:
    return int(datetime(*month, 1, tzinfo=UTC).timestamp()) * 1000
