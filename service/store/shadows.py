"""Drafts that watch live traffic, in the database: what they are, where they differ, and for whom."""

from collections.abc import Sequence

from peewee import Database

from service.audit.job_rows import ShadowCountRow, ShadowRow, ShadowSampleRow
from service.store.statements import insert, insert_new, run, run_all, select, upsert
from service.store.vault import Vault, opened, place

SHADOW = select(ShadowRow, 'WHERE "ruleset" = ?')
LIVE = select(ShadowRow, 'WHERE "ended_at" IS NULL ORDER BY "ruleset"')
COUNTS = select(ShadowCountRow, 'WHERE "ruleset" = ? ORDER BY "kind", "key", "source", "target"')
SAMPLES = select(ShadowSampleRow, 'WHERE "ruleset" = ? ORDER BY "profile_id"')
COUNT_SAMPLES = 'SELECT COUNT(*) FROM "shadow_samples" WHERE "ruleset" = ?'
START = upsert(ShadowRow, ("ruleset",))
END = 'UPDATE "shadows" SET "ended_at" = ?, "reason" = ? WHERE "ruleset" = ? AND "ended_at" IS NULL'
DROP = tuple(f'DELETE FROM "{table}" WHERE "ruleset" = ?' for table in ("shadow_samples", "shadow_counts", "shadows"))  # noqa: S608  # our own names
COUNT = """
UPDATE "shadows" SET "compared" = "compared" + ?, "moved" = "moved" + ?, "failed" = "failed" + ?,
"dropped" = "dropped" + ? WHERE "ruleset" = ? AND "digest" = ? AND "started_at" = ?
"""
FORGET = 'DELETE FROM "shadow_samples" WHERE "profile_id" = ?'


class ShadowsReads:
    """What can be read of them."""

    def __init__(self, database: Database, vault: Vault) -> None:
        self._database = database
        self._vault = vault

    def shadow(self, ruleset: str) -> ShadowRow | None:
        """The shadow of a ruleset's draft, ended or not."""
        row = run(self._database, SHADOW, (ruleset,)).fetchone()
        return ShadowRow._make(row) if row else None

    def live(self) -> list[ShadowRow]:
        """Every shadow that has not ended."""
        return [ShadowRow._make(row) for row in run(self._database, LIVE)]

    def counts(self, ruleset: str) -> list[ShadowCountRow]:
        """In what a shadow differs."""
        return [ShadowCountRow._make(row) for row in run(self._database, COUNTS, (ruleset,))]

    def samples(self, ruleset: str) -> list[ShadowSampleRow]:
        """Some profiles for which it does."""
        rows = map(ShadowSampleRow._make, run(self._database, SAMPLES, (ruleset,)))
        return [row._replace(live=self._open("live", row), draft=self._open("draft", row)) for row in rows]

    def _open(self, column: str, row: ShadowSampleRow) -> str:
        return opened(getattr(row, column), self._vault.shared, _place(column, row))


class Shadows(ShadowsReads):
    """What can be done with them in a write transaction."""

    def start(self, shadow: ShadowRow) -> None:
        """Begin a shadow, in place of the one there was."""
        self.drop(shadow.ruleset)
        run(self._database, START, shadow)

    def end(self, ruleset: str, reason: str, at: int) -> None:
        """End a shadow; what it found stays."""
        run(self._database, END, (at, reason, ruleset))

    def drop(self, ruleset: str) -> None:
        """Forget a shadow and what it found."""
        for statement in DROP:
            run(self._database, statement, (ruleset,))

    def count(self, shadow: ShadowRow, counts: Sequence[ShadowCountRow]) -> bool:
        """Add the numbers of `shadow` and what differed to what is kept; false if another shadow has begun since."""
        values = (shadow.compared, shadow.moved, shadow.failed, shadow.dropped)
        if not run(self._database, COUNT, (*values, shadow.ruleset, shadow.digest, shadow.started_at)).rowcount:
            return False
        run_all(self._database, _add_counts, counts)
        return True

    def count_samples(self, ruleset: str) -> int:
        """How many profiles are kept."""
        return int(run(self._database, COUNT_SAMPLES, (ruleset,)).fetchone()[0])

    def sample(self, samples: Sequence[ShadowSampleRow]) -> None:
        """Keep profiles for which a shadow differs, each once."""
        key = self._vault.shared
        sealed = [
            row._replace(
                live=key.seal(row.live.encode(), _place("live", row)),  # type: ignore[arg-type]  # as it is kept
                draft=key.seal(row.draft.encode(), _place("draft", row)),  # type: ignore[arg-type]
            )
            for row in samples
        ]
        run_all(self._database, _add_samples, sealed)

    def forget(self, profile_id: str) -> None:
        """Drop what is kept of a profile."""
        run(self._database, FORGET, (profile_id,))


def _place(column: str, row: ShadowSampleRow) -> bytes:
    return place("shadow_samples", column, row.ruleset, row.profile_id)


def _add_counts(rows: int) -> str:
    key = '"ruleset", "kind", "key", "source", "target"'
    return (
        f"{insert(ShadowCountRow, rows)} ON CONFLICT ({key}) "
        'DO UPDATE SET "times" = "shadow_counts"."times" + excluded."times"'
    )


def _add_samples(rows: int) -> str:
    return insert_new(ShadowSampleRow, rows)
