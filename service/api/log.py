"""One JSON line per request on standard error: method, route, status, time, request id, key id.

Never a secret, a path's values, or anything of a profile. A mistake of the service's own is a line with its kind and
its frames, without its message, which might quote a profile.
"""

import sys
from contextlib import suppress
from datetime import UTC, datetime
from traceback import extract_tb
from typing import BinaryIO

import orjson


class RequestLog:
    """Writes lines to a stream; a line is one write, so that lines of several threads don't mix."""

    def __init__(self, stream: BinaryIO | None = None) -> None:
        self._stream = stream or sys.stderr.buffer

    def answered(
        self, request_id: str, key_id: str | None, method: str, route: str, status: int, seconds: float
    ) -> None:
        """Note one request; `route` is its template."""
        self._write(
            {
                "level": "info",
                "method": method,
                "route": route,
                "status": status,
                "ms": round(seconds * 1000, 2),
                "request_id": request_id,
                "key_id": key_id,
            }
        )

    def failed(self, request_id: str, error: BaseException) -> None:
        """Note why a request could not be answered: the error, and what caused it."""
        chain = []
        one: BaseException | None = error
        while one is not None:
            frames = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in extract_tb(one.__traceback__)]
            chain.append({"error": type(one).__name__, "frames": frames})
            one = one.__cause__
        self._write({"level": "error", "request_id": request_id, "chain": chain})

    def _write(self, line: dict[str, object]) -> None:
        found = {"at": datetime.now(UTC).isoformat(timespec="milliseconds"), **line}
        with suppress(OSError):  # Why: on a full disk the reply must leave all the same
            self._stream.write(orjson.dumps(found, option=orjson.OPT_APPEND_NEWLINE))
            self._stream.flush()
