"""Passwords: a text -> its Argon2id hash, and whether a text fits one.

At most `AT_ONCE` are computed at a time, since each takes tens of milliseconds and 19 MiB: a crowd at the door must not
starve who is being decided. A hash of weaker settings is renewed at the next sign-in.
Source: RFC 9106; OWASP Password Storage Cheat Sheet.
"""

from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError

AT_ONCE = 2
SHORTEST, LONGEST = 12, 200
"""How many characters a password has."""

_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_DOOR = BoundedSemaphore(AT_ONCE)
_NOBODY = "$argon2id$v=19$m=19456,t=2,p=1$uW5/6Bz7xyb6j7n//45Rfw$pEEpNSq4x+mUSMlIC6ZayBhagUd+2eiUtnz25LJtaVA"
"""A hash that no password is known to fit, so that an unknown name takes as long as a wrong password."""


def hash_password(password: str) -> str:
    """What is kept of a password."""
    with _DOOR:
        return _HASHER.hash(password)


def fits(password: str, kept: str | None) -> bool:
    """Whether a password is the one that a hash was made of; takes its time also where there is no hash."""
    with _DOOR:
        try:
            _HASHER.verify(kept or _NOBODY, password)
        except VerificationError:
            return False
    return kept is not None


def is_outdated(kept: str) -> bool:
    """Whether a hash was made with other settings than those of today."""
    return _HASHER.check_needs_rehash(kept)
