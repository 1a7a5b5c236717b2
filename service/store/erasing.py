"""Letting content go, in the database: of a person, or of records whose time is over; and what forbids it.

A person's data keys go in one statement, and with them everything that was sealed by them, wherever a copy lies. What
remains of the person in the log is then renamed, some rows at a time.
"""

from collections.abc import Callable, Sequence

from peewee import Database

from service.audit.rows import AuditRow
from service.audit.sealing_rows import ErasureRow, HoldRow, RetentionRow
from service.store.statements import insert, run, select, upsert

HOLD = select(HoldRow, 'WHERE "profile_id" = ?')
HOLDS = select(HoldRow, 'WHERE "profile_id" > ? ORDER BY "profile_id" LIMIT ?')
PLACE_HOLD = insert(HoldRow)
END_HOLD = 'DELETE FROM "holds" WHERE "profile_id" = ?'
RETENTION = select(RetentionRow, 'ORDER BY "kind"')
KEEP_FOR = upsert(RetentionRow, ("kind",))
KEEP_EVER = 'DELETE FROM "retention" WHERE "kind" = ?'
EVENT = select(AuditRow, 'WHERE "id" = ?')
ERASURES = select(ErasureRow, 'ORDER BY "entry", "ruleset"')
ADD_ERASURE = insert(ErasureRow)
END_ERASURE = 'DELETE FROM "erasures" WHERE "entry" = ? AND "ruleset" = ?'
COUNTS = (
    'SELECT COUNT(*) FROM "evaluations" WHERE "profile_id" = ?',
    'SELECT COUNT(*) FROM "changes" WHERE "profile_id" = ?',
    'SELECT COUNT(*) FROM "audit_events" WHERE "profile_id" = ?',
)
LAST_PLACES = (
    'SELECT MAX("seq") FROM "evaluations" WHERE "profile_id" = ? AND "ruleset" = ?',
    'SELECT MAX("seq") FROM "changes" WHERE "profile_id" = ? AND "ruleset" = ?',
)
FORGET_PROFILE = 'DELETE FROM "profiles" WHERE "ruleset" = ? AND "profile_id" = ?'
FORGET_REPLIES = (
    'DELETE FROM "replies" WHERE ("key_id", "idempotency_key") IN '
    '(SELECT "key_id", "idempotency_key" FROM "reply_people" WHERE "profile_id" = ?)'
)
FORGET_REPLY_PEOPLE = (
    'DELETE FROM "reply_people" WHERE ("key_id", "idempotency_key") IN '
    '(SELECT "key_id", "idempotency_key" FROM "reply_people" WHERE "profile_id" = ?)'
)
EACH_SUBSCRIPTION = '"subscription" IN (SELECT "id" FROM "subscriptions")'
FORGET_DELIVERIES = f"""
DELETE FROM "deliveries" WHERE {EACH_SUBSCRIPTION} AND "state" = 'pending' AND "profile_id" = ?
"""  # noqa: S608  # made of our own names only
RENAME_DELIVERIES = f"""
UPDATE "deliveries" SET "profile_id" = ?
WHERE {EACH_SUBSCRIPTION} AND "state" IN ('delivered', 'dead') AND "profile_id" = ?
"""  # noqa: S608  # as above
RENAME_EVENTS = """
UPDATE "audit_events" SET "subject" = ?, "profile_id" = ?, "detail" = '{}', "request_id" = '', "salt" = NULL
WHERE "profile_id" = ?
"""
SOME = 'SELECT "seq" FROM "{table}" WHERE "profile_id" = ? AND "ruleset" = ? AND "seq" <= ? LIMIT ?'
EMPTY = f"""
UPDATE "evaluations" SET "record" = NULL, "erased_by" = ?, "request_id" = '', "profile_id" = ?
WHERE "profile_id" = ? AND "seq" IN ({SOME.format(table="evaluations")})
"""  # noqa: S608  # as above
RENAME = f"""
UPDATE "changes" SET "profile_id" = ?, "request_id" = ''
WHERE "profile_id" = ? AND "seq" IN ({SOME.format(table="changes")})
"""  # noqa: S608  # as above
OVER = """
SELECT "seq", "recorded_at" < ? AND "record" IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM "holds" AS "h" WHERE "h"."profile_id" = "evaluations"."profile_id") AND NOT EXISTS (
    SELECT 1 FROM "profiles" AS "p" WHERE "p"."ruleset" = "evaluations"."ruleset"
    AND "p"."profile_id" = "evaluations"."profile_id" AND "p"."evaluation_id" = "evaluations"."id"), "recorded_at" < ?
FROM "evaluations" WHERE "seq" > ? ORDER BY "seq" LIMIT ?
"""
LET_GO = 'UPDATE "evaluations" SET "record" = NULL, "erased_by" = ? WHERE "seq" IN ({marks}) AND "record" IS NOT NULL'
PRUNED = {
    "replies": (
        'DELETE FROM "replies" WHERE "kept_at" < ?',
        'DELETE FROM "reply_people" WHERE "kept_at" < ?',
    ),
    "deliveries": ("""DELETE FROM "deliveries" WHERE "state" IN ('delivered', 'dead') AND "last_at" < ?""",),
    "jobs": ('DELETE FROM "jobs" WHERE "finished_at" < ?',),
}


