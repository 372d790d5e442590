from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.merkle import HASH_BYTES, check_consistency, check_inclusion
from audit.proving import (
    LeafRange,
    MissingHash,
    all_tiles,
    consistency_ranges,
    inclusion_ranges,
    needed_tiles,
    range_hash,
)
from audit.tiles import TileId, bundle_path, entry_bundle, grow, right_edge, tile_path, tile_width
from tests.unit.audit.trees import leaves, mth

BIG = 70_000
"""C2SP's own example of a tree with three levels of tiles."""


def _build(size: int, step: int) -> dict[TileId, bytes]:
    """Grow a tree in steps, keeping the newest bytes of every tile."""
    tiles: dict[TileId, bytes] = {}
    hashes = leaves(size)
    for at in range(0, size, step):
        edge = {id: tiles[id] for id in right_edge(at)}
        for tile in grow(at, edge, hashes[at : at + step]):
            old = tiles.get(tile.id, b"")
            assert tile.hashes.startswith(old), "a tile only gets longer"
            tiles[tile.id] = tile.hashes
    return tiles


@pytest.fixture(scope="module")
def big() -> dict[TileId, bytes]:
    return _build(BIG, 4_096)


def test_the_tiles_of_70000_leaves_are_those_of_the_specification(big: dict[TileId, bytes]) -> None:
    widths = {id: len(data) // HASH_BYTES for id, data in big.items()}
    assert sum(1 for id, width in widths.items() if id.level == 0 and width == 256) == 273
    assert widths[TileId(0, 273)] == 112
    assert (widths[TileId(1, 0)], widths[TileId(1, 1)], widths[TileId(2, 0)]) == (256, 17, 1)
    assert set(all_tiles(BIG)) == set(widths)
    assert all(tile_width(id, BIG) == width for id, width in widths.items())


@given(st.integers(1, 700), st.integers(1, 300))
def test_tiles_do_not_depend_on_the_steps_they_grew_in(size: int, step: int) -> None:
    assert _build(size, step) == _build(size, size)


@given(st.integers(1, BIG), st.data())
def test_an_inclusion_proof_from_tiles_checks(big: dict[TileId, bytes], size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    ranges = inclusion_ranges(index, size)
    tiles = {id: big[id] for id in needed_tiles(ranges)}
    check_inclusion(
        leaf=leaves(index + 1)[-1] if index < 500 else range_hash(LeafRange(index, index + 1), big),
        index=index,
        size=size,
        proof=[range_hash(each, tiles) for each in ranges],
        root=range_hash(LeafRange(0, size), big),
    )


@given(st.integers(1, BIG), st.data())
def test_a_consistency_proof_from_tiles_checks(big: dict[TileId, bytes], size: int, data: st.DataObject) -> None:
    old = data.draw(st.integers(1, size))
    ranges = consistency_ranges(old, size)
    tiles = {id: big[id] for id in needed_tiles(ranges)}
    check_consistency(
        old_size=old,
        old_root=range_hash(LeafRange(0, old), big),
        new_size=size,
        new_root=range_hash(LeafRange(0, size), big),
        proof=[range_hash(each, tiles) for each in ranges],
    )


@given(st.integers(0, 600))
def test_the_root_from_tiles_is_that_of_the_recursive_definition(size: int) -> None:
    tiles = _build(size, 100)
    assert range_hash(LeafRange(0, size), tiles) == mth(leaves(size))


def test_a_narrow_tile_gives_no_proof(big: dict[TileId, bytes]) -> None:
    short = big | {TileId(0, 0): big[TileId(0, 0)][:-HASH_BYTES]}
    with pytest.raises(MissingHash, match="lacks hashes"):
        range_hash(LeafRange(255, 256), short)


def test_a_tree_does_not_grow_on_a_wrong_edge() -> None:
    with pytest.raises(ValueError, match="needs 5 hashes"):
        grow(5, {}, leaves(1))


def test_nonsense_sizes_are_refused() -> None:
    with pytest.raises(ValueError, match="not in a tree"):
        inclusion_ranges(3, 3)
    with pytest.raises(ValueError, match="does not shrink"):
        consistency_ranges(4, 3)


@pytest.mark.parametrize(
    ("n", "width", "path"),
    [(0, 256, "tile/0/000"), (1_234_067, 256, "tile/0/x001/x234/067"), (5, 7, "tile/0/005.p/7")],
)
def test_paths_are_those_of_the_specification(n: int, width: int, path: str) -> None:
    assert tile_path(TileId(0, n), width) == path
    assert bundle_path(n, width) == path.replace("tile/0", "tile/entries")


def test_a_bundle_prefixes_each_entry_with_its_length() -> None:
    assert entry_bundle([b"ab", b""]) == b"\0\x02ab\0\0"
