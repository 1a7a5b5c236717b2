"""How fast the service answers over HTTP: an empty reply, an evaluation with its record, batches of a hundred.

Starts the service as `tagwright serve` does, on a database of its own, and loads it from other processes over
kept-alive connections on loopback; the same server settings for all three. Run it: `python benchmarks/http.py
[--rounds 5]`.

Expected: evaluate at least 30 % of the empty reply's requests a second, a batch at least 5 times evaluate's profiles a
second.
"""

import argparse
import json
import os
import selectors
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from pathlib import Path

KEY = "tw_benchmark_" + "k" * 43
RULESET = "telegram-lifecycle"
HOST = "127.0.0.1"
SECONDS = 1.0
"""How long one turn lasts: short, so that what else the machine does weighs on all three loads alike."""
PROFILES = 1_000
"""Of each client process; all are known to the service before anything is measured."""
TURNS = 3
BATCH = 100
CLIENTS = 2
CONNECTIONS = 16
"""Of each client process."""
LEAST_SHARE = 0.30
LEAST_FACTOR = 5.0
HTTP_OK = b"HTTP/1.1 200"


def main() -> int:
    """Run the three loads, print the figures; 1 if one falls short."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rounds", type=int, default=5, help="how often the three loads take turns, a second each")
    rounds = options.parse_args().rounds
    rates = dict.fromkeys(REQUESTS, 0.0)
    with service() as port:
        run(port, "batch")
        for _ in range(rounds):
            for kind in rates:
                rates[kind] += run(port, kind) / rounds
    empty, evaluate, batch = rates.values()
    batch *= BATCH
    share, factor = evaluate / empty, batch / evaluate
    print(f"empty reply         {empty:9,.0f} requests/s")
    print(f"evaluate and record {evaluate:9,.0f} requests/s   {share:5.0%} of empty (expected {LEAST_SHARE:.0%})")
    print(
        f"batch of {BATCH}        {batch:9,.0f} profiles/s   {factor:5.1f} x evaluate (expected {LEAST_FACTOR:.0f} x)"
    )
    return 0 if share >= LEAST_SHARE and factor >= LEAST_FACTOR else 1


@contextmanager
def service() -> Iterator[int]:
    """A running service on a fresh database; its port."""
    with socket.socket() as free:
        free.bind((HOST, 0))
        port = free.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder, (Path(folder) / "log").open("wb") as log:
        settings = {
            "TAGWRIGHT_DATABASE_URL": f"sqlite:///{folder}/benchmark.db",
            "TAGWRIGHT_BIND": f"{HOST}:{port}",
            "TAGWRIGHT_ADMIN_KEY": KEY,
        }
        command = [sys.executable, "-m", "service", "serve"]
        server = subprocess.Popen(command, env={**os.environ, **settings}, stdout=log, stderr=log)
        try:
            wait_for(port)
            yield port
        finally:
            server.terminate()
            server.wait(30)


def wait_for(port: int) -> None:
    """Return when the service answers."""
    for _ in range(1200):
        try:
            with socket.create_connection((HOST, port), 1) as connection:
                connection.sendall(request("GET", "/readyz", b""))
                if connection.recv(64).startswith(HTTP_OK):
                    return
        except OSError:
            pass
        time.sleep(0.1)
    msg = "the service did not start"
    raise RuntimeError(msg)


def run(port: int, kind: str) -> float:
    """Requests of one kind that are answered a second, all clients together."""
    with ProcessPoolExecutor(CLIENTS) as clients:
        rates = [clients.submit(load, port, kind, number) for number in range(CLIENTS)]
        return sum(one.result() for one in rates)


def load(port: int, kind: str, number: int) -> float:
    """Keep every connection busy for one turn, then wait for the last replies; requests answered a second."""
    requests = REQUESTS[kind](number)
    selector = selectors.DefaultSelector()
    started = time.monotonic()
    for place in range(CONNECTIONS):
        connection = socket.create_connection((HOST, port))
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        selector.register(connection, selectors.EVENT_READ, Exchange(connection, requests, place))
    answered = 0
    while selector.get_map():
        is_over = time.monotonic() - started > SECONDS
        for ready, _ in selector.select(1):
            if not ready.data.is_answered():
                continue
            answered += 1
            if is_over:
                selector.unregister(ready.fileobj)
                ready.data.connection.close()
            else:
                ready.data.send()
    return answered / (time.monotonic() - started)


class Exchange:
    """One connection: sends a request, waits for its reply, sends the next."""

    def __init__(self, connection: socket.socket, requests: list[bytes], place: int) -> None:
        self.connection = connection
        self.requests = requests
        self.place = place
        self.buffer = b""
        self.send()

    def send(self) -> None:
        """Send the next request."""
        self.connection.sendall(self.requests[self.place % len(self.requests)])
        self.place += CONNECTIONS

    def is_answered(self) -> bool:
        """Take what has come; whether that ends a reply, which must be a good one."""
        self.buffer += self.connection.recv(1 << 20)
        head, found, body = self.buffer.partition(b"\r\n\r\n")
        if not found or len(body) < length_of(head):
            return False
        if not head.startswith(HTTP_OK):
            raise RuntimeError(self.buffer.decode())
        self.buffer = b""
        return True


def length_of(head: bytes) -> int:
    """How long a reply's body is, by its head."""
    _, _, rest = head.lower().partition(b"content-length: ")
    return int(rest.partition(b"\r\n")[0])


