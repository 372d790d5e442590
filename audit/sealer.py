"""Sealing: records that wait become leaves of their organization's tree, and the tree gets a signed checkpoint.

Three steps, each safe to repeat after a crash: *seal* moves pending records into the tree in one transaction; *publish*
proves from the stored tiles that the tree begins with the tree of the last checkpoint, and only then signs; *anchor*
puts the checkpoint into the log over all organizations. Any number of sealers may run: they take turns on the head.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol
from uuid import UUID

from audit.checkpoint import Checkpoint, parse_checkpoint
from audit.entry import is_intact
from audit.log_keys import LogKeys
from audit.merkle import check_consistency, leaf_hash
from audit.notes import NoteError, sign_note
from audit.proving import LeafRange, consistency_ranges
from audit.trees import Head, Tree, TreeBroken

BATCH = 4_096
"""Records in one seal: some 60 ms of work, so that a burst is sealed in steps that others can come between."""

_PENDING_ORGS = """
WITH RECURSIVE waiting (org_id) AS (
  (SELECT org_id FROM {schema}.pending ORDER BY org_id LIMIT 1)
  UNION ALL
  SELECT (SELECT p.org_id FROM {schema}.pending p WHERE p.org_id > waiting.org_id ORDER BY p.org_id LIMIT 1)
  FROM waiting WHERE waiting.org_id IS NOT NULL
)
SELECT org_id FROM waiting WHERE org_id IS NOT NULL
"""
_UNPUBLISHED = """
SELECT h.org_id FROM {schema}.tree_head h WHERE NOT EXISTS (
  SELECT FROM {schema}.checkpoint c WHERE c.org_id = h.org_id AND c.size = h.size AND c.origin = h.origin)
"""
_NEWEST = """
SELECT size, root, note, sealed_at FROM {schema}.checkpoint WHERE org_id = $1 AND origin = $2 ORDER BY size DESC LIMIT 1
"""
_PUBLISH = """
INSERT INTO {schema}.checkpoint (org_id, size, origin, root, note, sealed_at) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT DO NOTHING RETURNING size
"""
_PUBLISH_AND_QUEUE = f"""
WITH published AS ({_PUBLISH.format(schema="audit")})
INSERT INTO anchor.pending (org_id, log_id, size, entry) SELECT $7, $1, size, $5 FROM published RETURNING size
"""


class SealRefused(TreeBroken):
    """A record that waits is not what its leaf says, or the tree is behind what was already signed."""


class Source(Protocol):
    """Where the leaves of a kind of tree come from."""

    @property
    def schema(self) -> str:
        """The schema of its tables."""

    async def move(self, connection: Any, org_id: UUID, first: int, limit: int) -> Sequence[bytes]:
        """Make leaves of what waits, in order and from index `first` on; give their hashes, each that of its entry.

        Raises:
            TreeBroken: what waits is not what is stored.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """A checkpoint as it was stored."""

    org_id: UUID
    checkpoint: Checkpoint
    note: bytes


