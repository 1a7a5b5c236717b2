"""People who sign in to the console, and their sessions.

A session's id is the SHA-256 of the token that the browser holds. It belongs to a user, or to an API key that was
signed in with.
"""

from peewee import Database

TABLES = (
    """
    CREATE TABLE "users" (
        "id" VARCHAR(32) NOT NULL PRIMARY KEY,
        "name" VARCHAR(100) NOT NULL,
        "password_hash" VARCHAR(200),
        "subject" VARCHAR(255),
        "roles" TEXT NOT NULL,
        "created_at" BIGINT NOT NULL,
        "created_by" VARCHAR(200) NOT NULL,
        "disabled_at" BIGINT,
        "failures" INTEGER NOT NULL,
        "locked_until" BIGINT)
    """,
    """
    CREATE TABLE "sessions" (
        "id" VARCHAR(64) NOT NULL PRIMARY KEY,
        "user_id" VARCHAR(32),
        "key_id" VARCHAR(32),
        "csrf" VARCHAR(64) NOT NULL,
        "created_at" BIGINT NOT NULL,
        "seen_at" BIGINT NOT NULL)
    """,
    'CREATE UNIQUE INDEX "user_name" ON "users" ("name")',
    'CREATE UNIQUE INDEX "user_subject" ON "users" ("subject")',
    'CREATE INDEX "session_user_id" ON "sessions" ("user_id")',
    'CREATE INDEX "session_seen_at" ON "sessions" ("seen_at")',
)


def up(_migrator: object, db: Database) -> None:
    """Build the tables and their indexes."""
    for statement in TABLES:
        db.execute_sql(statement)  # type: ignore[no-untyped-call]


def down(_migrator: object, db: Database) -> None:
    """Drop them again."""
    for table in ("sessions", "users"):
        db.execute_sql(f'DROP TABLE "{table}"')  # type: ignore[no-untyped-call]
