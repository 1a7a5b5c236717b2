"""What profiles hold, so that a segment is found without reading every profile; and versions applied to all at once.

`holdings` says for each tag that is held, each tier's band and the stage which profiles have it. `scores` are those of
the last decision. `apply` is how a version was published, `applying` the version that is on its way to every profile.
"""

import json
from collections.abc import Iterator
from typing import Any

from peewee import Database

STATEMENTS = (
    """
    CREATE TABLE "holdings" (
        "ruleset" VARCHAR(63) NOT NULL,
        "kind" VARCHAR(10) NOT NULL CHECK ("kind" IN ('tag', 'tier', 'stage')),
        "key" VARCHAR(63) NOT NULL,
        "value" VARCHAR(63) NOT NULL,
        "profile_id" VARCHAR(200) NOT NULL,
        PRIMARY KEY ("ruleset", "kind", "key", "value", "profile_id")){without_rowid}
    """,
    """ALTER TABLE "profiles" ADD COLUMN "scores" TEXT NOT NULL DEFAULT '{}'""",
    """
    ALTER TABLE "versions" ADD COLUMN "apply" VARCHAR(20) NOT NULL DEFAULT 'on_next_evaluation'
        CHECK ("apply" IN ('on_next_evaluation', 'now_quietly', 'now'))
    """,
    'ALTER TABLE "rulesets" ADD COLUMN "applying" INTEGER',
)
ADD = 'INSERT INTO "holdings" VALUES (?, ?, ?, ?, ?)'


def up(_migrator: object, db: Database) -> None:
    """Build the table, and fill it from the states of the profiles there are."""
    is_sqlite = any(kind.__name__ == "SqliteDatabase" for kind in type(db).__mro__)
    for statement in STATEMENTS:
        _run(db, statement.replace("{without_rowid}", " WITHOUT ROWID" if is_sqlite else ""))
    for ruleset, profile_id, state in _run(db, 'SELECT "ruleset", "profile_id", "state" FROM "profiles"'):
        for kind, key, value in _held(json.loads(state)):
            _run(db, ADD.replace("?", db.param), (ruleset, kind, key, value, profile_id))


def down(_migrator: object, db: Database) -> None:
    """Drop it again."""
    _run(db, 'ALTER TABLE "rulesets" DROP COLUMN "applying"')
    _run(db, 'ALTER TABLE "versions" DROP COLUMN "apply"')
    _run(db, 'ALTER TABLE "profiles" DROP COLUMN "scores"')
    _run(db, 'DROP TABLE "holdings"')


def _held(state: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    if state["stage"] is not None:
        yield "stage", "lifecycle", state["stage"]
    yield from (("tag", key, "held") for key in state["tags"])
    yield from (("tier", key, place[0]) for key, place in state["tiers"].items())


def _run(db: Database, sql: str, values: tuple[object, ...] = ()) -> Any:
    return db.execute_sql(sql, values)  # type: ignore[no-untyped-call]
