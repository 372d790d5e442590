"""Connections go from one reading to the next as they are; nobody else meets a transaction that is not their own."""

import asyncio
from collections.abc import AsyncIterator
from uuid import UUID, uuid4

import asyncpg
import pytest

from core.storage import pool as pools
from core.storage.database import Reader, has_any, open_pool, reading, writing
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


STATE = (
    "SELECT current_setting('texting.org_id', true) AS org, current_setting('transaction_isolation') AS isolation, "
    "current_setting('transaction_read_only') AS read_only, transaction_timestamp() AS began"
)


async def alone(pool: Pool, org_id: UUID) -> asyncpg.Record:
    """Read by one statement that is all there is to read; give the state it met."""
    (row,) = await Reader(pool, org_id).fetch_alone(STATE)
    assert (row["org"], row["isolation"], row["read_only"]) == (str(org_id), "read committed", "on")
    return row


async def test_a_reading_that_is_alone_goes_on_where_the_last_one_of_its_organization_was(
    small: Pool, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(pools, "LEFT_S", 60)
    monkeypatch.setattr(pools, "GO_ON_S", 60)
    one, other = uuid4(), uuid4()
    first, second = await alone(small, one), await alone(small, one)
    assert first["began"] == second["began"]
    assert (await alone(small, other))["began"] > second["began"]
    assert (await alone(small, one))["began"] > second["began"]


async def test_a_transaction_does_not_go_on_for_long(small: Pool, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(pools, "LEFT_S", 60)
    monkeypatch.setattr(pools, "GO_ON_S", 0)
    one = uuid4()
    assert (await alone(small, one))["began"] < (await alone(small, one))["began"]


async def test_a_reading_that_is_not_alone_does_not_go_on(small: Pool, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(pools, "LEFT_S", 60)
    one = uuid4()
    first = await alone(small, one)
    reader = Reader(small, one)
    (row,) = await reader.fetch_sql(STATE)
    assert (row["isolation"], row["began"] > first["began"]) == ("repeatable read", True)
    (inside,) = await reader.fetch_alone(STATE)
    assert (inside["isolation"], inside["began"]) == ("repeatable read", row["began"])
    assert reader.statements == 2
    await reader.leave()
    assert (await alone(small, one))["began"] > row["began"]


async def test_a_reading_that_goes_on_sees_what_was_committed_meanwhile(
    small: Pool, pool: asyncpg.Pool, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(pools, "LEFT_S", 60)
    monkeypatch.setattr(pools, "GO_ON_S", 60)
    one = uuid4()
    before = await alone(small, one)
    current = (
        "SELECT pg_current_xact_id_if_assigned() IS NULL AS reads, pg_snapshot_xmin(pg_current_snapshot()) AS xmin"
    )
    (first,) = await Reader(small, one).fetch_alone(current)
    async with pool.acquire() as writer:
        await writer.execute("SELECT pg_current_xact_id()")
    (second,) = await Reader(small, one).fetch_alone(current)
    assert second["xmin"] > first["xmin"]
    assert (await alone(small, one))["began"] == before["began"]


async def test_a_reading_that_fails_leaves_nothing_behind(small: Pool):
    one = uuid4()
    with pytest.raises(asyncpg.UndefinedTableError):
        await Reader(small, one).fetch_alone("SELECT 1 FROM texting.nowhere")
    assert not small._left
    async with small.acquire() as connection:
        assert not await connection.fetchval(TENANT)


async def test_of_those_left_open_the_own_organization_s_is_taken(pool: asyncpg.Pool, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(pools, "LEFT_S", 60)
    monkeypatch.setattr(pools, "GO_ON_S", 60)
    one = uuid4()
    async with await open_pool(pool._connect_args[0], max_size=2) as made:
        holding = Reader(made, uuid4())
        await holding.fetch_sql(TENANT)
        first = await alone(made, one)
        await holding.leave()
        assert len(made._given) == 2
        assert (await alone(made, one))["began"] == first["began"]


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


@pytest.mark.parametrize("is_left", [True, False])
@pytest.mark.parametrize("at", range(0, 60, 4))
@pytest.mark.parametrize("asking", ["reading", "has_any"])
async def test_who_is_cancelled_at_any_point_leaves_nobody_inside(small: Pool, asking: str, at: int, is_left: bool):
    async def ask() -> None:
        if asking == "has_any":
            await has_any(small, uuid4(), "SELECT 1")
            return
        async with reading(small, uuid4()) as reader:
            await reader.fetch_sql(TENANT)

    if is_left:
        await left(small, uuid4())
    task = asyncio.create_task(ask())
    for _ in range(at):
        await asyncio.sleep(0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    async with writing(small, uuid4()) as connection:
        assert await connection.fetchval("SHOW transaction_read_only") == "off"


async def test_a_statement_is_prepared_once_and_read_the_same_way_again(small: Pool):
    class Named(asyncpg.Record):
        pass

    sql = "SELECT $1::int AS one, $2::text AS other"
    for number in range(3):
        async with reading(small, uuid4()) as reader:
            for kind in (None, Named):
                (row,) = await reader.fetch_sql(sql, number, "ä", row=kind)
                assert (type(row), tuple(row)) == (kind or asyncpg.Record, (number, "ä"))
            assert (reader.statements, reader.rows) == (2, 2)


async def test_a_reading_whose_table_was_altered_meanwhile_fails_once(small: Pool, admin: asyncpg.Connection):
    await admin.execute("CREATE SCHEMA beside; CREATE TABLE beside.altered AS SELECT 1 AS one")
    await admin.execute("GRANT USAGE ON SCHEMA beside TO texting_app; GRANT SELECT ON beside.altered TO texting_app")
    sql = "SELECT * FROM beside.altered"
    for _ in range(2):
        async with reading(small, uuid4()) as reader:
            assert [tuple(row) for row in await reader.fetch_sql(sql)] == [(1,)]
    await admin.execute("ALTER TABLE beside.altered ADD two int DEFAULT 2")
    with pytest.raises(asyncpg.InvalidCachedStatementError):
        async with reading(small, uuid4()) as reader:
            await reader.fetch_sql(sql)
    async with reading(small, uuid4()) as reader:
        assert [tuple(row) for row in await reader.fetch_sql(sql)] == [(1, 2)]
    await admin.execute("DROP SCHEMA beside CASCADE")


async def test_a_prepared_statement_that_fails_says_why_and_the_connection_is_usable(small: Pool):
    sql = "SELECT 1 / $1::int"
    async with reading(small, uuid4()) as reader:
        await reader.fetch_sql(sql, 1)
    with pytest.raises(asyncpg.DivisionByZeroError):
        async with reading(small, uuid4()) as reader:
            await reader.fetch_sql(sql, 0)
    with pytest.raises(asyncpg.DataError, match="query argument"):
        async with reading(small, uuid4()) as reader:
            await reader.fetch_sql(sql, "no number")
    with pytest.raises(asyncpg.DataError, match="query argument"):
        await Reader(small, uuid4()).fetch_alone(sql, "no number")
    async with reading(small, uuid4()) as reader:
        assert (await reader.fetch_sql(sql, 1))[0][0] == 1


async def test_a_snapshot_begins_with_its_first_statement_inside_its_own_organization(small: Pool):
    for _ in range(3):
        own = uuid4()
        async with reading(small, own) as reader:
            (row,) = await reader.fetch_sql(STATE)
            (again,) = await reader.fetch_sql(STATE)
        assert (row["org"], row["isolation"], row["read_only"]) == (str(own), "repeatable read", "on")
        assert row["began"] == again["began"]


async def test_a_snapshot_whose_first_statement_is_cancelled_leaves_nothing_behind(small: Pool):
    sql = "SELECT pg_sleep($1::float8)"
    for seconds in (0.0, 60.0, 0.0):
        reader = Reader(small, uuid4())
        task = asyncio.create_task(reader.fetch_sql(sql, seconds))
        if seconds:
            await asyncio.sleep(0.1)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
        else:
            assert len(await task) == 1
        await reader.close()
    async with small.acquire() as connection:
        assert not connection.is_in_transaction()
        assert not await connection.fetchval(TENANT)
