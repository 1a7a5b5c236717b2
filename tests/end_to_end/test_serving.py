"""The running service: what it prints, how its processes agree, and how it treats clients that misbehave."""

import json
import socket
import subprocess
import sys
import time

import pytest

from tests.end_to_end.running import HEADERS, HOST, KEY, ROOT, ask, running
from tests.small import RULESET, asking

PATH = "/v1/rulesets/small/evaluate"


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    """A service with two worker processes."""
    with running(tmp_path_factory.mktemp("serving"), workers=2, threads=8) as service:
        yield service


def command(service, *arguments: str) -> str:
    """What a command beside the running service prints."""
    done = subprocess.run(
        [sys.executable, "-m", "service", *arguments],
        cwd=ROOT,
        env=service.environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


def test_a_first_start_brings_everything_to_life(service):
    """A new database is built, rulesets are published, and the log says so, without the chosen key."""
    text = service.log.read_text()
    assert "applied migration 0001_initial" in text
    assert "published small version 1" in text
    assert f"serving http://{HOST}:{service.port}" in text
    assert KEY not in text


def test_ten_megabytes_get_their_answer(service):
    """A client that sends far too much reads why it is refused, and its connection can still be used."""
    for headers, status in ((HEADERS, 413), ({"Content-Type": "application/json"}, 401)):
        connection = service.connect()
        connection.request("POST", PATH, b"x" * (10 * 1024 * 1024), headers)
        reply = connection.getresponse()
        assert (reply.status, json.loads(reply.read())["status"]) == (status, status)
        assert ask(connection, "GET", "/healthz")[0] == 200
        connection.close()


def test_too_much_in_pieces_gets_its_answer(service):
    """A body that never states its length is refused at the same limit."""
    connection = service.connect()
    pieces = (b"x" * 65_536 for _ in range(160))
    connection.request("POST", PATH, pieces, HEADERS, encode_chunked=True)
    assert connection.getresponse().status == 413
    connection.close()


def test_a_long_body_is_refused_before_it_is_sent(service):
    """A client that states a length far too long is answered at once, and need not send anything."""
    with socket.create_connection((HOST, service.port), 5) as connection:
        lines = [f"POST {PATH} HTTP/1.1", f"Host: {HOST}", "Content-Length: 10485760"]
        lines += [f"{name}: {value}" for name, value in HEADERS.items()]
        connection.sendall("\r\n".join([*lines, "", ""]).encode())
        assert connection.recv(64).startswith(b"HTTP/1.1 413")


def test_slow_clients_hold_nobody_up(service):
    """Clients that send their request a byte at a time leave the others alone."""
    slow = [socket.create_connection((HOST, service.port), 5) for _ in range(6)]
    for one in slow:
        one.sendall(f"POST {PATH} HTTP/1.1\r\nHost: x\r\nContent-Le".encode())
    started = time.monotonic()
    for _ in range(10):
        assert service.call("GET", "/healthz")[0] == 200
    assert time.monotonic() - started < 2
    for one in slow:
        one.close()


def test_every_process_follows_a_publish(service, tmp_path):
    """After a publish from the command line every process decides by the new version within a second."""
    (tmp_path / "small.json").write_text(json.dumps(RULESET | {"title": "Second"}), "utf-8")
    assert "small: version 2 published" in command(service, "import", str(tmp_path / "small.json"))
    assert "small: version 2 is active already" in command(service, "import", str(tmp_path / "small.json"))
    time.sleep(0.6)
    found = [service.call("POST", PATH, asking("p", visits=1))[1]["ruleset"]["version"] for _ in range(20)]
    assert set(found) == {2}


def test_a_revoked_key_ends_in_every_process(service):
    """A key that is revoked in one process is turned away by all of them within a second."""
    _, made = service.call("POST", "/v1/keys", {"name": "n", "roles": ["evaluator"]})
    header = f"Bearer {made['key']}"
    for _ in range(10):
        assert service.call("GET", "/v1/rulesets", Authorization=header)[0] == 200
    command(service, "keys", "revoke", made["id"])
    time.sleep(1.1)
    assert {service.call("GET", "/v1/rulesets", Authorization=header)[0] for _ in range(10)} == {401}


def test_counts_are_summed_over_all_processes(service):
    """The counts are the same whichever process is asked."""

    def counted() -> float:
        connection = service.connect()
        connection.request("GET", "/metrics")
        text = connection.getresponse().read().decode()
        connection.close()
        return sum(
            float(line.split()[-1]) for line in text.splitlines() if line.startswith("tagwright_evaluations_total")
        )

    before = counted()
    for number in range(20):
        service.call("POST", PATH, asking(f"m{number}", visits=1))
    assert {counted() - before for _ in range(6)} == {20.0}


def test_each_request_is_one_line_in_the_log(service):
    """Every line that a request leaves is JSON of its own, also when many come at once."""
    service.call("POST", PATH, asking("logged", visits=1), X_Request_Id="find-me")
    lines = [json.loads(line) for line in service.log.read_text().splitlines() if line.startswith("{")]
    (found,) = [line for line in lines if line["request_id"] == "find-me"]
    assert (found["route"], found["status"]) == ("/v1/rulesets/{key}/evaluate", 200)


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("TAGWRIGHT_TREADS", "4", "did you mean TAGWRIGHT_THREADS?"),
        ("TAGWRIGHT_DATABASE_URL", "x", "expected a SQLite file"),
    ],
)
def test_a_wrong_setting_stops_the_start(service, name, value, words):
    """An operator's typing error is told before anything starts."""
    done = subprocess.run(
        [sys.executable, "-m", "service", "serve"],
        cwd=ROOT,
        env=service.environment | {name: value},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert words in done.stderr
