"""What can be read of the store: rows in, rows out, in one consistent view of the database.

It decides nothing. Lists are read newest first, below a place in the log (`below`), so that a page neither repeats nor
skips.
"""

from collections.abc import Mapping

from peewee import Database, SqliteDatabase

from service.audit.rows import (
    ChangeRow,
    EvaluationRow,
    KeyRow,
    Numbered,
    NumberedChange,
    ProfileRow,
    RulesetRow,
    Segment,
    VersionRow,
)
from service.store.outbox import OutboxReads
from service.store.segments import statement
from service.store.statements import run, select

PROFILE = select(ProfileRow, 'WHERE "ruleset" = ? AND "profile_id" = ?')
PROFILES = select(
    ProfileRow, 'WHERE "ruleset" IN (SELECT "key" FROM "rulesets") AND "profile_id" = ? ORDER BY "ruleset"'
)
OLDER = select(ProfileRow, 'WHERE "ruleset" = ? AND "profile_id" > ? AND "version" <> ? ORDER BY "profile_id" LIMIT ?')
FIRST_DUE = 'SELECT "next_at" FROM "profiles" WHERE "next_at" IS NOT NULL ORDER BY "next_at" LIMIT 1'
COUNT_DUE = 'SELECT COUNT(*) FROM (SELECT 1 FROM "profiles" WHERE "next_at" <= ? LIMIT ?) AS d'
EVALUATION = select(EvaluationRow, 'WHERE "id" = ?')
RULESETS = select(RulesetRow, 'ORDER BY "key"')
VERSION = select(VersionRow, 'WHERE "ruleset" = ? AND "version" = ?')
VERSIONS = select(VersionRow, 'WHERE "ruleset" = ? AND "version" < ? ORDER BY "version" DESC LIMIT ?')
KEY = select(KeyRow, 'WHERE "id" = ?')
KEYS = select(KeyRow, 'WHERE "id" > ? ORDER BY "id" LIMIT ?')

Span = tuple[int | None, int | None]
"""A half-open range of instants; `None` where it has no end."""


class Reads:
    """Reading, over one open connection."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @property
    def outbox(self) -> OutboxReads:
        """What leaves the service."""
        return OutboxReads(self._database)

    def profile(self, ruleset: str, profile_id: str) -> ProfileRow | None:
        """What is remembered of a profile under one ruleset."""
        row = run(self._database, PROFILE, (ruleset, profile_id)).fetchone()
        return ProfileRow._make(row) if row else None

    def profiles(self, profile_id: str) -> list[ProfileRow]:
        """What is remembered of a profile under every ruleset, by the rulesets' keys."""
        return [ProfileRow._make(row) for row in run(self._database, PROFILES, (profile_id,))]

    def segment(self, segment: Segment, after: str, limit: int) -> list[ProfileRow]:
        """Profiles that fit, by id, behind one."""
        dialect = "sqlite" if isinstance(self._database, SqliteDatabase) else "postgresql"
        rows = run(self._database, *statement(segment, after, limit, dialect))
        return [ProfileRow._make(row) for row in rows]

    def older(self, ruleset: str, version: int, after: str, limit: int) -> list[ProfileRow]:
        """Profiles that were decided last by another version than this one, by id, behind one."""
        return [ProfileRow._make(row) for row in run(self._database, OLDER, (ruleset, after, version, limit))]

    def first_due(self) -> int | None:
        """The earliest instant at which something changes for any profile."""
        row = run(self._database, FIRST_DUE).fetchone()
        return row[0] if row else None

    def count_due(self, until: int, most: int) -> int:
        """How many profiles are due at `until`; counts no further than `most`."""
        count: int = run(self._database, COUNT_DUE, (until, most)).fetchone()[0]
        return count

    def evaluation(self, evaluation_id: str) -> EvaluationRow | None:
        """One evaluation."""
        row = run(self._database, EVALUATION, (evaluation_id,)).fetchone()
        return EvaluationRow._make(row) if row else None

    def evaluations(self, equal: Mapping[str, object], between: Span, below: int, limit: int) -> list[Numbered]:
        """Evaluations whose columns equal `equal`, with `at` in the half-open range `between`."""
        rows = self._listed(EvaluationRow, equal, between, below, limit)
        return [Numbered(seq, EvaluationRow._make(row)) for seq, *row in rows]

    def changes(self, equal: Mapping[str, object], between: Span, below: int, limit: int) -> list[NumberedChange]:
        """Changes whose columns equal `equal`, with `at` in the half-open range `between`."""
        rows = self._listed(ChangeRow, equal, between, below, limit)
        return [NumberedChange(seq, ChangeRow._make(row)) for seq, *row in rows]

    def rulesets(self) -> list[RulesetRow]:
        """Every ruleset, by key."""
        return [RulesetRow._make(row) for row in run(self._database, RULESETS)]

    def version(self, ruleset: str, version: int) -> VersionRow | None:
        """One published version."""
        row = run(self._database, VERSION, (ruleset, version)).fetchone()
        return VersionRow._make(row) if row else None

    def versions(self, ruleset: str, below: int, limit: int) -> list[VersionRow]:
        """Published versions of a ruleset, newest first."""
        return [VersionRow._make(row) for row in run(self._database, VERSIONS, (ruleset, below, limit))]

    def key(self, key_id: str) -> KeyRow | None:
        """One API key."""
        row = run(self._database, KEY, (key_id,)).fetchone()
        return KeyRow._make(row) if row else None

    def keys(self, after: str, limit: int) -> list[KeyRow]:
        """API keys by id, after one."""
        return [KeyRow._make(row) for row in run(self._database, KEYS, (after, limit))]

    def _listed(
        self,
        kind: type[ChangeRow | EvaluationRow],
        equal: Mapping[str, object],
        between: Span,
        below: int,
        limit: int,
    ) -> list[tuple[int, ...]]:
        unknown = set(equal) - set(kind._fields)
        assert not unknown, unknown
        conditions = [f'"{name}" = ?' for name in equal]
        values: list[object] = list(equal.values())
        for condition, bound in zip(('"at" >= ?', '"at" < ?'), between, strict=True):
            if bound is not None:
                conditions.append(condition)
                values.append(bound)
        where = " AND ".join([*conditions, '"seq" < ?'])
        sql = select(kind, f'WHERE {where} ORDER BY "seq" DESC LIMIT ?').replace("SELECT ", 'SELECT "seq", ', 1)
        return list(run(self._database, sql, [*values, below, limit]))