class Sealer:
    """Seals one kind of tree. `pool`: asyncpg's, of the worker's role."""

    def __init__(self, pool: Any, source: Source, keys: LogKeys, *, batch: int = BATCH) -> None:
        """Take what is sealed, and the keys that sign."""
        self._pool = pool
        self._source = source
        self._keys = keys
        self._batch = batch
        self._schema = source.schema

    async def waiting(self) -> list[UUID]:
        """Find the organizations that have records to seal."""
        return [row["org_id"] for row in await self._pool.fetch(_PENDING_ORGS.format(schema=self._schema))]

    async def unpublished(self) -> list[UUID]:
        """Find trees whose head has no checkpoint: a sealer stopped between sealing and signing."""
        return [row["org_id"] for row in await self._pool.fetch(_UNPUBLISHED.format(schema=self._schema))]

    async def seal(self, org_id: UUID, origin: str) -> int:
        """Move at most a batch of what waits into the tree; give how many.

        Raises:
            TreeBroken: what is stored does not fit together; nothing was changed.
        """
        tree = Tree(self._schema, org_id)
        async with _writing(self._pool, org_id) as connection:
            head = await tree.lock(connection, origin)
            if head.origin != origin:
                raise SealRefused(
                    f"the log is named `{head.origin}`, and the keys at hand are those of `{origin}`: "
                    "restore the log keys that belong to this database"
                )
            leaves = await self._source.move(connection, org_id, head.size, self._batch)
            if leaves:
                await tree.extend(connection, head, leaves)
        return len(leaves)

    async def publish(self, org_id: UUID) -> Published | None:
        """Sign the head of a tree, once its tiles prove that it continues the last checkpoint; `None` if it is signed.

        Raises:
            TreeBroken, ProofError, MissingHash: it does not; nothing was signed.
        """
        async with self._pool.acquire() as connection:
            head = await Tree(self._schema, org_id).head(connection)
            if head is None or head.size == 0:
                return None
            last = await connection.fetchrow(_NEWEST.format(schema=self._schema), org_id, head.origin)
            if last is not None and last["size"] == head.size and bytes(last["root"]) == head.root:
                return None
            await self._prove(connection, org_id, head, last)
        checkpoint = Checkpoint(origin=head.origin, size=head.size, root=head.root)
        sealed_at = datetime.now(UTC).replace(microsecond=0)
        signers = self._keys.signers(head.origin, time_s=int(sealed_at.timestamp()))
        note = bytes(await sign_note(checkpoint.text(), signers))
        async with self._pool.acquire() as connection:
            if not await self._store(connection, (org_id, head.size, head.origin, head.root, note, sealed_at)):
                return None
        return Published(org_id=org_id, checkpoint=checkpoint, note=note)

    async def _store(self, connection: Any, row: tuple[Any, ...]) -> bool:
        """Store a checkpoint; `False` when it is there already."""
        return await connection.fetchval(_PUBLISH.format(schema=self._schema), *row) is not None

    async def _prove(self, connection: Any, org_id: UUID, head: Head, last: Any) -> None:
        """Read the tiles again and check them with code that did not make them."""
        if last is not None:
            self._check_last(head, last)
        ranges = [LeafRange(0, head.size), *consistency_ranges(last["size"] if last else 0, head.size)]
        root, *proof = await Tree(self._schema, org_id).hashes(connection, ranges)
        if root != head.root:
            raise SealRefused(f"the tiles of `{head.origin}` do not have the root of its head: verify the log")
        if last is not None:
            check_consistency(
                old_size=last["size"],
                old_root=bytes(last["root"]),
                new_size=head.size,
                new_root=head.root,
                proof=proof,
            )

    def _check_last(self, head: Head, last: Any) -> None:
        """Refuse to go on from a checkpoint that is ahead, or that was signed with other keys."""
        if last["size"] > head.size:
            raise SealRefused(
                f"the tree of `{head.origin}` has size `{head.size}`, and one of size `{last['size']}` was signed: "
                "the database is older than what was published; restore a newer backup, or retire the origin"
            )
        try:
            note = parse_checkpoint(bytes(last["note"]))[1]
            note.require(self._keys.verifiers(head.origin))
            # The newest key signs the time: keys from before a rotation lack it, though an older one signed too.
            note.require(self._keys.clock_verifiers())
        except NoteError as error:
            raise SealRefused(
                f"the newest checkpoint of `{head.origin}` is not signed with one of the keys at hand: "
                "restore the newest log keys of this database"
            ) from error


class Records:
    """The records of organizations."""

    schema = "audit"

    async def move(self, connection: Any, org_id: UUID, first: int, limit: int) -> Sequence[bytes]:
        """Move the records that wait, in the order of their ids."""
        moved = await connection.fetchrow(_MOVE_RECORDS, org_id, first, limit)
        entries = moved["entries"] or []
        for at, (entry, checksum) in enumerate(zip(entries, moved["checksums"] or [], strict=True)):
            if entry is None or not is_intact(entry, checksum):
                id = UUID(bytes=moved["ids"][16 * at : 16 * (at + 1)])
                raise SealRefused(f"record `{id}` is not what was queued to be sealed: verify the log")
        if moved["removed"] != len(entries):
            raise TreeBroken(f"`{moved['removed']}` of {len(entries)} records that were taken left the queue")
        return [leaf_hash(entry) for entry in entries]


