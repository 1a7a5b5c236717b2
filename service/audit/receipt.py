"""A recorded entry -> a receipt: a signed promise that the entry will be in the log by an instant.

Whoever holds one, and finds that the log of a later day does not have the leaf, has proof in hand that it was left out.
The text can't be taken for a checkpoint: its second line is no size.
Source: docs/log-format.md, "Receipts".
"""

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from service.audit.merkle import HASH_BYTES, Unproven
from service.audit.note import SignerKey, VerifierKey, open_note, read_base64, sign_note, write_base64

HEADER = "tagwright receipt v1"
TEXT = re.compile(
    rf"(?P<origin>[^\n]+)\n{HEADER}\n(?P<kind>[a-z]+) (?P<id>\S+)\nleaf (?P<leaf>\S+)\nsealed-by (?P<until>\S+)\n"
)


class Receipt(NamedTuple):
    """What is promised: the entry with this leaf hash is in the log `origin` by the instant `sealed_by`, as text."""

    origin: str
    kind: str
    id: str
    leaf: bytes
    sealed_by: str


def sign_receipt(receipt: Receipt, signers: Iterable[SignerKey]) -> str:
    """The receipt as a note, signed by the log's keys."""
    text = (
        f"{receipt.origin}\n{HEADER}\n{receipt.kind} {receipt.id}\n"
        f"leaf {write_base64(receipt.leaf)}\nsealed-by {receipt.sealed_by}\n"
    )
    return sign_note(text, signers)


def open_receipt(note: bytes, keys: Sequence[VerifierKey]) -> Receipt:
    """The receipt of a note that the log signed; `Unproven` if it did not, or it is something else."""
    text, signed = open_note(note, keys)
    found = TEXT.fullmatch(text)
    leaf = read_base64(found["leaf"]) if found else b""
    if not found or len(leaf) != HASH_BYTES or all(key.name != found["origin"] for key in signed):
        msg = f"expected a receipt of the log that signed it, found `{text}`"
        raise Unproven(msg)
    return Receipt(found["origin"], found["kind"], found["id"], leaf, found["until"])
