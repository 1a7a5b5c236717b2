"""Leaves -> tiles: 256 hashes side by side, every eighth level of the tree; and tiles -> roots and proofs.

A tile only ever grows at its end, so a tree of an earlier size is a prefix of each tile. Where tiles are kept is not
known here: a `Read` gives one.
Source: C2SP tlog-tiles; docs/log-format.md.
"""

import re
from collections.abc import Callable, Iterable
from typing import NamedTuple

from service.audit.merkle import (
    HASH_BYTES,
    Node,
    Span,
    Unproven,
    consistency_spans,
    fold_peaks,
    inclusion_spans,
    peaks_of,
    tree_hash,
)

HEIGHT = 8
WIDTH = 1 << HEIGHT
PATH = re.compile(r"(0|[1-9][0-9]?)/((?:x[0-9]{3}/)*)([0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?", re.ASCII)
MOST_LEVEL = 63


class Tile(NamedTuple):
    """A tile's place: its level (each is eight levels of the tree) and its number within it, from the left."""

    level: int
    number: int


Read = Callable[[Tile], bytes]
"""Gives the hashes of a tile, one behind the other, as many as there are; none if there is no such tile."""


def width_of(tile: Tile, size: int) -> int:
    """How many hashes a tile has in a tree of `size` leaves: 0 to 256."""
    return max(0, min(WIDTH, (size >> HEIGHT * tile.level) - tile.number * WIDTH))


def tile_path(tile: Tile, width: int = WIDTH) -> str:
    """Where the tile stands below `tile/`: level, number in groups of three digits, and the width of a partial one."""
    digits = f"{tile.number:03d}"
    digits = digits.zfill(-(-len(digits) // 3) * 3)
    groups = [digits[at : at + 3] for at in range(0, len(digits), 3)]
    path = "/".join([*(f"x{group}" for group in groups[:-1]), groups[-1]])
    return f"{tile.level}/{path}" + (f".p/{width}" if width < WIDTH else "")


def read_tile_path(path: str) -> tuple[Tile, int]:
    """The tile and the width that a path below `tile/` names; `Unproven` if it is not written as it must be."""
    found = PATH.fullmatch(path)
    if found:
        level, groups, last, width = found.groups()
        tile = Tile(int(level), int(groups.replace("x", "").replace("/", "") + last))
        if tile.level <= MOST_LEVEL and tile_path(tile, int(width or WIDTH)) == path:
            return tile, int(width or WIDTH)
    msg = f"expected a tile's path such as `0/x001/234.p/5`, found `{path}`"
    raise Unproven(msg)


def append_leaves(size: int, read: Read, leaves: Iterable[bytes]) -> dict[Tile, bytes]:
    """Append leaf hashes to a tree of `size` leaves: the tiles that are new or longer than before, whole."""
    written: dict[Tile, bytes] = {}
    level, hashes = 0, b"".join(leaves)
    while hashes:
        number, filled = divmod(size >> HEIGHT * level, WIDTH)
        data = (_read_exactly(read, Tile(level, number), filled) if filled else b"") + hashes
        full = []
        for at in range(0, len(data), WIDTH * HASH_BYTES):
            part = data[at : at + WIDTH * HASH_BYTES]
            written[Tile(level, number)] = part
            number += 1
            if len(part) == WIDTH * HASH_BYTES:
                full.append(tree_hash(split_hashes(part)))
        level, hashes = level + 1, b"".join(full)
    return written


def split_hashes(data: bytes) -> list[bytes]:
    """The hashes that stand one behind the other."""
    return [data[at : at + HASH_BYTES] for at in range(0, len(data), HASH_BYTES)]


class Tree:
    """The tree of some size, as its tiles tell it. What was read is remembered as long as the tree is."""

    def __init__(self, size: int, read: Read) -> None:
        self.size = size
        self._read = read
        self._seen: dict[Tile, bytes] = {}

    def root(self) -> bytes:
        """Its root."""
        return fold_peaks(self.peaks())

    def peaks(self) -> list[bytes]:
        """The roots of the perfect subtrees that it is made of, the largest first."""
        return [self._node(node) for node in peaks_of(Span(0, self.size))]

    def leaf(self, position: int) -> bytes:
        """The hash of the leaf at a position."""
        return self._node(Node(0, position))

    def inclusion(self, position: int) -> list[bytes]:
        """The proof that it has the leaf that stands at `position`."""
        return [self._hash(span) for span in inclusion_spans(position, self.size)]

    def consistency(self, old: int) -> list[bytes]:
        """The proof that it begins with the tree of `old` leaves."""
        return [self._hash(span) for span in consistency_spans(old, self.size)]

    def _hash(self, span: Span) -> bytes:
        return fold_peaks([self._node(node) for node in peaks_of(span)])

    def _node(self, node: Node) -> bytes:
        level, height = divmod(node.level, HEIGHT)
        number, start = divmod(node.number << height, WIDTH)
        tile = Tile(level, number)
        if tile not in self._seen:
            self._seen[tile] = _read_exactly(self._read, tile, width_of(tile, self.size))
        hashes = split_hashes(self._seen[tile][start * HASH_BYTES : (start + (1 << height)) * HASH_BYTES])
        return tree_hash(hashes)


def _read_exactly(read: Read, tile: Tile, width: int) -> bytes:
    """The first `width` hashes of a tile: what stands behind them belongs to a larger tree."""
    data = read(tile)[: width * HASH_BYTES]
    if len(data) != width * HASH_BYTES:
        msg = f"expected {width} hashes in the tile `{tile_path(tile)}`, found {len(data) // HASH_BYTES}"
        raise Unproven(msg)
    return data
