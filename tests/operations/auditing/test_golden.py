"""The golden corpus: what an earlier engine wrote, this one decides again to the byte."""

import json
from collections import Counter
from pathlib import Path

import pytest

from service.audit.rows import EvaluationRow, VersionRow
from service.errors import NotFound
from service.language.canonical import digest
from service.language.instants import read_instant
from service.operations.auditing.replay import replay_row
from service.operations.programs import compile_version

GOLDEN = Path(__file__).parents[2] / "golden"
FILES = sorted(GOLDEN.glob("*.ndjson"))
ZONE = None


class Shelf:
    """The versions of one corpus."""

    def __init__(self, rows):
        self.made = {row.version: compile_version(row) for row in rows}

    def published(self, key, version):
        """One of them."""
        if version not in self.made:
            raise NotFound(f"{key} has no version {version}")
        return self.made[version]


def read(file):
    """The versions and the evaluations of a file."""
    lines = file.read_bytes().splitlines()
    versions, rows = [], []
    for line in lines:
        one = json.loads(line)
        if "document" in one:
            text = json.dumps(one["document"], sort_keys=True, separators=(",", ":"), ensure_ascii=False)
            key = one["document"]["key"]
            versions.append(VersionRow(key, one["version"], digest(text.encode()), text, "", "", 0, one["apply"]))
        else:
            rows.append(row_of(one, line.decode()))
    return versions, rows


def row_of(record, text):
    """The evaluation of a record."""
    at, recorded_at = (read_instant(record[name], ZONE) for name in ("at", "recorded_at"))
    ruleset = record["ruleset"]
    origin = (record["trigger"], record["actor"], record["request_id"])
    head = (ruleset["version"], ruleset["digest"], record["engine"], record["profile_id"])
    return EvaluationRow(record["id"], ruleset["key"], *head, at, recorded_at, *origin, text)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_the_golden_corpus_replays(file):
    """Every record of every shipped ruleset comes out again, byte by byte, whatever engine wrote it."""
    versions, rows = read(file)
    shelf, known = Shelf(versions), {row.id: row for row in rows}
    found = []
    for row in rows:
        previous = json.loads(row.record)["previous"]
        earlier = previous and known[previous["evaluation_id"]]
        found.append(replay_row(shelf, row, earlier))
    assert [one for one in found if one["result"] != "equal"] == []
    assert len(found) >= 20


def test_the_golden_corpus_has_everything_that_decides():
    """The corpus has facts, events, people's words, time, waits and versions, and every cause."""
    rows = [json.loads(row.record) for file in FILES for row in read(file)[1]]
    assert {one["trigger"] for one in rows} == {"api", "manual", "sweep", "publish"}
    causes = Counter(change["cause"] for one in rows for change in one["outcome"]["decisions"])
    assert set(causes) >= {"first", "data", "time", "rules", "manual", "event"}
    assert {one["ruleset"]["version"] for one in rows} == {1, 2}
    assert any(one["event"] for one in rows)
    assert any(one["state"]["waits"] for one in rows)
    assert {one["actions"] for one in rows} == {"fire", "quiet", "all"}
