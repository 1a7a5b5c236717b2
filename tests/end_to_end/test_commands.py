"""The command line: what each command prints, and the exit code that scripts go by."""

import io
import json
from pathlib import Path

import pytest

from service.bootstrap import COMMAND_LINE, wire
from service.cli import main
from service.cli.operating import gunicorn_command
from service.config import Config, read_config
from service.operations.evaluate import Request, evaluate_profile
from tests.small import RULESET, asking, changed

WELL, FINDINGS, USAGE, UNAVAILABLE = range(4)


@pytest.fixture
def ruleset(tmp_path):
    """Writes a ruleset to a file."""

    def write(document, name="small.json"):
        path = tmp_path / name
        path.write_text(document if isinstance(document, str) else json.dumps(document, indent=2), "utf-8")
        return str(path)

    return write


@pytest.fixture
def stored(tmp_path, monkeypatch):
    """The commands' database, up to date."""
    monkeypatch.setenv("TAGWRIGHT_DATABASE_URL", f"sqlite:///{tmp_path}/test.db")
    assert main(["db", "upgrade"]) == WELL
    return tmp_path


def with_example(**expect):
    """The small ruleset with one example."""
    step = {"at": "2026-01-01T00:00:00Z", "attributes": {"visits": 5}, "expect": expect}
    return changed(examples=[{"steps": [step]}])


def test_check_says_place_fault_and_remedy(ruleset, capsys):
    """An author finds file, line, column, pointer, code, message and help in what is printed."""
    path = ruleset(changed(tags=[{"key": "regular", "when": "visit >= 3"}]))
    assert main(["check", path]) == FINDINGS
    shown = capsys.readouterr().out
    (line,) = [line for line in shown.splitlines() if "unknown-name" in line]
    place, pointer, severity, rest = line.split(" ", 3)
    file, row, column = place.rsplit(":", 2)
    assert (file, pointer, severity, rest) == (path, "/tags/0/when", "error", "unknown-name: unknown name `visit`")
    assert Path(path).read_text("utf-8").splitlines()[int(row) - 1][int(column) - 1 :] == '"visit >= 3"'
    assert "did you mean `visits`" in shown
    assert "1 errors" in shown


def test_check_speaks_chinese(ruleset, capsys):
    """An author may read findings in Chinese."""
    assert main(["check", "--language", "zh", ruleset(changed(tags=[{"key": "a", "when": "visit >= 3"}]))]) == FINDINGS
    assert "未" in capsys.readouterr().out


def test_check_of_broken_text(ruleset, capsys):
    """A file that is no JSON is told with the place where it breaks."""
    path = ruleset('{\n  "format": 1,\n}')
    assert main(["check", path]) == FINDINGS
    assert f"{path}:2:14" in capsys.readouterr().out


def test_check_gives_json_for_machines(ruleset, capsys):
    """A script reads all findings of all files at once."""
    paths = [ruleset(RULESET), ruleset([], "list.json")]
    assert main(["check", "--json", *paths]) == FINDINGS
    first, second = json.loads(capsys.readouterr().out)
    assert (first["file"], first["valid"]) == (paths[0], True)
    assert (second["valid"], second["diagnostics"][0]["code"]) == (False, "wrong-shape")
    assert main(["check", paths[0]]) == WELL


def test_test_runs_the_examples(ruleset, capsys):
    """A spoiled expectation fails, and is told; a right one passes."""
    assert main(["test", ruleset(with_example(stage="active"))]) == WELL
    assert "passed" in capsys.readouterr().out
    assert main(["test", ruleset(with_example(stage="new"))]) == FINDINGS
    shown = capsys.readouterr().out
    assert "failing-example" in shown
    assert "FAILED" in shown
    assert main(["test", ruleset(changed(tags=[{"key": "a", "when": "visit >= 3"}]))]) == FINDINGS


def test_test_holds_coverage_to_a_bar(ruleset, capsys):
    """A rule that no example exercises is told, and fails where everything must be exercised."""
    path = ruleset(with_example(stage="active"))
    assert main(["test", "--coverage", "10", path]) == WELL
    assert main(["test", "--coverage", "100", path]) == FINDINGS
    shown = capsys.readouterr().out
    assert "untested-rule" in shown
    assert "tags/stale" in shown
    assert main(["test", "--json", "--coverage", "100", path]) == FINDINGS
    (result,) = json.loads(capsys.readouterr().out)
    assert result["passed"] is False
    assert 0 < result["coverage"] < 100


