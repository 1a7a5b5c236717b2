"""How a ruleset comes to be in force, in the database: its draft, all that was saved of it, and its activations.

Everything here is written rarely, so it goes to the database at once. Who changes a ruleset's draft or activations asks
to be `alone` under the ruleset's name first; the numbers of activations are given then.
"""

from peewee import Database

from service.audit.rows import ActivationRow, DraftRevisionRow, DraftRow, SettingRow, VersionRow
from service.store.statements import insert, run, select, upsert

DRAFT = select(DraftRow, 'WHERE "ruleset" = ?')
DRAFTS = select(DraftRow, 'ORDER BY "ruleset"')
REVISION = select(DraftRevisionRow, 'WHERE "ruleset" = ? AND "revision" = ?')
REVISIONS = select(DraftRevisionRow, 'WHERE "ruleset" = ? AND "revision" < ? ORDER BY "revision" DESC LIMIT ?')
NEWEST_REVISION = 'SELECT MAX("revision") FROM "draft_revisions" WHERE "ruleset" = ?'
ACTIVATIONS = select(ActivationRow, 'WHERE "ruleset" = ? ORDER BY "seq"')
SETTING = select(SettingRow, 'WHERE "name" = ?')
SETTINGS = select(SettingRow, 'ORDER BY "name"')
SAVE_DRAFT = upsert(DraftRow, ("ruleset",))
DROP_DRAFT = 'DELETE FROM "drafts" WHERE "ruleset" = ?'
ADD_REVISION = insert(DraftRevisionRow)
PRUNE_REVISIONS = """
DELETE FROM "draft_revisions" WHERE "ruleset" = ?
AND "revision" <= (SELECT MAX("revision") FROM "draft_revisions" WHERE "ruleset" = ?) - ?
"""
ADD_VERSION = insert(VersionRow)
ADD_ACTIVATION = insert(ActivationRow)
MOVE_RULESET = """
INSERT INTO "rulesets" ("key", "revision", "applied") VALUES (?, ?, 0)
ON CONFLICT ("key") DO UPDATE SET "revision" = excluded."revision"
"""
END_APPLYING = 'UPDATE "rulesets" SET "applied" = ? WHERE "key" = ? AND "applied" < ?'
SAVE_SETTING = upsert(SettingRow, ("name",))


class GovernanceReads:
    """What can be read of it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def draft(self, ruleset: str) -> DraftRow | None:
        """The draft of a ruleset."""
        row = run(self._database, DRAFT, (ruleset,)).fetchone()
        return DraftRow._make(row) if row else None

    def drafts(self) -> list[DraftRow]:
        """Every draft, by ruleset."""
        return [DraftRow._make(row) for row in run(self._database, DRAFTS)]

    def revision(self, ruleset: str, revision: int) -> DraftRevisionRow | None:
        """What was saved of a draft under one number."""
        row = run(self._database, REVISION, (ruleset, revision)).fetchone()
        return DraftRevisionRow._make(row) if row else None

    def revisions(self, ruleset: str, below: int, limit: int) -> list[DraftRevisionRow]:
        """What was saved of a ruleset's drafts, newest first, below a number."""
        return [DraftRevisionRow._make(row) for row in run(self._database, REVISIONS, (ruleset, below, limit))]

    def newest_revision(self, ruleset: str) -> int:
        """The number of what was saved last of a ruleset's drafts; zero before the first."""
        return run(self._database, NEWEST_REVISION, (ruleset,)).fetchone()[0] or 0

    def activations(self, ruleset: str) -> list[ActivationRow]:
        """Every activation of a ruleset, in the order in which they were recorded."""
        return [ActivationRow._make(row) for row in run(self._database, ACTIVATIONS, (ruleset,))]

    def setting(self, name: str) -> SettingRow | None:
        """One setting, if it was ever changed."""
        row = run(self._database, SETTING, (name,)).fetchone()
        return SettingRow._make(row) if row else None

    def settings(self) -> list[SettingRow]:
        """Every setting that was ever changed, by name."""
        return [SettingRow._make(row) for row in run(self._database, SETTINGS)]


class Governance(GovernanceReads):
    """What can be done with it in a write transaction."""

    def save_draft(self, draft: DraftRow) -> None:
        """Make a ruleset's draft what `draft` says."""
        run(self._database, SAVE_DRAFT, draft)

    def drop_draft(self, ruleset: str) -> None:
        """Take a draft away; what was saved of it stays."""
        run(self._database, DROP_DRAFT, (ruleset,))

    def add_revision(self, revision: DraftRevisionRow) -> None:
        """Keep what was saved of a draft."""
        run(self._database, ADD_REVISION, revision)

    def prune_revisions(self, ruleset: str, keep: int) -> None:
        """Forget what was saved of a ruleset's drafts, but for the newest `keep`."""
        run(self._database, PRUNE_REVISIONS, (ruleset, ruleset, keep))

    def activate(self, activation: ActivationRow) -> None:
        """Say what is in force from an instant on. The ruleset's revision becomes the activation's number."""
        run(self._database, MOVE_RULESET, (activation.ruleset, activation.seq))
        run(self._database, ADD_ACTIVATION, activation)

    def publish(self, version: VersionRow, activation: ActivationRow) -> None:
        """Add a version, and say from when on it is in force."""
        self.activate(activation)
        run(self._database, ADD_VERSION, version)

    def end_applying(self, ruleset: str, seq: int) -> None:
        """Note that what an activation made active has come to every profile."""
        run(self._database, END_APPLYING, (seq, ruleset, seq))

    def save_setting(self, setting: SettingRow) -> None:
        """Make a setting what `setting` says."""
        run(self._database, SAVE_SETTING, setting)
