"""A text and keys -> a signed note, and a note -> its text, if a known key signed it.

A note is text that ends in a line break, an empty line, and signature lines `— name base64`. Signatures of unknown
keys are passed over, so that others may sign too and keys can change; one false signature of a known key condemns the
note.
Source: C2SP signed-note; docs/log-format.md.
"""

from base64 import b64decode, b64encode
from binascii import Error
from collections.abc import Iterable, Sequence
from hashlib import sha256
from typing import NamedTuple

from service.audit.ed25519 import KEY_BYTES, SIGNATURE_BYTES, is_signed, public_key, sign
from service.audit.merkle import Unproven

ED25519 = b"\1"
ID_BYTES = 4
MOST_SIGNATURES = 16
MOST_BYTES = 128 * 1024
"""Above these a note is refused unread; the format wants sixteen signatures read, and the largest kinds have 5 kB."""
PRIVATE = "PRIVATE+KEY+"
DASH = "— "


class VerifierKey(NamedTuple):
    """A public key and whose it is. Written, it is `name+id+base64(type, key)`, a *vkey*."""

    name: str
    public: bytes

    @property
    def id(self) -> bytes:
        """Four bytes that tell keys of one name apart; no proof of anything."""
        return sha256(self.name.encode() + b"\n" + ED25519 + self.public).digest()[:ID_BYTES]

    def __str__(self) -> str:
        """The key as it is handed out."""
        return f"{self.name}+{self.id.hex()}+{write_base64(ED25519 + self.public)}"


class SignerKey(NamedTuple):
    """A private key and whose it is. Written, it is `PRIVATE+KEY+name+id+base64(type, seed)`."""

    name: str
    seed: bytes

    @property
    def verifier(self) -> VerifierKey:
        """The public key that belongs to it."""
        return VerifierKey(self.name, public_key(self.seed))

    def __repr__(self) -> str:
        """Only whose it is: a key that is printed or logged by mistake shall not be known by it."""
        return f"the private key of {self.verifier}"

    def secret_text(self) -> str:
        """The key as it is kept in its file."""
        return f"{PRIVATE}{self.name}+{self.verifier.id.hex()}+{write_base64(ED25519 + self.seed)}"


class Signature(NamedTuple):
    """One signature line of a note: whose key, by name and id, and what it made of the text."""

    name: str
    key_id: bytes
    value: bytes


class Note(NamedTuple):
    """A note as it was read, its signatures not yet checked. The text ends in a line break."""

    text: str
    signatures: tuple[Signature, ...]


def new_signer(name: str, seed: bytes) -> SignerKey:
    """A signer under a name, which has neither white space nor a plus; `Unproven` otherwise."""
    if not _is_name(name):
        msg = f"expected a key's name without white space and `+`, found `{name}`"
        raise Unproven(msg)
    return SignerKey(name, seed)


def read_verifier(text: str) -> VerifierKey:
    """The public key that a vkey names; `Unproven` if it is not one, or its id is another key's."""
    name, key_id, public = _read_key(text.strip(), "a verifier key such as `name+id+key`")
    key = VerifierKey(name, public)
    _check_id(key, key_id)
    return key


def read_signer(text: str) -> SignerKey:
    """The private key that a line names; `Unproven` if it is not one. The message never shows what was found."""
    expected = "a private key such as `PRIVATE+KEY+name+id+key`"
    stripped = text.strip()
    if not stripped.startswith(PRIVATE):
        msg = f"expected {expected}, found something else"
        raise Unproven(msg)
    name, key_id, seed = _read_key(stripped.removeprefix(PRIVATE), expected)
    key = SignerKey(name, seed)
    _check_id(key.verifier, key_id)
    return key


def sign_note(text: str, signers: Iterable[SignerKey]) -> str:
    """The text, signed by each of the keys in turn; it must end in a line break."""
    lines = [_signature_line(text, signer) for signer in signers]
    note = f"{text}\n{''.join(lines)}"
    read_note(note.encode())
    return note


