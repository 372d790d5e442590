"""Logs that are sealed and signed by keys of the tests' own, and the check of one against what was committed."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import asyncpg
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from audit.checkpoint import parse_checkpoint
from audit.log import AuditLog
from audit.log_keys import LogKeys
from audit.merkle import leaf_hash, root_of
from audit.sealer import RecordSealer
from tests.integration.audit.records import entered, record

KEYS = LogKeys(host="log.example", keys=[Ed25519PrivateKey.from_private_bytes(bytes(range(32)))])


async def write(pool: asyncpg.Pool, log: AuditLog, org_id: UUID, count: int) -> list[UUID]:
    """Commit records, each in a transaction of its own."""
    ids = []
    for _ in range(count):
        async with pool.acquire() as connection, entered(connection, org_id):
            ids.append(await log.append(connection, record(org_id)))
    return ids


async def seal_all(pool: asyncpg.Pool, org_id: UUID, anchor_id: UUID, **options: Any) -> RecordSealer:
    """Seal and sign one organization."""
    sealer = RecordSealer(pool, KEYS, anchor_id=anchor_id, **options)
    while await sealer.seal(org_id, KEYS.origin(org_id)):
        await sealer.publish(org_id)
    return sealer


async def verify(admin: asyncpg.Connection, org_id: UUID, written: set[UUID]) -> None:
    """Check the whole log of an organization against what was committed, with nothing that sealed it."""
    leaves = await admin.fetch(
        "SELECT l.leaf_index, l.record_id, r.entry FROM audit.leaf l JOIN audit.record r "
        "ON r.org_id = l.org_id AND r.id = l.record_id WHERE l.org_id = $1 ORDER BY l.leaf_index",
        org_id,
    )
    assert [row["leaf_index"] for row in leaves] == list(range(len(written)))
    assert {row["record_id"] for row in leaves} == written
    assert await admin.fetchval("SELECT count(*) FROM audit.pending WHERE org_id = $1", org_id) == 0
    hashes = [leaf_hash(bytes(row["entry"])) for row in leaves]
    checkpoints = await admin.fetch("SELECT * FROM audit.checkpoint WHERE org_id = $1 ORDER BY size", org_id)
    assert checkpoints[-1]["size"] == len(written)
    for row in checkpoints:
        checkpoint, note = parse_checkpoint(bytes(row["note"]))
        note.require(KEYS.verifiers(KEYS.origin(org_id)))
        assert (checkpoint.size, checkpoint.root) == (row["size"], root_of(hashes[: row["size"]]))
