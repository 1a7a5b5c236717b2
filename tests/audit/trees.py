"""Trees for tests: leaves that are always the same, and the tiles over them."""

from service.audit.merkle import leaf_hash
from service.audit.tiles import Tile, Tree, append_leaves

LARGEST = 2000
LEAVES = [leaf_hash(str(at).encode()) for at in range(LARGEST)]


def tiles_of(leaves) -> dict[Tile, bytes]:
    """The tiles over some leaves."""
    return append_leaves(0, lambda tile: b"", leaves)


def tree_of(leaves) -> Tree:
    """The tree over some leaves, from tiles."""
    written = tiles_of(leaves)
    return Tree(len(leaves), lambda tile: written.get(tile, b""))
