"""A log as the files of C2SP tlog-tiles: `checkpoint`, `tile/<level>/<n>[.p/<width>]`, `tile/entries/<n>[.p/<width>]`.

Every tile and bundle, partial ones too, is immutable once it exists: a wider one is another file.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from audit.merkle import HASH_BYTES
from audit.tiles import WIDTH, TileId, entry_bundle, tile_width
from audit.trees import Tree

CHECKPOINT = "checkpoint"
_TILE = re.compile(r"tile/(entries|[0-9]{1,2})/((?:x[0-9]{3}/)*[0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?")
_LONGEST_PATH = 80
_TILES_MAX = 2**48
"""More tiles than any log has; the entries of one with a greater number could not be counted in 63 bits."""

_NEWEST = "SELECT note FROM {schema}.checkpoint WHERE org_id = $1 AND origin = $2 ORDER BY size DESC LIMIT 1"
_COSIGNED = """
SELECT c.note, array(SELECT DISTINCT ON (s.witness) s.line FROM anchor.cosignature s
  WHERE s.org_id = c.org_id AND s.size = c.size ORDER BY s.witness, s.cosigned_at DESC) AS lines
FROM anchor.checkpoint c WHERE c.org_id = $1 AND c.origin = $2 ORDER BY c.size DESC LIMIT 1
"""
_ENTRIES = """
SELECT r.entry FROM audit.leaf l JOIN audit.record r ON r.org_id = l.org_id AND r.id = l.record_id
WHERE l.org_id = $1 AND l.leaf_index >= $2 AND l.leaf_index < $3 ORDER BY l.leaf_index
"""
_ANCHOR_ENTRIES = """
SELECT entry FROM anchor.leaf WHERE org_id = $1 AND leaf_index >= $2 AND leaf_index < $3 ORDER BY leaf_index
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class TilePath:
    """What a path asks for. `level` is `None` for a bundle of entries."""

    level: int | None
    n: int
    width: int

    @classmethod
    def parse(cls, path: str) -> TilePath | None:
        """Read a path; `None` when it is none of ours. Each file has exactly one path."""
        match = _TILE.fullmatch(path) if len(path) <= _LONGEST_PATH else None
        if match is None:
            return None
        kind, number, width = match.groups()
        parts = number.replace("x", "").split("/")
        is_padded = (len(parts) > 1 and parts[0] == "000") or (kind != "entries" and len(kind) > 1 and kind[0] == "0")
        if is_padded or (width is not None and int(width) >= WIDTH):
            return None
        n = int("".join(parts))
        if n >= _TILES_MAX:
            return None
        return cls(level=None if kind == "entries" else int(kind), n=n, width=int(width) if width else WIDTH)


async def newest_checkpoint(connection: Any, tree: Tree, origin: str) -> bytes | None:
    """Give the newest signed checkpoint, the anchor's with its witnesses' cosignatures; `None` before the first."""
    if tree.schema == "anchor":
        row = await connection.fetchrow(_COSIGNED, tree.org_id, origin)
        return None if row is None else bytes(row["note"]) + "".join(row["lines"]).encode()
    note = await connection.fetchval(_NEWEST.format(schema=tree.schema), tree.org_id, origin)
    return None if note is None else bytes(note)


async def read_tile(connection: Any, tree: Tree, asked: TilePath) -> bytes | None:
    """Give a tile's hashes or a bundle's entries; `None` when the sealed tree does not have that many."""
    if asked.level is None:
        return await _bundle(connection, tree, asked)
    id = TileId(asked.level, asked.n)
    hashes = (await tree.tiles(connection, [id])).get(id, b"")
    wanted = asked.width * HASH_BYTES
    return hashes[:wanted] if len(hashes) >= wanted else None


async def _bundle(connection: Any, tree: Tree, asked: TilePath) -> bytes | None:
    head = await tree.head(connection)
    if head is None or tile_width(TileId(0, asked.n), head.size) < asked.width:
        return None
    first = asked.n * WIDTH
    sql = _ANCHOR_ENTRIES if tree.schema == "anchor" else _ENTRIES
    rows: Sequence[Any] = await connection.fetch(sql, tree.org_id, first, first + asked.width)
    return entry_bundle([bytes(row["entry"]) for row in rows]) if len(rows) == asked.width else None
