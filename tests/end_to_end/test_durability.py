"""A reply means recorded: after a crash, on a full disk, and when many ask at once."""

import json
import resource
import sqlite3
import threading
import time
from contextlib import suppress
from http.client import HTTPException

import pytest

from tests.databases import evaluations, profiles
from tests.end_to_end.running import ask, running
from tests.small import asking

PATH = "/v1/rulesets/small/evaluate"
CLIENTS = 8
PROFILES = 20


class Client(threading.Thread):
    """Posts as fast as it can, each request under a name of its own, and notes every reply, until it is told to end."""

    def __init__(self, service, number: int) -> None:
        super().__init__()
        self.service = service
        self.number = number
        self.sent: dict[str, dict] = {}
        self.replies: dict[str, tuple[int, dict]] = {}
        self.is_over = threading.Event()

    def run(self) -> None:
        """Post until the service is gone."""
        connection = self.service.connect()
        with suppress(OSError, HTTPException):
            for turn in range(100_000):
                if self.is_over.is_set():
                    break
                name = f"c{self.number}-{turn}"
                self.sent[name] = asking(f"u{turn % PROFILES}", visits=(turn * 7 + self.number) % 9)
                self.replies[name] = ask(
                    connection, "POST", PATH, self.sent[name], Idempotency_Key=name, X_Request_Id=name
                )
        connection.close()


def rows(database, sql: str) -> list[tuple]:
    """What a query finds."""
    connection = sqlite3.connect(database)
    try:
        return connection.execute(sql).fetchall()
    finally:
        connection.close()


def assert_whole(database) -> None:
    """Assert that memory, records and changes tell one story: nothing is half there."""
    records = {row.id: json.loads(row.record) for row in evaluations(database)}
    last: dict[str, dict] = {}
    for record in records.values():
        before = last.get(record["profile_id"])
        assert (record["previous"] or {}).get("state") == (before and before["state"])
        assert (record["previous"] or {}).get("evaluation_id") == (before and before["id"])
        last[record["profile_id"]] = record
    states = {row.profile_id: json.loads(row.state) for row in profiles(database)}
    assert states == {profile: record["state"] for profile, record in last.items()}
    counted = dict(rows(database, "SELECT evaluation_id, count(*) FROM changes GROUP BY 1"))
    assert counted == {id_: len(found) for id_, one in records.items() if (found := one["outcome"]["decisions"])}
    assert rows(database, "PRAGMA integrity_check") == [("ok",)]


def test_after_a_crash_every_reply_has_its_record(tmp_path):
    """Killed in the middle of its work, the service has recorded everything it answered, and nothing by halves.

    Callers that send their unanswered requests again get each of them done once.
    """
    with running(tmp_path) as service:
        clients = [Client(service, number) for number in range(CLIENTS)]
        for client in clients:
            client.start()
        time.sleep(1.5)
        service.kill()
        for client in clients:
            client.join()
    replies = [reply for client in clients for reply in client.replies.values()]
    assert len(replies) > 100
    assert {status for status, _ in replies} == {200}
    recorded = {id_ for (id_,) in rows(service.database, "SELECT id FROM evaluations")}
    assert {reply["evaluation_id"] for _, reply in replies} <= recorded
    assert_whole(service.database)
    with running(tmp_path) as service:
        for client in clients:
            for name in client.sent.keys() - client.replies.keys():
                assert service.call("POST", PATH, client.sent[name], Idempotency_Key=name, X_Request_Id=name)[0] == 200
    names = [name for client in clients for name in client.sent]
    counted = dict(rows(service.database, "SELECT request_id, count(*) FROM evaluations GROUP BY 1"))
    assert counted == dict.fromkeys(names, 1)
    assert_whole(service.database)


def test_a_full_disk_is_told_and_the_service_recovers(tmp_path):
    """When nothing can be written any more nothing is decided; with space again the same process goes on."""
    with running(tmp_path) as service:
        assert service.call("POST", PATH, asking("u0", visits=1))[0] == 200
        (worker,) = service.workers()
        before = resource.prlimit(worker, resource.RLIMIT_FSIZE)
        replies = []
        for limit in (256 * 1024, 1024):
            resource.prlimit(worker, resource.RLIMIT_FSIZE, (limit, before[1]))
            replies += [service.call("POST", PATH, asking(f"u{limit}-{turn}", visits=turn)) for turn in range(60)]
        assert {status for status, _ in replies} == {200, 503}
        assert {reply["code"] for status, reply in replies if status == 503} == {"unavailable"}
        assert service.call("GET", "/readyz")[1]["checks"]["writable"] is False
        assert service.call("GET", "/v1/profiles/u0")[0] == 200
        resource.prlimit(worker, resource.RLIMIT_FSIZE, before)
        assert service.call("GET", "/readyz")[0] == 200
        assert service.call("POST", PATH, asking("after", visits=1))[0] == 200
        assert service.workers() == [worker]
        known = {profile for (profile,) in rows(service.database, "SELECT profile_id FROM evaluations")}
        answered = {reply["profile_id"] for status, reply in replies if status == 200}
        assert known == answered | {"u0", "after"}
    assert_whole(service.database)


@pytest.mark.parametrize("workers", [1, 2])
def test_requests_for_one_profile_never_lose_an_update(tmp_path, workers):
    """However many ask about one profile at once, in however many processes, each decision follows on the last."""
    with running(tmp_path, workers=workers) as service:

        def post(number: int) -> None:
            connection = service.connect()
            for turn in range(10):
                assert ask(connection, "POST", PATH, asking("u", visits=(number + turn) % 5))[0] == 200
            connection.close()

        threads = [threading.Thread(target=post, args=(number,)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert service.call("GET", "/v1/profiles/u?ruleset=small")[1]["revision"] == 80
    assert_whole(service.database)


def test_a_stop_lets_running_requests_finish(tmp_path):
    """An operator who stops the service takes no reply away from anybody, and finds nothing left over."""
    with running(tmp_path) as service:
        clients = [Client(service, number) for number in range(4)]
        for client in clients:
            client.start()
        time.sleep(0.5)
        assert service.stop() == 0
        assert not list(tmp_path.glob("tagwright-metrics-*"))
        for client in clients:
            client.join()
    assert {status for client in clients for status, _ in client.replies.values()} == {200}
    recorded = {id_ for (id_,) in rows(service.database, "SELECT id FROM evaluations")}
    assert {reply["evaluation_id"] for client in clients for _, reply in client.replies.values()} <= recorded
    assert_whole(service.database)
