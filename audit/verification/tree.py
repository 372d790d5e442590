"""The tree of a log built again from its leaves, and everything stored of it compared with that.

One pass over the leaves in order, with bounded memory: 256 hashes a level.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from audit.checkpoint import parse_checkpoint
from audit.compact_range import CompactRange
from audit.merkle import EMPTY_ROOT, root_of
from audit.notes import NoteError, UnknownSigner, Verifier, cosigned_at
from audit.tiles import WIDTH, TileId
from audit.verification.finding import Finding


@dataclass(slots=True)
class Rebuilt:
    """A tree that grows leaf by leaf: its root at the sizes that were asked for, and its tiles as they fill."""

    wanted: set[int]
    range: CompactRange = field(default_factory=CompactRange.empty)
    roots: dict[int, bytes] = field(default_factory=lambda: {0: EMPTY_ROOT})
    _levels: list[list[bytes]] = field(default_factory=list)
    _counts: list[int] = field(default_factory=list)

    def add(self, leaf: bytes) -> list[tuple[TileId, bytes]]:
        """Add a leaf hash; give the tiles that became full."""
        self.range.append(leaf)
        if self.range.size in self.wanted:
            self.roots[self.range.size] = self.range.root()
        full: list[tuple[TileId, bytes]] = []
        level, hash = 0, leaf
        while True:
            if level == len(self._levels):
                self._levels.append([])
                self._counts.append(0)
            tile = self._levels[level]
            tile.append(hash)
            if len(tile) < WIDTH:
                return full
            full.append((TileId(level, self._counts[level]), b"".join(tile)))
            hash = root_of(tile)
            self._levels[level] = []
            self._counts[level] += 1
            level += 1

    def partial(self) -> list[tuple[TileId, bytes]]:
        """Give the tiles of the right edge."""
        return [(TileId(level, self._counts[level]), b"".join(tile)) for level, tile in enumerate(self._levels) if tile]


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """Who must have signed the checkpoints of a log: its own keys, and the clock's."""

    origin: str
    keys: Sequence[Verifier]
    clock: Sequence[Verifier]


class TreeCheck:
    """Compares what is stored of one tree. `schema`: `audit` or `anchor`."""

    def __init__(self, connection: Any, schema: str, org_id: UUID, signed: Signed) -> None:
        """Take a connection that sees the tree's rows, inside a transaction with one snapshot."""
        self._connection = connection
        self._schema = schema
        self._org_id = org_id
        self._signed = signed

    async def check(self, leaves: AsyncIterator[tuple[int, bytes]]) -> AsyncIterator[Finding]:
        """Compare everything with the tree over these leaf hashes, given with their stored indexes in order."""
        checkpoints = await self._rows("checkpoint", "size")
        rebuilt = Rebuilt({row["size"] for row in checkpoints})
        expected: set[TileId] = set()
        async for index, hash in leaves:
            if index != rebuilt.range.size:
                yield self._found(f"leaf {index}", f"stands where leaf {rebuilt.range.size} should: leaves are missing")
                return
            full = rebuilt.add(hash)
            expected.update(id for id, _ in full)
            async for finding in self._tiles(full):
                yield finding
        edge = rebuilt.partial()
        expected.update(id for id, _ in edge)
        async for finding in self._tiles(edge):
            yield finding
        async for finding in self._extra_tiles(expected):
            yield finding
        for finding in self._head(await self._rows("tree_head", "size"), rebuilt):
            yield finding
        for row in checkpoints:
            for finding in self._checkpoint(row, rebuilt):
                yield finding

    async def _tiles(self, tiles: Iterable[tuple[TileId, bytes]]) -> AsyncIterator[Finding]:
        for id, hashes in tiles:
            row = await self._connection.fetchrow(
                f"SELECT width, hashes FROM {self._schema}.tile WHERE org_id = $1 AND level = $2 AND n = $3",
                self._org_id,
                id.level,
                id.n,
            )
            place = f"tile {id.level}/{id.n}"
            if row is None:
                yield self._found(place, "is missing")
            elif (row["width"], bytes(row["hashes"])) != (len(hashes) // 32, hashes):
                yield self._found(place, "does not hold the hashes of its leaves")

    async def _extra_tiles(self, expected: set[TileId]) -> AsyncIterator[Finding]:
        for row in await self._rows("tile", "level, n", "level, n"):
            if (id := TileId(row["level"], row["n"])) not in expected:
                yield self._found(f"tile {id.level}/{id.n}", "is beside the tree: no leaf is under it")

    def _head(self, heads: Sequence[Any], rebuilt: Rebuilt) -> Iterable[Finding]:
        stood = rebuilt.range
        if not heads:
            if stood.size:
                yield self._found("tree head", "is missing")
            return
        head = heads[0]
        if head["size"] != stood.size:
            yield self._found("tree head", f"says size {head['size']} where {stood.size} leaves are stored")
        elif (bytes(head["root"]), bytes(head["compact_range"])) != (stood.root(), stood.to_bytes()):
            yield self._found("tree head", "does not have the hashes of its leaves")
        if head["origin"] != self._signed.origin:
            yield self._found("tree head", f"says origin `{head['origin']}` and not `{self._signed.origin}`")

    def _checkpoint(self, row: Any, rebuilt: Rebuilt) -> Iterable[Finding]:
        place = f"checkpoint of size {row['size']}"
        try:
            checkpoint, note = parse_checkpoint(bytes(row["note"]))
            note.require(self._signed.keys)
            time = note.require(self._signed.clock)
        except UnknownSigner as error:
            signed = ", ".join(f"`{each}`" for each in error.signed_by)
            yield self._found(
                place,
                f"is signed by {signed}, and none of these is among the keys at hand: restore the key file with it",
            )
            return
        except NoteError as error:
            yield self._found(place, str(error))
            return
        if row["size"] not in rebuilt.roots:
            yield self._found(place, f"is beyond the log, which has {rebuilt.range.size} leaves: records are missing")
        elif checkpoint.root != rebuilt.roots[row["size"]]:
            yield self._found(place, "signed another root than that of the leaves: the log was changed")
        told = (row["origin"], row["size"], bytes(row["root"]), int(row["sealed_at"].timestamp()))
        if told != (checkpoint.origin, checkpoint.size, checkpoint.root, cosigned_at(time.data)):
            yield self._found(place, "has columns that do not repeat its note")
        elif row["sealed_at"].microsecond or checkpoint.origin != self._signed.origin:
            yield self._found(place, "has columns that do not repeat its note, or is another log's")
        if bytes(note) != bytes(row["note"]):
            yield self._found(place, "is not written as a note is")

    async def _rows(self, table: str, order: str, columns: str = "*") -> Sequence[Any]:
        return await self._connection.fetch(  # type: ignore[no-any-return]
            f"SELECT {columns} FROM {self._schema}.{table} WHERE org_id = $1 ORDER BY {order}", self._org_id
        )

    def _found(self, place: str, problem: str) -> Finding:
        return Finding(org_id=self._org_id, place=f"{self._schema} {place}", problem=problem)
