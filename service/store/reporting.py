"""What reports are made of: how many hold what, whose standing changed since an instant, and changes counted by kind.

What is held now is counted along the primary key of `holdings`; changes are read along the index of what changed or,
for a whole ruleset, along that of time. So the cost follows what is held and the period read.
"""

from collections.abc import Sequence
from typing import Any

from peewee import Database

from service.audit.find_rows import Span
from service.audit.report_rows import CountRow, Things
from service.store.statements import run

ERASED = """
SELECT DISTINCT "profile_id" FROM "changes"
WHERE "profile_id" >= 'erased:' AND "profile_id" < 'erased;' AND "profile_id" > ? AND "ruleset" || '' = ?
ORDER BY "profile_id" LIMIT ?
"""
"""Whoever was erased: the colon is followed by the semicolon."""
COLUMNS = ("kind", "key", "outcome", "movement", "source", "target", "cause", "rule")


class Reporting:
    """Reading for reports."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def held(self, ruleset: str, things: Things, beside: Things | None) -> list[tuple[Any, ...]]:
        """How many profiles hold each of some things: key, value, and of what is held beside them key and value (both
        `None` if nothing, or without `beside`), and the count.
        """
        keys, marks = things.keys, _marks(things.keys)
        if beside is None:
            sql = (
                'SELECT "key", "value", NULL, NULL, COUNT(*) FROM "holdings" '  # noqa: S608  # our own names only
                f'WHERE "ruleset" = ? AND "kind" = ? AND "key" IN ({marks}) GROUP BY "key", "value"'
            )
            return list(run(self._database, sql, (ruleset, things.kind, *keys)))
        sql = (
            'SELECT a."key", a."value", b."key", b."value", COUNT(*) FROM "holdings" AS a LEFT JOIN "holdings" AS b '  # noqa: S608  # our own names only
            f'ON b."ruleset" = a."ruleset" AND b."kind" = ? AND b."key" IN ({_marks(beside.keys)}) '
            f'AND b."value" IN ({_marks(beside.values)}) AND b."profile_id" = a."profile_id" '
            f'WHERE a."ruleset" = ? AND a."kind" = ? AND a."key" IN ({marks}) '
            'GROUP BY a."key", a."value", b."key", b."value"'
        )
        values = (beside.kind, *beside.keys, *beside.values, ruleset, things.kind, *keys)
        return list(run(self._database, sql, values))

    def changed(self, ruleset: str, things: Things, span: Span, after: str, limit: int) -> list[str]:
        """Profiles of which one of some things changed in a span, its begin left out and its end included; by id
        behind one.
        """
        low, high = span
        values = [ruleset, things.kind, *things.keys, -(1 << 62) if low is None else low]
        values += [1 << 62 if high is None else high, after, limit]
        sql = (
            'SELECT DISTINCT "profile_id" FROM "changes" '  # noqa: S608  # our own names only
            f'WHERE "ruleset" = ? AND "kind" = ? AND "key" IN ({_marks(things.keys)}) AND "at" > ? AND "at" <= ? '
            """AND "profile_id" || '' > ? ORDER BY "profile_id" LIMIT ?"""
        )
        return [row[0] for row in run(self._database, sql, values)]

    def erased(self, ruleset: str, after: str, limit: int) -> list[str]:
        """The names that stand for erased persons, behind one."""
        return [row[0] for row in run(self._database, ERASED, (after, ruleset, limit))]

    def amount(self, ruleset: str, things: Things, since: int | None, most: int) -> int:
        """How many changes of some things there were since an instant; counts no further than `most`."""
        sql = (
            'SELECT COUNT(*) FROM (SELECT 1 FROM "changes" WHERE "ruleset" = ? AND "kind" = ? '  # noqa: S608  # our own names only
            f'AND "key" IN ({_marks(things.keys)}) AND "at" > ? LIMIT ?) AS c'
        )
        values = (ruleset, things.kind, *things.keys, -(1 << 62) if since is None else since, most)
        return int(run(self._database, sql, values).fetchone()[0])

    def counted(self, ruleset: str, things: Things | None, span: Span) -> list[CountRow]:
        """How often each change came in a half-open span: of some things, or of all."""
        low, high = span
        values: list[object] = [-(1 << 62) if low is None else low, 1 << 62 if high is None else high, ruleset]
        condition = """"at" >= ? AND "at" < ? AND "ruleset" || '' = ?"""
        if things is not None:
            condition = f'"at" >= ? AND "at" < ? AND "ruleset" = ? AND "kind" = ? AND "key" IN ({_marks(things.keys)})'
            values += [things.kind, *things.keys]
        names = ", ".join(f'"{name}"' for name in COLUMNS)
        sql = f'SELECT {names}, COUNT(*) FROM "changes" WHERE {condition} GROUP BY {names}'  # noqa: S608  # our own names only
        return [CountRow(*row) for row in run(self._database, sql, values)]


def _marks(values: Sequence[str]) -> str:
    return ", ".join("?" * len(values))
