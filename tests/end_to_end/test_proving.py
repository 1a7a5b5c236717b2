"""The command `prove`: what it says of files, to people and to machines, and its exit codes."""

import json

import pytest

from service.cli import main
from tests.cases_reader import ROOT, shipped_rulesets

CASES = ROOT / "tests" / "cases" / "findings"
WELL, FINDINGS = range(2)


def test_a_contradiction_is_told_with_a_profile(capsys):
    """People get file, place, words and a profile that shows it; scripts see that there was something."""
    file = CASES / "oscillation" / "ruleset.json"
    assert main(["prove", str(file)]) == FINDINGS
    told = capsys.readouterr().out
    assert "/lifecycle/transitions/0 warning oscillation: for one profile" in told
    assert '"visits":119' in told
    assert told.splitlines()[-1].endswith("1 warnings, 0 hints, 0 undecided")


def test_steps_that_lead_to_it_are_told(capsys):
    """A witness with a past is told step by step, in the reader's language."""
    assert main(["prove", "--language", "zh", str(CASES / "oscillation-after-a-wait" / "ruleset.json")]) == FINDINGS
    told = capsys.readouterr().out
    assert "before {" in told
    assert "绕成一圈" in told


def test_what_stays_open_is_told(capsys):
    """An open question says why, and is no finding."""
    assert main(["prove", str(CASES / "undecided-text" / "ruleset.json")]) == WELL
    assert "undecided never-true: it reads texts that may be anything" in capsys.readouterr().out


def test_machines_get_json(capsys):
    """With --json each file is an object with its findings in both languages."""
    file = str(CASES / "never-true" / "ruleset.json")
    assert main(["prove", "--json", file]) == FINDINGS
    (found,) = json.loads(capsys.readouterr().out)
    assert (found["file"], {one["proof"] for one in found["findings"]}) == (file, {"unsatisfiable"})


@pytest.mark.parametrize(
    ("old", "new", "code", "word"),
    [
        ("articles_read >= 3", "articles_read > 2", WELL, "equal"),
        ("articles_read >= 3", "articles_read >= 4", FINDINGS, "different"),
        ('"cooldown": "P180D"', '"cooldown": "P181D"', FINDINGS, "undecided"),
    ],
)
def test_two_files_are_compared(capsys, tmp_path, old, new, code, word):
    """Equal is well; a difference is shown by a profile; what stays open says why."""
    file = next(one for one in shipped_rulesets() if one.stem == "telegram-lifecycle")
    text = file.read_text("utf-8")
    assert old in text
    other = tmp_path / "other.json"
    other.write_text(text.replace(old, new), "utf-8")
    assert main(["prove", str(other), "--against", str(file)]) == code
    told = capsys.readouterr().out
    assert f"other.json: {word}" in told
    assert main(["prove", str(other), "--against", str(file), "--json"]) == code
    assert json.loads(capsys.readouterr().out)["result"] == word
