"""The audit log's trees as they are read for the API: places of records, checkpoints, proofs."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from audit.proof_files import ProofFile
from audit.trees import Tree
from core.storage.database import Reader

_LEAVES = "SELECT record_id, leaf_index FROM audit.leaf WHERE org_id = $1 AND record_id = ANY ($2::uuid[])"
_CHECKPOINT = """
SELECT origin, size, root, note, sealed_at FROM audit.checkpoint
WHERE org_id = $1 AND ($2::bigint IS NULL OR size = $2) ORDER BY size DESC LIMIT 1
"""
_CHECKPOINTS = """
SELECT origin, size, root, note, sealed_at FROM audit.checkpoint WHERE org_id = $1 AND size = ANY ($2::bigint[])
"""
_SIGNED_SIZE = "SELECT max(size) AS size FROM audit.checkpoint WHERE org_id = $1"
_SIZE_KNOWN_AT = "SELECT max(size) AS size FROM audit.checkpoint WHERE org_id = $1 AND sealed_at <= $2"
_OLDEST_PENDING = """
SELECT (SELECT r.logged_at FROM audit.record r WHERE r.org_id = $1 AND r.id = p.record_id) AS queued_at
FROM audit.pending p WHERE p.org_id = $1 ORDER BY p.record_id LIMIT 1
"""
_WITNESSED = """
SELECT max(l.size) AS size FROM anchor.leaf l
WHERE l.log_id = $1 AND l.leaf_index < (SELECT max(s.size) FROM anchor.cosignature s)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredCheckpoint:
    """A signed tree head of an organization. `note` is the signed text (C2SP tlog-checkpoint)."""

    origin: str
    size: int
    root: bytes
    note: bytes
    sealed_at: datetime


async def leaf_indexes(reader: Reader, org: UUID, record_ids: Iterable[UUID]) -> dict[UUID, int]:
    """Read where records are in the tree, by id, in one statement; those that wait to be sealed are missing."""
    rows = await reader.fetch_sql(_LEAVES, org, list(dict.fromkeys(record_ids)))
    return {row["record_id"]: row["leaf_index"] for row in rows}


async def checkpoint(reader: Reader, org: UUID, size: int | None = None) -> StoredCheckpoint | None:
    """Read the newest checkpoint, or the one of a size; `None` where none was signed."""
    rows = await reader.fetch_sql(_CHECKPOINT, org, size)
    return _stored(rows[0]) if rows else None


async def checkpoints(reader: Reader, org: UUID, sizes: Iterable[int]) -> dict[int, StoredCheckpoint]:
    """Read the checkpoints of these sizes, by size, in one statement; those that were not signed are missing."""
    rows = await reader.fetch_sql(_CHECKPOINTS, org, list(dict.fromkeys(sizes)))
    return {row["size"]: _stored(row) for row in rows}


async def signed_size(reader: Reader, org: UUID) -> int:
    """Read the size of the newest signed tree; 0 where none was signed."""
    rows = await reader.fetch_sql(_SIGNED_SIZE, org)
    return rows[0]["size"] or 0


async def size_known_at(reader: Reader, org: UUID, moment: datetime) -> int:
    """Read the size of the largest tree that was signed by a moment (UTC); 0 where none was.

    Signatures tell their time in whole seconds.
    """
    rows = await reader.fetch_sql(_SIZE_KNOWN_AT, org, moment)
    return rows[0]["size"] or 0


async def oldest_pending(reader: Reader, org: UUID) -> datetime | None:
    """Read since when the oldest record waits to be sealed; `None` when none waits."""
    rows = await reader.fetch_sql(_OLDEST_PENDING, org)
    moment: datetime | None = rows[0]["queued_at"] if rows else None
    return moment


async def witnessed_size(reader: Reader, org: UUID) -> int:
    """Read up to which size the organization's tree is covered by a witness's cosignature; 0 for none."""
    rows = await reader.fetch_sql(_WITNESSED, org)
    return rows[0]["size"] or 0


async def proofs(reader: Reader, org: UUID, indexes: Iterable[int], at: StoredCheckpoint) -> Mapping[int, ProofFile]:
    """Make proof files for leaves in the tree of a checkpoint, by index, in one statement; later leaves are missing."""
    wanted = [index for index in dict.fromkeys(indexes) if index < at.size]
    hashes = await Tree("audit", org).inclusions(_Connection(reader), wanted, at.size)
    return {index: ProofFile(index=index, hashes=tuple(hashes[index]), note=at.note) for index in wanted}


async def consistency(reader: Reader, org: UUID, old_size: int, new_size: int) -> Sequence[bytes]:
    """Make a consistency proof between two sizes, in one statement."""
    return await Tree("audit", org).consistency(_Connection(reader), old_size, new_size)


def _stored(row: Any) -> StoredCheckpoint:
    return StoredCheckpoint(
        origin=row["origin"],
        size=row["size"],
        root=bytes(row["root"]),
        note=bytes(row["note"]),
        sealed_at=row["sealed_at"],
    )


@dataclass(frozen=True, slots=True)
class _Connection:
    """A reader as the audit log wants a connection."""

    reader: Reader

    async def fetch(self, sql: str, *args: Any) -> list[Any]:
        """Run a statement in the request's snapshot."""
        return await self.reader.fetch_sql(sql, *args)
