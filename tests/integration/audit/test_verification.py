"""Every stored byte of a small log, changed one at a time: the verification fails and names the row."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from audit.ids import milliseconds, record_ids
from audit.keys import MasterKey
from audit.log import AuditLog
from audit.sealer import Checkpoints, Sealer
from audit.verification.log import LogCheck, check_anchor
from tests.conftest import MASTER_KEY
from tests.integration.audit.records import NOON, entered, record
from tests.integration.audit.sealed import KEYS, seal_all

BYTE_STRIDE = 7
"""Of long values every seventh byte is changed here; all of them were, once."""


@pytest.fixture
async def small(pool: asyncpg.Pool, worker_pool: asyncpg.Pool, log: AuditLog, org_id: UUID, anchor_id: UUID) -> UUID:
    """A log of three sealed records under two checkpoints, and one record that waits."""
    for count in (2, 1):
        async with pool.acquire() as connection, entered(connection, org_id):
            ids = record_ids([milliseconds(NOON)] * count)
            await log.append_many(connection, [record(org_id, id=id) for id in ids])
        await seal_all(worker_pool, org_id, anchor_id)
    async with pool.acquire() as connection, entered(connection, org_id):
        await log.append(connection, record(org_id))
    anchor = Sealer(worker_pool, Checkpoints(), KEYS)
    await anchor.seal(anchor_id, KEYS.anchor_origin)
    await anchor.publish(anchor_id)
    return org_id


@pytest.fixture
def anchor_id() -> UUID:
    return uuid4()


@pytest.fixture
async def meddler(admin: asyncpg.Connection, small: UUID) -> AsyncIterator[asyncpg.Connection]:
    """A superuser who has taken every guard away, for the time of a transaction that locks everybody else out."""
    transaction = admin.transaction()
    await transaction.start()
    await admin.execute("SET LOCAL session_replication_role = replica; SET LOCAL texting.changing_audit = 'on'")
    for table, constraints in await _checks(admin):
        for constraint in constraints:
            await admin.execute(f"ALTER TABLE {table} DROP CONSTRAINT {constraint}")
    for table in ("record", "involvement", "pending", "leaf", "tile", "tree_head"):
        await admin.execute(f"ALTER TABLE audit.{table} DISABLE TRIGGER refuse_change")
    for table in ("audit.checkpoint", "anchor.leaf", "anchor.tile", "anchor.tree_head", "anchor.checkpoint"):
        await admin.execute(f"ALTER TABLE {table} DISABLE TRIGGER refuse_change")
    yield admin
    await transaction.rollback()


async def _checks(connection: asyncpg.Connection) -> list[tuple[str, list[str]]]:
    rows = await connection.fetch(
        "SELECT conrelid::regclass::text AS name, array_agg(conname::text) AS checks FROM pg_constraint "
        "WHERE contype = 'c' AND coninhcount = 0 AND connamespace IN ('audit'::regnamespace, 'anchor'::regnamespace) "
        "GROUP BY 1"
    )
    return [(row["name"], row["checks"]) for row in rows]


async def findings(connection: asyncpg.Connection, org_id: UUID, anchor_id: UUID) -> list[str]:
    """Everything that the verification finds, the anchor included."""
    found = [str(each) async for each in LogCheck(connection, org_id, KEYS, MasterKey(MASTER_KEY)).check()]
    return found + [str(each) async for each in check_anchor(connection, anchor_id, KEYS)]


async def test_a_log_that_nobody_touched_has_no_findings(
    admin: asyncpg.Connection, small: UUID, anchor_id: UUID
) -> None:
    async with admin.transaction():
        assert await findings(admin, small, anchor_id) == []


def changed(value: Any) -> Iterator[Any]:
    """Give the value with something else in it, once for each byte that a long one has."""
    match value:
        case bytes():
            step = BYTE_STRIDE if len(value) > 64 else 1
            for at in range(0, len(value), step):
                yield value[:at] + bytes([value[at] ^ 1]) + value[at + 1 :]
            yield value[:-1]
        case bool():
            yield not value
        case int():
            yield value + 1
        case str():
            for at in range(len(value)):
                yield value[:at] + ("x" if value[at] != "x" else "y") + value[at + 1 :]
        case UUID():
            yield UUID(int=value.int ^ 1)
        case list():
            yield from changed_list(value)
        case None:
            yield from ()
        case _:  # a time
            yield value.replace(microsecond=value.microsecond ^ 1)


def changed_list(value: list[Any]) -> Iterator[Any]:
    """Give the list with one of its elements changed, or missing."""
    for at, item in enumerate(value):
        yield from ([*value[:at], each, *value[at + 1 :]] for each in changed(item))
        yield [*value[:at], *value[at + 1 :]]


@pytest.mark.parametrize(
    "table",
    [
        "audit.record",
        "audit.involvement",
        "audit.pending",
        "audit.leaf",
        "audit.tile",
        "audit.tree_head",
        "audit.checkpoint",
        "anchor.leaf",
        "anchor.tile",
        "anchor.tree_head",
        "anchor.checkpoint",
    ],
)
@pytest.mark.timeout(300)
async def test_every_changed_byte_is_found(
    meddler: asyncpg.Connection, small: UUID, anchor_id: UUID, table: str
) -> None:
    owner = anchor_id if table.startswith("anchor.") else small
    rows = await meddler.fetch(f"SELECT ctid, * FROM {table} WHERE org_id = $1", owner)
    assert rows
    tried, missed = 0, []
    for row in rows[:2]:
        for column in [name for name in row.keys() if name not in ("ctid", "org_id")]:  # noqa: SIM118 - a Record
            for value in changed(row[column]):
                savepoint = meddler.transaction()
                await savepoint.start()
                try:
                    await meddler.execute(
                        f"UPDATE {table} SET {column} = $1 WHERE org_id = $2 AND ctid = $3", value, owner, row["ctid"]
                    )
                    found = await findings(meddler, small, anchor_id)
                except asyncpg.PostgresError as error:
                    # What the table itself cannot hold cannot be stored changed.
                    found = [str(error)]
                await savepoint.rollback()
                tried += 1
                if not found:
                    missed.append((column, value))
    assert missed == []
    assert tried >= len(rows[0]) - 3


@pytest.mark.parametrize(
    ("statement", "named"),
    [
        ("DELETE FROM audit.record WHERE id = $1", "record"),
        ("DELETE FROM audit.leaf WHERE record_id = $1", "leaf"),
        ("UPDATE audit.record SET disclosures = disclosures[2:] WHERE id = $1", "lacks the value"),
        ("DELETE FROM audit.involvement WHERE record_id = $1", "involvement"),
    ],
)
async def test_a_row_that_was_deleted_is_missed(
    meddler: asyncpg.Connection, small: UUID, anchor_id: UUID, statement: str, named: str
) -> None:
    id = await meddler.fetchval("SELECT record_id FROM audit.leaf WHERE org_id = $1 AND leaf_index = 1", small)
    await meddler.execute(statement, id)
    found = await findings(meddler, small, anchor_id)
    assert any(named in each for each in found), found


async def test_a_record_slipped_in_beside_the_log_is_found(
    meddler: asyncpg.Connection, small: UUID, anchor_id: UUID
) -> None:
    await meddler.execute("DELETE FROM audit.pending WHERE org_id = $1", small)
    found = await findings(meddler, small, anchor_id)
    assert [each for each in found if "neither sealed nor waiting" in each]


async def test_a_log_cut_back_to_an_older_head_is_found(
    meddler: asyncpg.Connection, small: UUID, anchor_id: UUID
) -> None:
    await meddler.execute("DELETE FROM audit.leaf WHERE org_id = $1 AND leaf_index = 2", small)
    await meddler.execute("DELETE FROM audit.checkpoint WHERE org_id = $1 AND size = 3", small)
    found = await findings(meddler, small, anchor_id)
    assert any("tree head" in each for each in found)
    assert any("older than what was published" in each for each in found)
