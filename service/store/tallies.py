"""Counts that pages show at once, in the database. They are made of the holdings and the log, and prove nothing."""

from collections.abc import Mapping, Sequence

from peewee import Database

from service.audit.rows import DailyRow, MarkRow, TallyRow
from service.store.statements import insert, run, run_all, select, upsert

TALLIES = select(TallyRow, 'WHERE "ruleset" = ? ORDER BY "kind", "key", "value"')
COUNTED = """
SELECT "ruleset", "kind", "key", "value", COUNT(*) FROM "holdings" WHERE "ruleset" = ?
GROUP BY "ruleset", "kind", "key", "value" ORDER BY "kind", "key", "value"
"""
IS_MANY = 'SELECT COUNT(*) FROM (SELECT 1 FROM "holdings" WHERE "ruleset" = ? LIMIT ?) AS "some"'
DAILY = select(DailyRow, 'WHERE "ruleset" = ? AND "day" >= ? ORDER BY "day"')
MARK = select(MarkRow, 'WHERE "name" = ?')
DROP_TALLIES = 'DELETE FROM "tallies" WHERE "ruleset" = ?'
ADD_DAILY = upsert(DailyRow, DailyRow._fields[:-1]).replace(
    '"changes" = excluded."changes"', '"changes" = "daily"."changes" + excluded."changes"'
)
SAVE_MARK = upsert(MarkRow, ("name",))
NEW_MARK = 'INSERT INTO "tally_marks" ("name", "place", "at", "took") VALUES (?, 0, 0, 0) ON CONFLICT DO NOTHING'
MOVE_MARK = 'UPDATE "tally_marks" SET "place" = ?, "at" = ? WHERE "name" = ? AND "place" = ?'


class TallyReads:
    """What can be read of them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def tallies(self, ruleset: str) -> list[TallyRow]:
        """The counts of a ruleset, as of its mark."""
        return [TallyRow._make(row) for row in run(self._database, TALLIES, (ruleset,))]

    def counted(self, ruleset: str) -> list[TallyRow]:
        """The counts of a ruleset as they are now; reads all that its profiles hold."""
        return [TallyRow._make(row) for row in run(self._database, COUNTED, (ruleset,))]

    def is_many(self, ruleset: str, most: int) -> bool:
        """Whether a ruleset's profiles hold more than `most` things; counts no further."""
        count: int = run(self._database, IS_MANY, (ruleset, most + 1)).fetchone()[0]
        return count > most

    def daily(self, ruleset: str, first_day: int) -> list[DailyRow]:
        """How many changes of each kind there were, day by day (days since 1970-01-01 in UTC), from one on."""
        return [DailyRow._make(row) for row in run(self._database, DAILY, (ruleset, first_day))]

    def mark(self, name: str) -> MarkRow | None:
        """How far something was counted, and when."""
        row = run(self._database, MARK, (name,)).fetchone()
        return MarkRow._make(row) if row else None


class Tallies(TallyReads):
    """What can be done with them."""

    def replace(self, ruleset: str, rows: Sequence[TallyRow], mark: MarkRow) -> None:
        """Put new counts of a ruleset in the place of the old ones."""
        run(self._database, DROP_TALLIES, (ruleset,))
        run_all(self._database, lambda size: insert(TallyRow, size), rows)
        run(self._database, SAVE_MARK, mark)

    def add(self, counts: Mapping[DailyRow, int], name: str, seen: int, place: int, at: int) -> bool:
        """Add to the days what the log says from `seen` to `place`; false if another process has done so already."""
        run(self._database, NEW_MARK, (name,))
        if not run(self._database, MOVE_MARK, (place, at, name, seen)).rowcount:
            return False
        for row, count in counts.items():
            run(self._database, ADD_DAILY, row._replace(changes=count))
        return True
