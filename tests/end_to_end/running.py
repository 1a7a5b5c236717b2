"""A real service: `tagwright serve` in a process of its own, on a database of its own, called over loopback."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

from tests.small import RULESET

KEY = "tw_endtoend_" + "k" * 43
HOST = "127.0.0.1"
ROOT = Path(__file__).parents[2]
HEADERS = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"}
PATIENCE_S = 30


class Running:
    """A service that runs."""

    def __init__(self, folder: Path, **settings: object) -> None:
        self.database = folder / "test.db"
        self.log = folder / "service.log"
        rulesets = folder / "rulesets"
        rulesets.mkdir(exist_ok=True)
        (rulesets / "small.json").write_text(json.dumps(RULESET), "utf-8")
        self.port = free_port()
        self.environment = {
            **os.environ,
            "TAGWRIGHT_DATABASE_URL": f"sqlite:///{self.database}",
            "TAGWRIGHT_BIND": f"{HOST}:{self.port}",
            "TAGWRIGHT_ADMIN_KEY": KEY,
            "TAGWRIGHT_RULESETS": str(rulesets),
            "TMPDIR": str(folder),
            **{f"TAGWRIGHT_{name.upper()}": str(value) for name, value in settings.items()},
        }
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "service", "serve"],
                cwd=ROOT,
                env=self.environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.wait_until_ready()

    def wait_until_ready(self) -> None:
        """Return when it is ready; its log says why not."""
        until = time.monotonic() + PATIENCE_S
        while time.monotonic() < until and self.process.poll() is None:
            try:
                if self.call("GET", "/readyz")[0] == 200:
                    return
            except (OSError, HTTPException):
                time.sleep(0.05)
        raise RuntimeError(self.log.read_text())

    def connect(self) -> HTTPConnection:
        """A connection to it."""
        return HTTPConnection(HOST, self.port, timeout=PATIENCE_S)

    def call(self, method: str, path: str, body: object = None, **headers: str) -> tuple[int, Any]:
        """The status and the JSON of one reply."""
        connection = self.connect()
        try:
            return ask(connection, method, path, body, **headers)
        finally:
            connection.close()

    def workers(self) -> list[int]:
        """The process ids of its workers."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        return [int(one) for one in children.split()]

    def kill(self) -> None:
        """End it at once, as a power cut would."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(PATIENCE_S)

    def stop(self) -> int:
        """End it as an operator would; its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE_S)


@contextmanager
def running(folder: Path, **settings: object) -> Iterator[Running]:
    """A service for some time."""
    service = Running(folder, **settings)
    try:
        yield service
    finally:
        if service.process.poll() is None:
            service.kill()


def ask(connection: HTTPConnection, method: str, path: str, body: object = None, **headers: str) -> tuple[int, Any]:
    """The status and the JSON of one reply, over an open connection."""
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    connection.request(method, path, None if body is None else json.dumps(body), HEADERS | sent)
    reply = connection.getresponse()
    return reply.status, json.loads(reply.read() or b"null")


def free_port() -> int:
    """A port that nobody uses."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])
