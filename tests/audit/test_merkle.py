"""The tree is RFC 6962's, and a proof shows what it says and nothing else."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.audit.merkle import (
    EMPTY_ROOT,
    Peaks,
    Unproven,
    check_consistency,
    check_inclusion,
    leaf_hash,
    node_hash,
    tree_hash,
)
from service.audit.tiles import Tree
from tests.audit.trees import LARGEST, LEAVES, tiles_of, tree_of

ENTRIES = [
    bytes.fromhex(one)
    for one in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
]
ROOTS = (
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)
INCLUSION = {  # (position, size) -> the first bytes of each hash
    (0, 1): (),
    (0, 8): ("96a296d224f285c6", "5f083f0a1a33ca07", "6b47aaf29ee3c2af"),
    (5, 8): ("bc1a0643b12e4d2d", "ca854ea128ed050b", "d37ee418976dd957"),
    (2, 3): ("fac54203e7cc696c",),
    (1, 5): ("6e340b9cffb37a98", "5f083f0a1a33ca07", "bc1a0643b12e4d2d"),
}
CONSISTENCY = {  # (old, new) -> likewise
    (1, 1): (),
    (1, 8): ("96a296d224f285c6", "5f083f0a1a33ca07", "6b47aaf29ee3c2af"),
    (6, 8): ("0ebc5d3437fbe2db", "ca854ea128ed050b", "d37ee418976dd957"),
    (2, 5): ("5f083f0a1a33ca07", "bc1a0643b12e4d2d"),
}


def plain_root(leaves):
    """The definition of RFC 6962, word for word."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    split = 1 << (len(leaves) - 1).bit_length() - 1
    return node_hash(plain_root(leaves[:split]), plain_root(leaves[split:]))


def heads(proof):
    """The first bytes of each hash."""
    return tuple(one.hex()[:16] for one in proof)


def test_published_roots():
    """Trees over the entries that certificate logs are tried with have the roots that are published for them."""
    leaves = [leaf_hash(one) for one in ENTRIES]
    assert [tree_of(leaves[: at + 1]).root().hex() for at in range(len(leaves))] == list(ROOTS)
    assert EMPTY_ROOT.hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


@pytest.mark.parametrize(("case", "expected"), INCLUSION.items())
def test_published_inclusion_proofs(case, expected):
    """Proofs that an entry is in such a tree are the ones that are published."""
    tree = tree_of([leaf_hash(one) for one in ENTRIES[: case[1]]])
    assert heads(tree.inclusion(case[0])) == expected


@pytest.mark.parametrize(("case", "expected"), CONSISTENCY.items())
def test_published_consistency_proofs(case, expected):
    """Proofs that such a tree begins with a smaller one are the ones that are published."""
    tree = tree_of([leaf_hash(one) for one in ENTRIES[: case[1]]])
    assert heads(tree.consistency(case[0])) == expected


def test_roots_of_all_sizes():
    """Peaks, tiles and level-by-level hashing give the root of the plain definition, at every size up to 2,000."""
    peaks = Peaks()
    read = tiles_of(LEAVES).__getitem__
    for size in range(LARGEST + 1):
        expected = peaks.root()
        assert Tree(size, read).root() == expected == Peaks(size, Tree(size, read).peaks()).root()
        if size % 97 == 0 or size < 70:
            assert plain_root(LEAVES[:size]) == expected == tree_hash(LEAVES[:size])
        if size < LARGEST:
            peaks.push(LEAVES[size])


def test_every_proof_of_small_trees():
    """Up to 40 leaves, each entry and each earlier size is proven by the proof that is made for it."""
    for size in range(41):
        tree = tree_of(LEAVES[:size])
        for position in range(size):
            check_inclusion(LEAVES[position], position, size, tree.inclusion(position), tree.root())
        for old in range(size + 1):
            check_consistency(old, tree_hash(LEAVES[:old]), size, tree.root(), tree.consistency(old))


def mutations(proof):
    """Lists of hashes that are not quite the given one."""
    for at in range(len(proof)):
        yield [*proof[:at], bytes([proof[at][0] ^ 1]) + proof[at][1:], *proof[at + 1 :]]
        yield [*proof[:at], *proof[at + 1 :]]
    for at in range(len(proof) - 1):
        yield [*proof[:at], proof[at + 1], proof[at], *proof[at + 2 :]]
    yield [*proof, LEAVES[0]]
    yield [LEAVES[0], *proof]


@given(st.data())
def test_a_mutated_inclusion_proof_is_refused(data):
    """Another position, size, leaf, root, hash, order or length: the proof shows nothing any more."""
    size = data.draw(st.integers(1, LARGEST))
    position = data.draw(st.integers(0, size - 1))
    tree = tree_of(LEAVES[:size])
    proof, root, leaf = tree.inclusion(position), tree.root(), LEAVES[position]
    check_inclusion(leaf, position, size, proof, root)
    other = data.draw(st.integers(-1, LARGEST).filter(lambda one: one != position))
    wrong = [(leaf, other, size, proof, root), (LEAVES[position - 1], position, size, proof, EMPTY_ROOT)]
    wrong += [(leaf, position, size, one, root) for one in mutations(proof)]
    wrong += [(leaf_hash(b"another"), position, size, proof, root), (leaf, position, size, proof, leaf_hash(b""))]
    for one in wrong:
        with pytest.raises(Unproven, match="expected"):
            check_inclusion(*one)


@given(st.data())
def test_a_mutated_consistency_proof_is_refused(data):
    """Another size, root, hash, order or length: the proof shows nothing any more."""
    new = data.draw(st.integers(2, LARGEST))
    old = data.draw(st.integers(1, new - 1))
    tree = tree_of(LEAVES[:new])
    proof, old_root, new_root = tree.consistency(old), tree_hash(LEAVES[:old]), tree.root()
    check_consistency(old, old_root, new, new_root, proof)
    wrong = [(old, leaf_hash(b""), new, new_root, proof), (old, old_root, new, leaf_hash(b""), proof)]
    wrong += [(old, old_root, new, new_root, one) for one in mutations(proof)]
    wrong += [(new + 1, old_root, new, new_root, proof), (-1, old_root, new, new_root, proof)]
    for one in wrong:
        with pytest.raises(Unproven, match="expected"):
            check_consistency(*one)


def test_one_size_has_one_root():
    """Two trees of one size but different roots are never consistent, nor is an empty tree with a root of its own."""
    check_consistency(0, EMPTY_ROOT, 3, LEAVES[0], [])
    check_consistency(3, LEAVES[0], 3, LEAVES[0], [])
    for old_root, size, new_root in ((LEAVES[0], 3, LEAVES[1]), (LEAVES[0], 0, EMPTY_ROOT)):
        with pytest.raises(Unproven, match="expected the root"):
            check_consistency(size, old_root, 3, new_root, [])


def test_peaks_belong_to_a_size():
    """A tree's right edge with a peak too many or too few is refused."""
    with pytest.raises(Unproven, match="expected 2 peaks of a tree of 3 leaves, found 1"):
        Peaks(3, [LEAVES[0]])
