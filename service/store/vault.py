"""Personal content -> what lies in the database, and back: AES-256-GCM under a key of each person's own.

Each profile under each ruleset has a data key, which stands in its row, wrapped by the master key of the key folder.
Without that row nobody can read its records any more, wherever a copy of them lies; so dropping it is erasing.
What is sealed is bound to its place: moved to another row or column, it can't be opened.

A sealed value is one byte for the form, four that name its data key, a nonce of twelve, then what AES-GCM gives. A
value that begins with `{` was kept before anything was sealed, and reads as it is.
The only file that knows the library. Source: docs/log-format.md, "Content"; NIST SP 800-38D.
"""

import hmac
import os
from hashlib import sha256

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from service.errors import LogBroken

KEY_BYTES, NONCE_BYTES, NAME_BYTES = 32, 12, 4
FORM = b"\x01"
HEAD = len(FORM) + NAME_BYTES
PLAIN = b"{"
FINGERPRINT_DIGITS = 32

Sealed = bytes | memoryview | str | None
"""What a database gives for a content: sealed, or text of before, or nothing if it is gone."""


class Damaged(LogBroken):
    """What stands in the database is not what was written there."""


class Vault:
    """Opens data keys, and keeps what belongs to nobody in particular. Threads may share it."""

    def __init__(self, master: bytes) -> None:
        self._master = AESGCM(master)
        self._shared = DataKey(hmac.digest(master, b"tagwright shared", "sha256"), bytes(NAME_BYTES))

    @property
    def shared(self) -> "DataKey":
        """The key of what is kept for a short time and can't wait for anybody's own key."""
        return self._shared

    def new_key(self, ruleset: str, profile_id: str) -> "DataKey":
        """A fresh data key for a profile."""
        key, nonce = os.urandom(KEY_BYTES), os.urandom(NONCE_BYTES)
        return DataKey(key, nonce + self._master.encrypt(nonce, key, place("profiles", "key", ruleset, profile_id)))

    def data_key(self, wrapped: bytes, ruleset: str, profile_id: str) -> "DataKey":
        """A profile's data key, unwrapped. `Damaged` if it is not this profile's, under this master key."""
        nonce, rest = wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:]
        try:
            key = self._master.decrypt(nonce, rest, place("profiles", "key", ruleset, profile_id))
        except InvalidTag:
            raise Damaged(f"the data key of a profile under `{ruleset}` does not open") from None
        return DataKey(key, wrapped)


class DataKey:
    """One data key, open; `wrapped` is how it is kept."""

    __slots__ = ("_cipher", "_key", "_name", "wrapped")

    def __init__(self, key: bytes, wrapped: bytes) -> None:
        self._key = key
        self._cipher = AESGCM(key)
        self._name = wrapped[:NAME_BYTES]
        self.wrapped = wrapped

    def seal(self, content: bytes, where: bytes) -> bytes:
        """A content, sealed for a place."""
        nonce = os.urandom(NONCE_BYTES)
        return b"".join((FORM, self._name, nonce, self._cipher.encrypt(nonce, content, where)))

    def open(self, sealed: bytes, where: bytes) -> str:
        """The text that was sealed for a place; empty if it was sealed by another key, which must be gone by now."""
        if sealed[len(FORM) : HEAD] != self._name:
            return ""
        nonce, rest = sealed[HEAD : HEAD + NONCE_BYTES], sealed[HEAD + NONCE_BYTES :]
        try:
            return self._cipher.decrypt(nonce, rest, where).decode()
        except InvalidTag:
            raise Damaged(f"a content does not open at `{where.decode(errors='replace')}`") from None

    def salt(self, entry_id: str) -> bytes:
        """The salt of an entry's commitment. It follows from the key, so that it dies with it."""
        return hmac.digest(self._key, b"commitment\0" + entry_id.encode(), "sha256")


def opened(sealed: Sealed, key: DataKey | None, where: bytes) -> str:
    """A content as text; empty if it is gone, or can't be read by anybody any more."""
    if isinstance(sealed, str):
        return sealed
    content = bytes(sealed or b"")
    if content[:1] in {b"", PLAIN}:
        return content.decode()
    return "" if key is None else key.open(content, where)


def is_sealed(content: Sealed) -> bool:
    """Whether a content was sealed, and not kept as text before anything was."""
    return not isinstance(content, str) and bytes(content or b"")[:1] == FORM


def place(*parts: str) -> bytes:
    """Where a content belongs: table, column, and what names the row."""
    return "\0".join(parts).encode()


def fingerprint(master: bytes) -> str:
    """What a database remembers of its master key."""
    return sha256(b"tagwright master key\0" + master).hexdigest()[:FINGERPRINT_DIGITS]
