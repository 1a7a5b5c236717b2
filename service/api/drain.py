"""What is left of a body that was refused, read and forgotten after the reply was sent.

Why: a client that sends all of a long body before it looks for the reply finds one. If the connection were closed at
once, the reply would be thrown away with it. It is bounded in bytes and time, so that nobody can keep a thread busy by
it.
"""

from contextlib import suppress
from time import monotonic
from typing import Any

MOST_BYTES = 64 * 1024 * 1024
MOST_SECONDS = 2.0
CHUNK = 64 * 1024


def drain(environ: dict[str, Any]) -> None:
    """Read on until the body ends, or a bound is reached; then the server closes the connection."""
    socket = environ.get("gunicorn.socket")
    until = monotonic() + MOST_SECONDS
    before = socket.gettimeout() if socket is not None else None
    left = MOST_BYTES
    with suppress(OSError):
        while left > 0 and (seconds := until - monotonic()) > 0:
            if socket is not None:
                socket.settimeout(seconds)
            found = len(environ["wsgi.input"].read(CHUNK))
            left = left - found if found else 0
    with suppress(OSError):
        if socket is not None:
            socket.settimeout(before)
