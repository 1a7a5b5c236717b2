"""Which entries stand in a batch is packed small, and found again by id."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.audit.batch import Member, instant_of, member_at, pack_members, place_of, unpack_members
from service.store.ulids import DIGITS, Ulids

IDS = st.integers(0, (1 << 128) - 1).map(
    lambda number: "".join(DIGITS[number >> 5 * at & 31] for at in range(25, -1, -1))
)
SOME = ["01ARZ3NDEKTSV4RRFFQ69G5FAV", "01KDVDNA000000007027M1C4MA", "7ZZZZZZZZZZZZZZZZZZZZZZZZZ"]
PACKED = pack_members(Member("event" if at else "evaluation", entry) for at, entry in enumerate(SOME))


@given(st.dictionaries(IDS, st.sampled_from(["evaluation", "event"]), max_size=40))
def test_what_is_packed_is_found(kinds):
    """Seventeen bytes an entry say its kind and its id, and each is where it was put."""
    members = [Member(kinds[entry], entry) for entry in sorted(kinds)]
    packed = pack_members(members)
    assert len(packed) == 17 * len(members)
    assert unpack_members(packed) == members
    for place, member in enumerate(members):
        assert place_of(packed, member.id) == place
        assert member_at(packed, place) == member


@pytest.mark.parametrize(
    "entry",
    [
        "01ARZ3NDEKTSV4RRFFQ69G5FAA",
        "0" * 26,
        "Z" * 26,
        "",
        "nobody",
        "01arz3ndektsv4rrffq69g5fav",
        "01ARZ3NDEKTSV4RRFFQ69G5FA!",
    ],
)
def test_what_is_not_there_is_not_found(entry):
    """An id that is not in the batch, or is none, has no place."""
    assert place_of(PACKED, entry) is None


def test_an_id_says_when_it_was_made():
    """The first part of an id is the instant of its making."""
    assert instant_of(Ulids().ulid(1_767_225_600_123)) == 1_767_225_600_123
