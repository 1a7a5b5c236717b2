"""The first tables: rulesets and versions, profiles, the log of evaluations and changes, replies, keys, audit events.

Written by hand and frozen: later changes come as later files. Text columns hold canonical JSON exactly as it was
written. On PostgreSQL the log is partitioned by the month of `recorded_at` (see `service.store.months`), which must
then be part of its unique keys.
"""

from peewee import Database, PostgresqlDatabase

TABLES = (
    """
    CREATE TABLE "rulesets" (
        "key" VARCHAR(63) NOT NULL PRIMARY KEY,
        "active_version" INTEGER NOT NULL,
        "revision" INTEGER NOT NULL)
    """,
    """
    CREATE TABLE "versions" (
        "ruleset" VARCHAR(63) NOT NULL,
        "version" INTEGER NOT NULL CHECK ("version" > 0),
        "digest" VARCHAR(71) NOT NULL,
        "document" TEXT NOT NULL,
        "comment" TEXT NOT NULL,
        "author" VARCHAR(200) NOT NULL,
        "published_at" BIGINT NOT NULL,
        PRIMARY KEY ("ruleset", "version"),
        FOREIGN KEY ("ruleset") REFERENCES "rulesets" ("key"))
    """,
    """
    CREATE TABLE "profiles" (
        "ruleset" VARCHAR(63) NOT NULL,
        "profile_id" VARCHAR(200) NOT NULL,
        "version" INTEGER NOT NULL,
        "revision" INTEGER NOT NULL,
        "at" BIGINT NOT NULL,
        "next_at" BIGINT,
        "stage" VARCHAR(63),
        "state" TEXT NOT NULL,
        "facts" TEXT NOT NULL,
        "evaluation_id" VARCHAR(26) NOT NULL,
        PRIMARY KEY ("ruleset", "profile_id"))
    """,
    """
    CREATE TABLE "evaluations" (
        "seq" {place},
        "id" VARCHAR(26) NOT NULL,
        "ruleset" VARCHAR(63) NOT NULL,
        "version" INTEGER NOT NULL,
        "digest" VARCHAR(71) NOT NULL,
        "engine" TEXT NOT NULL,
        "profile_id" VARCHAR(200) NOT NULL,
        "at" BIGINT NOT NULL,
        "recorded_at" BIGINT NOT NULL,
        "trigger" VARCHAR(10) NOT NULL CHECK ("trigger" IN ('api', 'batch', 'bulk', 'sweep', 'manual', 'publish')),
        "actor" VARCHAR(200) NOT NULL,
        "request_id" VARCHAR(128) NOT NULL,
        "record" TEXT NOT NULL{key}){monthly}
    """,
    """
    CREATE TABLE "changes" (
        "seq" {place},
        "evaluation_id" VARCHAR(26) NOT NULL,
        "position" INTEGER NOT NULL,
        "profile_id" VARCHAR(200) NOT NULL,
        "ruleset" VARCHAR(63) NOT NULL,
        "version" INTEGER NOT NULL,
        "kind" VARCHAR(10) NOT NULL CHECK ("kind" IN ('tag', 'tier', 'stage')),
        "key" VARCHAR(63) NOT NULL,
        "outcome" VARCHAR(20) NOT NULL,
        "movement" VARCHAR(10),
        "source" VARCHAR(63),
        "target" VARCHAR(63),
        "rule" VARCHAR(200),
        "cause" VARCHAR(10),
        "at" BIGINT NOT NULL,
        "recorded_at" BIGINT NOT NULL{key}){monthly}
    """,
    """
    CREATE TABLE "replies" (
        "key_id" VARCHAR(32) NOT NULL,
        "idempotency_key" VARCHAR(255) NOT NULL,
        "fingerprint" VARCHAR(64) NOT NULL,
        "reply" TEXT NOT NULL,
        "kept_at" BIGINT NOT NULL,
        PRIMARY KEY ("key_id", "idempotency_key"))
    """,
    """
    CREATE TABLE "api_keys" (
        "id" VARCHAR(32) NOT NULL PRIMARY KEY,
        "name" VARCHAR(200) NOT NULL,
        "secret_hash" VARCHAR(64) NOT NULL,
        "roles" TEXT NOT NULL,
        "created_at" BIGINT NOT NULL,
        "created_by" VARCHAR(200) NOT NULL,
        "expires_at" BIGINT,
        "revoked_at" BIGINT,
        "last_used_at" BIGINT)
    """,
    """
    CREATE TABLE "audit_events" (
        "seq" {sequence},
        "id" VARCHAR(26) NOT NULL,
        "at" BIGINT NOT NULL,
        "actor" VARCHAR(200) NOT NULL,
        "action" VARCHAR(63) NOT NULL,
        "subject" VARCHAR(255) NOT NULL,
        "detail" TEXT NOT NULL,
        "request_id" VARCHAR(128) NOT NULL)
    """,
    'CREATE INDEX "version_ruleset" ON "versions" ("ruleset")',
    'CREATE INDEX "profile_next_at" ON "profiles" ("next_at")',
    'CREATE UNIQUE INDEX "evaluation_id" ON "evaluations" ("id"{month})',
    'CREATE INDEX "evaluation_profile_id_seq" ON "evaluations" ("profile_id", "seq")',
    'CREATE INDEX "change_profile_id_seq" ON "changes" ("profile_id", "seq")',
    'CREATE INDEX "change_ruleset_kind_key_seq" ON "changes" ("ruleset", "kind", "key", "seq")',
    'CREATE INDEX "change_at_seq" ON "changes" ("at", "seq")',
    'CREATE INDEX "reply_kept_at" ON "replies" ("kept_at")',
    'CREATE UNIQUE INDEX "auditevent_id" ON "audit_events" ("id")',
)
WORDS = {
    "sqlite": {
        "sequence": "INTEGER NOT NULL PRIMARY KEY",
        "place": "INTEGER NOT NULL PRIMARY KEY",
        "key": "",
        "monthly": "",
        "month": "",
    },
    "postgresql": {
        "sequence": "BIGSERIAL NOT NULL PRIMARY KEY",
        "place": "BIGSERIAL NOT NULL",
        "key": ', PRIMARY KEY ("seq", "recorded_at")',
        "monthly": ' PARTITION BY RANGE ("recorded_at")',
        "month": ', "recorded_at"',
    },
}
"""What the two databases say differently."""


def up(_migrator: object, db: Database) -> None:
    """Build every table and index."""
    words = WORDS["postgresql" if isinstance(db, PostgresqlDatabase) else "sqlite"]
    for statement in TABLES:
        db.execute_sql(statement.format_map(words))  # type: ignore[no-untyped-call]


def down(_migrator: object, db: Database) -> None:
    """Drop them again."""
    for table in ("audit_events", "api_keys", "replies", "changes", "evaluations", "profiles", "versions", "rulesets"):
        db.execute_sql(f'DROP TABLE "{table}"')  # type: ignore[no-untyped-call]
