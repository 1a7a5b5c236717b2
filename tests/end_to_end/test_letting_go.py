"""The commands that let content go, and a service that starts without its keys."""

import json

import pytest

from service.bootstrap import COMMAND_LINE, wire
from service.cli import main
from service.config import Config, read_config
from service.operations.evaluate import evaluate_profile
from service.operations.publish import publish_ruleset
from tests.small import KEY, RULESET, asking, request

WELL, FINDINGS, USAGE, UNAVAILABLE = range(4)


@pytest.fixture
def anna(tmp_path, monkeypatch):
    """A database with one profile, decided twice; the commands' settings name it."""
    url = f"sqlite:///{tmp_path}/test.db"
    monkeypatch.setenv("TAGWRIGHT_DATABASE_URL", url)
    service = wire(Config(database_url=url))
    service.store.upgrade()
    publish_ruleset(service, json.dumps(RULESET), "first", COMMAND_LINE)
    for visits in (9, 0):
        evaluate_profile(service, KEY, request(asking("anna", visits=visits)))
    service.store.close()
    return tmp_path


def test_a_person_is_erased_by_command(anna, capsys):
    """It says how much there was and which entry says so; a second time there is nobody."""
    assert main(["erase", "anna", "--ground", "asked for", "--json"]) == WELL
    assert json.loads(capsys.readouterr().out)["evaluations"] == 2
    assert main(["erase", "anna", "--ground", "asked for"]) == FINDINGS
    assert "there is no profile `anna`" in capsys.readouterr().err


def test_a_person_is_held_by_command(anna, capsys):
    """A hold is placed, listed, refuses an erasure, and ends."""
    assert main(["hold", "anna", "--reason", "case 12"]) == WELL
    assert "anna  held by command-line since" in capsys.readouterr().out
    assert main(["hold", "--json"]) == WELL
    assert json.loads(capsys.readouterr().out)[0]["reason"] == "case 12"
    assert main(["erase", "anna", "--ground", "asked for"]) == FINDINGS
    assert "case 12" in capsys.readouterr().err
    assert main(["hold", "anna", "--release"]) == WELL
    assert main(["erase", "anna", "--ground", "asked for"]) == WELL
    assert "erased: 2 evaluations" in capsys.readouterr().out
    assert main(["hold", "anna"]) == FINDINGS


def test_times_are_set_and_applied_by_command(anna, capsys):
    """It says how long everything is kept, then what was let go."""
    assert main(["retention", "--set", "evaluations", "30"]) == WELL
    assert "evaluations_days: 30" in capsys.readouterr().out
    assert main(["retention", "--json"]) == WELL
    assert json.loads(capsys.readouterr().out) == {"evaluations": 0}
    assert main(["retention", "--set", "evaluations", "ever"]) == WELL
    assert "evaluations_days: for ever" in capsys.readouterr().out
    assert main(["retention", "--set", "evaluations", "soon"]) == FINDINGS
    assert main(["retention", "--set", "nothing", "3"]) == FINDINGS


@pytest.mark.parametrize("command", [["db", "upgrade"], ["hold"], ["keys", "list"]])
def test_without_its_keys_nothing_starts(anna, capsys, command):
    """Whatever is asked for, the missing key folder is named, and the exit code says that settings are wrong."""
    (anna / "tagwright-keys").rename(anna / "elsewhere")
    assert main(command) == USAGE
    assert "TAGWRIGHT_KEYS: expected the master key of this database in" in capsys.readouterr().err
    assert not (anna / "tagwright-keys").exists()


def test_the_key_folder_can_be_elsewhere(anna, monkeypatch, capsys):
    """An operator keeps keys where the database is not."""
    (anna / "tagwright-keys").rename(anna / "elsewhere")
    monkeypatch.setenv("TAGWRIGHT_KEYS", str(anna / "elsewhere"))
    assert read_config().keys == anna / "elsewhere"
    assert main(["hold"]) == WELL
    monkeypatch.setenv("TAGWRIGHT_KEYS", "")
    assert main(["hold"]) == USAGE
    assert "expected the path of a folder" in capsys.readouterr().err
