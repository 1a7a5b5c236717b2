"""A real receiver of events: an HTTP server on loopback that keeps what it was sent and answers as it is told."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_network
from threading import Lock, Thread
from typing import Any, NamedTuple

from standardwebhooks import Webhook

LOOPBACK = (ip_network("127.0.0.0/8"),)


class Received(NamedTuple):
    """One request as it came, and how it was answered."""

    path: str
    headers: dict[str, str]
    body: bytes
    status: int

    @property
    def id(self) -> str:
        """The event's id, by its header."""
        return self.headers["webhook-id"]

    @property
    def event(self) -> Any:
        """The event."""
        return json.loads(self.body)

    def is_signed_by(self, secret: str) -> bool:
        """Whether one of its signatures is what the reference library makes with a secret."""
        at = datetime.fromtimestamp(int(self.headers["webhook-timestamp"]), UTC)
        expected = Webhook(secret).sign(self.id, at, self.body.decode())
        return expected in self.headers["webhook-signature"].split(" ")


class Receiver:
    """What came, in order; `answer` makes a status from a request's headers and body."""

    def __init__(self, port: int, answer: Callable[[dict[str, str], bytes], int]) -> None:
        self.url = f"http://127.0.0.1:{port}/events?from=tagwright"
        self.answer = answer
        self.received: list[Received] = []
        self.lock = Lock()

    @property
    def accepted(self) -> list[Received]:
        """What was answered well."""
        return [one for one in self.received if one.status == 200]

    def ids(self) -> list[str]:
        """The ids of what was answered well."""
        return [one.id for one in self.accepted]


@contextmanager
def receiving(answer: Callable[[dict[str, str], bytes], int] = lambda _headers, _body: 200) -> Iterator[Receiver]:
    """A receiver that answers on a free port until the end of the block."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:  # the name is the library's
            headers = {name.lower(): value for name, value in self.headers.items()}
            body = self.rfile.read(int(headers["content-length"]))
            with receiver.lock:
                status = receiver.answer(headers, body)
                receiver.received.append(Received(self.path, headers, body, status))
            self.send_response(status)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        receiver = Receiver(server.server_port, answer)
        thread = Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield receiver
        finally:
            server.shutdown()
            thread.join()
