"""Work that takes longer than a request, and drafts that are decided beside what is in force.

`jobs` is the queue and its results; `shadows` are the drafts that watch live traffic, `shadow_counts` where they differ
from what was decided, `shadow_samples` some profiles for which they do. Results and samples are sealed.
"""

from peewee import Database, PostgresqlDatabase

TABLES = (
    """
    CREATE TABLE "jobs" (
        "id" VARCHAR(26) NOT NULL PRIMARY KEY,
        "kind" VARCHAR(32) NOT NULL,
        "ruleset" VARCHAR(63),
        "digest" VARCHAR(71),
        "against" VARCHAR(71),
        "payload" TEXT NOT NULL,
        "state" VARCHAR(10) NOT NULL CHECK ("state" IN ('queued', 'running', 'done', 'failed', 'cancelled')),
        "done" BIGINT NOT NULL,
        "total" BIGINT,
        "result" {bytes},
        "error" TEXT,
        "tries" INTEGER NOT NULL,
        "runner" VARCHAR(63),
        "created_by" VARCHAR(200) NOT NULL,
        "created_at" BIGINT NOT NULL,
        "started_at" BIGINT,
        "heartbeat_at" BIGINT,
        "finished_at" BIGINT,
        "cancel_requested_at" BIGINT)
    """,
    """
    CREATE TABLE "shadows" (
        "ruleset" VARCHAR(63) NOT NULL PRIMARY KEY,
        "digest" VARCHAR(71) NOT NULL,
        "version" INTEGER NOT NULL,
        "share" DOUBLE PRECISION NOT NULL,
        "started_by" VARCHAR(200) NOT NULL,
        "started_at" BIGINT NOT NULL,
        "ends_at" BIGINT NOT NULL,
        "ended_at" BIGINT,
        "reason" VARCHAR(20),
        "compared" BIGINT NOT NULL,
        "moved" BIGINT NOT NULL,
        "failed" BIGINT NOT NULL,
        "dropped" BIGINT NOT NULL)
    """,
    """
    CREATE TABLE "shadow_counts" (
        "ruleset" VARCHAR(63) NOT NULL,
        "kind" VARCHAR(10) NOT NULL CHECK ("kind" IN ('tag', 'tier', 'stage')),
        "key" VARCHAR(63) NOT NULL,
        "source" VARCHAR(63) NOT NULL,
        "target" VARCHAR(63) NOT NULL,
        "times" BIGINT NOT NULL,
        PRIMARY KEY ("ruleset", "kind", "key", "source", "target"))
    """,
    """
    CREATE TABLE "shadow_samples" (
        "ruleset" VARCHAR(63) NOT NULL,
        "profile_id" VARCHAR(200) NOT NULL,
        "at" BIGINT NOT NULL,
        "live" {bytes} NOT NULL,
        "draft" {bytes} NOT NULL,
        PRIMARY KEY ("ruleset", "profile_id"))
    """,
    'CREATE INDEX "job_state_id" ON "jobs" ("state", "id")',
    'CREATE INDEX "job_digest_kind_id" ON "jobs" ("digest", "kind", "id")',
    'CREATE INDEX "shadowsample_profile_id" ON "shadow_samples" ("profile_id")',
)


def up(_migrator: object, db: Database) -> None:
    """Build the tables and their indexes."""
    kind = "BYTEA" if isinstance(db, PostgresqlDatabase) else "BLOB"
    for statement in TABLES:
        db.execute_sql(statement.replace("{bytes}", kind))  # type: ignore[no-untyped-call]


def down(_migrator: object, db: Database) -> None:
    """Drop them again."""
    for table in ("shadow_samples", "shadow_counts", "shadows", "jobs"):
        db.execute_sql(f'DROP TABLE "{table}"')  # type: ignore[no-untyped-call]
