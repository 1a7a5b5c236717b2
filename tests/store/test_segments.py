"""What is held: kept beside each state, found by an index, and filled from the states of an older database."""

import json

import pytest
from playhouse.migrations import Runner

from service.audit.rows import Held, Segment
from service.store.database import open_database
from service.store.migrate import FOLDER
from service.store.reads import excepting
from service.store.segments import statement
from service.store.store import Store
from service.store.unit import DUE, DUE_OF_RULESET

STATE = {"stage": "active", "tags": {"vip": [1, None]}, "tiers": {"band": ["seed", 1, [], None]}}


@pytest.fixture
def opened(tmp_path):
    """An open SQLite database with the newest schema."""
    url = f"sqlite:///{tmp_path / 'test.db'}"
    Store(url).upgrade()
    opened = open_database(url)
    opened.connect()
    yield opened
    opened.close()


def plan(opened, sql, values):
    """How the database would read a statement."""
    return "; ".join(row[3] for row in opened.execute_sql(f"EXPLAIN QUERY PLAN {sql}", tuple(values)))


def test_a_small_segment_is_read_along_what_is_held(opened):
    """A page costs what it has: it is read in the order of the index, without sorting or looking everybody through."""
    vip, seed = Held("tag", (("vip", "held"),)), Held("tier", (("band", "seed"), ("band", "sprout")))
    for segment in (Segment("r", (seed, vip), (Held("tag", (("spam", "held"),)),)), Segment("r")):
        found = plan(opened, *statement(segment, "", 10))
        assert "SCAN" not in found
        assert "TEMP B-TREE" not in found
        assert ("SEARCH l USING PRIMARY KEY" in found) == bool(segment.held)


def test_what_is_due_is_found_by_an_index(opened):
    """The cost of a sweep follows what is due, of one ruleset too."""
    for sql, values in (
        (excepting(DUE, ()), (1, 1)),
        (excepting(DUE, ["r"]), (1, "r", 1)),
        (DUE_OF_RULESET, (1, "r", 1)),
    ):
        assert plan(opened, sql, values) == "SEARCH profiles USING INDEX profile_next_at (next_at<?)"


def test_an_older_database_is_filled_from_its_states(opened):
    """After the upgrade the profiles that were there before are found as well."""
    runner = Runner(opened, str(FOLDER))
    while "0003_segments" in runner.applied():
        runner.down()
    names = "ruleset, profile_id, version, revision, at, next_at, stage, state, facts, evaluation_id"
    values = ("r", "u", 1, 1, 1, None, "active", json.dumps(STATE), "{}", "e")
    opened.execute_sql(f"INSERT INTO profiles ({names}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", values)  # noqa: S608
    runner.up()
    assert sorted(opened.execute_sql("SELECT * FROM holdings")) == [
        ("r", "stage", "lifecycle", "active", "u"),
        ("r", "tag", "vip", "held", "u"),
        ("r", "tier", "band", "seed", "u"),
    ]
