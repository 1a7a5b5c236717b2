"""Post to a URL that a person gave, without being led where that person may not go.

The host's name is resolved once, every address found is judged, and the connection goes to that address and no other;
the name serves for the `Host` header and the certificate only. Redirects are not followed, replies are not believed
beyond their status, and no receiver can take more than some seconds.
Source: docs/operations.md, "Events out".
"""

import socket
import ssl
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import cached_property
from http.client import HTTPConnection, HTTPException
from ipaddress import ip_address
from threading import Timer
from typing import Any

from service.operations.targets import PORTS, Network, Target, may_reach, read_target

CONNECT_SECONDS, READ_SECONDS, MOST_SECONDS = 5.0, 10.0, 20.0
"""For a connection, for the next piece of a reply, and for everything from the connection on."""
MOST_ADDRESSES = 3
"""How many addresses of a host are tried."""
MOST_REPLY_BYTES = 4096
AGENT = "Tagwright"

Resolve = Callable[[str, int], Sequence[tuple[int, tuple[Any, ...]]]]
"""A host and a port -> the family and the socket address of each address that the host has."""


class NotSent(Exception):
    """Nothing came back that says whether the receiver has the event; the message is for the operator."""


def resolve(host: str, port: int) -> Sequence[tuple[int, tuple[Any, ...]]]:
    """What the machine's resolver says."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [(family, address) for family, _, _, _, address in found]


class Sender:
    """Opens lines to receivers. `allowed` are networks that may be reached though they are not public."""

    def __init__(
        self, allowed: tuple[Network, ...] = (), resolve: Resolve = resolve, most_seconds: float = MOST_SECONDS
    ) -> None:
        self._allowed = allowed
        self._resolve = resolve
        self._most_seconds = most_seconds

    @contextmanager
    def line(self, url: str) -> Iterator["Line"]:
        """A line to a URL, over which several events may go; nothing is opened before the first."""
        line = Line(self, url, self._most_seconds)
        try:
            yield line
        finally:
            line.close()

    @cached_property
    def trust(self) -> ssl.SSLContext:
        """The machine's certificate authorities."""
        return ssl.create_default_context()

    def target(self, url: str) -> Target:
        """The parts of a URL. `NotSent` if nothing may be sent there."""
        try:
            return read_target(url, self._allowed)
        except ValueError as refused:
            raise NotSent(str(refused)) from None

    def connect(self, target: Target) -> socket.socket:
        """A connection to the first address that answers. `NotSent` if any address of the host may not be reached."""
        try:
            found = self._resolve(target.host, target.port)
        except (OSError, UnicodeError):
            raise NotSent("the host has no address") from None
        for _, address in found:
            if not may_reach(ip_address(address[0].partition("%")[0]), self._allowed):
                raise NotSent("the host has an address that is not public")
        for family, address in found[:MOST_ADDRESSES]:
            connection = socket.socket(family, socket.SOCK_STREAM)
            try:
                connection.settimeout(CONNECT_SECONDS)
                connection.connect(address)
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            except OSError:
                connection.close()
            else:
                return connection
        raise NotSent("no connection")


class Line:
    """One receiver, over one connection at a time."""

    def __init__(self, sender: Sender, url: str, most_seconds: float) -> None:
        self._sender = sender
        self._url = url
        self._most_seconds = most_seconds
        self._open: _Connection | None = None

    def post(self, headers: Mapping[str, str], body: bytes) -> int:
        """Post a body; the status of the reply. `NotSent` without one."""
        target = self._sender.target(self._url)
        connection = self._open = self._open or _Connection(target, self._sender)
        watch = Timer(self._most_seconds, connection.cut)
        watch.daemon = True
        watch.start()
        try:
            return _exchange(connection, target, headers, body)
        except NotSent:
            self.close()
            raise
        except (OSError, HTTPException) as error:
            self.close()
            raise NotSent(_why(error)) from None
        finally:
            watch.cancel()

    def close(self) -> None:
        """End the connection, if there is one."""
        if self._open is not None:
            self._open.close()
            self._open = None


class _Connection(HTTPConnection):
    """A connection of the standard library, to an address that was judged."""

    def __init__(self, target: Target, sender: Sender) -> None:
        super().__init__(target.host, target.port, timeout=READ_SECONDS)
        self.default_port = PORTS[target.scheme]
        self._target = target
        self._sender = sender
        self._is_cut = False

    def connect(self) -> None:
        """Connect; called by the standard library when it needs a connection."""
        self.sock = self._sender.connect(self._target)
        self.sock.settimeout(READ_SECONDS)
        if self._is_cut:
            raise TimeoutError
        if self._target.scheme == "https":
            self.sock = secured = self._sender.trust.wrap_socket(
                self.sock, do_handshake_on_connect=False, server_hostname=self._target.host
            )
            secured.do_handshake()

    def cut(self) -> None:
        """End the connection from another thread: whoever waits on it stops waiting."""
        self._is_cut = True
        connection = self.sock
        if connection is not None:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)


def _exchange(connection: _Connection, target: Target, headers: Mapping[str, str], body: bytes) -> int:
    connection.request("POST", target.path, body, {"user-agent": AGENT, **headers})
    with connection.getresponse() as reply:
        with suppress(OSError, HTTPException):  # Why: the status was heard, and nothing else counts
            reply.read(MOST_REPLY_BYTES)
        if not reply.isclosed():
            connection.close()
        return reply.status


def _why(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return "no reply in time"
    if isinstance(error, ssl.SSLError):
        return f"the certificate or the TLS connection was refused: {error.reason or 'verification failed'}"
    if isinstance(error, HTTPException) and not isinstance(error, OSError):
        return "the reply is not HTTP"
    return "the connection broke"
