"""One open write transaction, shared by the jobs of one commit.

A job's rows are staged while it runs, kept when it ends well and dropped when it raises, so a job that fails leaves no
trace and needs no rollback. What was kept goes to the database in few calls per table, just before the commit. What a
job reads sees all that the jobs before it kept. Rare writes (`publish`, `add_key`, ...) go to the database at once.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache, partial
from itertools import groupby

from peewee import Database

from service.audit.rows import (
    AuditRow,
    ChangeRow,
    EvaluationRow,
    HoldingRow,
    KeyRow,
    LeaseRow,
    ProfileRow,
    ReplyRow,
    RulesetRow,
    VersionRow,
)
from service.store.database import LostRace
from service.store.horizon import hold_places
from service.store.months import Month, month_of
from service.store.outbox import Outbox
from service.store.reads import OLDER, Reads
from service.store.statements import delete, insert, insert_new, run, run_all, select, upsert

REPLY = select(ReplyRow, 'WHERE "key_id" = ? AND "idempotency_key" = ?')
DROP_REPLIES = 'DELETE FROM "replies" WHERE "kept_at" < ?'
ADD_EVALUATIONS = lru_cache(partial(insert, EvaluationRow))
ADD_CHANGES = lru_cache(partial(insert, ChangeRow))
DROP_HOLDINGS = lru_cache(partial(delete, HoldingRow))
ADD_HOLDINGS = lru_cache(partial(insert_new, HoldingRow))
KEEP_REPLIES = lru_cache(partial(upsert, ReplyRow, ("key_id", "idempotency_key")))
ADD_VERSION = insert(VersionRow)
SAVE_RULESET = upsert(RulesetRow, ("key",))
ADD_KEY = insert(KeyRow)
REVOKE_KEY = 'UPDATE "api_keys" SET "revoked_at" = ? WHERE "id" = ? AND "revoked_at" IS NULL'
USE_KEY = 'UPDATE "api_keys" SET "last_used_at" = ? WHERE "id" = ?'
ADD_AUDIT = insert(AuditRow)
LOCKING, SKIPPING = " FOR UPDATE", " FOR UPDATE SKIP LOCKED"
"""How PostgreSQL keeps others from rows that are read; SQLite's transactions keep others from everything."""
LOCK_PROFILES = select(
    ProfileRow,
    """
    WHERE ("ruleset", "profile_id") IN (SELECT * FROM unnest(?::text[], ?::text[]))
    ORDER BY "ruleset", "profile_id" FOR UPDATE
    """,
)
ALONE = "SELECT pg_advisory_xact_lock(hashtextextended(?, 7126))"
TAKE_LEASE = """
INSERT INTO "leases" ("name", "holder", "until") VALUES (?, ?, ?)
ON CONFLICT ("name") DO UPDATE SET "holder" = excluded."holder", "until" = excluded."until"
WHERE "leases"."until" <= ? OR "leases"."holder" = excluded."holder"
"""
END_LEASE = 'DELETE FROM "leases" WHERE "name" = ? AND "holder" = ?'
# Why the joined text: among profiles that are due a database may not choose to look a ruleset's profiles through.
DUE = select(ProfileRow, 'WHERE "next_at" <= ? ORDER BY "next_at" LIMIT ?')
DUE_OF_RULESET = select(ProfileRow, """WHERE "next_at" <= ? AND "ruleset" || '' = ? ORDER BY "next_at" LIMIT ?""")
END_APPLYING = 'UPDATE "rulesets" SET "applying" = NULL WHERE "key" = ? AND "applying" = ?'
DROP_PROBE = 'DELETE FROM "replies" WHERE "key_id" = ?'


@dataclass(slots=True)
class Rows:
    """Rows that wait for the database."""

    evaluations: list[EvaluationRow] = field(default_factory=list)
    changes: list[ChangeRow] = field(default_factory=list)
    profiles: dict[tuple[str, str], ProfileRow] = field(default_factory=dict)
    holdings: dict[HoldingRow, bool] = field(default_factory=dict)
    replies: dict[tuple[str, str], ReplyRow] = field(default_factory=dict)
    steps: Counter[tuple[str, str]] = field(default_factory=Counter)
    """By how many revisions each profile has moved on."""

    def take(self, others: "Rows") -> None:
        """Add the rows of others behind these."""
        self.evaluations += others.evaluations
        self.changes += others.changes
        self.profiles |= others.profiles
        self.holdings |= others.holdings
        self.replies |= others.replies
        self.steps += others.steps