def empty_requests(_number: int) -> list[bytes]:
    """Requests that do nothing."""
    return [request("GET", "/healthz", b"")]


def evaluate_requests(number: int) -> list[bytes]:
    """Requests for one profile each; a profile comes again and again, each time with other facts."""
    path = f"/v1/rulesets/{RULESET}/evaluate"
    return [
        request("POST", path, as_json({"profile": profile(number, one, turn)}))
        for turn in range(TURNS)
        for one in range(PROFILES)
    ]


def batch_requests(number: int) -> list[bytes]:
    """Requests for a hundred profiles each."""
    path = f"/v1/rulesets/{RULESET}/evaluate-batch"
    return [
        request(
            "POST",
            path,
            as_json({"items": [{"profile": profile(number, one, turn)} for one in range(first, first + BATCH)]}),
        )
        for turn in range(TURNS)
        for first in range(0, PROFILES, BATCH)
    ]


REQUESTS: dict[str, Callable[[int], list[bytes]]] = {
    "empty": empty_requests,
    "evaluate": evaluate_requests,
    "batch": batch_requests,
}


def profile(number: int, one: int, turn: int) -> dict[str, object]:
    """A profile of the Telegram ruleset, with what a bot knows of its readers."""
    day = one % 28 + 1
    return {
        "id": f"u-{number}-{one}",
        "attributes": {
            "joined_at": f"2026-10-{day:02d}T08:00:00Z",
            "articles_read": one % 9 + turn,
            "last_message_at": f"2026-11-{day % 20 + 1:02d}T09:30:00Z",
            "last_click_at": f"2026-11-{day % 15 + 1:02d}T10:00:00Z",
            "click_rate": one % 100 / 100,
            "messages_30d": (one + turn) % 40,
            "active_days_30d": one % 25,
            "activities_joined": one % 4,
            "bot_interactions": one % 7,
            "invites": one % 3,
            "orders_365d": one % 5,
            "spend_365d": one % 700 + 0.5,
        },
    }


def as_json(value: object) -> bytes:
    """A value as a body."""
    return json.dumps(value).encode()


def request(method: str, path: str, body: bytes) -> bytes:
    """A request as it goes over the wire."""
    head = [f"{method} {path} HTTP/1.1", f"Host: {HOST}", f"Authorization: Bearer {KEY}"]
    if body:
        head += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    return "\r\n".join([*head, "", ""]).encode() + body


if __name__ == "__main__":
    sys.exit(main())
