"""A tree's size and root -> a signed checkpoint, and back: what the log commits itself to, small enough to be kept by
anyone.

The text has three lines: the log's origin, its size, its root in base64. The origin is the name of its keys. A log of
ours never adds a line, so one that has more is not read.
Source: C2SP tlog-checkpoint; docs/log-format.md.
"""

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from service.audit.merkle import EMPTY_ROOT, HASH_BYTES, Unproven
from service.audit.note import SignerKey, VerifierKey, open_note, read_base64, sign_note, write_base64

SIZE = re.compile(r"0|[1-9][0-9]{0,18}", re.ASCII)
LINES = 3


class Checkpoint(NamedTuple):
    """The tree of one log at one size."""

    origin: str
    size: int
    root: bytes


def checkpoint_text(checkpoint: Checkpoint) -> str:
    """The text that is signed."""
    return f"{checkpoint.origin}\n{checkpoint.size}\n{write_base64(checkpoint.root)}\n"


def read_checkpoint(text: str) -> Checkpoint:
    """The checkpoint that a note's text says; `Unproven` if it is none."""
    lines = text.removesuffix("\n").split("\n")
    if len(lines) != LINES:
        msg = f"expected the three lines origin, size and root, found {len(lines)} lines"
        raise Unproven(msg)
    origin, size, encoded = lines
    if not origin or not SIZE.fullmatch(size):
        msg = f"expected an origin and a decimal size, found `{origin}` and `{size}`"
        raise Unproven(msg)
    root = read_base64(encoded)
    if len(root) != HASH_BYTES or (size == "0" and root != EMPTY_ROOT):
        msg = f"expected the root of a tree of {size} leaves, found `{encoded}`"
        raise Unproven(msg)
    return Checkpoint(origin, int(size), root)


def sign_checkpoint(checkpoint: Checkpoint, signers: Iterable[SignerKey]) -> str:
    """The checkpoint as a note, signed by each of the keys."""
    return sign_note(checkpoint_text(checkpoint), signers)


def open_checkpoint(note: bytes, keys: Sequence[VerifierKey]) -> Checkpoint:
    """The checkpoint of a note that one of the log's keys signed; `Unproven` if none did, or it is another log's."""
    text, signed = open_note(note, keys)
    checkpoint = read_checkpoint(text)
    if all(key.name != checkpoint.origin for key in signed):
        names = ", ".join(f"`{key.name}`" for key in signed)
        msg = f"expected the origin {names}, found `{checkpoint.origin}`"
        raise Unproven(msg)
    return checkpoint
