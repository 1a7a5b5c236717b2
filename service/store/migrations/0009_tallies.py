"""Counts that pages show at once, whatever is stored: how many profiles hold what, and how many changes a day had.

`tallies` is counted anew from `holdings` now and then; `daily` follows the log, whose place it has reached stands in
`tally_marks`. What has no source, target, cause or movement has an empty text there, so that it can be part of the key.
"""

from peewee import Database

TABLES = (
    """
    CREATE TABLE "tallies" (
        "ruleset" VARCHAR(63) NOT NULL,
        "kind" VARCHAR(10) NOT NULL,
        "key" VARCHAR(63) NOT NULL,
        "value" VARCHAR(63) NOT NULL,
        "profiles" BIGINT NOT NULL,
        PRIMARY KEY ("ruleset", "kind", "key", "value"))
    """,
    """
    CREATE TABLE "daily" (
        "ruleset" VARCHAR(63) NOT NULL,
        "day" INTEGER NOT NULL,
        "kind" VARCHAR(10) NOT NULL,
        "key" VARCHAR(63) NOT NULL,
        "source" VARCHAR(63) NOT NULL,
        "target" VARCHAR(63) NOT NULL,
        "cause" VARCHAR(10) NOT NULL,
        "movement" VARCHAR(10) NOT NULL,
        "changes" BIGINT NOT NULL,
        PRIMARY KEY ("ruleset", "day", "kind", "key", "source", "target", "cause", "movement"))
    """,
    """
    CREATE TABLE "tally_marks" (
        "name" VARCHAR(80) NOT NULL PRIMARY KEY,
        "place" BIGINT NOT NULL,
        "at" BIGINT NOT NULL,
        "took" BIGINT NOT NULL)
    """,
)


def up(_migrator: object, db: Database) -> None:
    """Build the tables."""
    for statement in TABLES:
        db.execute_sql(statement)  # type: ignore[no-untyped-call]


def down(_migrator: object, db: Database) -> None:
    """Drop them again."""
    for table in ("tally_marks", "daily", "tallies"):
        db.execute_sql(f'DROP TABLE "{table}"')  # type: ignore[no-untyped-call]
