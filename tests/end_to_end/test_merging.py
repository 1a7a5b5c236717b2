"""`tagwright merge-tags`: what is written to the file, what is said, and the exit code that scripts go by."""

import json

import pytest

from service.cli import main
from service.language.pipeline import read_ruleset
from tests.small import changed

WELL, FINDINGS, USAGE = range(3)


@pytest.fixture
def file(tmp_path):
    """A file with the small ruleset."""
    path = tmp_path / "small.json"
    path.write_text(json.dumps(changed()), "utf-8")
    return path


def merge(file, *options, keep="regular", drop="keen"):
    """The exit code of a merge."""
    return main(["merge-tags", str(file), "--keep", keep, "--drop", drop, *options])


def test_the_file_is_written_anew(file, capsys):
    """The file holds the merged ruleset, which has no errors, and each change is said on a line."""
    assert merge(file) == WELL
    assert capsys.readouterr().out == "tag `keen` is now part of `regular`\n"
    reading = read_ruleset(file.read_bytes())
    assert reading.program is not None
    assert reading.program.aliases == {"tag/keen": "regular"}


def test_it_can_be_written_elsewhere(file, tmp_path, capsys):
    """With another output the file stays as it was; machines get JSON."""
    before = file.read_text("utf-8")
    assert merge(file, "--output", str(tmp_path / "new.json"), "--either", "--json") == WELL
    told = json.loads(capsys.readouterr().out)
    assert [one["kind"] for one in told["changes"]] == ["changed", "removed"]
    assert (told["file"], told["errors"]) == (str(tmp_path / "new.json"), [])
    assert file.read_text("utf-8") == before


def test_what_is_wrong_afterwards_is_said(file, capsys):
    """An example that expects otherwise now is a finding, in the language that was asked for."""
    step = {"at": "2026-01-01T00:00:00Z", "attributes": {"rate": 1}, "expect": {"tags": {"has": ["keen"]}}}
    file.write_text(json.dumps(changed(examples=[{"steps": [step]}])), "utf-8")
    assert merge(file, "--language", "zh") == FINDINGS
    assert "failing-example: 应为" in capsys.readouterr().out


def test_what_cannot_be_merged_leaves_the_file(file, capsys):
    """A tag that is not there, and a file that is no ruleset, are refused, and nothing is written."""
    before = file.read_text("utf-8")
    assert merge(file, drop="kean") == FINDINGS
    assert "did you mean `keen`?" in capsys.readouterr().err
    assert file.read_text("utf-8") == before
    for text in ("{", "[]"):
        file.write_text(text, "utf-8")
        assert merge(file) == USAGE
        assert str(file) in capsys.readouterr().err
