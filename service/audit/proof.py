"""An entry's position, the hashes on its way to the root, and a checkpoint -> one file that proves the entry offline.

Source: C2SP tlog-proof; docs/log-format.md.
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

from service.audit.checkpoint import Checkpoint, open_checkpoint
from service.audit.merkle import HASH_BYTES, Unproven, check_inclusion
from service.audit.note import MOST_BYTES, VerifierKey, read_base64, write_base64

HEADER = "c2sp.org/tlog-proof@v1"
INDEX = re.compile(r"index (0|[1-9][0-9]{0,18})", re.ASCII)
EXTRA = "extra "
MOST_HASHES = 63
MOST_PROOF_BYTES = 2 * MOST_BYTES


class Proof(NamedTuple):
    """That the entry at `position` is in the tree of a signed checkpoint. `extra` comes along and proves nothing."""

    position: int
    hashes: tuple[bytes, ...]
    note: str
    extra: bytes | None = None


def write_proof(proof: Proof) -> str:
    """The proof as a file."""
    lines = [HEADER]
    if proof.extra is not None:
        lines.append(EXTRA + write_base64(proof.extra))
    lines += [f"index {proof.position}", *map(write_base64, proof.hashes), ""]
    return "\n".join(lines) + "\n" + proof.note


def read_proof(data: bytes) -> Proof:
    """The proof that a file holds, not yet checked; `Unproven` if it is not written as one."""
    if len(data) > MOST_PROOF_BYTES:
        msg = f"expected a proof of at most {MOST_PROOF_BYTES} bytes, found {len(data)}"
        raise Unproven(msg)
    head, gap, note = data.partition(b"\n\n")
    lines = head.decode(errors="replace").split("\n")
    if not gap or lines.pop(0) != HEADER:
        msg = f"expected the line `{HEADER}`, a proof, an empty line and a checkpoint, found no such parts"
        raise Unproven(msg)
    extra = read_base64(lines.pop(0).removeprefix(EXTRA)) if lines and lines[0].startswith(EXTRA) else None
    index = INDEX.fullmatch(lines.pop(0)) if lines else None
    if not index or len(lines) > MOST_HASHES:
        msg = f"expected a line such as `index 7` and at most {MOST_HASHES} hashes, found something else"
        raise Unproven(msg)
    return Proof(int(index[1]), tuple(map(_read_hash, lines)), note.decode(errors="replace"), extra)


def check_proof(proof: Proof, leaf: bytes, keys: Sequence[VerifierKey]) -> Checkpoint:
    """The checkpoint that the proof shows the leaf hash to be under; `Unproven` if it does not."""
    checkpoint = open_checkpoint(proof.note.encode(), keys)
    check_inclusion(leaf, proof.position, checkpoint.size, proof.hashes, checkpoint.root)
    return checkpoint


def _read_hash(line: str) -> bytes:
    found = read_base64(line)
    if len(found) != HASH_BYTES:
        msg = f"expected a hash of {HASH_BYTES} bytes, found {len(found)}"
        raise Unproven(msg)
    return found
