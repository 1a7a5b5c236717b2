"""One open write transaction, shared by the jobs of one commit.

A job's rows are staged while it runs, kept when it ends well and dropped when it raises, so a job that fails leaves no
trace and needs no rollback. What was kept goes to the database in few calls per table, just before the commit. What a
job reads sees all that the jobs before it kept. Rare writes (`governance`, `add_key`, ...) go to the database at once.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache, partial
from itertools import groupby
from typing import Any

from peewee import Database

from service.audit.envelope import event_envelope
from service.audit.merkle import leaf_hash
from service.audit.rows import (
    AuditRow,
    ChangeRow,
    EvaluationRow,
    HoldingRow,
    KeyRow,
    LeaseRow,
    ProfileRow,
    ReplyRow,
)
from service.audit.sealing_rows import ReplyPersonRow, SealedProfileRow, UnsealedRow
from service.store.database import LostRace
from service.store.erasing import Erasing
from service.store.governance import Governance
from service.store.horizon import hold_places
from service.store.jobs import Jobs
from service.store.months import Month, month_of
from service.store.outbox import Outbox
from service.store.people import People
from service.store.reads import OLDER, Reads, excepting
from service.store.sealed import open_profile, open_reply, seal_evaluation, seal_event, seal_profile, seal_reply
from service.store.sealing import Sealing
from service.store.shadows import Shadows
from service.store.statements import delete, insert, insert_new, run, run_all, select, upsert
from service.store.tallies import Tallies
from service.store.vault import DataKey, Vault

REPLY = select(ReplyRow, 'WHERE "key_id" = ? AND "idempotency_key" = ?')
DROP_REPLIES = ('DELETE FROM "replies" WHERE "kept_at" < ?', 'DELETE FROM "reply_people" WHERE "kept_at" < ?')
ADD_EVALUATIONS = lru_cache(partial(insert, EvaluationRow))
ADD_CHANGES = lru_cache(partial(insert, ChangeRow))
DROP_HOLDINGS = lru_cache(partial(delete, HoldingRow))
ADD_HOLDINGS = lru_cache(partial(insert_new, HoldingRow))
KEEP_REPLIES = lru_cache(partial(upsert, ReplyRow, ("key_id", "idempotency_key")))
KEEP_PEOPLE = lru_cache(partial(upsert, ReplyPersonRow, ("profile_id", "key_id", "idempotency_key")))
ADD_KEY = insert(KeyRow)
REVOKE_KEY = 'UPDATE "api_keys" SET "revoked_at" = ? WHERE "id" = ? AND "revoked_at" IS NULL'
USE_KEY = 'UPDATE "api_keys" SET "last_used_at" = ? WHERE "id" = ?'
ADD_AUDIT = insert(AuditRow)
ADD_UNSEALED = insert(UnsealedRow)
WAIT_FOR_LOG = lru_cache(partial(insert, UnsealedRow))
LOCKING, SKIPPING = " FOR UPDATE", " FOR UPDATE SKIP LOCKED"
"""How PostgreSQL keeps others from rows that are read; SQLite's transactions keep others from everything."""
LOCK_PROFILES = select(
    SealedProfileRow,
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
DUE = select(SealedProfileRow, 'WHERE "next_at" <= ?{but} ORDER BY "next_at" LIMIT ?')
DUE_OF_RULESET = select(SealedProfileRow, """WHERE "next_at" <= ? AND "ruleset" || '' = ? ORDER BY "next_at" LIMIT ?""")
DROP_PROBE = 'DELETE FROM "replies" WHERE "key_id" = ?'


@dataclass(slots=True)
class Rows:
    """Rows that wait for the database."""

    evaluations: list[EvaluationRow] = field(default_factory=list)
    changes: list[ChangeRow] = field(default_factory=list)
    profiles: dict[tuple[str, str], ProfileRow] = field(default_factory=dict)
    holdings: dict[HoldingRow, bool] = field(default_factory=dict)
    replies: dict[tuple[str, str], ReplyRow] = field(default_factory=dict)
    people: list[ReplyPersonRow] = field(default_factory=list)
    steps: Counter[tuple[str, str]] = field(default_factory=Counter)
    """By how many revisions each profile has moved on."""

    def take(self, others: "Rows") -> None:
        """Add the rows of others behind these."""
        self.evaluations += others.evaluations
        self.changes += others.changes
        self.profiles |= others.profiles
        self.holdings |= others.holdings
        self.replies |= others.replies
        self.people += others.people
        self.steps += others.steps


class Unit(Reads):
    """What a job may do with the transaction it runs in."""

    def __init__(self, database: Database, vault: Vault) -> None:
        super().__init__(database, vault)
        self._data_keys: dict[tuple[str, str], DataKey | None] = {}
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
            rows = map(self._opened, run(self._database, LOCK_PROFILES, (rulesets, ids)))
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

    def due(self, until: int, ruleset: str | None, limit: int, but: Sequence[str] = ()) -> list[ProfileRow]:
        """Profiles at which something changes up to and including `until`, of one ruleset or of all but some, the
        longest due first. Those that another transaction has in hand are left to it.
        """
        if ruleset is None:
            rows = self._locking(excepting(DUE, but), (until, *but, limit), SKIPPING)
        else:
            rows = self._locking(DUE_OF_RULESET, (until, ruleset, limit), SKIPPING)
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
        return open_reply(self._vault, row) if row else None

    def keep_reply(self, reply: ReplyRow, drop_before: int, people: Iterable[str] = ()) -> None:
        """Keep a reply about some profiles for repeats, and drop those kept before an instant."""
        self._staged.replies[reply.key_id, reply.idempotency_key] = reply
        self._staged.people += [ReplyPersonRow(one, *reply[:2], reply.kept_at) for one in people]
        self._replies_before = drop_before

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
        """Append who changed what, and have it wait for the log."""
        sealed = seal_event(event)
        self._execute(ADD_AUDIT, sealed)
        self._execute(ADD_UNSEALED, UnsealedRow(event.id, "event", leaf_hash(event_envelope(sealed))))

    @property
    def outbox(self) -> Outbox:
        """What leaves the service."""
        self.has_written = True
        return Outbox(self._database, self._vault)

    @property
    def governance(self) -> Governance:
        """How rulesets come to be in force."""
        self.has_written = True
        return Governance(self._database)

    @property
    def jobs(self) -> Jobs:
        """Work that takes longer than a request."""
        self.has_written = True
        return Jobs(self._database, self._vault)

    @property
    def shadows(self) -> Shadows:
        """Drafts that watch live traffic."""
        self.has_written = True
        return Shadows(self._database, self._vault)

    @property
    def people(self) -> People:
        """Who signs in."""
        self.has_written = True
        return People(self._database)

    @property
    def tallies(self) -> Tallies:
        """Counts for pages."""
        self.has_written = True
        return Tallies(self._database)

    @property
    def sealing(self) -> Sealing:
        """The Merkle log."""
        self.has_written = True
        return Sealing(self._database, self._vault)

    @property
    def erasing(self) -> Erasing:
        """What makes content go. What the jobs before this one kept is handed to the database first, so that nothing
        is missed.
        """
        self.has_written = True
        self.flush()
        self._kept = Rows()
        self._data_keys.clear()
        self._locked.clear()
        return Erasing(self._database, self._forgotten)

    def take_lease(self, lease: LeaseRow, now: int) -> bool:
        """Take a work that only one process may do at a time, or keep it; false while another holds it."""
        self.has_written = True
        return bool(run(self._database, TAKE_LEASE, (*lease, now)).rowcount)

    def end_lease(self, name: str, holder: str) -> None:
        """Give a work back, so that another process need not wait until the lease ends."""
        self._execute(END_LEASE, (name, holder))

    def probe(self) -> None:
        """Write something and take it back, to find out whether writing works; an equal row would not be."""
        self._execute(insert(ReplyRow), ("", "", "", b"", 0))
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
        sealed = [seal_evaluation(self._data_key(row.ruleset, row.profile_id), row) for row in kept.evaluations]
        run_all(self._database, ADD_EVALUATIONS, [values for values, _ in sealed])
        run_all(self._database, WAIT_FOR_LOG, [waiting for _, waiting in sealed])
        run_all(self._database, ADD_CHANGES, kept.changes)
        self._save_profiles()
        for statement, rows in (
            (DROP_HOLDINGS, [row for row, is_held in kept.holdings.items() if not is_held]),
            (ADD_HOLDINGS, [row for row, is_held in kept.holdings.items() if is_held]),
            (KEEP_PEOPLE, kept.people),
            (KEEP_REPLIES, [seal_reply(self._vault, row) for row in kept.replies.values()]),
        ):
            run_all(self._database, statement, rows)
        if self._replies_before is not None:
            for drop in DROP_REPLIES:
                run(self._database, drop, (self._replies_before,))

    def months(self) -> set[Month]:
        """The months that this transaction's records belong to."""
        kept = self._kept
        instants = {row.recorded_at for row in kept.evaluations} | {row.recorded_at for row in kept.changes}
        return {month_of(at) for at in instants}

    def _opened(self, row: Sequence[Any]) -> ProfileRow:
        found, key = open_profile(self._vault, row)
        self._data_keys[found.ruleset, found.profile_id] = key
        return found

    def _forgotten(self, ruleset: str, profile_id: str) -> None:
        # INVARIANT: a profile that was erased, and comes again in the same transaction, has a new key.
        self._data_keys[ruleset, profile_id] = self._locked[ruleset, profile_id] = None

    def _data_key(self, ruleset: str, profile_id: str) -> DataKey:
        """What the content of a profile is sealed by: the key of its row, or a fresh one for a profile that is new."""
        name = (ruleset, profile_id)
        if name not in self._data_keys:
            super().profile(ruleset, profile_id)
        key = self._data_keys.get(name) or self._vault.new_key(ruleset, profile_id)
        self._data_keys[name] = key
        return key

    def _save_profiles(self) -> None:
        kept = self._kept
        keys = sorted(kept.profiles, key=lambda key: (kept.steps[key], key))
        for steps, group in groupby(keys, kept.steps.__getitem__):
            rows = [seal_profile(self._data_key(*key), kept.profiles[key]) for key in group]
            if run_all(self._database, _save_profiles(steps), rows) != len(rows):
                msg = "a profile is not at the revision that it was read at"
                raise LostRace(msg)

    def _locking(self, sql: str, values: Sequence[object], how: str) -> list[ProfileRow]:
        rows = run(self._database, sql + how if self._is_shared else sql, values)
        found = [self._opened(row) for row in rows]
        self._locked |= {(row.ruleset, row.profile_id): row for row in found}
        return found

    def _execute(self, sql: str, values: Sequence[object]) -> None:
        self.has_written = True
        run(self._database, sql, values)


@lru_cache
def _save_profiles(steps: int) -> Callable[[int], str]:
    """The statements that save profiles which moved on by some revisions, if they still are at the one before."""
    guard = f'WHERE "profiles"."revision" = excluded."revision" - {steps}'
    return lru_cache(lambda rows: f"{upsert(SealedProfileRow, ('ruleset', 'profile_id'), rows)} {guard}")
