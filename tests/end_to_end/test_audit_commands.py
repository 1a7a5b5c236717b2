"""What an auditor does on the command line: keys, checkpoints, the whole log, an evidence pack; and what is found."""

import json

import pytest

from service.audit.note import read_verifier
from service.bootstrap import COMMAND_LINE, wire
from service.cli import main
from service.cli.printing import FINDINGS, WELL
from service.config import read_config
from service.operations.publish import publish_ruleset
from tests.audit.liar.forgeries import a_record_changed
from tests.audit.liar.honest import KEY, range_pack
from tests.operations.auditing.logs import rows_changed, seal_all
from tests.small import RULESET


@pytest.fixture
def url(tmp_path, monkeypatch):
    """The URL of a database with one ruleset, published and sealed."""
    url = f"sqlite:///{tmp_path}/test.db"
    monkeypatch.setenv("TAGWRIGHT_DATABASE_URL", url)
    assert main(["db", "upgrade"]) == WELL
    service = wire(read_config())
    publish_ruleset(service, json.dumps(RULESET), "first", COMMAND_LINE)
    seal_all(service)
    service.store.close()
    return url


def test_the_log_is_verified(url, capsys):
    """A log that holds ends well, and says what was checked and what not; `--full` checks the rest."""
    capsys.readouterr()
    assert main(["audit", "verify"]) == WELL
    told = capsys.readouterr().out.splitlines()
    assert told[0] == "checked: 2 checkpoints, 1 entries, 1 contents"
    assert told[-1] == "holds"
    assert any(line.startswith("not checked: whether the rules decide the same") for line in told)
    assert main(["audit", "verify", "--full", "--json"]) == WELL
    assert json.loads(capsys.readouterr().out)["holds"] is True


def test_a_log_that_does_not_hold_ends_otherwise(url, capsys):
    """What does not fit is named in the reader's language, and the exit code says that there is something."""
    rows_changed(url, 'DROP TRIGGER "audit_events_stay"')
    rows_changed(url, """UPDATE "audit_events" SET "actor" = 'nobody'""")
    assert main(["audit", "verify"]) == FINDINGS
    assert "entry-altered: the record is not the one that was sealed" in capsys.readouterr().out
    assert main(["audit", "verify", "--language", "zh"]) == FINDINGS
    assert "entry-altered: 记录不是封存时的记录" in capsys.readouterr().out


def test_the_log_is_known_by_its_key(url, capsys):
    """Its public keys and its newest checkpoint are printed; a key is changed in two steps."""
    capsys.readouterr()
    assert main(["audit", "key"]) == WELL
    key = read_verifier(capsys.readouterr().out)
    assert main(["audit", "checkpoint"]) == WELL
    assert capsys.readouterr().out.startswith(f"{key.name}\n1\n")
    assert main(["audit", "rotate-key"]) == WELL
    assert main(["audit", "rotate-key"]) == FINDINGS
    assert main(["audit", "rotate-key", "--finish"]) == WELL
    capsys.readouterr()
    assert main(["audit", "key", "--json"]) == WELL
    assert len(json.loads(capsys.readouterr().out)["keys"]) == 2


def test_a_restore_needs_a_reason_to_be_one(url, capsys):
    """Where nothing was restored, there is nothing to answer for."""
    assert main(["audit", "restored", "--reason", "test"]) == FINDINGS
    assert "the log continues the checkpoint" in capsys.readouterr().err


def test_a_pack_is_verified(url, tmp_path, capsys):
    """An evidence pack is checked with a key that is given, or else with this log's own."""
    good, bad = range_pack().write(tmp_path / "good"), a_record_changed().write(tmp_path / "bad")
    assert main(["audit", "verify", "--export", str(good), "--key", KEY]) == WELL
    assert main(["audit", "verify", "--export", str(bad), "--key", KEY, "--json"]) == FINDINGS
    capsys.readouterr()
    assert main(["audit", "verify", "--export", str(good)]) == FINDINGS
    assert "unknown-signer" in capsys.readouterr().out