def test_evaluate_needs_no_database(ruleset, capsys, monkeypatch):
    """An author tries a ruleset on a profile from standard input."""
    monkeypatch.setattr("sys.stdin", io.StringIO('{"id": "u", "attributes": {"visits": 4, "colour": 1}}'))
    assert (
        main(["evaluate", ruleset(RULESET), "--profile", "-", "--at", "2026-01-01T00:00:00Z", "--event", "hello"])
        == WELL
    )
    shown = capsys.readouterr().out
    for words in ("stage    active", "tags     greeted, regular", "action   thank", "missing  rate", "ignored  colour"):
        assert words in shown


def test_evaluate_gives_the_reply_for_machines(ruleset, tmp_path, capsys):
    """A script gets the reply that the service would give to a dry run."""
    profile = tmp_path / "profile.json"
    profile.write_text(json.dumps(asking("u", visits=4)), "utf-8")
    assert main(["evaluate", "--json", "--explain", ruleset(RULESET), "--profile", str(profile)]) == WELL
    reply = json.loads(capsys.readouterr().out)
    assert (reply["stage"], reply["dry_run"], reply["ruleset"]["version"]) == ("active", True, 0)
    assert reply["explanation"]


@pytest.mark.parametrize(
    ("profile", "code", "words"),
    [
        ('{"id": "u", "attributes": {"visits": "4"}}', FINDINGS, "/profile/attributes/visits"),
        ('{"id": "u"', USAGE, "not-json"),
        ("[]", FINDINGS, "/profile"),
    ],
)
def test_evaluate_tells_what_is_wrong_with_a_profile(ruleset, capsys, monkeypatch, profile, code, words):
    """A profile that can't be used is told with its place."""
    monkeypatch.setattr("sys.stdin", io.StringIO(profile))
    assert main(["evaluate", ruleset(RULESET), "--profile", "-"]) == code
    assert words in capsys.readouterr().err


def test_evaluate_refuses_a_wrong_ruleset(ruleset, capsys, monkeypatch):
    """A ruleset with errors decides nothing."""
    monkeypatch.setattr("sys.stdin", io.StringIO('{"id": "u"}'))
    path = ruleset(changed(tags=[{"key": "a", "when": "visit >= 3"}]))
    assert main(["evaluate", path, "--profile", "-"]) == FINDINGS
    assert "unknown-name" in capsys.readouterr().err


def test_import_publishes_what_is_new(stored, ruleset, capsys):
    """A file becomes a version; the same file again changes nothing; a wrong one is refused."""
    path = ruleset(RULESET)
    for words in ("small: version 1 published", "small: version 1 is active already"):
        assert main(["import", path]) == WELL
        assert words in capsys.readouterr().out
    assert main(["import", "--json", "--comment", "why", ruleset(changed(title="New"))]) == WELL
    assert json.loads(capsys.readouterr().out)[0]["version"] == 2
    assert main(["import", ruleset({"format": 1})]) == FINDINGS
    assert "the ruleset has errors" in capsys.readouterr().err


def test_sweep_decides_what_time_has_brought(stored, ruleset, capsys, tmp_path):
    """An operator can have it done up to any instant, see what was done, and apply a version to everybody by it."""
    tags = [{"key": "stale", "when": "days_since(last_seen) >= 10"}]
    assert main(["import", ruleset(changed(tags=tags, values=[], actions=[]))]) == WELL
    service = wire(read_config())
    body = {"profile": {"id": "u", "attributes": {"last_seen": "2026-01-01T00:00:00Z"}}, "at": "2026-01-01T00:00:00Z"}
    evaluate_profile(service, "small", Request(body=body, caller=COMMAND_LINE))
    service.store.close()
    capsys.readouterr()
    assert main(["sweep", "--until", "2026-01-10T23:59:59Z"]) == WELL
    assert "0 profiles decided up to 2026-01-10T23:59:59Z" in capsys.readouterr().out
    assert main(["sweep", "--until", "2026-02-01T00:00:00Z", "--ruleset", "small", "--limit", "5", "--json"]) == WELL
    found = json.loads(capsys.readouterr().out)
    assert found | {"seconds": 0} == {
        "until": "2026-02-01T00:00:00Z",
        "due": 1,
        "profiles": 1,
        "evaluations": 1,
        "changes": 1,
        "failed": 0,
        "seconds": 0,
    }
    assert main(["import", "--apply", "now", ruleset(changed(values=[], tags=[], actions=[]))]) == WELL
    assert main(["sweep"]) == WELL
    assert "1 profiles decided" in capsys.readouterr().out
    assert main(["sweep", "--until", "tomorrow"]) == FINDINGS
    assert "/--until" in capsys.readouterr().err


