"""What can be read of the store: rows in, rows out, in one consistent view of the database.

It decides nothing. Lists are read newest first, below a place in the log (`below`), so that a page neither repeats nor
skips.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from peewee import Database

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
from service.audit.sealing_rows import SealedProfileRow
from service.store.erasing import ErasingReads
from service.store.finding import Finding
from service.store.governance import GovernanceReads
from service.store.history import History
from service.store.jobs import JobsReads
from service.store.outbox import OutboxReads
from service.store.people import PeopleReads
from service.store.population import Population
from service.store.reporting import Reporting
from service.store.sealed import open_evaluation, open_profile, salt_of
from service.store.sealing import SealingReads
from service.store.segments import fits, statement
from service.store.shadows import ShadowsReads
from service.store.statements import run, select
from service.store.tallies import TallyReads
from service.store.vault import Vault

PROFILE = select(SealedProfileRow, 'WHERE "ruleset" = ? AND "profile_id" = ?')
PROFILES = select(
    SealedProfileRow, 'WHERE "ruleset" IN (SELECT "key" FROM "rulesets") AND "profile_id" = ? ORDER BY "ruleset"'
)
OLDER = select(
    SealedProfileRow, 'WHERE "ruleset" = ? AND "profile_id" > ? AND "version" <> ? ORDER BY "profile_id" LIMIT ?'
)
FIRST_DUE = 'SELECT "next_at" FROM "profiles" WHERE "next_at" IS NOT NULL{but} ORDER BY "next_at" LIMIT 1'
COUNT_DUE = 'SELECT COUNT(*) FROM (SELECT 1 FROM "profiles" WHERE "next_at" <= ?{but} LIMIT ?) AS d'
EVALUATION = select(EvaluationRow, 'WHERE "id" = ?')
RULESETS = select(RulesetRow, 'ORDER BY "key"')
VERSION = select(VersionRow, 'WHERE "ruleset" = ? AND "version" = ?')
VERSIONS = select(VersionRow, 'WHERE "ruleset" = ? AND "version" < ? ORDER BY "version" DESC LIMIT ?')
KEY = select(KeyRow, 'WHERE "id" = ?')
KEYS = select(KeyRow, 'WHERE "id" > ? ORDER BY "id" LIMIT ?')
CHUNK = 500
"""How many profiles are looked at together where more are looked at than found."""

Span = tuple[int | None, int | None]
"""A half-open range of instants; `None` where it has no end."""


def excepting(sql: str, rulesets: Sequence[str]) -> str:
    """A statement with a place for such a condition (`{but}`), so that it leaves the profiles of some rulesets out."""
    marks = ", ".join("?" * len(rulesets))
    return sql.replace("{but}", f' AND "ruleset" NOT IN ({marks})' if rulesets else "")


class Reads:
    """Reading, over one open connection."""

    def __init__(self, database: Database, vault: Vault) -> None:
        self._database = database
        self._vault = vault

    @property
    def outbox(self) -> OutboxReads:
        """What leaves the service."""
        return OutboxReads(self._database, self._vault)

    @property
    def governance(self) -> GovernanceReads:
        """How rulesets come to be in force."""
        return GovernanceReads(self._database)

    @property
    def erasing(self) -> ErasingReads:
        """What must be kept, for how long, and what is going."""
        return ErasingReads(self._database)

    @property
    def people(self) -> PeopleReads:
        """Who signs in."""
        return PeopleReads(self._database)

    @property
    def population(self) -> Population:
        """The profiles of a ruleset, all of them or some drawn by chance."""
        return Population(self._database, self._vault)

    @property
    def jobs(self) -> JobsReads:
        """Work that takes longer than a request."""
        return JobsReads(self._database, self._vault)

    @property
    def shadows(self) -> ShadowsReads:
        """Drafts that watch live traffic."""
        return ShadowsReads(self._database, self._vault)

    @property
    def tallies(self) -> TallyReads:
        """Counts for pages."""
        return TallyReads(self._database)

    @property
    def history(self) -> History:
        """What was at an instant."""
        return History(self._database)

    @property
    def sealing(self) -> SealingReads:
        """The Merkle log."""
        return SealingReads(self._database, self._vault)

    @property
    def reporting(self) -> Reporting:
        """What reports are made of."""
        return Reporting(self._database)

    @property
    def finding(self) -> Finding:
        """The log by whatever it can be asked for."""
        return Finding(self._database)

    def profile(self, ruleset: str, profile_id: str) -> ProfileRow | None:
        """What is remembered of a profile under one ruleset."""
        row = run(self._database, PROFILE, (ruleset, profile_id)).fetchone()
        return self._opened(row) if row else None

    def profiles(self, profile_id: str) -> list[ProfileRow]:
        """What is remembered of a profile under every ruleset, by the rulesets' keys."""
        return [self._opened(row) for row in run(self._database, PROFILES, (profile_id,))]

    def segment(self, segment: Segment, after: str, limit: int) -> list[ProfileRow]:
        """Profiles that fit, by id, behind one."""
        found: list[ProfileRow] = []
        size = max(limit, CHUNK) if segment.scores else limit
        while len(found) < limit:
            rows = [self._opened(row) for row in run(self._database, *statement(segment, after, size))]
            found += [row for row in rows if fits(segment, row)]
            if len(rows) < size:
                break
            after = rows[-1].profile_id
        return found[:limit]

    def older(self, ruleset: str, version: int, after: str, limit: int) -> list[ProfileRow]:
        """Profiles that were decided last by another version than this one, by id, behind one."""
        return [self._opened(row) for row in run(self._database, OLDER, (ruleset, after, version, limit))]

    def first_due(self, but: Sequence[str] = ()) -> int | None:
        """The earliest instant at which something changes for any profile, but for those of some rulesets."""
        row = run(self._database, excepting(FIRST_DUE, but), but).fetchone()
        return row[0] if row else None

    def count_due(self, until: int, most: int, but: Sequence[str] = ()) -> int:
        """How many profiles are due at `until`, but for those of some rulesets; counts no further than `most`."""
        count: int = run(self._database, excepting(COUNT_DUE, but), (until, *but, most)).fetchone()[0]
        return count

    def evaluation(self, evaluation_id: str) -> EvaluationRow | None:
        """One evaluation."""
        row = run(self._database, EVALUATION, (evaluation_id,)).fetchone()
        return open_evaluation(self._vault, row) if row else None

    def salt(self, evaluation_id: str) -> bytes | None:
        """The salt of an evaluation's commitment; `None` if its content is gone. Empty for records of before."""
        row = run(self._database, EVALUATION, (evaluation_id,)).fetchone()
        return salt_of(self._vault, row) if row else None

    def evaluations(self, equal: Mapping[str, object], between: Span, below: int, limit: int) -> list[Numbered]:
        """Evaluations whose columns equal `equal`, with `at` in the half-open range `between`."""
        rows = self._listed(EvaluationRow, equal, between, below, limit)
        return [Numbered(seq, open_evaluation(self._vault, row)) for seq, *row in rows]

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

    def _opened(self, row: Sequence[Any]) -> ProfileRow:
        """A profile's row as it was written, its content readable."""
        return open_profile(self._vault, row)[0]

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
