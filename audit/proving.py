"""Making proofs from tiles: which hashes a proof needs, in which tiles they are, and the proof itself.

A proof is a list of ranges of leaves, each standing for the hash of its subtree. Ranges are decided first, so that
all tiles they need can be fetched at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from audit.merkle import EMPTY_ROOT, HASH_BYTES, node_hash, root_of
from audit.tiles import HEIGHT, WIDTH, TileId, split, tile_width


@dataclass(frozen=True, slots=True)
class LeafRange:
    """Leaves `start` to `end`, the end not included."""

    start: int
    end: int


class MissingHash(LookupError):
    """A tile that the proof needs is not stored, or is too narrow: verify the log."""


def inclusion_ranges(index: int, size: int) -> list[LeafRange]:
    """The subtrees of an inclusion proof, the leaf's sibling first (`PATH`, RFC 6962 §2.1.1).

    Raises:
        ValueError: the leaf is not in a tree of that size.
    """
    if not 0 <= index < size:
        raise ValueError(f"leaf `{index}` is not in a tree of size `{size}`: ask for a larger size")
    return list(_path(index, LeafRange(0, size)))[::-1]


def consistency_ranges(old_size: int, new_size: int) -> list[LeafRange]:
    """The subtrees of a consistency proof (`PROOF`, RFC 6962 §2.1.2); none from size 0 or to the same size.

    Raises:
        ValueError: a size is negative, or the new one is smaller.
    """
    if not 0 <= old_size <= new_size:
        raise ValueError(f"a tree does not shrink from `{old_size}` to `{new_size}`: swap the sizes")
    if old_size in (0, new_size):
        return []
    return list(_subproof(old_size, LeafRange(0, new_size)))


def full_ranges(start: int, end: int) -> list[LeafRange]:
    """Cut a range that begins where a subtree does into full subtrees, largest first."""
    ranges = []
    while start < end:
        width = 1 << (end - start).bit_length() - 1
        ranges.append(LeafRange(start, start + width))
        start += width
    return ranges


def needed_tiles(ranges: Iterable[LeafRange]) -> set[TileId]:
    """The tiles in which the hashes of these ranges are."""
    return {_place(full)[0] for each in ranges for full in full_ranges(each.start, each.end)}


def range_hash(each: LeafRange, tiles: Mapping[TileId, bytes]) -> bytes:
    """The hash of the subtree over a range that a proof asked for.

    Raises:
        MissingHash: a tile is missing or too narrow.
    """
    if each.start == each.end:
        return EMPTY_ROOT
    *rest, last = (_full_hash(full, tiles) for full in full_ranges(each.start, each.end))
    for hash in reversed(rest):
        last = node_hash(hash, last)
    return last


def _path(index: int, within: LeafRange) -> Iterator[LeafRange]:
    """From the root's child down to the leaf's sibling."""
    while within.end - within.start > 1:
        middle = _middle(within)
        left, right = LeafRange(within.start, middle), LeafRange(middle, within.end)
        within, sibling = (left, right) if index < middle else (right, left)
        yield sibling


def _subproof(old_size: int, within: LeafRange) -> Iterator[LeafRange]:
    """As `SUBPROOF` of RFC 6962 §2.1.2, turned round into a loop: what it appends last is found first."""
    found: list[LeafRange] = []
    is_old_root = True
    while old_size != within.end:
        middle = _middle(within)
        left, right = LeafRange(within.start, middle), LeafRange(middle, within.end)
        if old_size <= middle:
            within, sibling = left, right
        else:
            within, sibling, is_old_root = right, left, False
        found.append(sibling)
    if not is_old_root:
        found.append(within)
    yield from reversed(found)


def _middle(within: LeafRange) -> int:
    """Where a subtree divides: after the largest power of two below its size."""
    return within.start + (1 << (within.end - within.start - 1).bit_length() - 1)


def _place(full: LeafRange) -> tuple[TileId, int, int]:
    """Where the hashes over a full subtree are: the tile, the first hash in it, and how many."""
    height = (full.end - full.start).bit_length() - 1
    level, up = divmod(height, HEIGHT)
    n, first = divmod(full.start >> (HEIGHT * level), WIDTH)
    return TileId(level, n), first, 1 << up


def _full_hash(full: LeafRange, tiles: Mapping[TileId, bytes]) -> bytes:
    tile, first, count = _place(full)
    data = tiles.get(tile, b"")[first * HASH_BYTES : (first + count) * HASH_BYTES]
    if len(data) != count * HASH_BYTES:
        raise MissingHash(f"tile `{tile.level}/{tile.n}` lacks hashes {first} to {first + count - 1}: verify the log")
    return root_of(split(data))


def all_tiles(size: int) -> Iterator[TileId]:
    """Every tile of a tree of that size."""
    level = 0
    while size >> (HEIGHT * level):
        n = 0
        while tile_width(TileId(level, n), size):
            yield TileId(level, n)
            n += 1
        level += 1