def read_note(data: bytes) -> Note:
    """The parts of a note; `Unproven` if it is not written as a note is, or passes a limit."""
    if len(data) > MOST_BYTES:
        msg = f"expected a note of at most {MOST_BYTES} bytes, found {len(data)}"
        raise Unproven(msg)
    content = _decode(data)
    text, gap, lines = content.rpartition("\n\n")
    if not gap or not text or not lines.endswith("\n"):
        msg = "expected a text, an empty line and signature lines, found no such parts"
        raise Unproven(msg)
    signed = lines.removesuffix("\n").split("\n")
    if len(signed) > MOST_SIGNATURES:
        msg = f"expected at most {MOST_SIGNATURES} signatures, found {len(signed)}"
        raise Unproven(msg)
    return Note(text + "\n", tuple(map(_read_signature, signed)))


def open_note(data: bytes, keys: Sequence[VerifierKey]) -> tuple[str, tuple[VerifierKey, ...]]:
    """The text of a note and which of the keys signed it; `Unproven` if none did, or a signature of one is false."""
    note = read_note(data)
    known = {(key.name, key.id): key for key in keys}
    signed = []
    for one in note.signatures:
        key = known.get((one.name, one.key_id))
        if key is None:
            continue
        if len(one.value) != SIGNATURE_BYTES or not is_signed(key.public, note.text.encode(), one.value):
            msg = f"expected the signature of the key `{key}`, found one that is not its own"
            raise Unproven(msg)
        signed.append(key)
    if not signed:
        names = ", ".join(f"`{key}`" for key in keys)
        found = ", ".join(f"`{one.name}+{one.key_id.hex()}`" for one in note.signatures)
        msg = f"expected a signature of one of the keys {names}, found those of {found}"
        raise Unproven(msg)
    return note.text, tuple(signed)


def write_base64(data: bytes) -> str:
    """Bytes in the standard alphabet, padded."""
    return b64encode(data).decode()


def read_base64(text: str) -> bytes:
    """The bytes that a text stands for; `Unproven` if it is not exactly as `write_base64` would have it."""
    try:
        data = b64decode(text.encode(errors="replace"), validate=True)
    except Error:
        data = b""
    if write_base64(data) != text:
        msg = f"expected base64, found `{text}`"
        raise Unproven(msg)
    return data


def _signature_line(text: str, signer: SignerKey) -> str:
    signature = signer.verifier.id + sign(signer.seed, text.encode())
    return f"{DASH}{signer.name} {write_base64(signature)}\n"


def _decode(data: bytes) -> str:
    try:
        content = data.decode()
    except UnicodeDecodeError as error:
        msg = "expected UTF-8, found other bytes"
        raise Unproven(msg) from error
    if any(one < " " and one != "\n" for one in content):
        msg = "expected no control characters, found some"
        raise Unproven(msg)
    return content


def _read_signature(line: str) -> Signature:
    dash, _, rest = line.partition(" ")
    name, _, value = rest.partition(" ")
    if f"{dash} " != DASH or not _is_name(name):
        msg = f"expected a signature line such as `— name signature`, found `{line}`"
        raise Unproven(msg)
    signature = read_base64(value)
    if len(signature) <= ID_BYTES:
        msg = f"expected a key's id and a signature, found {len(signature)} bytes"
        raise Unproven(msg)
    return Signature(name, signature[:ID_BYTES], signature[ID_BYTES:])


def _read_key(text: str, expected: str) -> tuple[str, str, bytes]:
    name, _, rest = text.partition("+")
    key_id, _, encoded = rest.partition("+")
    try:
        key = read_base64(encoded)
    except Unproven:
        key = b""
    if not _is_name(name) or key[:1] != ED25519 or len(key) != 1 + KEY_BYTES:
        msg = f"expected {expected} for Ed25519, found something else"
        raise Unproven(msg)
    return name, key_id, key[1:]


def _check_id(key: VerifierKey, key_id: str) -> None:
    if key.id.hex() != key_id:
        msg = f"expected the id `{key.id.hex()}` in the key of `{key.name}`, found `{key_id}`"
        raise Unproven(msg)


def _is_name(text: str) -> bool:
    return bool(text) and "+" not in text and not any(map(str.isspace, text)) and text.isprintable()
