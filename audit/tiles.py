"""C2SP tiles: how a tree's hashes are stored, and how tiles grow.

A tile holds up to 256 hashes of one level; levels are eight heights apart. A hash of level `l + 1` is the root of a
full tile of level `l`. A full tile never changes, a partial one only gets longer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from audit.merkle import HASH_BYTES, root_of

HEIGHT = 8
WIDTH = 1 << HEIGHT
"""Hashes in a full tile (C2SP tlog-tiles)."""


@dataclass(frozen=True, slots=True, order=True)
class TileId:
    """Which tile: its level, and its number within the level."""

    level: int
    n: int


@dataclass(frozen=True, slots=True)
class Tile:
    """A tile's hashes, one after the other."""

    id: TileId
    hashes: bytes

    @property
    def width(self) -> int:
        """How many hashes: 256 when full."""
        return len(self.hashes) // HASH_BYTES


def tile_width(id: TileId, size: int) -> int:
    """How wide that tile is in a tree of that size: 0 when it does not exist."""
    hashes = size >> (HEIGHT * id.level)
    return max(0, min(WIDTH, hashes - id.n * WIDTH))


def right_edge(size: int) -> list[TileId]:
    """The partial tiles of a tree of that size, lowest level first."""
    edge, level = [], 0
    while hashes := size >> (HEIGHT * level):
        if hashes % WIDTH:
            edge.append(TileId(level, hashes // WIDTH))
        level += 1
    return edge


def grow(size: int, edge: Mapping[TileId, bytes], leaves: Sequence[bytes]) -> list[Tile]:
    """Add leaf hashes to a tree: the tiles that are new or longer, given the hashes of the partial tiles on its edge.

    Raises:
        ValueError: a partial tile is missing or has another width than the size says.
    """
    grown: list[Tile] = []
    level, new = 0, list(leaves)
    while new:
        hashes = size >> (HEIGHT * level)
        n, width = divmod(hashes, WIDTH)
        data = edge.get(TileId(level, n), b"") if width else b""
        if len(data) != width * HASH_BYTES:
            raise ValueError(
                f"tile `{level}/{n}` has {len(data)} bytes where the tree of size `{size}` needs {width} hashes"
            )
        data += b"".join(new)
        full: list[bytes] = []
        for at in range(0, len(data), WIDTH * HASH_BYTES):
            tile = Tile(TileId(level, n), data[at : at + WIDTH * HASH_BYTES])
            grown.append(tile)
            if tile.width == WIDTH:
                full.append(root_of(split(tile.hashes)))
            n += 1
        level, new = level + 1, full
    return grown


def split(data: bytes) -> list[bytes]:
    """Cut a tile's bytes into hashes."""
    return [data[at : at + HASH_BYTES] for at in range(0, len(data), HASH_BYTES)]


def tile_path(id: TileId, width: int) -> str:
    """The C2SP path of a tile, such as `tile/0/x001/234.p/5`."""
    return f"tile/{id.level}/{_number(id.n)}{_partial(width)}"


def bundle_path(n: int, width: int) -> str:
    """The C2SP path of an entry bundle, such as `tile/entries/x001/234.p/5`."""
    return f"tile/entries/{_number(n)}{_partial(width)}"


def entry_bundle(entries: Sequence[bytes]) -> bytes:
    """Write entries as a C2SP bundle: each behind its length in two bytes, big-endian."""
    return b"".join(len(entry).to_bytes(2, "big") + entry for entry in entries)


def _number(n: int) -> str:
    parts = [f"{n % 1000:03d}"]
    while n := n // 1000:
        parts.append(f"x{n % 1000:03d}")
    return "/".join(reversed(parts))


def _partial(width: int) -> str:
    return "" if width == WIDTH else f".p/{width}"
