"""An API key as it was sent -> whom it stands for; refused if it is unknown, revoked or expired.

Keys are `tw_<id>_<secret>`; one chosen from outside may be any text.
Only the SHA-256 of the secret is kept, and compared in constant time. A key read from the
store is trusted for `FRESH_MILLISECONDS`, so a revoked one ends everywhere within a second, and at once where it was
revoked.
"""

from functools import partial
from hashlib import sha256
from hmac import compare_digest

from service.audit.rows import KeyRow
from service.errors import Unauthenticated
from service.operations.ports import Clock, Store, Unit

PREFIX = "tw"
FRESH_MILLISECONDS = 1_000
USED_MILLISECONDS = 60_000
"""How often, at most, the time of last use is written."""


def key_text(key_id: str, secret: str) -> str:
    """A key as its owner sends it."""
    return f"{PREFIX}_{key_id}_{secret}"


def split_key(text: str) -> tuple[str, str]:
    """The id and the secret of a key as it was sent; a key of another form is a secret, with an id made from it."""
    prefix, _, rest = text.partition("_")
    key_id, _, secret = rest.partition("_")
    if prefix != PREFIX or not key_id or not secret:
        return f"own-{hash_secret(text)[:12]}", text
    return key_id, secret


def hash_secret(secret: str) -> str:
    """What is kept of a secret. It has 256 random bits, so one round of SHA-256 is enough."""
    return sha256(secret.encode()).hexdigest()


class KeyRing:
    """The API keys of one store."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._known: dict[str, tuple[KeyRow, int]] = {}

    def owner(self, text: str) -> KeyRow:
        """The key that was sent; `Unauthenticated` if it does not stand for anybody now."""
        key_id, secret = split_key(text)
        now = self._clock()
        row = self._row(key_id, now)
        is_right = compare_digest(hash_secret(secret), row.secret_hash if row else "0" * 64)
        if row is None or not is_right:
            raise Unauthenticated("the API key is not valid")
        if row.revoked_at is not None:
            raise Unauthenticated("the API key was revoked")
        if row.expires_at is not None and row.expires_at <= now:
            raise Unauthenticated("the API key has expired")
        self._note_use(row, now)
        return row

    def forget(self, key_id: str) -> None:
        """Read a key from the store again when it is next used."""
        self._known.pop(key_id, None)

    def _row(self, key_id: str, now: int) -> KeyRow | None:
        known = self._known.get(key_id)
        if known is not None and 0 <= now - known[1] < FRESH_MILLISECONDS:
            return known[0]
        if known is not None:
            self._known[key_id] = (known[0], now)  # Why: one thread reads, the others go on with what is known
        row = self._store.read(lambda reads: reads.key(key_id))
        if row is None:
            self._known.pop(key_id, None)
        else:
            self._known[key_id] = (row, now)
        return row

    def _note_use(self, row: KeyRow, now: int) -> None:
        # Why: not waited for, and not in the request's own transaction: a reply must not depend on it.
        if row.last_used_at is not None and now - row.last_used_at < USED_MILLISECONDS:
            return
        self._known[row.id] = (row._replace(last_used_at=now), now)
        self._store.write_later(partial(_use, row.id, now))


def _use(key_id: str, now: int, unit: Unit) -> None:
    unit.use_key(key_id, now)
