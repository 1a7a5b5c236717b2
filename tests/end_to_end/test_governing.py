"""What is in force, in a service that runs: a plan that takes effect under load, a restart, a crash, the command line."""

import json
import threading
import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from http.client import HTTPException

import pytest

from service.cli import main
from tests.end_to_end.running import ask, running
from tests.governing import WARNINGS
from tests.small import RULESET, asking, changed

ONE = "/v1/rulesets/small"
EVALUATE = f"{ONE}/evaluate"
WELL, FINDINGS, USAGE = range(3)
CLIENTS = 4
FOLLOWS_S = 1.5
"""Until when after the instant every worker decides by the new version; half a second of it is the machine's."""


class Client(threading.Thread):
    """Evaluates again and again; notes when each reply came, its status and the version that decided."""

    def __init__(self, service, number):
        super().__init__()
        self.service, self.number = service, number
        self.replies = []
        self.is_over = threading.Event()

    def run(self):
        """Post until it is told to end."""
        connection = self.service.connect()
        while not self.is_over.is_set():
            begun = time.time()
            status, reply = ask(connection, "POST", EVALUATE, asking(f"u{self.number}", visits=1))
            self.replies.append((begun, status, reply.get("ruleset", {}).get("version")))
        connection.close()


def approve(service, **members):
    """Have a draft of the small ruleset approved, by one person who is alone."""
    assert service.call("PUT", "/v1/settings", {"single_person": True})[0] == 200
    assert service.call("PUT", f"{ONE}/draft", changed(**members))[0] == 200
    for step in ("submit", "approve"):
        assert service.call("POST", f"{ONE}/draft/{step}")[0] == 200


def publish(service, **wish):
    """Publish the approved draft."""
    return service.call("POST", f"{ONE}/publish", {"comment": "why", "acknowledge": WARNINGS, **wish})


def soon(seconds):
    """An instant to come."""
    at = datetime.now(UTC) + timedelta(seconds=seconds)
    return at.timestamp(), at.isoformat()


def test_a_plan_takes_effect_under_load_without_a_failed_request(tmp_path):
    """Before the instant every reply names the old version, a second after it every reply the new one; none fails.

    Then one call brings the old version back, also for profiles that the new one decided.
    """
    with running(tmp_path, workers=2) as service:
        approve(service, title="Later")
        at, text = soon(3)
        assert publish(service, effective_at=text)[0] == 201
        clients = [Client(service, number) for number in range(CLIENTS)]
        for client in clients:
            client.start()
        time.sleep(max(0, at + FOLLOWS_S + 0.5 - time.time()))
        assert service.call("POST", f"{ONE}/rollback", {"version": 1, "reason": "too many moved"})[0] == 200
        rolled_back = time.time()
        time.sleep(FOLLOWS_S + 0.5)
        for client in clients:
            client.is_over.set()
            client.join()
        replies = sorted(reply for client in clients for reply in client.replies)
        assert {status for _, status, _ in replies} == {200}
        assert {version for begun, _, version in replies if begun < at - 0.5} == {1}
        assert {version for begun, _, version in replies if at + FOLLOWS_S < begun < rolled_back - 0.5} == {2}
        assert {version for begun, _, version in replies if begun > rolled_back + FOLLOWS_S} == {1}


def test_a_plan_outlives_a_crash(tmp_path):
    """Killed before the instant and started after it, the service decides by what was planned."""
    with running(tmp_path) as service:
        approve(service, title="Later")
        at, text = soon(2)
        assert publish(service, effective_at=text)[0] == 201
        service.kill()
    time.sleep(max(0, at - time.time()))
    with running(tmp_path) as service:
        assert service.call("POST", EVALUATE, asking("u"))[1]["ruleset"]["version"] == 2


def test_a_crash_in_the_middle_of_a_publish_leaves_all_or_nothing(tmp_path):
    """Killed at any moment of publishing, there is the draft, or the version with its activation and its event."""
    for turn, delay in enumerate((0.004, 0.012)):
        with running(tmp_path) as service:
            before = service.call("GET", f"{ONE}/versions")[1]["items"][0]["version"]
            approve(service, title=f"Turn {turn}")
            thread = threading.Thread(target=lambda service=service: suppressed(service))
            thread.start()
            time.sleep(delay)
            service.kill()
            thread.join()
        with running(tmp_path) as service:
            (newest, *_) = service.call("GET", f"{ONE}/versions")[1]["items"]
            activation = service.call("GET", f"{ONE}/activations")[1]["items"][0]["version"]
            is_there = service.call("GET", f"{ONE}/draft")[0] == 200
            assert newest["version"] == activation == (before if is_there else before + 1)
            if is_there:
                assert publish(service)[0] == 201


