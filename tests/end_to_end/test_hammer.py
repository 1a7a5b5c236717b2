"""Many processes on few profiles, and processes that are killed at work: nothing is lost, on either database."""

import json
import os
import signal
import threading
import time
from contextlib import suppress
from http.client import HTTPException

from benchmarks.hammer import check, hammer
from service.store.database import open_database
from tests.databases import evaluations, rows
from tests.end_to_end.running import ask, running
from tests.small import asking

SECONDS = 3.0
PATH = "/v1/rulesets/small/evaluate"
PROFILES = 10
RECORDED = (
    "SELECT id FROM evaluations WHERE profile_id = 'u1' AND ruleset = 'small' AND \"trigger\" = 'api' ORDER BY seq"
)


def test_eight_processes_lose_nothing(empty_url):
    """Whatever eight processes do to twenty profiles at once, the records tell one story that the engine confirms,
    every reply has its record, and nothing is refused but for a database that was busy too long.
    """
    tallies = hammer(empty_url, SECONDS)
    assert list(check(empty_url, tallies)) == []
    assert sum(len(one.evaluations) for one in tallies) > 100
    assert set().union(*(one.refused for one in tallies)) <= {"Unavailable"}


def test_what_was_lost_would_be_seen(tmp_path):
    """A record that is missing, and a memory that is not the last, are found by whoever replays the log."""
    url = f"sqlite:///{tmp_path / 'spoilt.db'}"
    tallies = hammer(url, 1.0, processes=1)
    (lost, *_) = rows(url, RECORDED)
    database = open_database(url)
    database.execute_sql("DROP TRIGGER evaluations_remain")
    database.execute_sql("DELETE FROM evaluations WHERE id = ?", lost)
    database.execute_sql("UPDATE profiles SET revision = revision - 1 WHERE profile_id = 'u2' AND ruleset = 'small'")
    database.close()
    problems = list(check(url, tallies))
    assert f"{lost[0]} was replied and not recorded" in problems
    assert "('small', 'u2') is not what its last record says" in problems
    assert any(one.endswith("does not follow on the one before it") for one in problems)


class Caller(threading.Thread):
    """Decides profiles over HTTP until it is told to stop; a request that got no reply is sent again by its name."""

    def __init__(self, service, number: int) -> None:
        super().__init__()
        self.service = service
        self.number = number
        self.replies: dict[str, str] = {}
        self.refused: set[int] = set()
        self.broken = 0
        self.is_over = threading.Event()

    def run(self) -> None:
        """Send one request after the other."""
        turn = 0
        connection = self.service.connect()
        while not self.is_over.is_set():
            name = f"c{self.number}-{turn}"
            body = asking(f"u{turn % PROFILES}", visits=(turn + self.number) % 7)
            try:
                status, reply = ask(connection, "POST", PATH, body, Idempotency_Key=name, X_Request_Id=name)
            except (OSError, HTTPException):
                self.broken += 1
                connection.close()
                connection = self.service.connect()
                continue
            if status == 200:
                self.replies[name] = reply["evaluation_id"]
                turn += 1
            else:
                self.refused.add(status)
        connection.close()


def test_a_killed_worker_takes_nothing_with_it(empty_url, tmp_path):
    """While one worker after the other is killed at work, the callers go on: what was replied is recorded, what is sent
    again is done once, and each decision follows on the one before.
    """
    with running(tmp_path, database_url=empty_url, workers=2) as service:
        callers = [Caller(service, number) for number in range(6)]
        for caller in callers:
            caller.start()
        for _ in range(3):
            time.sleep(0.8)
            with suppress(ProcessLookupError):
                os.kill(service.workers()[0], signal.SIGKILL)
        time.sleep(1.0)
        for caller in callers:
            caller.is_over.set()
        for caller in callers:
            caller.join()
        assert service.stop() == 0
    assert sum(caller.broken for caller in callers) > 0
    assert set().union(*(caller.refused for caller in callers)) <= {503}
    found = [row for row in evaluations(empty_url) if row.trigger == "api"]
    recorded = [(row.request_id, row.id, row.record) for row in found]
    replied = {name: reply for caller in callers for name, reply in caller.replies.items()}
    assert len(replied) > 50
    assert replied.items() <= {name: evaluation_id for name, evaluation_id, _ in recorded}.items()
    assert len({name for name, *_ in recorded}) == len(recorded)
    last: dict[str, dict] = {}
    for _, _, text in recorded:
        record = json.loads(text)
        before = last.get(record["profile_id"])
        assert (record["previous"] or {}).get("evaluation_id") == (before and before["id"])
        last[record["profile_id"]] = record
    stored = dict(rows(empty_url, "SELECT profile_id, evaluation_id FROM profiles"))
    assert stored == {profile: record["id"] for profile, record in last.items()}
