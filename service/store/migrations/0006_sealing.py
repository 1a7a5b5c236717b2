"""The record in two parts: what is sealed for ever, and content that can be erased; what holds both; and what is told
to whom, and for how long.

Content becomes bytes, since it is encrypted from now on; what is there stays readable text. Every record and audit
event gets a commitment to its content and waits in `unsealed` for the Merkle log. Content of before has no salt of its
own: its commitments are made with an empty one.
Rows of the log are only added from now on; the one change the database lets through is that content goes.
"""

import hmac
from collections.abc import Iterator
from typing import Any

from peewee import Database, PostgresqlDatabase

from service.audit.envelope import evaluation_envelope, event_content, event_envelope
from service.audit.merkle import leaf_hash
from service.audit.rows import AuditRow, EvaluationRow

TABLES = (
    'CREATE TABLE "master_keys" ("fingerprint" VARCHAR(32) NOT NULL PRIMARY KEY, "noted_at" BIGINT NOT NULL)',
    """
    CREATE TABLE "unsealed" (
        "id" VARCHAR(26) NOT NULL PRIMARY KEY,
        "kind" VARCHAR(10) NOT NULL CHECK ("kind" IN ('evaluation', 'event')),
        "leaf" {bytes} NOT NULL){without_rowid}
    """,
    """
    CREATE TABLE "tiles" (
        "level" INTEGER NOT NULL,
        "idx" BIGINT NOT NULL,
        "data" {bytes} NOT NULL,
        PRIMARY KEY ("level", "idx"))
    """,
    """
    CREATE TABLE "batches" (
        "first" BIGINT NOT NULL PRIMARY KEY,
        "entries" INTEGER NOT NULL,
        "first_id" VARCHAR(26) NOT NULL,
        "last_id" VARCHAR(26) NOT NULL,
        "ids" {bytes} NOT NULL)
    """,
    """
    CREATE TABLE "checkpoints" (
        "size" BIGINT NOT NULL PRIMARY KEY,
        "root" {bytes} NOT NULL,
        "note" TEXT NOT NULL,
        "signed_at" BIGINT NOT NULL)
    """,
    """
    CREATE TABLE "pushes" (
        "target" VARCHAR(200) NOT NULL PRIMARY KEY,
        "size" BIGINT NOT NULL,
        "pushed_at" BIGINT,
        "tried_at" BIGINT,
        "tries" INTEGER NOT NULL,
        "error" VARCHAR(200))
    """,
    """
    CREATE TABLE "erasures" (
        "entry" VARCHAR(26) NOT NULL,
        "ruleset" VARCHAR(63) NOT NULL,
        "profile_id" VARCHAR(200) NOT NULL,
        "evaluations_upto" BIGINT NOT NULL,
        "changes_upto" BIGINT NOT NULL,
        PRIMARY KEY ("entry", "ruleset"))
    """,
    """
    CREATE TABLE "reply_people" (
        "profile_id" VARCHAR(200) NOT NULL,
        "key_id" VARCHAR(32) NOT NULL,
        "idempotency_key" VARCHAR(255) NOT NULL,
        "kept_at" BIGINT NOT NULL,
        PRIMARY KEY ("profile_id", "key_id", "idempotency_key")){without_rowid}
    """,
    'CREATE INDEX "replyperson_kept_at" ON "reply_people" ("kept_at")',
    """
    CREATE TABLE "holds" (
        "profile_id" VARCHAR(200) NOT NULL PRIMARY KEY,
        "reason" TEXT NOT NULL,
        "placed_by" VARCHAR(200) NOT NULL,
        "placed_at" BIGINT NOT NULL)
    """,
    """
    CREATE TABLE "retention" (
        "kind" VARCHAR(20) NOT NULL PRIMARY KEY,
        "days" INTEGER NOT NULL CHECK ("days" > 0))
    """,
    'CREATE INDEX "batch_first_id" ON "batches" ("first_id")',
    'ALTER TABLE "evaluations" ADD COLUMN "commitment" VARCHAR(64) NOT NULL DEFAULT \'\'',
    'ALTER TABLE "evaluations" ADD COLUMN "erased_by" VARCHAR(26)',
    'ALTER TABLE "profiles" ADD COLUMN "content" {bytes} NOT NULL DEFAULT \'\'',
    'ALTER TABLE "profiles" ADD COLUMN "key" {bytes}',
    'ALTER TABLE "audit_events" ADD COLUMN "profile_id" VARCHAR(200)',
    'ALTER TABLE "audit_events" ADD COLUMN "salt" {bytes}',
    'ALTER TABLE "audit_events" ADD COLUMN "commitment" VARCHAR(64) NOT NULL DEFAULT \'\'',
    'CREATE INDEX "auditevent_profile_id" ON "audit_events" ("profile_id")',
    'UPDATE "audit_events" SET "profile_id" = "subject" WHERE substr("action", 1, 4) = \'tag.\'',
)
WORDS = {
    "sqlite": {"bytes": "BLOB", "without_rowid": " WITHOUT ROWID"},
    "postgresql": {"bytes": "BYTEA", "without_rowid": ""},
}
"""What the two databases say differently."""
CONTENT = (
    ("evaluations", "record", "NOT NULL", ""),
    ("replies", "reply", "NOT NULL", "NOT NULL"),
)
"""Columns that become bytes, and what else is said of them before and after."""
TOGETHER = '"state" || \'\n\' || "facts" || \'\n\' || "scores"'
JOIN = {
    "sqlite": f'UPDATE "profiles" SET "content" = CAST({TOGETHER} AS BLOB)',  # noqa: S608  # our own names
    "postgresql": f"""UPDATE "profiles" SET "content" = convert_to({TOGETHER}, 'UTF8')""",  # noqa: S608  # as above
}
"""A profile's content, one part a line."""
APART = (
    """ALTER TABLE "profiles" ADD COLUMN "state" TEXT NOT NULL DEFAULT ''""",
    """ALTER TABLE "profiles" ADD COLUMN "facts" TEXT NOT NULL DEFAULT ''""",
    """ALTER TABLE "profiles" ADD COLUMN "scores" TEXT NOT NULL DEFAULT '{}'""",
)
FIXED = {
    "evaluations": "seq id ruleset version digest engine at recorded_at trigger actor commitment",
    "changes": "seq evaluation_id position ruleset version kind key outcome movement source target rule cause at "
    "recorded_at",
    "audit_events": "seq id at actor action commitment",
    "versions": "ruleset version digest document comment author published_at apply approved_by effective_at "
    "base_version evidence",
    "activations": "seq ruleset version effective_at recorded_at actor kind reason apply",
}
"""Columns of the log that nobody may change."""
PSEUDONYM = '(NEW."profile_id" = OLD."profile_id" OR substr(NEW."profile_id", 1, 7) = \'erased:\')'
ERASABLE = {
    "evaluations": (
        "record profile_id request_id erased_by",
        f"""NEW."record" IS NULL AND NEW."erased_by" IS NOT NULL AND {PSEUDONYM}
        AND (NEW."request_id" = OLD."request_id" OR NEW."request_id" = '')""",
    ),
    "changes": ("profile_id", PSEUDONYM),
    "audit_events": (
        "subject detail request_id salt profile_id",
        """NEW."salt" IS NULL AND NEW."detail" = '{}' AND substr(NEW."subject", 1, 7) = 'erased:'
        AND NEW."profile_id" = NEW."subject" AND NEW."request_id" = ''""",
    ),
}
"""Columns that content or a name stands in, and what must hold when it goes."""
PROCEDURE = """
CREATE FUNCTION "tagwright_refuse"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'the log is append-only' USING ERRCODE = 'restrict_violation'; END $$
"""
EVALUATION = "id ruleset version digest engine profile_id at recorded_at trigger actor request_id record"
EVENT = "id at actor action subject detail request_id"
"""The columns of before, in the order of the rows' fields."""
CHUNK = 1_000
SEAL = 'UPDATE "{table}" SET "commitment" = ? WHERE "seq" = ?'
WAIT = 'INSERT INTO "unsealed" ("id", "kind", "leaf") VALUES (?, ?, ?)'


