"""Signed notes, checkpoints and proof files are C2SP's: what others signed is read, what is not signed is refused."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.audit.checkpoint import Checkpoint, checkpoint_text, open_checkpoint, read_checkpoint, sign_checkpoint
from service.audit.merkle import EMPTY_ROOT, Unproven, leaf_hash
from service.audit.note import (
    MOST_BYTES,
    PRIVATE,
    new_signer,
    open_note,
    read_base64,
    read_note,
    read_signer,
    read_verifier,
    sign_note,
    write_base64,
)
from service.audit.proof import MOST_PROOF_BYTES, Proof, check_proof, read_proof, write_proof
from tests.audit.trees import LEAVES, tree_of

SPECIFIED = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
SPECIFIED_NOTE = """This is an example message.

— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=
"""
PUBLISHED_SIGNER = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
PUBLISHED_TEXT = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
PUBLISHED_LINE = (
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)
LOG = new_signer("log.example/one", bytes(range(32)))
OTHER = new_signer("log.example/other", bytes(32))
KEY = LOG.verifier
SIZE = 300
TREE = tree_of(LEAVES[:SIZE])
CHECKPOINT = Checkpoint(LOG.name, SIZE, TREE.root())
NOTE = sign_checkpoint(CHECKPOINT, [LOG])
PROOF = Proof(7, tuple(TREE.inclusion(7)), NOTE)


def test_the_specifications_note_opens():
    """The example of the specification is read, and its signature is found good."""
    text, signed = open_note(SPECIFIED_NOTE.encode(), [read_verifier(SPECIFIED)])
    assert text == "This is an example message.\n"
    assert list(map(str, signed)) == [SPECIFIED]


def test_a_published_private_key_signs_as_published():
    """A key from elsewhere gives the very signature that others publish for it."""
    signer = read_signer(PUBLISHED_SIGNER)
    assert sign_note(PUBLISHED_TEXT, [signer]) == f"{PUBLISHED_TEXT}\n{PUBLISHED_LINE}"
    assert signer.secret_text() == PUBLISHED_SIGNER


def test_a_private_key_does_not_show_itself():
    """Whoever prints a signing key, or logs one, sees only whose it is."""
    assert write_base64(LOG.seed)[1:-2] not in f"{LOG} {LOG!r} {[LOG]}"
    with pytest.raises(Unproven) as caught:
        read_signer(LOG.secret_text().replace("+KEY+log", "+KEY+lag"))
    assert write_base64(LOG.seed)[5:-2] not in str(caught.value)


def test_signatures_of_others_are_passed_over():
    """A note that strangers signed too is good, and one that only they signed is not."""
    note = sign_note("text\n", [OTHER, LOG])
    assert open_note(note.encode(), [KEY])[1] == (KEY,)
    assert open_note(note.encode(), [KEY, OTHER.verifier])[1] == (OTHER.verifier, KEY)
    with pytest.raises(Unproven, match="expected a signature of one of the keys"):
        open_note(sign_note("text\n", [OTHER]).encode(), [KEY])


def test_a_false_signature_of_a_known_key_condemns_the_note():
    """However many good signatures stand beside it."""
    line = sign_note("another text\n", [OTHER]).splitlines()[-1]
    for wrong in (line, line[:-8]):
        note = sign_note("text\n", [LOG]) + wrong + "\n"
        assert open_note(note.encode(), [KEY])[1] == (KEY,)
        with pytest.raises(Unproven, match=r"not its own|base64"):
            open_note(note.encode(), [KEY, OTHER.verifier])


def test_a_short_signature_of_a_known_key_is_false():
    """A signature that lacks bytes is refused like a wrong one."""
    note = f"text\n\n— {KEY.name} {write_base64(KEY.id + bytes(63))}\n"
    with pytest.raises(Unproven, match="not its own"):
        open_note(note.encode(), [KEY])


@given(st.data())
def test_a_changed_byte_is_noticed(data):
    """Whatever byte of a checkpoint is changed, it is refused, or says the same."""
    raw = bytearray(NOTE.encode())
    at = data.draw(st.integers(0, len(raw) - 1))
    raw[at] = data.draw(st.integers(0, 255).filter(lambda one: one != raw[at]))
    with pytest.raises(Unproven, match="expected"):
        open_checkpoint(bytes(raw), [KEY])


@given(st.binary(max_size=300))
def test_any_bytes_are_refused_politely(data):
    """Whatever is taken for a note or a proof, nothing but a refusal comes out."""
    for read in (
        read_note,
        read_proof,
        lambda one: read_note(b"a\n\n" + one),
        lambda one: read_proof(PROOF_HEAD + one),
    ):
        with suppress(Unproven):
            read(data)


PROOF_HEAD = b"c2sp.org/tlog-proof@v1\nindex 7\n"
NO_NOTES = {
    "no empty line": "text\n— log.example/one AAAAAAA=\n",
    "no text": "\n\n— log.example/one AAAAAAA=\n",
    "no signatures": "text\n\n",
    "cut off": NOTE[:-10],
    "no last line break": NOTE[:-1],
    "a hyphen": NOTE.replace("—", "-"),
    "no name": NOTE.replace("— log.example/one ", "—  "),
    "a plus in a name": NOTE.replace("— log.", "— log+"),
    "a space in a name": NOTE.replace("— log.", "— log\u3000"),
    "a control character": NOTE.replace("log.example", "log\texample"),
    "only an id": f"text\n\n— a {write_base64(bytes(4))}\n",
    "no base64": "text\n\n— a !!!!\n",
    "loose base64": "text\n\n— a AAAAAAB=\n",
    "17 signatures": f"{CHECKPOINT.origin}\n\n" + "— a AAAAAAA=\n" * 17,
    "too long": "x" * MOST_BYTES + NOTE,
}


@pytest.mark.parametrize("note", NO_NOTES.values(), ids=NO_NOTES)
def test_what_is_no_note(note):
    """A note that is not written as one is refused before any signature is looked at."""
    with pytest.raises(Unproven, match="expected"):
        open_note(note.encode(), [KEY])


def test_sixteen_signatures_are_read():
    """As many signatures as the format wants read are read."""
    assert open_note((NOTE + "— a AAAAAAA=\n" * 15).encode(), [KEY])


def test_a_note_of_other_bytes_is_refused():
    """Text that is not UTF-8 is no note."""
    with pytest.raises(Unproven, match="expected UTF-8"):
        read_note(b"\xff\n\n")


NO_KEYS = (
    "",
    "name",
    "name+00000000+AAAA",
    "name+00000000+!",
    SPECIFIED.replace("530d903a", "530d903b"),
    SPECIFIED.replace("example.com", "exam ple.com"),
    SPECIFIED.replace("+Ae", "+Be"),
    SPECIFIED + "+",
)


@pytest.mark.parametrize("text", NO_KEYS)
def test_what_is_no_key(text):
    """A key that is not written as one, or whose id is another's, is refused, public or private."""
    with pytest.raises(Unproven, match="expected"):
        read_verifier(text)
    with pytest.raises(Unproven, match="expected"):
        read_signer(PRIVATE + text)
    with pytest.raises(Unproven, match="expected a private key"):
        read_signer(text)


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\nb", "a\u2003b"])
def test_names_that_no_key_may_have(name):
    """A key can't be given a name that would break a line of signatures."""
    with pytest.raises(Unproven, match="expected a key's name"):
        new_signer(name, bytes(32))


