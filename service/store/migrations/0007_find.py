"""What the log is found by: who asked, what set it off and in which request, beside each change; and indexes.

Changes are listed newest first by the instant that they were decided for, so the indexes end in `at` and `seq`; what
only few changes have is indexed for these few. On PostgreSQL an index of the log is one of each month's partition.
"""

from peewee import Database, PostgresqlDatabase

COLUMNS = {"trigger": "VARCHAR(10)", "actor": "VARCHAR(200)", "request_id": "VARCHAR(128)"}
FILL = """
UPDATE "changes" SET "trigger" = e."trigger", "actor" = e."actor", "request_id" = e."request_id"
FROM "evaluations" AS e WHERE e."id" = "changes"."evaluation_id" AND e."recorded_at" = "changes"."recorded_at"
"""
REPLACED = {
    "change_profile_id_seq": '"changes" ("profile_id", "seq")',
    "change_ruleset_kind_key_seq": '"changes" ("ruleset", "kind", "key", "seq")',
}
INDEXES = {
    "change_profile_id_at_seq": '"changes" ("profile_id", "at", "seq")',
    "change_ruleset_kind_key_at_seq": '"changes" ("ruleset", "kind", "key", "at", "seq")',
    "change_ruleset_version_at_seq": '"changes" ("ruleset", "version", "at", "seq")',
    "change_actor_at_seq": '"changes" ("actor", "at", "seq")',
    "change_request_id_at_seq": '"changes" ("request_id", "at", "seq")',
    "change_recorded_at_seq": '"changes" ("recorded_at", "seq")',
    "change_of_stage": """"changes" ("rule", "at", "seq") WHERE "kind" = 'stage'""",
    "change_movement": '"changes" ("movement", "at", "seq") WHERE "movement" IS NOT NULL',
    # Why `OR`: SQLite uses an index of some rows only if its condition has the very comparison that is asked for.
    "change_cause": """"changes" ("cause", "at", "seq")
        WHERE "cause" = 'manual' OR "cause" = 'rules' OR "cause" = 'expiry' OR "cause" = 'event'""",
    "change_trigger": """"changes" ("trigger", "at", "seq")
        WHERE "trigger" = 'manual' OR "trigger" = 'bulk' OR "trigger" = 'publish'""",
    "evaluation_request_id_seq": '"evaluations" ("request_id", "seq")',
    "auditevent_actor_seq": '"audit_events" ("actor", "seq")',
    "auditevent_action_seq": '"audit_events" ("action", "seq")',
    "auditevent_subject_seq": '"audit_events" ("subject", "seq")',
}
GUARD = """
CREATE TRIGGER "changes_origin_stay" BEFORE UPDATE OF "trigger", "actor", "request_id" ON "changes" FOR EACH ROW
WHEN ((NEW."trigger" = OLD."trigger" AND NEW."actor" = OLD."actor"
    AND (NEW."request_id" = OLD."request_id" OR NEW."request_id" = '')) IS NOT TRUE) {refuse}
"""
"""Nobody may change where a change came from; an erasure takes the request's id away."""
REFUSE = {
    False: "BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END",
    True: 'EXECUTE FUNCTION "tagwright_refuse"()',
}


def up(_migrator: object, db: Database) -> None:
    """Add the columns, fill them from the evaluations there are, and build the indexes."""
    for name, kind in COLUMNS.items():
        _run(db, f"""ALTER TABLE "changes" ADD COLUMN "{name}" {kind} NOT NULL DEFAULT ''""")
    _run(db, FILL)
    _run(db, GUARD.replace("{refuse}", REFUSE[isinstance(db, PostgresqlDatabase)]))
    for name in REPLACED:
        _run(db, f'DROP INDEX "{name}"')
    for name, what in INDEXES.items():
        _run(db, f'CREATE INDEX "{name}" ON {what}')


def down(_migrator: object, db: Database) -> None:
    """Take them away again."""
    _run(db, 'DROP TRIGGER "changes_origin_stay"' + (' ON "changes"' if isinstance(db, PostgresqlDatabase) else ""))
    for name in INDEXES:
        _run(db, f'DROP INDEX "{name}"')
    for name, what in REPLACED.items():
        _run(db, f'CREATE INDEX "{name}" ON {what}')
    for name in COLUMNS:
        _run(db, f'ALTER TABLE "changes" DROP COLUMN "{name}"')


def _run(db: Database, sql: str) -> object:
    return db.execute_sql(sql)  # type: ignore[no-untyped-call]
