"""Each log's keys and memory, in the key folder, where the database can't reach them.

Of a log `NAME` (its origin, with `_` for what a file's name can't have) there are three files. `NAME.signing.key` has
the private keys that sign now, one a line, the newest last; `NAME.keys` every public key that ever signed besides;
`NAME.checkpoint` the highest checkpoint that was signed here, by which a database that was set back is noticed.
Source: docs/operations.md, "The log's keys"; docs/log-format.md.
"""

import os
import re
from collections.abc import Callable, Sequence
from typing import TypeVar

from service.audit.checkpoint import Checkpoint, checkpoint_text, read_checkpoint
from service.audit.ed25519 import KEY_BYTES
from service.audit.merkle import Unproven
from service.audit.note import SignerKey, VerifierKey, new_signer, read_signer, read_verifier
from service.config import ConfigError
from service.store.keyfolder import KeyFolder

SIGNING, KEYS, MEMORY = "signing.key", "keys", "checkpoint"
NAME_BYTES = 6
UNFIT = re.compile(r"[^A-Za-z0-9.-]")

T = TypeVar("T")


class Notary:
    """Signs for logs. `name` is what a log is called that begins here; without one a name is made up."""

    def __init__(self, folder: KeyFolder, name: str | None = None) -> None:
        self._folder = folder
        self._name = name

    def new_name(self) -> str:
        """What a log that begins now is called."""
        return self._name or f"tagwright/{os.urandom(NAME_BYTES).hex()}"

    def make(self, log: str) -> tuple[SignerKey, ...]:
        """The keys that sign for a log now; the first one is made if there is none."""
        self._folder.make(_file(log, SIGNING), lambda: new_signer(log, os.urandom(KEY_BYTES)).secret_text())
        return self.signers(log)

    def signers(self, log: str) -> tuple[SignerKey, ...]:
        """The keys that sign for a log now; none if there are none here. `ConfigError` if the file can't be read."""
        return tuple(self._lines(_file(log, SIGNING), read_signer))

    def verifiers(self, log: str) -> tuple[VerifierKey, ...]:
        """Every key whose signatures count for a log, the newest last."""
        known = self._lines(_file(log, KEYS), read_verifier)
        return tuple(dict.fromkeys([*known, *(signer.verifier for signer in self.signers(log))]))

    def add_key(self, log: str) -> VerifierKey:
        """Have one more key sign for a log, besides those that do; its public half."""
        added = new_signer(log, os.urandom(KEY_BYTES))
        self._put(log, (*self.signers(log), added))
        return added.verifier

    def drop_keys(self, log: str) -> list[VerifierKey]:
        """Have only the newest key sign from now on; the public halves of the others, whose private ones are gone."""
        *old, newest = self.signers(log)
        self._put(log, (newest,))
        return [signer.verifier for signer in old]

    def remembered(self, log: str) -> Checkpoint | None:
        """The highest checkpoint of a log that was signed here. `ConfigError` if the file can't be read."""
        name = _file(log, MEMORY)
        text = self._folder.text(name)
        try:
            return None if text is None else read_checkpoint(f"{text}\n")
        except Unproven as refused:
            raise ConfigError([f"{self._folder.folder / name}: {refused}"]) from None

    def remember(self, checkpoint: Checkpoint) -> None:
        """Keep a checkpoint, unless a higher one is kept."""
        known = self.remembered(checkpoint.origin)
        if known is None or known.size < checkpoint.size:
            self.set_memory(checkpoint)

    def set_memory(self, checkpoint: Checkpoint) -> None:
        """Keep a checkpoint, whatever is kept."""
        self._folder.put(_file(checkpoint.origin, MEMORY), checkpoint_text(checkpoint).removesuffix("\n"))

    def _put(self, log: str, signers: Sequence[SignerKey]) -> None:
        # Why this order: a key that signs must be known for ever, also if this ends between the two.
        known = dict.fromkeys([*self.verifiers(log), *(signer.verifier for signer in signers)])
        self._folder.put(_file(log, KEYS), "\n".join(map(str, known)))
        self._folder.put(_file(log, SIGNING), "\n".join(signer.secret_text() for signer in signers))

    def _lines(self, name: str, read: Callable[[str], T]) -> list[T]:
        try:
            return [read(line) for line in (self._folder.text(name) or "").splitlines()]
        except Unproven as refused:
            raise ConfigError([f"{self._folder.folder / name}: {refused}"]) from None


def _file(log: str, what: str) -> str:
    return f"{UNFIT.sub('_', log)}.{what}"