NO_CHECKPOINTS = {
    "two lines": "a\n1\n",
    "an extension line": checkpoint_text(CHECKPOINT) + "more\n",
    "an empty extension line": checkpoint_text(CHECKPOINT) + "\n",
    "no origin": checkpoint_text(CHECKPOINT._replace(origin="")),
    "a leading zero": checkpoint_text(CHECKPOINT).replace("300", "0300"),
    "a negative size": checkpoint_text(CHECKPOINT).replace("300", "-1"),
    "a size beyond all": checkpoint_text(CHECKPOINT).replace("300", "1" * 20),
    "digits of another script": checkpoint_text(CHECKPOINT).replace("300", "٣٠٠"),
    "a short root": "a\n1\nAAAA\n",
    "an empty tree with a root": checkpoint_text(CHECKPOINT._replace(size=0)),
}


@pytest.mark.parametrize("text", NO_CHECKPOINTS.values(), ids=NO_CHECKPOINTS)
def test_what_is_no_checkpoint(text):
    """A text that is not exactly origin, size and root is no checkpoint, whoever signed it."""
    with pytest.raises(Unproven, match="expected"):
        read_checkpoint(text)


def test_a_checkpoint_opens():
    """What was signed comes back, also of an empty tree."""
    assert open_checkpoint(NOTE.encode(), [OTHER.verifier, KEY]) == CHECKPOINT
    empty = Checkpoint(LOG.name, 0, EMPTY_ROOT)
    assert open_checkpoint(sign_checkpoint(empty, [LOG]).encode(), [KEY]) == empty


