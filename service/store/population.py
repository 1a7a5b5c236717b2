"""The profiles of a ruleset: how many there are, page by page, and those at some places of the list."""

from collections.abc import Sequence

from peewee import Database

from service.audit.rows import ProfileRow
from service.audit.sealing_rows import SealedProfileRow
from service.store.sealed import open_profile
from service.store.statements import run, select
from service.store.vault import Vault

COUNT = 'SELECT COUNT(*) FROM "profiles" WHERE "ruleset" = ?'
PAGE = select(SealedProfileRow, 'WHERE "ruleset" = ? AND "profile_id" > ? ORDER BY "profile_id" LIMIT ?')
SKIPPED = """
SELECT "profile_id" FROM "profiles" WHERE "ruleset" = ? AND "profile_id" > ? ORDER BY "profile_id" LIMIT 1 OFFSET ?
"""
AT_ONCE = 200


class Population:
    """What can be read of all profiles of a ruleset."""

    def __init__(self, database: Database, vault: Vault) -> None:
        self._database = database
        self._vault = vault

    def count(self, ruleset: str) -> int:
        """How many there are."""
        return int(run(self._database, COUNT, (ruleset,)).fetchone()[0])

    def page(self, ruleset: str, after: str, limit: int) -> list[ProfileRow]:
        """Some of them by id, behind one."""
        return [open_profile(self._vault, row)[0] for row in run(self._database, PAGE, (ruleset, after, limit))]

    def ids_at(self, ruleset: str, places: Sequence[int]) -> list[str]:
        """The ids at some places of the list by id, which counts from zero; places rise, and those behind the end give
        none. Only ids are read on the way, so a few of very many cost little.
        """
        found: list[str] = []
        last, reached = "", 0
        for place in places:
            row = run(self._database, SKIPPED, (ruleset, last, place - reached)).fetchone()
            if row is None:
                break
            last, reached = row[0], place + 1
            found.append(last)
        return found

    def rows(self, ruleset: str, ids: Sequence[str]) -> list[ProfileRow]:
        """Some of them, by their ids; those that are no more there are left out."""
        found: list[ProfileRow] = []
        for start in range(0, len(ids), AT_ONCE):
            some = ids[start : start + AT_ONCE]
            marks = ", ".join("?" * len(some))
            where = f'WHERE "ruleset" = ? AND "profile_id" IN ({marks}) ORDER BY "profile_id"'
            rows = run(self._database, select(SealedProfileRow, where), (ruleset, *some))
            found += [open_profile(self._vault, row)[0] for row in rows]
        return found
