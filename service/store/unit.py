"""One open write transaction, shared by the jobs of one commit.

A job's rows are staged while it runs, kept when it ends well and dropped when it raises, so a job that fails leaves no
trace and needs no rollback. What was kept goes to the database in few calls per table, just before the commit. What a
job reads sees all that the jobs before it kept. Rare writes (`publish`, `add_key`, ...) go to the database at once.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache, partial

from peewee import Database

from service.audit.rows import (
    AuditRow,
    ChangeRow,
    EvaluationRow,
    KeyRow,
    ProfileRow,
    ReplyRow,
    RulesetRow,
    VersionRow,
)
from service.store.reads import Reads
from service.store.statements import insert, run, run_all, select, upsert

REPLY = select(ReplyRow, 'WHERE "key_id" = ? AND "idempotency_key" = ?')
DROP_REPLIES = 'DELETE FROM "replies" WHERE "kept_at" < ?'
ADD_EVALUATIONS = lru_cache(partial(insert, EvaluationRow))
ADD_CHANGES = lru_cache(partial(insert, ChangeRow))
SAVE_PROFILES = lru_cache(partial(upsert, ProfileRow, ("profile_id", "ruleset")))
KEEP_REPLIES = lru_cache(partial(upsert, ReplyRow, ("key_id", "idempotency_key")))
ADD_VERSION = insert(VersionRow)
SAVE_RULESET = upsert(RulesetRow, ("key",))
ADD_KEY = insert(KeyRow)
REVOKE_KEY = 'UPDATE "api_keys" SET "revoked_at" = ? WHERE "id" = ? AND "revoked_at" IS NULL'
USE_KEY = 'UPDATE "api_keys" SET "last_used_at" = ? WHERE "id" = ?'
ADD_AUDIT = insert(AuditRow)
PROBE = 'UPDATE "rulesets" SET "revision" = "revision"'


@dataclass(slots=True)
class Rows:
    """Rows that wait for the database."""

    evaluations: list[EvaluationRow] = field(default_factory=list)
    changes: list[ChangeRow] = field(default_factory=list)
    profiles: dict[tuple[str, str], ProfileRow] = field(default_factory=dict)
    replies: dict[tuple[str, str], ReplyRow] = field(default_factory=dict)

    def take(self, others: "Rows") -> None:
        """Add the rows of others behind these."""
        self.evaluations += others.evaluations
        self.changes += others.changes
        self.profiles |= others.profiles
        self.replies |= others.replies


class Unit(Reads):
    """What a job may do with the transaction it runs in."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self._kept = Rows()
        self._staged = Rows()
        self._replies_before: int | None = None
        self.has_written = False

    def profile(self, ruleset: str, profile_id: str) -> ProfileRow | None:
        """What is remembered of a profile, as this transaction will leave it."""
        key = (ruleset, profile_id)
        waiting = self._staged.profiles.get(key) or self._kept.profiles.get(key)
        return waiting or super().profile(ruleset, profile_id)

    def record(self, evaluations: Sequence[EvaluationRow], changes: Sequence[ChangeRow], profile: ProfileRow) -> None:
        """Append evaluations with their changes, and remember what they led to."""
        self._staged.evaluations += evaluations
        self._staged.changes += changes
        self._staged.profiles[profile.ruleset, profile.profile_id] = profile

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

    def probe(self) -> None:
        """Write what is there already, to find out whether writing works."""
        self._execute(PROBE, ())

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
        for statement, rows in (
            (ADD_EVALUATIONS, kept.evaluations),
            (ADD_CHANGES, kept.changes),
            (SAVE_PROFILES, list(kept.profiles.values())),
            (KEEP_REPLIES, list(kept.replies.values())),
        ):
            run_all(self._database, statement, rows)
        if self._replies_before is not None:
            run(self._database, DROP_REPLIES, (self._replies_before,))

    def _execute(self, sql: str, values: Sequence[object]) -> None:
        self.has_written = True
        run(self._database, sql, values)
