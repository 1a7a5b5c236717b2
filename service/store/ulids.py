"""Fresh ids that sort by time (ULID), and secrets of 256 bits.

An id is 48 bits of milliseconds and 80 random ones, in Crockford's base 32; within one millisecond of one process ids rise.
Source: the ULID specification.
"""

from secrets import randbits, token_urlsafe
from threading import Lock

DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
PAIRS = tuple(high + low for high in DIGITS for low in DIGITS)
RANDOM_BITS = 80
SECRET_BYTES = 32


class Ulids:
    """The ids of one process."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._last = 0

    def ulid(self, at: int) -> str:
        """A fresh id for an instant: 26 characters."""
        with self._lock:
            fresh = at << RANDOM_BITS | randbits(RANDOM_BITS)
            # Why: ids of one millisecond must not stand in a random order, so the next one follows the last.
            self._last = fresh if fresh >> RANDOM_BITS > self._last >> RANDOM_BITS else self._last + 1
            number = self._last
        return "".join([PAIRS[number >> shift & 1023] for shift in range(120, -1, -10)])

    def secret(self) -> str:
        """A fresh secret in base64url: 43 characters."""
        return token_urlsafe(SECRET_BYTES)
