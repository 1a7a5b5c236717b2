"""Fresh ids that sort by time (ULID), and secrets of 256 bits.

An id is 48 bits of milliseconds and 80 more, in Crockford's base 32. Of those, 32 count within the process, so that the
ids of one millisecond rise, and 48 are random, so that those of several processes differ. Ids are no secrets.
Source: the ULID specification.
"""

from itertools import count
from random import Random
from secrets import randbits, token_urlsafe

DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
PAIRS = tuple(high + low for high in DIGITS for low in DIGITS)
COUNTED_BITS, RANDOM_BITS = 32, 48
SECRET_BYTES = 32


class Ulids:
    """The ids of one process. Threads may share it: each step is one call that the interpreter does not interrupt."""

    def __init__(self) -> None:
        self._count = count()
        # Why: asking the system for every id would make all threads wait for each other, so it gives a seed only.
        self._random = Random(randbits(256))  # noqa: S311  # not for secrets

    def ulid(self, at: int) -> str:
        """A fresh id for an instant: 26 characters."""
        counted = next(self._count) % (1 << COUNTED_BITS)
        number = (at << COUNTED_BITS | counted) << RANDOM_BITS | self._random.getrandbits(RANDOM_BITS)
        return "".join([PAIRS[number >> shift & 1023] for shift in range(120, -1, -10)])

    def secret(self) -> str:
        """A fresh secret in base64url: 43 characters."""
        return token_urlsafe(SECRET_BYTES)


def first_of(at: int) -> str:
    """What the ids of an instant begin with; no id of it, or of a later one, comes before it."""
    return "".join([DIGITS[max(at, 0) >> shift & 31] for shift in range(45, -1, -5)])