def test_keys_are_made_listed_and_revoked(stored, capsys):
    """An operator manages keys without the service; a key's secret is printed once."""
    assert main(["keys", "create", "--name", "shop", "--role", "evaluator", "--role", "editor"]) == WELL
    key = capsys.readouterr().out.strip()
    key_id = key.split("_")[1]
    assert (
        main(["keys", "create", "--json", "--name", "x", "--role", "admin", "--expires-at", "2030-01-01T00:00:00Z"])
        == WELL
    )
    assert json.loads(capsys.readouterr().out)["key"].startswith("tw_")
    assert main(["keys", "list"]) == WELL
    shown = capsys.readouterr().out
    assert f"{key_id}  evaluator,editor  active  last used never  shop" in shown
    assert key not in shown
    assert "until 2030-01-01T00:00:00Z" in shown
    assert main(["keys", "revoke", key_id]) == WELL
    assert main(["keys", "list", "--json"]) == WELL
    listed = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert next(one for one in listed if one["id"] == key_id)["revoked_at"]
    assert main(["keys", "revoke", "nobody"]) == FINDINGS


def test_an_upgrade_says_what_it_did(stored, capsys):
    """An operator sees which migrations were applied, or that none was needed."""
    capsys.readouterr()
    assert main(["db", "upgrade"]) == WELL
    assert capsys.readouterr().out == "the schema is current\n"
    assert main(["db", "upgrade", "--json"]) == WELL
    assert json.loads(capsys.readouterr().out) == {"applied": []}


def test_a_database_that_is_not_there_is_unavailable(monkeypatch, tmp_path, capsys):
    """A script can tell a missing database from a mistake of its own."""
    monkeypatch.setenv("TAGWRIGHT_DATABASE_URL", f"sqlite:///{tmp_path}/nowhere/test.db")
    assert main(["keys", "list"]) == UNAVAILABLE
    assert "can't be reached" in capsys.readouterr().err


def test_wrong_usage_has_its_own_code(monkeypatch, capsys, tmp_path):
    """A mistyped command, file or setting is told as such."""
    for arguments in ([], ["chek"], ["check"], ["keys", "create", "--name", "x", "--role", "king"]):
        with pytest.raises(SystemExit) as ended:
            main(arguments)
        assert ended.value.code == USAGE
    assert main(["check", str(tmp_path / "nothing.json")]) == USAGE
    assert "nothing.json" in capsys.readouterr().err
    monkeypatch.setenv("TAGWRIGHT_WORKERS", "none")
    assert main(["keys", "list"]) == USAGE
    assert "TAGWRIGHT_WORKERS" in capsys.readouterr().err


def test_the_description_can_be_written(tmp_path, capsys):
    """A developer brings `openapi.yaml` up to date with one command."""
    assert main(["openapi"]) == WELL
    assert main(["openapi", "--output", str(tmp_path / "openapi.yaml")]) == WELL
    assert (tmp_path / "openapi.yaml").read_text("utf-8") == capsys.readouterr().out


def test_the_web_server_is_started_as_configured():
    """The settings reach the web server, and it opens no control socket."""
    command = gunicorn_command(Config(bind="0.0.0.0:80", workers=3, threads=5, graceful_seconds=7))
    for pair in (("--bind", "0.0.0.0:80"), ("--workers", "3"), ("--threads", "5"), ("--graceful-timeout", "7")):
        place = command.index(pair[0])
        assert command[place + 1] == pair[1]
    assert "--no-control-socket" in command
