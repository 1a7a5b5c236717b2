"""Hashes of entries -> the Merkle tree of RFC 6962 over them: roots, proofs, and whether a proof shows what it should.

Pure arithmetic: where the hashes are kept is `tiles`' matter. A *node* is the root of a perfect subtree, one with a
power of two of leaves; a proof is a list of hashes, from the leaf upwards, as RFC 6962 orders them.
Source: RFC 6962, section 2.1; docs/log-format.md.
"""

from collections.abc import Iterable, Sequence
from functools import reduce
from hashlib import sha256
from typing import NamedTuple

HASH_BYTES = 32
EMPTY_ROOT = sha256(b"").digest()
"""The root of a tree without leaves."""


class Unproven(ValueError):
    """What was given does not show what it should; the message says what was expected, then what was found."""


class Node(NamedTuple):
    """A perfect subtree: over the leaves from `number << level` up to the next one's."""

    level: int
    number: int


class Span(NamedTuple):
    """The leaves from `start` up to, without, `end`."""

    start: int
    end: int


def leaf_hash(entry: bytes) -> bytes:
    """The hash of an entry as a leaf."""
    return sha256(b"\0" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash over two subtrees."""
    return sha256(b"\1" + left + right).digest()


def tree_hash(hashes: Sequence[bytes]) -> bytes:
    """The root over some leaves, or over perfect subtrees of one size; of none it is the empty tree's."""
    level = list(hashes)
    while len(level) > 1:
        paired = [node_hash(level[at], level[at + 1]) for at in range(0, len(level) - 1, 2)]
        level = [*paired, *level[2 * len(paired) :]]
    return level[0] if level else EMPTY_ROOT


class Peaks:
    """The right edge of a growing tree: the roots of the perfect subtrees that it is made of, the largest first.

    They are all that must be known of a tree to let it grow, and are never more than 63.
    """

    def __init__(self, size: int = 0, hashes: Iterable[bytes] = ()) -> None:
        self.size = size
        self.hashes = list(hashes)
        if len(self.hashes) != size.bit_count():
            msg = f"expected {size.bit_count()} peaks of a tree of {size} leaves, found {len(self.hashes)}"
            raise Unproven(msg)

    def push(self, leaf: bytes) -> None:
        """Add a leaf behind the last one."""
        ends_with = self.size
        while ends_with & 1:
            leaf = node_hash(self.hashes.pop(), leaf)
            ends_with >>= 1
        self.hashes.append(leaf)
        self.size += 1

    def root(self) -> bytes:
        """The root of the tree as it is now."""
        return fold_peaks(self.hashes)


def fold_peaks(hashes: Sequence[bytes]) -> bytes:
    """The root over perfect subtrees of falling size that stand side by side."""
    return reduce(lambda right, left: node_hash(left, right), reversed(hashes)) if hashes else EMPTY_ROOT


def peaks_of(span: Span) -> list[Node]:
    """The perfect subtrees that the leaves of a proof's span, or of a whole tree, are made of, the largest first."""
    nodes, start = [], span.start
    while start < span.end:
        level = (span.end - start).bit_length() - 1
        nodes.append(Node(level, start >> level))
        start += 1 << level
    return nodes


def inclusion_spans(position: int, size: int) -> list[Span]:
    """What an inclusion proof has the hashes of: the siblings on the way from a leaf to the root, upwards."""
    if not 0 <= position < size:
        msg = f"expected a position below the tree's size {size}, found {position}"
        raise Unproven(msg)
    around, siblings = Span(0, size), []
    while around.end - around.start > 1:
        left, right = _halves(around)
        around, sibling = (left, right) if position < left.end else (right, left)
        siblings.append(sibling)
    return siblings[::-1]


def consistency_spans(old: int, new: int) -> list[Span]:
    """What a consistency proof has the hashes of, upwards; none where the old tree is empty, or is the new one.

    Unless the old tree is perfect, and so known by its root, the first is its last peak.
    """
    if not 0 <= old <= new:
        msg = f"expected an earlier size of at most {new}, found {old}"
        raise Unproven(msg)
    around, siblings = Span(0, new), []
    while 0 < old < around.end:
        left, right = _halves(around)
        around, sibling = (left, right) if old <= left.end else (right, left)
        siblings.append(sibling)
    if around.start:
        siblings.append(around)
    return siblings[::-1]


def check_inclusion(leaf: bytes, position: int, size: int, proof: Sequence[bytes], root: bytes) -> None:
    """Raise `Unproven` unless the proof shows that the tree of this size and root has the leaf at `position`."""
    spans = inclusion_spans(position, size)
    _check_length(proof, spans)
    found = leaf
    for span, sibling in zip(spans, proof, strict=True):
        found = node_hash(found, sibling) if position < span.start else node_hash(sibling, found)
    _check_root(found, root, f"of the tree of {size} leaves")


def check_consistency(old: int, old_root: bytes, new: int, new_root: bytes, proof: Sequence[bytes]) -> None:
    """Raise `Unproven` unless the proof shows that the tree of `new` leaves begins with the one of `old` leaves."""
    spans = consistency_spans(old, new)
    _check_length(proof, spans)
    if not spans:
        _check_root(old_root, new_root if old else EMPTY_ROOT, f"of the tree of {old} leaves")
        return
    is_perfect = old.bit_count() == 1
    first = old_root if is_perfect else proof[0]
    edge = old if is_perfect else spans[0].end
    in_old = in_new = first
    for span, sibling in list(zip(spans, proof, strict=True))[0 if is_perfect else 1 :]:
        if span.start >= edge:
            in_new = node_hash(in_new, sibling)
        else:
            in_old, in_new = node_hash(sibling, in_old), node_hash(sibling, in_new)
    _check_root(in_old, old_root, f"of the tree of {old} leaves")
    _check_root(in_new, new_root, f"of the tree of {new} leaves")


def _halves(span: Span) -> tuple[Span, Span]:
    """The left subtree has the largest power of two of leaves that leaves something for the right one."""
    middle = span.start + (1 << (span.end - span.start - 1).bit_length() - 1)
    return Span(span.start, middle), Span(middle, span.end)


def _check_length(proof: Sequence[bytes], spans: Sequence[Span]) -> None:
    if len(proof) != len(spans):
        msg = f"expected {len(spans)} hashes in the proof, found {len(proof)}"
        raise Unproven(msg)


def _check_root(found: bytes, expected: bytes, which: str) -> None:
    if found != expected:
        msg = f"expected the root `{expected.hex()}` {which}, found `{found.hex()}`"
        raise Unproven(msg)
