"""Whoever lies about the log is found out by the verifier that stands alone, and by what."""

import pytest

from service.audit.verifier import Pack, read_key, verify
from tests.audit.liar import forgeries, more_forgeries
from tests.audit.liar.honest import (
    KEY,
    SIZE,
    STEPS,
    honest_entries,
    range_pack,
    selection_pack,
    signed,
)
from tests.audit.liar.kit import FORGERIES
from tests.audit.liar.more_forgeries import forked
from tests.audit.liar.naive import seems_whole

FEWEST = 50
ONLY_THE_TREE_SHOWS = (
    "an envelope with one byte flipped",
    "two entries swapped",
    "an entry deleted",
    "an entry inserted",
    "a record changed with its envelope",
    "the tail omitted",
    "checkpoints that go back",
    "a forked log against a held checkpoint",
    "one size with two roots",
    "a proof of another entry",
)


def found(pack, path):
    """The codes of what the verifier finds."""
    report = verify(Pack(pack.write(path)), [read_key(KEY)], pack.held)
    return [code for code, _, _ in report.findings]


@pytest.mark.parametrize("name", FORGERIES)
def test_a_forgery_is_named(name, tmp_path):
    """Each forgery is found, by the code that says what it is."""
    code, forge = FORGERIES[name]
    assert code in found(forge(), tmp_path / "pack")


def test_there_are_forgeries_enough():
    """The kit knows more ways to lie than the list it was made from."""
    assert len(FORGERIES) > FEWEST
    assert {one.__module__ for _, one in FORGERIES.values()} == {forgeries.__name__, more_forgeries.__name__}


@pytest.mark.parametrize("first", [0, *STEPS])
@pytest.mark.parametrize("name", ["pack", "pack.zip"])
def test_an_honest_range_holds(first, name, tmp_path):
    """Control: nothing is found in what is true, from whichever checkpoint it begins, in a folder or a .zip."""
    pack = range_pack(first=first)
    pack.held = [signed(honest_entries())]
    assert not found(pack, tmp_path / name)


def test_a_checkpoint_may_stand_twice(tmp_path):
    """Control: the same checkpoint, once more, says nothing new and nothing wrong."""
    pack = range_pack()
    pack.checkpoints.append(pack.checkpoints[-1])
    assert not found(pack, tmp_path / "pack")


def test_an_honest_selection_holds(tmp_path):
    """Control: nothing is found in some entries with their proofs."""
    assert not found(selection_pack(), tmp_path / "pack")


def test_an_unlisted_file_is_noticed(tmp_path):
    """Nobody can slip a file under a pack."""
    path = range_pack().write(tmp_path / "pack")
    (path / "report.csv").write_text("a,b\n")
    report = verify(Pack(path), [read_key(KEY)])
    assert [code for code, _, _ in report.findings] == ["file-unlisted"]


@pytest.mark.parametrize("position", range(STEPS[0], SIZE))
def test_a_fork_at_any_position_is_noticed(position, tmp_path):
    """A history made anew from any point on, and signed by the log itself, contradicts the checkpoint of before."""
    pack = range_pack(forked(position))
    pack.held = [signed(honest_entries())]
    assert "split-view" in found(pack, tmp_path / "pack")


@pytest.mark.parametrize("name", ONLY_THE_TREE_SHOWS)
def test_hashes_and_signatures_alone_are_not_enough(name, tmp_path):
    """Control: a verifier without the tree believes lies that ours finds."""
    _, forge = FORGERIES[name]
    assert seems_whole(forge().write(tmp_path / "pack"), KEY)
