"""What was at an instant: the record that a profile stood on, who held what, and what a profile's changes led to.

Who held something then is who holds it now, and whoever lost it since; so what is read grows with the time that has
passed, along the index of what changed, and not with what is stored.
"""

from collections.abc import Sequence

from peewee import Database

from service.audit.rows import ChangeRow, Held
from service.store.statements import fields, run

STANDING = """
SELECT "id" FROM "evaluations" WHERE "profile_id" = ? AND "ruleset" = ? AND "at" <= ? AND "recorded_at" <= ?
ORDER BY "seq" DESC LIMIT 1
"""
HOLDERS = """
SELECT "profile_id" FROM "holdings"
WHERE "ruleset" = ? AND "kind" = ? AND "key" = ? AND "value" = ? AND "profile_id" > ? ORDER BY "profile_id" LIMIT ?
"""
LOSERS = """
SELECT DISTINCT "profile_id" FROM "changes"
WHERE "ruleset" = ? AND "kind" = ? AND "key" = ? AND "at" > ? AND "source" || '' = ? AND "profile_id" || '' > ?
ORDER BY "profile_id" LIMIT ?
"""
ALL = 'SELECT "profile_id" FROM "profiles" WHERE "ruleset" = ? AND "profile_id" > ? ORDER BY "profile_id" LIMIT ?'


class History:
    """What was."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def standing(self, ruleset: str, profile_id: str, at: int, recorded_at: int) -> str | None:
        """The evaluation that a profile stood on at an instant, by what was recorded up to another one."""
        found = run(self._database, STANDING, (profile_id, ruleset, at, recorded_at)).fetchone()
        return found and str(found[0])

    def candidates(self, ruleset: str, held: Held | None, at: int, after: str, limit: int) -> list[str]:
        """Profiles by id, behind one, of which one may have held something after the instant; of none other it can be
        true. Without `held` every profile of the ruleset.
        """
        if held is None:
            return [row[0] for row in run(self._database, ALL, (ruleset, after, limit))]
        parts: list[str] = []
        values: list[object] = []
        for key, value in held.pairs:
            parts += [f"SELECT * FROM ({HOLDERS}) AS h", f"SELECT * FROM ({LOSERS}) AS c"]  # noqa: S608  # our own names
            values += [ruleset, held.kind, key, value, after, limit, ruleset, held.kind, key, at, value, after, limit]
        sql = f'{" UNION ".join(parts)} ORDER BY "profile_id" LIMIT ?'
        return [row[0] for row in run(self._database, sql, (*values, limit))]

    def changes_until(self, ruleset: str, profiles: Sequence[str], at: int) -> list[ChangeRow]:
        """Every change of some profiles up to and including an instant, in their order."""
        if not profiles:
            return []
        marks = ", ".join("?" * len(profiles))
        sql = (
            f'SELECT {fields(ChangeRow)} FROM "changes" WHERE "profile_id" IN ({marks}) '  # noqa: S608  # our own names
            """AND "ruleset" || '' = ? AND "at" <= ? ORDER BY "at", "seq\""""
        )
        return [ChangeRow._make(row) for row in run(self._database, sql, (*profiles, ruleset, at))]
