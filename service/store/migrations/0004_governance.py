"""How a ruleset comes to be in force: drafts and all that was saved of them, and which version stands from when on.

An activation is only ever added: from its instant on, it stands over all that were recorded before it. Which version is
active is read from them alone, so `rulesets` says it no more; `revision` is the number of the newest one there, and
`applied` that of the last one that came to every profile. Every version there is was made active when it was published.
"""

from typing import Any

from peewee import Database

STATEMENTS = (
    """
    CREATE TABLE "drafts" (
        "ruleset" VARCHAR(63) NOT NULL PRIMARY KEY,
        "revision" INTEGER NOT NULL CHECK ("revision" > 0),
        "document" TEXT NOT NULL,
        "digest" VARCHAR(71) NOT NULL,
        "base_version" INTEGER,
        "state" VARCHAR(10) NOT NULL CHECK ("state" IN ('editing', 'submitted', 'approved', 'rejected')),
        "author" VARCHAR(200) NOT NULL,
        "editors" TEXT NOT NULL,
        "edited_at" BIGINT NOT NULL,
        "submitted_by" VARCHAR(200),
        "submitted_at" BIGINT,
        "reviewed_by" VARCHAR(200),
        "reviewed_at" BIGINT,
        "reason" TEXT)
    """,
    """
    CREATE TABLE "draft_revisions" (
        "ruleset" VARCHAR(63) NOT NULL,
        "revision" INTEGER NOT NULL,
        "document" TEXT NOT NULL,
        "author" VARCHAR(200) NOT NULL,
        "at" BIGINT NOT NULL,
        PRIMARY KEY ("ruleset", "revision"))
    """,
    """
    CREATE TABLE "activations" (
        "seq" INTEGER NOT NULL CHECK ("seq" > 0),
        "ruleset" VARCHAR(63) NOT NULL,
        "version" INTEGER NOT NULL,
        "effective_at" BIGINT NOT NULL,
        "recorded_at" BIGINT NOT NULL,
        "actor" VARCHAR(200) NOT NULL,
        "kind" VARCHAR(10) NOT NULL CHECK ("kind" IN ('publish', 'rollback', 'retire')),
        "reason" TEXT NOT NULL,
        "apply" VARCHAR(20) NOT NULL CHECK ("apply" IN ('on_next_evaluation', 'now_quietly', 'now')),
        PRIMARY KEY ("ruleset", "seq"))
    """,
    """
    CREATE TABLE "settings" (
        "name" VARCHAR(63) NOT NULL PRIMARY KEY,
        "value" TEXT NOT NULL,
        "changed_at" BIGINT NOT NULL,
        "changed_by" VARCHAR(200) NOT NULL)
    """,
    'ALTER TABLE "versions" ADD COLUMN "approved_by" VARCHAR(200)',
    'ALTER TABLE "versions" ADD COLUMN "effective_at" BIGINT NOT NULL DEFAULT 0',
    'ALTER TABLE "versions" ADD COLUMN "base_version" INTEGER',
    """ALTER TABLE "versions" ADD COLUMN "evidence" TEXT NOT NULL DEFAULT '{}'""",
    'UPDATE "versions" SET "effective_at" = "published_at"',
    """
    INSERT INTO "activations"
    SELECT "version", "ruleset", "version", "published_at", "published_at", "author", 'publish', "comment", "apply"
    FROM "versions"
    """,
    'ALTER TABLE "rulesets" ADD COLUMN "applied" INTEGER NOT NULL DEFAULT 0',
    """
    UPDATE "rulesets" SET
        "revision" = "active_version",
        "applied" = CASE WHEN "applying" IS NULL THEN "active_version" ELSE "active_version" - 1 END
    """,
    'ALTER TABLE "rulesets" DROP COLUMN "applying"',
    'ALTER TABLE "rulesets" DROP COLUMN "active_version"',
)
UNDONE = (
    'ALTER TABLE "rulesets" ADD COLUMN "active_version" INTEGER NOT NULL DEFAULT 1',
    'ALTER TABLE "rulesets" ADD COLUMN "applying" INTEGER',
    """
    UPDATE "rulesets" SET "active_version" =
        (SELECT MAX("version") FROM "versions" WHERE "versions"."ruleset" = "rulesets"."key")
    """,
    'ALTER TABLE "rulesets" DROP COLUMN "applied"',
    'ALTER TABLE "versions" DROP COLUMN "evidence"',
    'ALTER TABLE "versions" DROP COLUMN "base_version"',
    'ALTER TABLE "versions" DROP COLUMN "effective_at"',
    'ALTER TABLE "versions" DROP COLUMN "approved_by"',
    'DROP TABLE "settings"',
    'DROP TABLE "activations"',
    'DROP TABLE "draft_revisions"',
    'DROP TABLE "drafts"',
)


def up(_migrator: object, db: Database) -> None:
    """Build the tables, and tell of every version there is when it was made active."""
    for statement in STATEMENTS:
        _run(db, statement)


def down(_migrator: object, db: Database) -> None:
    """Drop them again; the newest version of each ruleset is the active one then."""
    for statement in UNDONE:
        _run(db, statement)


def _run(db: Database, sql: str) -> Any:
    return db.execute_sql(sql)  # type: ignore[no-untyped-call]
