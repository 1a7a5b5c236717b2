"""Jobs in a running service: done beside the requests, whoever dies, and gone with the service."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from service.cli import main
from service.cli.printing import FINDINGS, WELL
from service.operations.authoring.jobs import Wish, add_job
from service.operations.authoring.kinds import KINDS
from service.operations.evaluate import evaluate_batch
from service.operations.publish import publish_ruleset
from tests.conftest import HandClock, wire_on
from tests.end_to_end.running import PATIENCE_S, ROOT, running
from tests.small import CALLER, KEY, RULESET, START, asking, changed, request

EAGER = changed(tags=[*RULESET["tags"][1:], {"key": "regular", "when": "visits >= 5"}])


def runners(pid):
    """The process ids of the runners that a process or its workers started."""
    found = []
    for child in Path(f"/proc/{pid}/task").glob("*/children"):
        for one in child.read_text().split():
            command = Path(f"/proc/{one}/cmdline").read_bytes().split(b"\0")
            found += [int(one)] if b"work" in command else runners(one)
    return found


def is_alive(pid):
    """Whether a process still runs; one that has ended may wait to be taken note of."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def wait_until(holds):
    """The first true answer."""
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        found = holds()
        if found:
            return found
        time.sleep(0.05)
    raise TimeoutError


def store(service, count):
    """Evaluate some profiles."""
    items = [asking(f"p{number:04}", visits=number % 8) for number in range(count)]
    for start in range(0, count, 1000):
        body = {"items": items[start : start + 1000]}
        assert service.call("POST", f"/v1/rulesets/{KEY}/evaluate-batch", body)[0] == 200


def asked(service, **body):
    """The id of a simulation."""
    status, job = service.call("POST", f"/v1/rulesets/{KEY}/draft/simulate", {"document": EAGER} | body)
    assert status == 202, job
    return job["id"]


def state(service, job_id):
    """A job as it is."""
    return service.call("GET", f"/v1/jobs/{job_id}")[1]


def test_a_running_service_does_jobs(tmp_path):
    """One process of several starts a runner, which does what was asked and is gone when that process is."""
    with running(tmp_path, workers=2) as service:
        store(service, 50)
        job_id = asked(service)
        found = wait_until(lambda: (one := state(service, job_id))["state"] == "done" and one)
        assert found["result"]["simulated"] == 50
        (runner,) = runners(service.process.pid)
        for worker in service.workers():
            os.kill(worker, signal.SIGKILL)
        wait_until(lambda: not is_alive(runner))
        service.wait_until_ready()
        assert service.stop() == 0


def test_a_killed_runner_costs_a_job_nothing(tmp_path, database):
    """The job is begun again by another runner, and a job that kills every runner fails and says so."""
    (model,) = database.store.read(lambda reads: reads.population.page(KEY, "", 1))
    copies = [model._replace(profile_id=f"copy{number:05}", revision=1) for number in range(6000)]
    for start in range(0, len(copies), 1000):
        some = copies[start : start + 1000]
        database.store.write(lambda unit, some=some: [unit.record([], [], row) for row in some] and None)
    with running(tmp_path) as service:
        job_id = asked(service)
        for _ in range(2):
            wait_until(lambda: state(service, job_id)["state"] == "running")
            os.kill(runners(service.process.pid)[0], signal.SIGKILL)
            wait_until(lambda: state(service, job_id)["state"] != "running")
        found = wait_until(lambda: (one := state(service, job_id))["state"] in {"failed", "done"} and one)
        assert found["state"] == "failed"
        assert found["error"]["code"] == "runner-died"
        second = asked(service, sample={"size": 10})
        wait_until(lambda: state(service, second)["state"] == "done")


@pytest.fixture
def database(tmp_path, monkeypatch):
    """A database with the small ruleset and some profiles, which the command line works on."""
    monkeypatch.setenv("TAGWRIGHT_DATABASE_URL", f"sqlite:///{tmp_path / 'test.db'}")
    service = wire_on(tmp_path / "test.db", HandClock(START))
    service.store.upgrade()
    publish_ruleset(service, json.dumps(RULESET), "first", CALLER)
    items = [asking(f"p{number}", visits=number) for number in range(8)]
    evaluate_batch(service, KEY, request({"items": items}), lambda error: {})
    yield service
    service.store.close()


def test_a_runner_by_hand_does_what_waits(database, tmp_path):
    """`tagwright work` needs no service, and ends by itself when it is told how long to wait."""
    text = json.dumps(EAGER)
    payload = {"document": text, "version": 1, "at": None, "sample": None}
    job = add_job(database, Wish(kind="simulate", ruleset=KEY, payload=payload), CALLER)
    command = [sys.executable, "-m", "service", "work", "--idle", "0", "--json"]
    done = subprocess.run(command, cwd=ROOT, env=os.environ, capture_output=True, check=True, timeout=PATIENCE_S)
    assert json.loads(done.stdout) == {"jobs": 1}
    row = database.store.read(lambda reads: reads.jobs.job(job.id))
    assert (row.state, json.loads(row.result)["moved"]["profiles"]) == ("done", 2)
    assert "simulate" in KINDS


def simulate(capsys, *arguments):
    """The exit code of `tagwright simulate` and what it printed."""
    code = main(["simulate", *map(str, arguments)])
    return code, capsys.readouterr().out


def test_a_file_is_simulated_from_the_command_line(database, tmp_path, capsys):
    """The command says who would move, and fails where more do than may."""
    draft = tmp_path / "draft.json"
    draft.write_text(json.dumps(EAGER | {"max_moved_share": 0.5}))
    code, out = simulate(capsys, draft)
    assert code == WELL
    assert "moved     2 of 8: 25 %" in out
    assert "limit     50 %: kept" in out
    assert "tag       regular: +0 -2, kept by 3" in out
    code, out = simulate(capsys, draft, "--max-moved-share", "0.2", "--language", "zh")
    assert code == FINDINGS
    assert "ABOVE" in out
    assert "失去标签" in out
    code, out = simulate(capsys, draft, "--sample", "4", "--seed", "3", "--json")
    assert (json.loads(out)["simulated"], json.loads(out)["above"], code) == (4, True, FINDINGS)


def test_files_are_compared_without_a_database(tmp_path, capsys, monkeypatch):
    """Two rulesets over a list of profiles need nothing else; a bad line is named."""
    monkeypatch.setenv("TAGWRIGHT_DATABASE_URL", "sqlite:////nowhere/at/all.db")
    old, new, profiles = (tmp_path / name for name in ("old.json", "new.json", "profiles.ndjson"))
    old.write_text(json.dumps(RULESET))
    new.write_text(json.dumps(EAGER))
    profiles.write_text("\n".join(json.dumps({"id": f"p{one}", "attributes": {"visits": one}}) for one in range(8)))
    code, out = simulate(capsys, new, "--against", old, "--profiles", profiles, "--json")
    assert code == WELL
    assert (json.loads(out)["moved"]["profiles"], json.loads(out)["of"]) == (2, 8)
    profiles.write_text('{"id": "p"}\n{"id": 5}\n')
    assert simulate(capsys, new, "--against", old, "--profiles", profiles)[0] == FINDINGS
    assert simulate(capsys, new, "--against", old)[0] == FINDINGS