def up(_migrator: object, db: Database) -> None:
    """Build the tables, turn content into bytes, commit to what is there, and close the log."""
    is_shared = isinstance(db, PostgresqlDatabase)
    for statement in TABLES:
        _run(db, statement.format(**WORDS["postgresql" if is_shared else "sqlite"]))
    _run(db, JOIN["postgresql" if is_shared else "sqlite"])
    for column in ("state", "facts", "scores"):
        _run(db, f'ALTER TABLE "profiles" DROP COLUMN "{column}"')
    for table, column, before, after in CONTENT:
        if is_shared:
            _run(db, f"""ALTER TABLE "{table}" ALTER "{column}" TYPE BYTEA USING convert_to("{column}", 'UTF8')""")
            if not after:
                _run(db, f'ALTER TABLE "{table}" ALTER "{column}" DROP NOT NULL')
        else:
            _rebuild(db, table, f'"{column}" TEXT {before}', f'"{column}" BLOB {after}')
    _commit_to_evaluations(db)
    _commit_to_events(db)
    for statement in _guards(db, is_shared=is_shared):
        _run(db, statement)


def down(_migrator: object, db: Database) -> None:
    """Take all of it back; only a database whose content was never encrypted goes back to text."""
    is_shared = isinstance(db, PostgresqlDatabase)
    for name, table, _ in _triggers(db):
        _run(db, f'DROP TRIGGER "{name}"' + (f' ON "{table}"' if is_shared else ""))
    if is_shared:
        _run(db, 'DROP FUNCTION "tagwright_refuse"()')
    for statement in APART:
        _run(db, statement)
    for table, column, before, after in CONTENT:
        if is_shared:
            _run(db, f"""ALTER TABLE "{table}" ALTER "{column}" TYPE TEXT USING convert_from("{column}", 'UTF8')""")
            _run(db, f'ALTER TABLE "{table}" ALTER "{column}" SET NOT NULL')
        else:
            _rebuild(db, table, f'"{column}" BLOB {after}', f'"{column}" TEXT {before}')
    _run(db, 'DROP INDEX "auditevent_profile_id"')
    for table, columns in (
        ("audit_events", ("commitment", "salt", "profile_id")),
        ("profiles", ("key", "content")),
        ("evaluations", ("erased_by", "commitment")),
    ):
        for column in columns:
            _run(db, f'ALTER TABLE "{table}" DROP COLUMN "{column}"')
    for table in (
        "retention",
        "holds",
        "reply_people",
        "erasures",
        "pushes",
        "checkpoints",
        "batches",
        "tiles",
        "unsealed",
    ):
        _run(db, f'DROP TABLE "{table}"')
    _run(db, 'DROP TABLE "master_keys"')