class RecordSealer(Sealer):
    """Seals organizations' records; every checkpoint is queued for the anchor log of `anchor_id`."""

    def __init__(self, pool: Any, keys: LogKeys, *, anchor_id: UUID, batch: int = BATCH) -> None:
        """`anchor_id`: the organization that the anchor log's rows belong to."""
        super().__init__(pool, Records(), keys, batch=batch)
        self._anchor_id = anchor_id

    async def _store(self, connection: Any, row: tuple[Any, ...]) -> bool:
        """Store a checkpoint and queue it for the anchor log."""
        return await connection.fetchval(_PUBLISH_AND_QUEUE, *row, self._anchor_id) is not None


class Checkpoints:
    """The checkpoints of all organizations."""

    schema = "anchor"

    async def move(self, connection: Any, org_id: UUID, first: int, limit: int) -> Sequence[bytes]:
        """Move the checkpoints that wait; a leaf is the exact bytes of one."""
        return [leaf_hash(row["entry"]) for row in await connection.fetch(_MOVE_CHECKPOINTS, org_id, first, limit)]


# In columns: rows, and an id made for each, keep the interpreter's lock from the requests for longer.
#
# One by one, of `p.org_id`: joined, by a plan made while the queue was empty, all records of the organization were read
# for each that waits.
_MOVE_RECORDS = """
WITH taken AS MATERIALIZED (
  SELECT p.record_id, r.entry, r.checksum
  FROM (SELECT org_id, record_id FROM audit.pending WHERE org_id = $1 ORDER BY record_id LIMIT $3) p
  LEFT JOIN LATERAL (
    SELECT entry, checksum FROM audit.record WHERE org_id = p.org_id AND id = p.record_id LIMIT 1
  ) r ON true
), added AS (
  INSERT INTO audit.leaf (org_id, leaf_index, record_id)
  SELECT $1, $2::bigint + row_number() OVER (ORDER BY record_id) - 1, record_id FROM taken
), removed AS (
  DELETE FROM audit.pending WHERE org_id = $1 AND record_id = ANY (ARRAY(SELECT record_id FROM taken)) RETURNING 1
)
SELECT string_agg(uuid_send(record_id), NULL) AS ids, array_agg(entry) AS entries, array_agg(checksum) AS checksums,
  (SELECT count(*) FROM removed) AS removed
FROM (SELECT * FROM taken ORDER BY record_id) AS t
"""
_MOVE_CHECKPOINTS = """
WITH taken AS MATERIALIZED (
  SELECT seq, log_id, size, entry FROM anchor.pending WHERE org_id = $1 ORDER BY seq LIMIT $3
), added AS (
  INSERT INTO anchor.leaf (org_id, leaf_index, log_id, size, entry)
  SELECT $1, $2::bigint + row_number() OVER (ORDER BY seq) - 1, log_id, size, entry FROM taken
), removed AS (
  DELETE FROM anchor.pending WHERE org_id = $1 AND seq = ANY (ARRAY(SELECT seq FROM taken))
)
SELECT entry FROM taken ORDER BY seq
"""


@asynccontextmanager
async def _writing(pool: Any, org_id: UUID) -> AsyncIterator[Any]:
    """Open a transaction inside an organization; one that PostgreSQL rolls back instead of committing is an error."""
    async with pool.acquire() as connection:
        await connection.execute(f"BEGIN; SET LOCAL texting.org_id = '{UUID(str(org_id))}'")
        try:
            yield connection
        except BaseException:
            await connection.execute("ROLLBACK")
            raise
        if await connection.execute("COMMIT") != "COMMIT":
            raise TreeBroken("the database rolled back instead of committing: nothing was sealed")
