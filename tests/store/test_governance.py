"""Drafts, activations and settings in both databases; and an older database, whose versions were activated then."""

import pytest
from playhouse.migrations import Runner

from service.audit.rows import ActivationRow, DraftRevisionRow, DraftRow, SettingRow, VersionRow
from service.store.database import connected, open_database
from service.store.governance import GovernanceReads
from service.store.migrate import FOLDER
from service.store.postgres import Pool
from service.store.store import Store

DRAFT = DraftRow("r", 1, "{}", "sha256:0", None, "editing", "ann", '["ann"]', 5)


@pytest.fixture
def store(database_url):
    """A store on each database in turn."""
    store = Store(database_url)
    yield store
    store.close()


def test_a_draft_is_what_was_saved_last(store):
    """A draft takes the place of the one before; a discarded one is gone."""
    later = DRAFT._replace(revision=2, state="approved", reviewed_by="bob", reviewed_at=6, base_version=3)
    for row in (DRAFT, later, DRAFT._replace(ruleset="a")):
        store.write(lambda unit, row=row: unit.governance.save_draft(row))
    assert store.read(lambda reads: reads.governance.draft("r")) == later
    assert [row.ruleset for row in store.read(lambda reads: reads.governance.drafts())] == ["a", "r"]
    store.write(lambda unit: unit.governance.drop_draft("r"))
    assert store.read(lambda reads: reads.governance.draft("r")) is None


def test_of_what_was_saved_the_newest_is_kept(store):
    """Old revisions of one ruleset go, those of others stay."""
    rows = [DraftRevisionRow(ruleset, number, "{}", "ann", number) for ruleset in "rs" for number in range(1, 6)]

    def job(unit):
        for row in rows:
            unit.governance.add_revision(row)
        unit.governance.prune_revisions("r", 2)

    store.write(job)
    kept = store.read(lambda reads: [reads.governance.revisions(one, 100, 10) for one in "rs"])
    assert [[row.revision for row in one] for one in kept] == [[5, 4], [5, 4, 3, 2, 1]]
    assert store.read(lambda reads: [reads.governance.newest_revision(one) for one in "rx"]) == [5, 0]
    assert store.read(lambda reads: reads.governance.revision("r", 1)) is None


def test_an_activation_moves_its_ruleset_on(store):
    """Whoever compares one number sees that something changed; what was applied to all is kept beside it."""
    first, second = (ActivationRow(seq, "r", 1, 5, 5, "ann", "publish", "", "now") for seq in (1, 2))
    store.write(lambda unit: unit.governance.publish(VersionRow("r", 1, "d", "{}", "", "ann", 5), first))
    store.write(lambda unit: unit.governance.end_applying("r", 1))
    store.write(lambda unit: unit.governance.activate(second))
    (row,) = store.read(lambda reads: reads.rulesets())
    assert (row.revision, row.applied) == (2, 1)
    store.write(lambda unit: unit.governance.end_applying("r", 2))
    store.write(lambda unit: unit.governance.end_applying("r", 1))
    assert store.read(lambda reads: reads.rulesets())[0].applied == 2
    assert store.read(lambda reads: reads.governance.activations("r")) == [first, second]


def test_a_setting_is_what_it_was_set_to_last(store):
    """A setting that was never changed is none."""
    assert store.read(lambda reads: reads.governance.setting("s")) is None
    for value in ("1", "2"):
        store.write(lambda unit, value=value: unit.governance.save_setting(SettingRow("s", value, 5, "ann")))
    assert store.read(lambda reads: reads.governance.setting("s")) == SettingRow("s", "2", 5, "ann")
    assert store.read(lambda reads: [row.name for row in reads.governance.settings()]) == ["s"]


def test_versions_of_an_older_database_were_activated_when_they_were_published(database_url):
    """After the upgrade the same version is in force, and what was on its way to everybody still is."""
    opened = open_database(database_url)
    with connected(opened):
        runner = Runner(opened, str(FOLDER))
        while "0004_governance" in runner.applied():
            runner.down()
        names = "key, active_version, revision, applying"
        opened.execute_sql(f"INSERT INTO rulesets ({names}) VALUES ('a', 2, 7, NULL), ('b', 1, 7, 1)")  # noqa: S608
        for ruleset, version, apply in (("a", 1, "now"), ("a", 2, "on_next_evaluation"), ("b", 1, "now")):
            values = f"('{ruleset}', {version}, 'd', '{{}}', 'why', 'ann', {version}000, '{apply}')"
            names = "ruleset, version, digest, document, comment, author, published_at, apply"
            opened.execute_sql(f"INSERT INTO versions ({names}) VALUES {values}")  # noqa: S608
        runner.up()
        found = opened.execute_sql("SELECT key, revision, applied FROM rulesets ORDER BY key").fetchall()
        assert [*found] == [("a", 2, 2), ("b", 1, 0)]
        assert GovernanceReads(opened).activations("a") == [
            ActivationRow(1, "a", 1, 1000, 1000, "ann", "publish", "why", "now"),
            ActivationRow(2, "a", 2, 2000, 2000, "ann", "publish", "why"),
        ]
        told = "SELECT effective_at, approved_by, evidence FROM versions WHERE version = 2"
        assert [*opened.execute_sql(told).fetchall()] == [(2000, None, "{}")]
    if isinstance(opened, Pool):
        opened.close_idle()