def test_a_log_speaks_for_itself_only():
    """A checkpoint in the name of a log whose key did not sign it is refused."""
    note = sign_checkpoint(CHECKPOINT, [OTHER]).encode()
    with pytest.raises(Unproven, match=r"expected the origin `log\.example/other`, found `log\.example/one`"):
        open_checkpoint(note, [KEY, OTHER.verifier])


def test_a_proof_is_one_file():
    """A proof that was written is read again, with and without something carried along, and shows its entry."""
    for proof in (PROOF, PROOF._replace(extra=b"\0\1")):
        assert read_proof(write_proof(proof).encode()) == proof
        assert check_proof(read_proof(write_proof(proof).encode()), LEAVES[7], [KEY]) == CHECKPOINT
    with pytest.raises(Unproven, match="expected the root"):
        check_proof(PROOF, leaf_hash(b"another"), [KEY])


def test_the_proof_file_is_c2sps():
    """The lines stand as the specification orders them."""
    lines = write_proof(PROOF._replace(extra=b"\0")).splitlines()
    assert lines[:4] == ["c2sp.org/tlog-proof@v1", "extra AA==", "index 7", write_base64(PROOF.hashes[0])]
    assert "\n".join(lines[lines.index("") + 1 :]) + "\n" == NOTE


NO_PROOFS = {
    "another header": write_proof(PROOF).replace("@v1", "@v2"),
    "no checkpoint": write_proof(PROOF).partition("\n\n")[0],
    "no index": write_proof(PROOF).replace("index 7\n", ""),
    "only a header": "c2sp.org/tlog-proof@v1\n\n" + NOTE,
    "a leading zero": write_proof(PROOF).replace("index 7", "index 07"),
    "extra behind the index": write_proof(PROOF).replace("index 7", "index 7\nextra AA=="),
    "extra that is no base64": write_proof(PROOF).replace("index 7", "extra A\nindex 7"),
    "a short hash": write_proof(PROOF).replace("index 7", "index 7\nAAAA"),
    "too many hashes": write_proof(PROOF._replace(hashes=(bytes(32),) * 64)),
    "too long": write_proof(PROOF) + "x" * MOST_PROOF_BYTES,
}


@pytest.mark.parametrize("text", NO_PROOFS.values(), ids=NO_PROOFS)
def test_what_is_no_proof(text):
    """A file that is not written as a proof is refused."""
    with pytest.raises(Unproven, match="expected"):
        read_proof(text.encode())


def test_base64_has_one_form():
    """A text that another encoder might have written for the same bytes is refused."""
    assert read_base64("") == b""
    for text in ("AA", "AB==", "AA==\n", " AA==", "AA-_", "é"):
        with pytest.raises(Unproven, match="expected base64"):
            read_base64(text)
