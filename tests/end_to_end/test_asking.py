"""What is asked of the log on the command line, and by jobs: replays and reports."""

import csv
import json
from io import StringIO

import pytest

from service.bootstrap import COMMAND_LINE, wire
from service.cli import main
from service.config import read_config
from service.operations.auditing import replay_period
from service.operations.auditing.reports.report import queue_report
from service.operations.authoring.jobs import Wish, add_job
from service.operations.authoring.kinds import KINDS
from service.operations.authoring.runner import Runner
from service.operations.evaluate import evaluate_profile
from service.operations.publish import publish_ruleset
from tests.small import KEY, RULESET, asking, changed, logged, request

WELL, FINDINGS = 0, 1


@pytest.fixture
def stored(tmp_path, monkeypatch):
    """The commands' database, with two versions and three profiles."""
    monkeypatch.setenv("TAGWRIGHT_DATABASE_URL", f"sqlite:///{tmp_path}/test.db")
    assert main(["db", "upgrade"]) == WELL
    service = wire(read_config())
    publish_ruleset(service, json.dumps(RULESET), "first", COMMAND_LINE)
    for number in range(3):
        evaluate_profile(service, KEY, request(asking(f"u{number}", visits=number + 2)))
    sharper = changed(tags=[{"key": "regular", "when": "visits >= 4"}], actions=[])
    publish_ruleset(service, json.dumps(sharper), "sharper", COMMAND_LINE)
    yield service
    service.store.close()


def test_a_log_is_replayed_on_the_command_line(stored, capsys):
    """All is equal; by another version what differs is named, and the exit code says so."""
    assert main(["replay"]) == WELL
    assert "3 evaluations: 3 equal, 0 different, 0 not replayable" in capsys.readouterr().out
    assert main(["replay", "--ruleset", KEY, "--version", "2"]) == FINDINGS
    shown = capsys.readouterr().out
    assert "tag regular: assigned held -> absent absent" in shown
    assert main(["replay", "--json", "--from", "2020-01-01T00:00:00Z", "--to", "2020-01-02T00:00:00Z"]) == WELL
    assert json.loads(capsys.readouterr().out)["checked"] == 0
    row = logged(stored, "u1")[0]
    assert main(["replay", row.id]) == WELL
    assert capsys.readouterr().out == f"{row.id} equal\n"
    assert main(["replay", row.id, "--version", "2", "--json"]) == FINDINGS
    assert json.loads(capsys.readouterr().out)["result"] == "different"
    assert main(["replay", "nothing"]) == FINDINGS
    assert "there is no evaluation `nothing`" in capsys.readouterr().err


@pytest.mark.usefixtures("stored")
def test_a_report_is_made_on_the_command_line(capsys):
    """A report is a table, or JSON for machines; what can't be asked is told."""
    assert main(["report", "tags", "--ruleset", KEY]) == WELL
    assert next(csv.DictReader(StringIO(capsys.readouterr().out)))["count"] == "2"
    assert main(["report", "stages", "--ruleset", KEY, "--json", "--average", "visits"]) == WELL
    assert json.loads(capsys.readouterr().out)["rows"][0]["average"] == 3
    assert main(["report", "stages", "--ruleset", KEY, "--by", "nothing"]) == FINDINGS
    assert "/by: the ruleset has no tag group, tier or tag `nothing`" in capsys.readouterr().err


def test_long_questions_are_jobs(stored):
    """A report and a replay are made by the runner of jobs, and their results are what the operations give."""
    queued = queue_report(stored, "stages", {"ruleset": KEY}, COMMAND_LINE)
    again = add_job(stored, Wish(kind=replay_period.KIND, payload={"ruleset": KEY}), COMMAND_LINE)
    runner = Runner(stored, "r1", KINDS, lambda job, error: pytest.fail(f"{job} {error}"))
    assert [runner.step(), runner.step(), runner.step()] == [True, True, False]
    done = [stored.store.read(lambda reads, one=one: reads.jobs.job(one.id)) for one in (queued, again)]
    assert [one.state for one in done] == ["done", "done"]
    assert json.loads(done[0].result)["rows"][0]["count"] == 3
    assert json.loads(done[1].result)["equal"] == 3
