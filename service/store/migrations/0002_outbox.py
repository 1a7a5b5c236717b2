"""What leaves the service: subscriptions, deliveries, and the leases by which one process at a time does a work.

A change itself is not copied: `deliveries` names it by its place in the log.
"""

from peewee import Database

TABLES = (
    """
    CREATE TABLE "subscriptions" (
        "id" VARCHAR(32) NOT NULL PRIMARY KEY,
        "url" TEXT NOT NULL,
        "description" VARCHAR(200) NOT NULL,
        "filters" TEXT NOT NULL,
        "secret" VARCHAR(63) NOT NULL,
        "previous_secret" VARCHAR(63),
        "previous_until" BIGINT,
        "state" VARCHAR(10) NOT NULL CHECK ("state" IN ('active', 'paused')),
        "reason" VARCHAR(200),
        "position" BIGINT NOT NULL,
        "created_at" BIGINT NOT NULL,
        "created_by" VARCHAR(200) NOT NULL)
    """,
    """
    CREATE TABLE "deliveries" (
        "subscription" VARCHAR(32) NOT NULL,
        "place" BIGINT NOT NULL,
        "event_id" VARCHAR(40) NOT NULL,
        "profile_id" VARCHAR(200) NOT NULL,
        "state" VARCHAR(10) NOT NULL CHECK ("state" IN ('pending', 'delivered', 'dead')),
        "tries" INTEGER NOT NULL,
        "next_at" BIGINT NOT NULL,
        "first_at" BIGINT,
        "last_at" BIGINT,
        "status" INTEGER,
        "error" VARCHAR(200),
        PRIMARY KEY ("subscription", "place"))
    """,
    """
    CREATE TABLE "leases" (
        "name" VARCHAR(63) NOT NULL PRIMARY KEY,
        "holder" VARCHAR(63) NOT NULL,
        "until" BIGINT NOT NULL)
    """,
    'CREATE INDEX "delivery_subscription_state_place" ON "deliveries" ("subscription", "state", "place")',
    """
    CREATE INDEX "delivery_subscription_state_profile_id_place"
    ON "deliveries" ("subscription", "state", "profile_id", "place")
    """,
)


def up(_migrator: object, db: Database) -> None:
    """Build the tables and their indexes."""
    for statement in TABLES:
        db.execute_sql(statement)  # type: ignore[no-untyped-call]


def down(_migrator: object, db: Database) -> None:
    """Drop them again."""
    for table in ("leases", "deliveries", "subscriptions"):
        db.execute_sql(f'DROP TABLE "{table}"')  # type: ignore[no-untyped-call]
