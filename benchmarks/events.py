"""What telling others of changes costs: evaluations a second with nobody listening, and with one subscription.

Starts the service again and again, each time on a database of its own, loads it as `benchmarks.http` does, and
receives in a process of its own on loopback. Run it: `python -m benchmarks.events`.

Expected: with nobody listening, at least 90 % of what the service does with delivery switched off. With one
subscription service, clients and receiver share the processors, so that figure only informs.
"""

import json
import os
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing import Process, Queue, Value

from benchmarks.http import HOST, KEY, run, service

LEAST_SHARE = 0.90
PATIENCE_S = 30
TURNS = 3
"""The best of so many counts, since other work on the machine only ever takes away."""


def main() -> int:
    """Run the loads, print the figures; 1 if listening to nobody costs too much."""
    with receiver() as (url, count):
        turns = [(evaluations("0"), evaluations("1"), evaluations("1", url)) for _ in range(TURNS)]
        switched_off, nobody, one = map(max, zip(*turns, strict=True))
        print(f"delivery off        {switched_off:9,.0f} evaluations/s")
        share, left = nobody / switched_off, one / switched_off
        print(f"no subscription     {nobody:9,.0f} evaluations/s   {share:5.0%} (expected {LEAST_SHARE:.0%})")
        print(f"one subscription    {one:9,.0f} evaluations/s   {left:5.0%} ({count.value:,} events delivered in all)")
    return 0 if share >= LEAST_SHARE else 1


def evaluations(every: str, url: str | None = None) -> float:
    """Evaluations a second of a fresh service, after a warm-up, with a subscription of `url` if there is one."""
    os.environ |= {"TAGWRIGHT_DELIVERY_SECONDS": every, "TAGWRIGHT_DELIVERY_ALLOW": f"{HOST}/32"}
    with service() as port:
        if url is not None:
            subscribe(port, url)
        run(port, "batch")
        return run(port, "evaluate")


def subscribe(port: int, url: str) -> None:
    """Have every change sent to a URL."""
    headers = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"}
    body = json.dumps({"url": url}).encode()
    urllib.request.urlopen(urllib.request.Request(f"http://{HOST}:{port}/v1/subscriptions", body, headers)).close()


@contextmanager
def receiver() -> Iterator[tuple[str, "Value"]]:
    """A receiver in a process of its own: its URL, and how many events it was sent."""
    ports: Queue[int] = Queue()
    count = Value("q", 0)
    process = Process(target=receive, args=(ports, count), daemon=True)
    process.start()
    try:
        yield f"http://{HOST}:{ports.get(timeout=PATIENCE_S)}/", count
    finally:
        process.terminate()
        process.join()


def receive(ports: "Queue[int]", count: "Value") -> None:
    """Answer 200 to everything."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:  # the name is the library's
            """Take an event."""
            self.rfile.read(int(self.headers["content-length"]))
            with count.get_lock():
                count.value += 1
            self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer((HOST, 0), Handler)
    ports.put(server.server_port)
    server.serve_forever()


if __name__ == "__main__":
    raise SystemExit(main())
