"""Trees as stored: the head that rival sealers take turns on, tiles, and proofs made from what is stored.

The audit log has a tree for each organization, the anchor log one tree under the provider's own; their tables have the
same shape in the schemas `audit` and `anchor`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import UUID

from audit.compact_range import CompactRange
from audit.merkle import EMPTY_ROOT
from audit.proving import LeafRange, consistency_ranges, inclusion_ranges, needed_tiles, range_hash
from audit.tiles import TileId, grow, right_edge


class TreeBroken(Exception):
    """What is stored of a tree does not fit together: nothing is sealed before it is verified and restored."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """Where a tree stands."""

    origin: str
    size: int
    root: bytes
    compact_range: bytes


@dataclass(frozen=True, slots=True)
class Tree:
    """One stored tree: its schema, and the organization whose it is."""

    schema: str
    org_id: UUID

    async def lock(self, connection: Any, origin: str) -> Head:
        """Read the head and keep other sealers away until the transaction ends; a new tree is empty.

        Raises:
            TreeBroken: the head is not that of its size.
        """
        sql = _sql(self.schema)
        row = await connection.fetchrow(sql.lock, self.org_id)
        if row is None:
            await connection.execute(sql.begin, self.org_id, origin, EMPTY_ROOT)
            row = await connection.fetchrow(sql.lock, self.org_id)
        head = _head(row)
        _check_head(head)
        return head

    async def head(self, connection: Any) -> Head | None:
        """Read the head; `None` before the first seal."""
        row = await connection.fetchrow(_sql(self.schema).head, self.org_id)
        return None if row is None else _head(row)

    async def extend(self, connection: Any, head: Head, leaves: Sequence[bytes]) -> Head:
        """Add leaf hashes to a tree whose head is locked: its tiles, its head.

        Raises:
            TreeBroken: a tile of the right edge is not what the head says, or somebody else moved the head.
        """
        sql = _sql(self.schema)
        edge = await self.tiles(connection, right_edge(head.size))
        try:
            grown = grow(head.size, edge, leaves)
        except ValueError as error:
            raise TreeBroken(f"a tile on the right edge of `{head.origin}` is not what its head says") from error
        stood = CompactRange.parse(head.size, head.compact_range)
        stood.extend(leaves)
        new = Head(origin=head.origin, size=stood.size, root=stood.root(), compact_range=stood.to_bytes())
        tag = await connection.execute(
            sql.grow,
            self.org_id,
            head.size,
            new.size,
            new.root,
            new.compact_range,
            [tile.id.level for tile in grown],
            [tile.id.n for tile in grown],
            [tile.width for tile in grown],
            [tile.hashes for tile in grown],
        )
        if tag != "UPDATE 1":
            raise TreeBroken(f"the head of `{head.origin}` moved from size `{head.size}` while it was locked")
        return new

    async def tiles(self, connection: Any, ids: Iterable[TileId]) -> dict[TileId, bytes]:
        """Read tiles by id, in one statement; those that are not stored are missing."""
        wanted = sorted(set(ids))
        if not wanted:
            return {}
        rows = await connection.fetch(
            _sql(self.schema).tiles, self.org_id, [id.level for id in wanted], [id.n for id in wanted]
        )
        return {TileId(row["level"], row["n"]): bytes(row["hashes"]) for row in rows}

    async def consistency(self, connection: Any, old_size: int, new_size: int) -> list[bytes]:
        """Make a consistency proof (RFC 6962 §2.1.2).

        Raises:
            MissingHash, ValueError: see `audit.proving`.
        """
        return await self.hashes(connection, consistency_ranges(old_size, new_size))

    async def inclusion(self, connection: Any, index: int, size: int) -> list[bytes]:
        """Make an inclusion proof (RFC 6962 §2.1.1).

        Raises:
            MissingHash, ValueError: see `audit.proving`.
        """
        return await self.hashes(connection, inclusion_ranges(index, size))

    async def inclusions(self, connection: Any, indexes: Iterable[int], size: int) -> dict[int, list[bytes]]:
        """Make inclusion proofs for several leaves, by index, with all their tiles read at once.

        Raises:
            MissingHash, ValueError: see `audit.proving`.
        """
        ranges = {index: inclusion_ranges(index, size) for index in indexes}
        tiles = await self.tiles(connection, {id for each in ranges.values() for id in needed_tiles(each)})
        return {index: [range_hash(each, tiles) for each in wanted] for index, wanted in ranges.items()}

    async def hashes(self, connection: Any, ranges: Sequence[LeafRange]) -> list[bytes]:
        """Give the hash over each range of leaves that a proof asks for.

        Raises:
            MissingHash: a tile is missing or too narrow.
        """
        tiles = await self.tiles(connection, needed_tiles(ranges))
        return [range_hash(each, tiles) for each in ranges]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sql:
    begin: str
    lock: str
    head: str
    tiles: str
    grow: str


@cache
def _sql(schema: str) -> _Sql:
    head = f"SELECT origin, size, root, compact_range FROM {schema}.tree_head WHERE org_id = $1"
    return _Sql(
        begin=f"INSERT INTO {schema}.tree_head (org_id, origin, size, root, compact_range) VALUES ($1, $2, 0, $3, '') "
        "ON CONFLICT DO NOTHING",
        lock=f"{head} FOR UPDATE",
        head=head,
        tiles=f"SELECT t.level, t.n, t.hashes FROM unnest($2::smallint[], $3::bigint[]) AS wanted (level, n) "
        f"JOIN {schema}.tile t ON t.org_id = $1 AND t.level = wanted.level AND t.n = wanted.n",
        grow=f"WITH put AS (INSERT INTO {schema}.tile (org_id, level, n, width, hashes) "
        "SELECT $1, * FROM unnest($6::smallint[], $7::bigint[], $8::smallint[], $9::bytea[]) "
        "ON CONFLICT (org_id, level, n) DO UPDATE SET width = excluded.width, hashes = excluded.hashes) "
        f"UPDATE {schema}.tree_head SET size = $3, root = $4, compact_range = $5 WHERE org_id = $1 AND size = $2",
    )


def _head(row: Any) -> Head:
    return Head(
        origin=row["origin"], size=row["size"], root=bytes(row["root"]), compact_range=bytes(row["compact_range"])
    )


def _check_head(head: Head) -> None:
    try:
        root = CompactRange.parse(head.size, head.compact_range).root()
    except ValueError as error:
        raise TreeBroken(f"the head of `{head.origin}` is not that of a tree: {error}") from error
    if root != head.root:
        raise TreeBroken(f"the head of `{head.origin}` at size `{head.size}` has another root than its own hashes")
