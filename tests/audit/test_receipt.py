"""A receipt is the log's own word, and can't be taken for anything else."""

import pytest

from service.audit.checkpoint import open_checkpoint
from service.audit.merkle import Unproven, leaf_hash
from service.audit.note import sign_note
from service.audit.receipt import Receipt, open_receipt, sign_receipt
from tests.audit.test_notes import CHECKPOINT, KEY, LOG, NOTE, OTHER

RECEIPT = Receipt(LOG.name, "evaluation", "01ARZ3NDEKTSV4RRFFQ69G5FAV", leaf_hash(b""), "2026-01-01T00:01:00.000Z")
SIGNED = sign_receipt(RECEIPT, [LOG])


def test_a_receipt_opens():
    """What was promised is read again by whoever has the log's key."""
    assert open_receipt(SIGNED.encode(), [KEY]) == RECEIPT


def test_a_receipt_is_no_checkpoint_and_the_reverse():
    """Both are signed by one key, and neither can be shown as the other."""
    with pytest.raises(Unproven, match="expected the three lines"):
        open_checkpoint(SIGNED.encode(), [KEY])
    with pytest.raises(Unproven, match="expected a receipt"):
        open_receipt(NOTE.encode(), [KEY])
    assert CHECKPOINT.origin == RECEIPT.origin


@pytest.mark.parametrize(
    "text",
    [
        SIGNED.partition("\n\n")[0].replace("leaf ", "leaf AAAA"),
        SIGNED.partition("\n\n")[0].replace(LOG.name, OTHER.name),
        SIGNED.partition("\n\n")[0] + "\nmore",
    ],
)
def test_what_is_no_receipt(text):
    """A text of another form, or in another log's name, is refused, also when it is signed."""
    with pytest.raises(Unproven, match="expected"):
        open_receipt(sign_note(text + "\n", [LOG]).encode(), [KEY])
