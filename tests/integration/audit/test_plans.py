"""How PostgreSQL reads the log of an organization that its statistics do not know: by the key, and in order."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from audit.export.bundle import _ENTRIES
from audit.log import AuditLog
from audit.sealer import _MOVE_RECORDS
from audit.verification.log import _LEAVES
from core.principal import Principal
from core.storage.audit_records import NEWEST_FIRST, RECORDS, done_by
from core.storage.listing import Shape, page_statement
from tests.integration.audit.records import entered, record
from tests.integration.audit.sealed import seal_all, write

MANY = 3_000
"""Records of the new organization."""


@pytest.fixture(autouse=True)
async def others(pool: asyncpg.Pool, admin: asyncpg.Connection, log: AuditLog) -> UUID:
    """Four organizations, all that the statistics know."""
    for other in [uuid4() for _ in range(4)]:
        async with pool.acquire() as connection, entered(connection, other):
            await log.append_many(connection, [record(other) for _ in range(250)])
    await admin.execute("ANALYZE audit.record")
    return other


async def test_sealing_finds_each_record_by_its_key(
    pool: asyncpg.Pool, worker_pool: asyncpg.Pool, admin: asyncpg.Connection, log: AuditLog, org_id: UUID, others: UUID
) -> None:
    await write(pool, log, org_id, 1)
    plan = "\n".join(row[0] for row in await worker_pool.fetch(f"EXPLAIN {_MOVE_RECORDS}", org_id, 0, 9))
    place = await partition(admin, others)
    assert re.findall(rf"using (record_\w+) on {place} ", plan) == [f"{place}_pkey"], plan


async def partition(admin: asyncpg.Connection, org_id: UUID) -> str:
    """Where an organization's records are: of partitions that are empty any index will do."""
    sql = "SELECT c.relname FROM audit.record r JOIN pg_class c ON c.oid = r.tableoid WHERE r.org_id = $1 LIMIT 1"
    name: str = await admin.fetchval(sql, org_id)
    return name


@pytest.mark.parametrize("issuer", [None, "https://id.example"])
@pytest.mark.parametrize("mode", ["force_custom_plan", "force_generic_plan"])
async def test_one_s_own_records_are_found_by_their_actor(
    app: asyncpg.Connection, admin: asyncpg.Connection, org_id: UUID, others: UUID, issuer: str | None, mode: str
) -> None:
    where = done_by(Principal(subject="acct-1", name=None, org_id=org_id, grants=(), issuer=issuer), org_id)
    statement = page_statement(RECORDS, Shape(names=where.names, order=NEWEST_FIRST))
    async with entered(app, org_id):
        await app.execute(f"SET LOCAL plan_cache_mode = {mode}")
        values = statement.arguments({"org_id": org_id, "page_size": 51, **where.values})
        plan = "\n".join(row[0] for row in await app.fetch(f"EXPLAIN {statement.sql}", *values))
    place = await partition(admin, others)
    assert re.findall(rf"{place}_\w+", plan) == [f"{place}_org_id_actor_id_idx"], plan


@pytest.mark.parametrize(
    ("statement", "values", "pages"),
    [(_LEAVES, (), 10 * MANY), (_ENTRIES, (MANY - 100, MANY, None, 100), 10 * 100)],
    ids=["verification", "export"],
)
async def test_what_is_read_grows_with_what_is_asked_for(
    pool: asyncpg.Pool,
    worker_pool: asyncpg.Pool,
    log: AuditLog,
    org_id: UUID,
    statement: str,
    values: tuple[Any, ...],
    pages: int,
) -> None:
    async with pool.acquire() as connection, entered(connection, org_id):
        await log.append_many(connection, [record(org_id) for _ in range(MANY)])
    await seal_all(worker_pool, org_id, uuid4())
    told = await worker_pool.fetch(f"EXPLAIN (ANALYZE, BUFFERS) {statement}", org_id, *values)
    plan = "\n".join(row[0] for row in told)
    found = re.search(r"Buffers: shared hit=(\d+)(?: read=(\d+))?", plan)
    assert found, plan
    assert sum(int(each or 0) for each in found.groups()) < pages, plan