class Unit(Reads):
    """What a job may do with the transaction it runs in."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self._kept = Rows()
        self._staged = Rows()
        self._replies_before: int | None = None
        self._locked: dict[tuple[str, str], ProfileRow | None] = {}
        self._is_shared = bool(database.for_update)
        self.has_written = False

    def alone(self, name: str) -> None:
        """Wait until no other open transaction has asked to be alone under this name."""
        if self._is_shared:
            run(self._database, ALONE, (name,))

    def lock(self, profiles: Iterable[tuple[str, str]]) -> None:
        """Keep others from changing some profiles, named by ruleset and id, until this transaction ends.

        Whoever locks several at once locks them in one order, so that no two wait for each other. A profile that is new
        can't be locked: of two transactions that add it, the second is undone and run again.
        """
        wanted = sorted(set(profiles) - self._locked.keys())
        if self._is_shared and wanted:
            rulesets, ids = [key[0] for key in wanted], [key[1] for key in wanted]
            rows = map(ProfileRow._make, run(self._database, LOCK_PROFILES, (rulesets, ids)))
            self._locked |= dict.fromkeys(wanted) | {(row.ruleset, row.profile_id): row for row in rows}

    def profile(self, ruleset: str, profile_id: str) -> ProfileRow | None:
        """What is remembered of a profile, as this transaction will leave it."""
        key = (ruleset, profile_id)
        waiting = self._staged.profiles.get(key) or self._kept.profiles.get(key)
        if waiting or not self._is_shared:
            return waiting or super().profile(ruleset, profile_id)
        self.lock([key])
        return self._locked[key]

    def record(self, evaluations: Sequence[EvaluationRow], changes: Sequence[ChangeRow], profile: ProfileRow) -> None:
        """Append evaluations with their changes, and remember what they led to.

        Each evaluation moves the profile on by one revision. If the database then holds another revision than the one
        before the first of them, the transaction is undone and its job run again.
        """
        self._staged.steps[profile.ruleset, profile.profile_id] += len(evaluations)
        self._staged.evaluations += evaluations
        self._staged.changes += changes
        self._staged.profiles[profile.ruleset, profile.profile_id] = profile

    def hold(self, holdings: Mapping[HoldingRow, bool]) -> None:
        """Note what profiles hold from now on (true), and what no more (false)."""
        self._staged.holdings |= holdings

    def due(self, until: int, ruleset: str | None, limit: int) -> list[ProfileRow]:
        """Profiles at which something changes up to and including `until`, of one ruleset or all, the longest due
        first. Those that another transaction has in hand are left to it.
        """
        sql, values = (DUE, (until, limit)) if ruleset is None else (DUE_OF_RULESET, (until, ruleset, limit))
        rows = self._locking(sql, values, SKIPPING)
        waiting = [self._kept.profiles.get((row.ruleset, row.profile_id), row) for row in rows]
        return [row for row in waiting if row.next_at is not None and row.next_at <= until]

    def older(self, ruleset: str, version: int, after: str, limit: int) -> list[ProfileRow]:
        """Profiles that were decided last by another version than this one, by id, behind one."""
        return self._locking(OLDER, (ruleset, after, version, limit), LOCKING)

    def reply(self, key_id: str, idempotency_key: str) -> ReplyRow | None:
        """The reply that was kept for a request."""
        key = (key_id, idempotency_key)
        waiting = self._staged.replies.get(key) or self._kept.replies.get(key)
        if waiting:
            return waiting
        row = run(self._database, REPLY, key).fetchone()
        return ReplyRow._make(row) if row else None

    def keep_reply(self, reply: ReplyRow, drop_before: int) -> None:
        """Keep a reply for repeats, and drop those kept before an instant."""
        self._staged.replies[reply.key_id, reply.idempotency_key] = reply
        self._replies_before = drop_before

    def publish(self, version: VersionRow, ruleset: RulesetRow) -> None:
        """Add a version, and make its ruleset what `ruleset` says."""
        self._execute(SAVE_RULESET, ruleset)
        self._execute(ADD_VERSION, version)

    def end_applying(self, ruleset: str, version: int) -> None:
        """Note that a version has come to every profile."""
        self._execute(END_APPLYING, (ruleset, version))

    def add_key(self, key: KeyRow) -> None:
        """Add an API key."""
        self._execute(ADD_KEY, key)

    def revoke_key(self, key_id: str, at: int) -> None:
        """End an API key; one that has ended stays as it is."""
        self._execute(REVOKE_KEY, (at, key_id))

    def use_key(self, key_id: str, at: int) -> None:
        """Note when an API key was last used."""
        self._execute(USE_KEY, (at, key_id))

    def audit(self, event: AuditRow) -> None:
        """Append who changed what."""
        self._execute(ADD_AUDIT, event)

    @property
    def outbox(self) -> Outbox:
        """What leaves the service."""
        self.has_written = True
        return Outbox(self._database)

    def take_lease(self, lease: LeaseRow, now: int) -> bool:
        """Take a work that only one process may do at a time, or keep it; false while another holds it."""
        self.has_written = True
        return bool(run(self._database, TAKE_LEASE, (*lease, now)).rowcount)

    def end_lease(self, name: str, holder: str) -> None:
        """Give a work back, so that another process need not wait until the lease ends."""
        self._execute(END_LEASE, (name, holder))

    def probe(self) -> None:
        """Write something and take it back, to find out whether writing works; an equal row would not be."""
        self._execute(insert(ReplyRow), ("", "", "", "", 0))
        self._execute(DROP_PROBE, ("",))

    def begin_job(self) -> None:
        """Start staging for the next job."""
        self._staged = Rows()
        self.has_written = False

    def end_job(self) -> None:
        """Keep what the job staged."""
        self._kept.take(self._staged)
        self._staged = Rows()

    def flush(self) -> None:
        """Hand everything kept to the database; the commit follows."""
        kept = self._kept
        if kept.changes:
            hold_places(self._database)
        run_all(self._database, ADD_EVALUATIONS, kept.evaluations)
        run_all(self._database, ADD_CHANGES, kept.changes)
        self._save_profiles()
        for statement, rows in (
            (DROP_HOLDINGS, [row for row, is_held in kept.holdings.items() if not is_held]),
            (ADD_HOLDINGS, [row for row, is_held in kept.holdings.items() if is_held]),
            (KEEP_REPLIES, list(kept.replies.values())),
        ):
            run_all(self._database, statement, rows)
        if self._replies_before is not None:
            run(self._database, DROP_REPLIES, (self._replies_before,))

    def months(self) -> set[Month]:
        """The months that this transaction's records belong to."""
        kept = self._kept
        instants = {row.recorded_at for row in kept.evaluations} | {row.recorded_at for row in kept.changes}
        return {month_of(at) for at in instants}

    def _save_profiles(self) -> None:
        kept = self._kept
        keys = sorted(kept.profiles, key=lambda key: (kept.steps[key], key))
        for steps, group in groupby(keys, kept.steps.__getitem__):
            rows = [kept.profiles[key] for key in group]
            if run_all(self._database, _save_profiles(steps), rows) != len(rows):
                msg = "a profile is not at the revision that it was read at"
                raise LostRace(msg)

    def _locking(self, sql: str, values: Sequence[object], how: str) -> list[ProfileRow]:
        rows = run(self._database, sql + how if self._is_shared else sql, values)
        found = [ProfileRow._make(row) for row in rows]
        self._locked |= {(row.ruleset, row.profile_id): row for row in found}
        return found

    def _execute(self, sql: str, values: Sequence[object]) -> None:
        self.has_written = True
        run(self._database, sql, values)


@lru_cache
def _save_profiles(steps: int) -> Callable[[int], str]:
    """The statements that save profiles which moved on by some revisions, if they still are at the one before."""
    guard = f'WHERE "profiles"."revision" = excluded."revision" - {steps}'
    return lru_cache(lambda rows: f"{upsert(ProfileRow, ('ruleset', 'profile_id'), rows)} {guard}")