def suppressed(service):
    """Publish, whatever becomes of it."""
    with suppress(OSError, HTTPException, ValueError):
        publish(service)


@pytest.fixture
def stored(tmp_path, monkeypatch):
    """The commands' database with the small ruleset, and a file of another version."""
    monkeypatch.setenv("TAGWRIGHT_DATABASE_URL", f"sqlite:///{tmp_path}/test.db")
    first, second = tmp_path / "first.json", tmp_path / "second.json"
    first.write_text(json.dumps(RULESET), "utf-8")
    second.write_text(json.dumps(changed(title={"en": "New", "zh": "新"})), "utf-8")
    assert main(["import", str(first)]) == WELL
    return second


def test_the_whole_way_by_command_line(stored, capsys):
    """Two people bring a version into force without a browser, and take it back; nobody approves their own edit."""
    acknowledged = [word for code in WARNINGS for word in ("--acknowledge", code)]
    publish = ["publish", "small", "--comment", "why", "--as", "bob"]
    for command, code in (
        (["import", "--as-draft", "--as", "ann", str(stored)], WELL),
        (["diff", "small@1", "small@draft"], FINDINGS),
        (["submit", "small", "--as", "ann"], WELL),
        (["approve", "small", "--as", "ann"], FINDINGS),
        (["reject", "small", "--as", "bob", "--reason", "no"], WELL),
        (["submit", "small", "--as", "ann"], WELL),
        (["approve", "small", "--as", "bob"], WELL),
        (publish, FINDINGS),
        ([*publish, *acknowledged, "--effective-at", "2100-01-01T00:00:00Z"], WELL),
        (["unschedule", "small"], WELL),
        (["diff", "small@1", "small@active"], WELL),
        (["rollback", "small", "--version", "2", "--reason", "now", "--as", "eve"], WELL),
        (["retire", "small", "--reason", "enough"], WELL),
        (["approve", "small", "--as", "\n"], USAGE),
        (["settings", "--single-person", "on", "--as", "eve"], WELL),
    ):
        assert main(command) == code, command
    shown = capsys.readouterr()
    assert "the title is now `New` instead of `Small`" in shown.out
    assert "command-line:ann` edited the draft" in shown.err
    assert "untested-rule: no example exercises" in shown.err
    assert "single_person: true, changed" in shown.out
    assert "by command-line:eve" in shown.out


def test_what_is_exported_is_what_is_stored(stored, tmp_path, capsys):
    """Exported documents differ in nothing from the stored ones, come out the same every time, and can be drafts."""
    assert main(["import", "--as-draft", str(stored)]) == WELL
    out = tmp_path / "out"
    for options, same in ((["small"], "small@1"), (["--version", "1"], "small@1"), (["--draft"], "small@draft")):
        assert main(["export", *options, "--output", str(out), "--json"]) == WELL
        text = (out / "small.json").read_text("utf-8")
        assert main(["diff", str(out / "small.json"), same, "--json"]) == WELL
        main(["export", *options, "--output", str(out)])
        assert (out / "small.json").read_text("utf-8") == text
    assert [line.split(":")[0].strip() for line in text.splitlines()[1:3]] == ['"key"', '"title"']
    assert main(["export", "nothing", "--output", str(out)]) == FINDINGS
    capsys.readouterr()


def test_what_can_not_be_compared_is_told(stored, tmp_path, capsys):
    """A file that is none, a text that is no JSON, and a version that was never there each end with a word."""
    bad = tmp_path / "bad.json"
    bad.write_text("{", "utf-8")
    for old, code in ((str(bad), USAGE), ("nowhere.json", USAGE), ("small@now", USAGE), ("small@9", FINDINGS)):
        assert main(["diff", old, str(stored)]) == code
    assert main(["diff", str(stored), str(stored)]) == WELL
    bad.write_text("[]", "utf-8")
    assert main(["diff", str(stored), str(bad)]) == FINDINGS
    assert capsys.readouterr().err