class ErasingReads:
    """What can be read of it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def hold(self, profile_id: str) -> HoldRow | None:
        """What forbids to let a profile go."""
        row = run(self._database, HOLD, (profile_id,)).fetchone()
        return HoldRow._make(row) if row else None

    def holds(self, after: str, limit: int) -> list[HoldRow]:
        """Profiles that must be kept, by id, behind one."""
        return [HoldRow._make(row) for row in run(self._database, HOLDS, (after, limit))]

    def retention(self) -> dict[str, int]:
        """For how many days each kind of content is kept; a kind that is not there is kept for ever."""
        return dict(run(self._database, RETENTION).fetchall())

    def erasures(self) -> list[ErasureRow]:
        """Erasures that go on."""
        return [ErasureRow._make(row) for row in run(self._database, ERASURES)]

    def event(self, entry: str) -> AuditRow | None:
        """One audit event."""
        row = run(self._database, EVENT, (entry,)).fetchone()
        return AuditRow._make(row) if row else None

    def counts(self, profile_id: str) -> tuple[int, int, int]:
        """How many evaluations, changes and audit events there are of a profile."""
        evaluations, changes, events = (run(self._database, one, (profile_id,)).fetchone()[0] for one in COUNTS)
        return evaluations, changes, events


class Erasing(ErasingReads):
    """What can be done with it in a write transaction, which is told of each profile that is forgotten."""

    def __init__(self, database: Database, forgotten: Callable[[str, str], None]) -> None:
        super().__init__(database)
        self._forgotten = forgotten

    def place_hold(self, hold: HoldRow) -> None:
        """Forbid to let a profile go."""
        run(self._database, PLACE_HOLD, hold)

    def end_hold(self, profile_id: str) -> bool:
        """Allow it again; false if it was not forbidden."""
        return bool(run(self._database, END_HOLD, (profile_id,)).rowcount)

    def keep_for(self, kind: str, days: int | None) -> None:
        """Keep a kind of content for so many days, or for ever."""
        if days is None:
            run(self._database, KEEP_EVER, (kind,))
        else:
            run(self._database, KEEP_FOR, (kind, days))

    def forget(self, profile_id: str, rulesets: Sequence[str], entry: str, pseudonym: str) -> None:
        """Drop what is remembered of a locked profile, its keys first of all, and note what of the log is to follow."""
        for ruleset in rulesets:
            places = [run(self._database, one, (profile_id, ruleset)).fetchone()[0] or 0 for one in LAST_PLACES]
            run(self._database, FORGET_PROFILE, (ruleset, profile_id))
            self._forgotten(ruleset, profile_id)
            run(self._database, ADD_ERASURE, (entry, ruleset, profile_id, *places))
        run(self._database, FORGET_REPLIES, (profile_id,))
        run(self._database, FORGET_REPLY_PEOPLE, (profile_id,))
        run(self._database, FORGET_DELIVERIES, (profile_id,))
        run(self._database, RENAME_DELIVERIES, (pseudonym, profile_id))
        run(self._database, RENAME_EVENTS, (pseudonym, pseudonym, profile_id))

    def follow(self, erasure: ErasureRow, pseudonym: str, limit: int) -> int:
        """Empty and rename some of the log of an erasure, and end it if nothing was left; how many rows it were."""
        whose = (erasure.profile_id, erasure.ruleset)
        done: int = run(
            self._database,
            EMPTY,
            (erasure.entry, pseudonym, erasure.profile_id, *whose, erasure.evaluations_upto, limit),
        ).rowcount
        done += run(
            self._database, RENAME, (pseudonym, erasure.profile_id, *whose, erasure.changes_upto, limit)
        ).rowcount
        if done < limit:
            run(self._database, END_ERASURE, (erasure.entry, erasure.ruleset))
        return done

    def let_go(self, entry: str, before: int, after: int, limit: int) -> tuple[int, int | None]:
        """Empty the records among the next `limit` of the log that were recorded before an instant and that nothing
        keeps; how many it were, and the place to go on behind, `None` at the end.
        """
        rows = run(self._database, OVER, (before, before, after, limit)).fetchall()
        places = [place for place, is_over, _ in rows if is_over]
        if places:
            sql = LET_GO.format(marks=", ".join("?" * len(places)))
            run(self._database, sql, (entry, *places))
        more = len(rows) == limit and any(is_old for _, _, is_old in rows)
        return len(places), rows[-1][0] if more else None

    def prune(self, kind: str, before: int) -> int:
        """Drop what of a kind is older than an instant; how many rows it were."""
        return int(sum(run(self._database, one, (before,)).rowcount for one in PRUNED[kind]))
