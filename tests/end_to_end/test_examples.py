"""The commands about examples: what is missing, what is accepted, and which edits nothing notices."""

import json

import pytest

from service.cli import main
from tests.small import RULESET, changed

WELL, FINDINGS, USAGE = range(3)


@pytest.fixture(name="file")
def written(tmp_path):
    """The small ruleset in a file."""
    path = tmp_path / "small.json"
    path.write_text(json.dumps(RULESET, indent=2), "utf-8")
    return path


def test_missing_examples_are_proposed(file, capsys):
    """One a line, with file, line, column and pointer, in the language asked for; scripts see that some are missing."""
    assert main(["examples", str(file), "--rule", "tags/regular"]) == FINDINGS
    shown = capsys.readouterr().out.splitlines()
    assert shown[0].startswith(f"{file}:")
    assert shown[0].endswith(" /tags/0/when below: `regular`: `visits` is 2, which is below 3")
    assert shown[-1] == f"{file}: 3 examples proposed, 0 conditions without any"
    assert main(["examples", str(file), "--rule", "tags/regular", "--language", "zh"]) == FINDINGS
    assert "`regular`：`visits`为 2，低于 3" in capsys.readouterr().out


def test_accepted_examples_stand_in_the_file(file, tmp_path, capsys):
    """Then none is missing, and they pass; another file can be written instead."""
    other = tmp_path / "other.json"
    assert main(["examples", str(file), "--accept", "--output", str(other), "--json"]) == WELL
    (told,) = [json.loads(capsys.readouterr().out)]
    assert (len(told["proposals"]), told["accepted"]) == (len(json.loads(other.read_text("utf-8"))["examples"]), True)
    assert json.loads(file.read_text("utf-8")) == RULESET
    assert main(["examples", str(file), "--accept"]) == WELL
    assert "examples written to" in capsys.readouterr().out
    assert main(["examples", str(file)]) == WELL
    assert main(["test", str(file)]) == WELL


def test_a_rule_that_there_is_not_and_a_ruleset_with_errors_are_refused(file, capsys):
    """With what was expected."""
    assert main(["examples", str(file), "--rule", "tags/none"]) == USAGE
    assert "tags/none" in capsys.readouterr().err
    file.write_text(json.dumps(changed(tags=[{"key": "t", "when": "nothing"}])), "utf-8")
    assert main(["examples", str(file)]) == FINDINGS


def test_a_test_can_try_small_edits(file, capsys):
    """The score, and each survivor with its place; the same seed draws the same."""
    assert main(["test", str(file), "--mutants", "6", "--seed", "1"]) == WELL
    shown = capsys.readouterr().out.splitlines()
    assert "no example notices this change: " in shown[1]
    assert "the examples notice 0 of " in shown[-1]
    assert "with seed 1), 0.0 %" in shown[-1]
    assert main(["test", str(file), "--mutants", "6", "--seed", "1", "--json"]) == WELL
    (told,) = json.loads(capsys.readouterr().out)
    assert (told["mutants"]["seed"], told["mutants"]["noticed"], len(told["mutants"]["survivors"])) == (
        1,
        0,
        told["mutants"]["tried"],
    )
