"""Posting to a stranger's URL: to the address that was judged, over no redirect, and never for long."""

import socket
import ssl
import threading
import time
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from service.outgoing import sender as sending
from service.outgoing.sender import NotSent, Sender
from tests.receiver import LOOPBACK, receiving

CERTIFICATE = Path(__file__).with_name("receiver.pem")
"""A key and a certificate for `receiver.example`, for this test only."""


def at(*addresses):
    """A resolver that gives these addresses, one list for each time it is asked; the last one for ever."""
    lists = [one if isinstance(one, list) else [one] for one in addresses]
    asked = []

    def resolve(host, port):
        asked.append(host)
        found = lists.pop(0) if len(lists) > 1 else lists[0]
        return [(socket.AF_INET6 if ":" in one else socket.AF_INET, (one, port)) for one in found]

    resolve.asked = asked
    return resolve


def post(sender, url, body=b"{}"):
    """The status of one post."""
    with sender.line(url) as line:
        return line.post({"content-type": "application/json"}, body)


@contextmanager
def speaking(*pieces, pause=0.0, secured=lambda connection: connection):
    """A server that takes one connection and says these pieces, whatever it hears; its port."""
    stop = threading.Event()

    def serve():
        with suppress(OSError):
            plain, _ = server.accept()
            with secured(plain) as connection:
                connection.recv(65536)
                for piece in pieces:
                    connection.sendall(piece)
                    stop.wait(pause)
                connection.settimeout(0.3)  # closing on what was not read yet would take the reply back
                while connection.recv(65536):
                    pass

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield server.getsockname()[1]
        finally:
            stop.set()
            server.close()
            thread.join()


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.0.0.1", "169.254.169.254", "::1", "::ffff:127.0.0.1", "fe80::1%2", "64:ff9b::7f00:1", "0.0.0.0"],  # noqa: S104  # to be refused
)
def test_a_name_that_leads_inside_is_refused(address):
    """What counts is where a name leads, not how it looks: one bad address among good ones is enough."""
    for found in ([address], ["93.184.216.34", address]):
        with pytest.raises(NotSent, match="not public"):
            post(Sender(resolve=at(found)), "http://receiver.example:8080/")


def test_a_local_name_is_refused():
    """The machine's own name for itself is no receiver."""
    with receiving() as receiver, pytest.raises(NotSent, match="not public"):
        post(Sender(), receiver.url.replace("127.0.0.1", "localhost"))
    assert receiver.received == []


def test_an_answer_that_changes_changes_nothing():
    """A name is resolved once for a connection, which goes to the address that was judged, under its name."""
    with receiving() as receiver:
        resolve = at("127.0.0.1", "10.0.0.1")
        url = receiver.url.replace("127.0.0.1", "receiver.example")
        with Sender(LOOPBACK, resolve=resolve).line(url) as line:
            assert line.post({}, b"{}") == 200
            assert line.post({}, b"{}") == 200
        assert resolve.asked == ["receiver.example"]
        port = url.partition("example:")[2].partition("/")[0]
        assert {one.headers["host"] for one in receiver.received} == {f"receiver.example:{port}"}
        with pytest.raises(NotSent, match="not public"):
            post(Sender(LOOPBACK, resolve=resolve), url)
    assert len(receiver.received) == 2


def test_a_redirect_is_not_followed():
    """Wherever a receiver points, nobody goes there; its status is all that counts."""
    with receiving() as inside:
        reply = f"HTTP/1.1 307 Temporary Redirect\r\nLocation: {inside.url}\r\nContent-Length: 0\r\n\r\n".encode()
        with speaking(reply) as port:
            assert post(Sender(LOOPBACK), f"http://127.0.0.1:{port}/") == 307
    assert inside.received == []


def test_a_url_that_is_refused_is_not_sent_to():
    """A URL is judged again whenever something is sent: the operator's list may have become shorter."""
    with pytest.raises(NotSent, match="public address"):
        post(Sender(), "http://127.0.0.1:9/")


def test_a_receiver_cannot_hold_the_line():
    """One that answers a byte at a time is cut off, however it goes on."""
    drip = [bytes([one]) for one in b"HTTP/1.1 200 OK\r\nX: " + b"x" * 1000]
    with speaking(*drip, pause=0.05) as port:
        began = time.monotonic()
        with pytest.raises(NotSent):
            post(Sender(LOOPBACK, most_seconds=0.4), f"http://127.0.0.1:{port}/")
        assert time.monotonic() - began < 5


def test_a_status_that_was_heard_counts(monkeypatch):
    """A good status is a good delivery, though its body never ends, or is endless."""
    endless = [b"HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n", b"x" * 100_000]
    with speaking(*endless) as port:
        assert post(Sender(LOOPBACK), f"http://127.0.0.1:{port}/") == 200
    monkeypatch.setattr(sending, "READ_SECONDS", 0.2)
    with speaking(b"HTTP/1.1 202 Accepted\r\nContent-Length: 10\r\n\r\n", b"x", pause=1) as port:
        assert post(Sender(LOOPBACK), f"http://127.0.0.1:{port}/") == 202


@pytest.mark.parametrize(
    ("said", "why"), [(b"", "the connection broke"), (b"220 mail.example ESMTP\r\n", "the reply is not HTTP")]
)
def test_a_failure_is_told_in_words(said, why):
    """The operator reads why, without anything that the receiver said."""
    with speaking(said) as port, pytest.raises(NotSent, match=why):
        post(Sender(LOOPBACK), f"http://127.0.0.1:{port}/")


def test_silence_ends(monkeypatch):
    """A receiver that says nothing is given up after some seconds."""
    monkeypatch.setattr(sending, "READ_SECONDS", 0.2)
    with speaking(b"", pause=5) as port, pytest.raises(NotSent, match="no reply in time"):
        post(Sender(LOOPBACK), f"http://127.0.0.1:{port}/")


def test_nobody_there_is_told():
    """A port where nobody listens, and a name without an address."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(NotSent, match="no connection"):
        post(Sender(LOOPBACK), f"http://127.0.0.1:{port}/")

    def unknown(_host, _port):
        raise socket.gaierror

    with pytest.raises(NotSent, match="no address"):
        post(Sender(LOOPBACK, resolve=unknown), "http://nowhere.example/")


def test_a_certificate_must_be_the_receivers():
    """Over TLS the certificate must be valid for the name in the URL; the address does not matter."""
    server_side = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server_side.load_cert_chain(CERTIFICATE)
    reply = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
    trusting = Sender(LOOPBACK, resolve=at("127.0.0.1"))
    trusting.trust.load_verify_locations(CERTIFICATE)

    def secured(plain):
        return server_side.wrap_socket(plain, server_side=True)

    with speaking(reply, secured=secured) as port:
        assert post(trusting, f"https://receiver.example:{port}/") == 200
    with speaking(reply, secured=secured) as port, pytest.raises(NotSent, match="certificate"):
        post(trusting, f"https://other.example:{port}/")
    with speaking(reply, secured=secured) as port, pytest.raises(NotSent, match="certificate"):
        post(Sender(LOOPBACK, resolve=at("127.0.0.1")), f"https://receiver.example:{port}/")
