"""The ids of entries that were sealed together <-> one string of bytes, seventeen an entry, in the order of the log.

Of each entry one byte is its kind and sixteen its id (a ULID, whose text has 26 digits to the base of 32). Entries of
one batch are ordered by id, so an id is found by halving.
Source: docs/log-format.md, "Positions"; the ULID specification.
"""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from typing import NamedTuple

DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
PYTHONS = "0123456789abcdefghijklmnopqrstuv"
"""The digits by which Python reads numbers to the base of 32."""
TO_PYTHONS = bytes.maketrans(DIGITS.encode(), PYTHONS.encode())
ID_BYTES, ID_DIGITS, RANDOM_BITS = 16, 26, 80
ENTRY_BYTES = 1 + ID_BYTES
KINDS = ("evaluation", "event")


class Member(NamedTuple):
    """One entry of a batch."""

    kind: str
    id: str


def pack_members(members: Iterable[Member]) -> bytes:
    """The bytes of some entries."""
    return b"".join(bytes([KINDS.index(member.kind)]) + _packed(member.id) for member in members)


def unpack_members(packed: bytes) -> list[Member]:
    """The entries of some bytes."""
    return [_member(packed[at : at + ENTRY_BYTES]) for at in range(0, len(packed), ENTRY_BYTES)]


def member_at(packed: bytes, place: int) -> Member:
    """The entry at a place of the batch, counted from zero."""
    return _member(packed[place * ENTRY_BYTES : (place + 1) * ENTRY_BYTES])


def place_of(packed: bytes, entry_id: str) -> int | None:
    """Where an id stands in the batch; `None` if it doesn't."""
    try:
        wanted = _packed(entry_id)
    except (ValueError, OverflowError):
        return None
    ids = _Ids(packed)
    place = bisect_left(ids, wanted)
    return place if place < len(ids) and member_at(packed, place).id == entry_id else None


def instant_of(entry_id: str) -> int:
    """The instant at which an id was made, in milliseconds."""
    return int.from_bytes(_packed(entry_id), "big") >> RANDOM_BITS


class _Ids(Sequence[bytes]):
    """The packed ids, to be searched without unpacking all of them."""

    def __init__(self, packed: bytes) -> None:
        self._packed = packed

    def __len__(self) -> int:
        return len(self._packed) // ENTRY_BYTES

    def __getitem__(self, place: int) -> bytes:  # type: ignore[override]  # one at a time is all that a search asks for
        return self._packed[place * ENTRY_BYTES + 1 : (place + 1) * ENTRY_BYTES]


def _packed(entry_id: str) -> bytes:
    return int(entry_id.encode().translate(TO_PYTHONS), 32).to_bytes(ID_BYTES, "big")


def _member(packed: bytes) -> Member:
    number = int.from_bytes(packed[1:], "big")
    digits = [DIGITS[number >> 5 * place & 31] for place in range(ID_DIGITS - 1, -1, -1)]
    return Member(KINDS[packed[0]], "".join(digits))
