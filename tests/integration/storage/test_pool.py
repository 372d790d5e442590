"""Connections go from one reading to the next as they are; nobody else meets a transaction that is not their own."""

import asyncio
from collections.abc import AsyncIterator
from uuid import UUID, uuid4

import asyncpg
import pytest

from core.storage import pool as pools
from core.storage.database import Reader, open_pool
from core.storage.pool import Pool

TENANT = "SELECT current_setting('texting.org_id', true)"


@pytest.fixture
async def small(pool: asyncpg.Pool) -> AsyncIterator[Pool]:
    """A pool of one connection, so that everybody gets that one."""
    async with await open_pool(pool._connect_args[0], max_size=1) as made:
        yield made


async def left(pool: Pool, org_id: UUID) -> None:
    """Read once inside an organization, and leave the transaction open."""
    reader = Reader(pool, org_id)
    assert (await reader.fetch_sql(TENANT))[0][0] == str(org_id)
    await reader.leave()


async def test_whoever_acquires_a_connection_is_outside_of_what_was_left_open(small: Pool):
    await left(small, uuid4())
    async with small.acquire() as connection:
        assert not connection.is_in_transaction()
        assert not await connection.fetchval(TENANT)


async def test_the_next_reading_is_inside_its_own_organization_and_snapshot(small: Pool):
    await left(small, uuid4())
    async with small.acquire() as connection:
        first = await connection.fetchval("SELECT pg_backend_pid()")
    own = uuid4()
    await left(small, uuid4())
    reader = Reader(small, own)
    (row,) = await reader.fetch_sql("SELECT current_setting('texting.org_id') AS org, pg_backend_pid() AS pid")
    assert (row["org"], row["pid"]) == (str(own), first)
    await reader.close()


async def test_what_was_left_open_is_ended_soon(small: Pool):
    await left(small, uuid4())
    for _ in range(100):
        await asyncio.sleep(pools.LEFT_S)
        if small._given and not small._left:
            break
    (connection,) = small._given
    assert not connection.is_in_transaction()
    assert small.get_idle_size() == 1


async def test_who_waits_for_a_connection_gets_the_one_that_is_left(small: Pool):
    reader = Reader(small, uuid4())
    await reader.fetch_sql(TENANT)

    async def other() -> bool:
        async with small.acquire(timeout=5) as connection:
            return bool(connection.is_in_transaction())

    waiting = asyncio.create_task(other())
    await asyncio.sleep(0)
    await reader.leave()
    assert await waiting is False


async def test_a_pool_ends_what_is_left_open_before_it_closes(pool: asyncpg.Pool, caplog: pytest.LogCaptureFixture):
    async with await open_pool(pool._connect_args[0], max_size=2) as made:
        await left(made, uuid4())
    assert "active transaction" not in caplog.text


async def test_a_connection_that_was_lost_while_it_was_left_is_replaced(small: Pool):
    await left(small, uuid4())
    (connection,) = small._given
    connection.terminate()
    await left(small, uuid4())