def _rebuild(db: Database, table: str, before: str, after: str) -> None:
    """Change what SQLite says of a column, which it can't do in place: through a second table with the same rows."""
    made = 'SELECT "type", "sql" FROM "sqlite_master" WHERE "tbl_name" = ? AND "sql" IS NOT NULL ORDER BY "type" DESC'
    statements = [(kind, sql) for kind, sql in _run(db, made, (table,))]
    columns = ", ".join(f'"{row[1]}"' for row in _run(db, f'PRAGMA table_info("{table}")'))
    for kind, sql in statements:
        if kind == "table":
            assert before in sql, (table, before)
            new = sql.replace(before, after, 1).replace(f'"{table}"', f'"{table}_new"', 1)
            _run(db, new)
            _run(db, f'INSERT INTO "{table}_new" ({columns}) SELECT {columns} FROM "{table}"')  # noqa: S608
            _run(db, f'DROP TABLE "{table}"')
            _run(db, f'ALTER TABLE "{table}_new" RENAME TO "{table}"')
    for kind, sql in statements:
        if kind != "table":
            _run(db, sql)


def _commit_to_evaluations(db: Database) -> None:
    """Give every record there is a commitment, and have it wait for the log."""
    for seq, *values in _rows(db, "evaluations", EVALUATION):
        found = EvaluationRow(*values)
        row = found._replace(commitment=_unsalted(_text(found.record).encode()))
        _run(db, SEAL.format(table="evaluations"), (row.commitment, seq))
        _run(db, WAIT, (row.id, "evaluation", leaf_hash(evaluation_envelope(row))))


def _commit_to_events(db: Database) -> None:
    """The same for audit events."""
    for seq, *values in _rows(db, "audit_events", EVENT):
        found = AuditRow(*values)
        row = found._replace(commitment=_unsalted(event_content(found)))
        _run(db, SEAL.format(table="audit_events"), (row.commitment, seq))
        _run(db, WAIT, (row.id, "event", leaf_hash(event_envelope(row))))


def _rows(db: Database, table: str, names: str) -> Iterator[Any]:
    """Every row with its place, read some at a time."""
    after = 0
    while True:
        sql = f'SELECT "seq", {_quoted(names)} FROM "{table}" WHERE "seq" > ? ORDER BY "seq" LIMIT {CHUNK}'  # noqa: S608
        found = list(_run(db, sql, (after,)))
        yield from found
        if len(found) < CHUNK:
            return
        after = found[-1][0]


def _unsalted(content: bytes) -> str:
    return hmac.digest(b"", content, "sha256").hex()


def _text(content: Any) -> str:
    return content if isinstance(content, str) else bytes(content).decode()


def _triggers(db: Database) -> Iterator[tuple[str, str, str]]:
    """Name, table, and when the trigger refuses."""
    there = set(db.get_tables())
    for table, columns in FIXED.items():
        if table in there:
            yield f"{table}_stay", table, f"BEFORE UPDATE OF {_quoted(columns)}"
            yield f"{table}_remain", table, "BEFORE DELETE"
    for table, (columns, _) in ERASABLE.items():
        yield f"{table}_forget", table, f"BEFORE UPDATE OF {_quoted(columns)}"


def _guards(db: Database, *, is_shared: bool) -> Iterator[str]:
    if is_shared:
        yield PROCEDURE
    for name, table, when in _triggers(db):
        allowed = ERASABLE[table][1] if name.endswith("_forget") else None
        condition = f"WHEN (({allowed}) IS NOT TRUE)" if allowed else ""
        refuse = (
            'EXECUTE FUNCTION "tagwright_refuse"()'
            if is_shared
            else "BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END"
        )
        yield f'CREATE TRIGGER "{name}" {when} ON "{table}" FOR EACH ROW {condition} {refuse}'


def _quoted(columns: str) -> str:
    return ", ".join(f'"{name}"' for name in columns.split())


def _run(db: Database, sql: str, values: tuple[object, ...] = ()) -> Any:
    return db.execute_sql(sql.replace("?", db.param), values)  # type: ignore[no-untyped-call]
