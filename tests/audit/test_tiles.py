"""Tiles hold the tree as C2SP lays it out, however it came to its size."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.audit.merkle import HASH_BYTES, Unproven, leaf_hash, tree_hash
from service.audit.tiles import Tile, Tree, append_leaves, read_tile_path, split_hashes, tile_path, width_of

MANY = 70_000
LEAVES = [leaf_hash(at.to_bytes(4, "big")) for at in range(MANY)]
PATHS = {
    (Tile(0, 0), 256): "0/000",
    (Tile(0, 273), 112): "0/273.p/112",
    (Tile(1, 1000), 256): "1/x001/000",
    (Tile(0, 1234067), 5): "0/x001/x234/067.p/5",
    (Tile(63, 0), 1): "63/000.p/1",
}
NO_PATHS = (
    "",
    "0",
    "0/0",
    "0/0000",
    "00/000",
    "64/000",
    "0/000.p/0",
    "0/000.p/256",
    "0/000.p/05",
    "0/x000/001",
    "-1/0",
    "0/x01/001",
    "0/\u0660\u0660\u0661",
)


def grow(tiles, size, leaves):
    """Append some leaves to the tiles."""
    tiles.update(append_leaves(size, lambda tile: tiles.get(tile, b""), leaves))


@pytest.mark.parametrize(("tile", "path"), PATHS.items())
def test_paths(tile, path):
    """A tile's path is the one that the layout gives, and leads back to the tile."""
    assert tile_path(*tile) == path
    assert read_tile_path(path) == tile


@pytest.mark.parametrize("path", NO_PATHS)
def test_no_paths(path):
    """A path that is written in any other way names nothing."""
    with pytest.raises(Unproven, match="expected a tile's path"):
        read_tile_path(path)


def test_a_tree_of_70000():
    """The specification's example: 273 full tiles and one of 112, a full one and one of 17 above, one of 1 on top."""
    tiles = {}
    grow(tiles, 0, LEAVES)
    widths = {tile: len(data) // HASH_BYTES for tile, data in tiles.items()}
    assert widths == {
        **{Tile(0, at): 256 for at in range(273)},
        Tile(0, 273): 112,
        Tile(1, 0): 256,
        Tile(1, 1): 17,
        Tile(2, 0): 1,
    }
    assert all(width_of(tile, MANY) == width for tile, width in widths.items())
    assert tiles[Tile(1, 0)][:32] == tree_hash(LEAVES[:256])
    assert tiles[Tile(2, 0)] == tree_hash(LEAVES[:65536])
    assert Tree(MANY, tiles.__getitem__).root() == tree_hash(LEAVES)
    assert Tree(MANY, tiles.__getitem__).leaf(69_999) == LEAVES[-1]


@given(st.lists(st.integers(0, 700), max_size=8))
def test_how_leaves_came_makes_no_difference(steps):
    """The tiles of a tree are the same whether its leaves came one by one, in batches or all at once."""
    tiles, at_once, size = {}, {}, 0
    for step in steps:
        grow(tiles, size, LEAVES[size : size + step])
        size += step
    grow(at_once, 0, LEAVES[:size])
    assert tiles == at_once
    assert Tree(size, lambda tile: tiles.get(tile, b"")).root() == tree_hash(LEAVES[:size])


def test_an_earlier_tree_is_in_the_tiles_of_a_later_one():
    """Roots and proofs of an earlier size can be had for ever."""
    tiles = {}
    grow(tiles, 0, LEAVES[:1500])
    assert Tree(300, tiles.__getitem__).root() == tree_hash(LEAVES[:300])
    assert split_hashes(tiles[Tile(0, 0)]) == LEAVES[:256]


def test_a_tile_that_is_too_short_is_noticed():
    """A tree whose tile lost a hash neither grows nor proves anything."""
    tiles = {}
    grow(tiles, 0, LEAVES[:300])
    tiles[Tile(0, 1)] = tiles[Tile(0, 1)][:-32]
    with pytest.raises(Unproven, match="expected 44 hashes in the tile `0/001`, found 43"):
        grow(tiles, 300, LEAVES[300:301])
    with pytest.raises(Unproven, match="found 43"):
        Tree(300, tiles.__getitem__).root()
