"""Pools and transactions: one tenant a transaction, set in the same message as BEGIN."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import partial
from time import monotonic
from typing import Any, TypeVar, overload
from uuid import UUID

import asyncpg
import orjson

from core.storage.connection import SNAPSHOT, STATEMENT, Connection, opening
from core.storage.pool import Left, Pool
from core.storage.statements import Statement

Row = TypeVar("Row", bound=asyncpg.Record)

Told = Callable[[Any], None]
"""Is called with an `asyncpg` `LoggedQuery` a moment after each statement, in the context of who ran it."""

ROLE_APP = "texting_app"
ROLE_WORKER = "texting_worker"

CONNECTION_WAIT_S = 10.0
"""How long a read waits for a connection: a server that has too few answers with an error rather than never."""


UNREACHABLE: tuple[type[Exception], ...] = (
    OSError,
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.TooManyConnectionsError,
)
"""What is raised when the database does not answer, or no connection to it comes free in time."""

STATEMENTS_PREPARED = 256
"""Statements that a connection keeps prepared, the least recently used going first: one for each set of columns."""

_QUERIES_MAX = 50_000
"""asyncpg's own default for how many queries a connection answers."""


class CommitLost(Exception):
    """PostgreSQL answered a COMMIT with ROLLBACK: an error inside was swallowed, and nothing was written."""


async def open_pool(
    dsn: str, *, role: str = ROLE_APP, max_size: int = 16, timeout_s: float = 30, told: Told | None = None
) -> Pool:
    """Open a pool whose every session has taken `role`; `timeout_s` bounds one statement; `told` hears of each."""
    pool = Pool(
        dsn,
        min_size=1,
        max_size=max_size,
        max_queries=_QUERIES_MAX,
        connection_class=Connection,
        record_class=asyncpg.Record,
        loop=None,
        init=_prepare if told is None else partial(_prepare, told=told),
        max_inactive_connection_lifetime=0,
        statement_cache_size=STATEMENTS_PREPARED,
        max_cached_statement_lifetime=0,
        server_settings={
            "role": role,
            "timezone": "UTC",
            "application_name": role,
            "statement_timeout": str(int(timeout_s * 1000)),
            "idle_in_transaction_session_timeout": "60000",
            "jit": "off",
        },
    )
    opened: Pool = await pool
    return opened


async def _prepare(connection: asyncpg.Connection, told: Told | None = None) -> None:
    if told is not None:
        connection.add_query_logger(told)
    for name in ("json", "jsonb"):
        await connection.set_type_codec(
            name, schema="pg_catalog", encoder=_json_text, decoder=orjson.loads, format="text"
        )


def _json_text(value: Any) -> str:
    return json.dumps(value) if isinstance(value, float) else orjson.dumps(value).decode()


def _ending(left: Left | None) -> str:
    """End the transaction that a connection was left in, in the message that begins the next one."""
    return "" if left is None else "COMMIT; "


class Reader:
    """One organization's rows in one read-only snapshot, opened at the first fetch.

    Fields of one level share it: fetches take turns on its connection. `renew` ends the snapshot, so that what a
    mutation committed is seen.
    """

    def __init__(self, pool: asyncpg.Pool, org_id: UUID) -> None:
        """Remember where to read; nothing is opened yet."""
        self.org_id = org_id
        self.statements = 0
        self.rows = 0
        assert isinstance(pool, Pool), "`open_pool` makes the pools that are read from"
        self._pool = pool
        self._connection: Any = None
        self._lock = asyncio.Lock()

    @overload
    async def fetch(self, statement: Statement, /, *, row: type[Row], **values: Any) -> list[Row]: ...
    @overload
    async def fetch(self, statement: Statement, /, **values: Any) -> list[asyncpg.Record]: ...
    def fetch(self, statement: Statement, /, *, row: Any = None, **values: Any) -> Awaitable[list[Any]]:
        """Run a compiled statement; `row` names the record class of the answer."""
        return self.fetch_sql(statement.sql, *statement.arguments(values), row=row)

    async def fetch_sql(self, sql: str, *args: Any, row: type[Row] | None = None) -> list[Any]:
        """Run SQL text with positional arguments."""
        await self._lock.acquire()  # `async with` takes two coroutines more
        try:
            self.statements += 1
            connection = self._connection
            rows = await (self._first(sql, args, row) if connection is None else connection.rows(sql, args, row))
            self.rows += len(rows)
            return rows
        finally:
            self._lock.release()

    async def fetch_alone(self, sql: str, *args: Any) -> list[Any]:
        """Run SQL text that is all the request reads, so that the statement's own snapshot is enough.

        READ COMMITTED gives each statement its own: the next such reading of the organization goes on in the
        transaction that this one leaves, and costs no message but its statement.
        """
        if self._connection is not None:
            return await self.fetch_sql(sql, *args)
        connection, left = await self._pool.take_left(CONNECTION_WAIT_S, self.org_id)
        if left is not None and left.inside == self.org_id:
            begin, began = None, left.began
        else:
            begin, began = opening(STATEMENT, self.org_id, ends=left is not None), monotonic()
        try:
            rows: list[Any] = await connection.rows(sql, args, None, begin)
        except BaseException:
            await self._pool.release(connection)
            raise
        await self._pool.leave(connection, self.org_id, began)
        self.statements += 1
        self.rows += len(rows)
        return rows

    async def renew(self) -> None:
        """End the snapshot; the next fetch opens a newer one."""
        async with self._lock:
            await self._close()

    close = renew

    async def leave(self) -> None:
        """End the snapshot when the connection is next used, or a moment later: nobody waits for it."""
        async with self._lock:
            connection, self._connection = self._connection, None
            if connection is not None:
                await self._pool.leave(connection)

    async def _first(self, sql: str, args: Sequence[Any], row: type[Row] | None) -> list[Any]:
        """Open the snapshot with its first statement."""
        connection, left = await self._pool.take_left(CONNECTION_WAIT_S)
        try:
            begin = opening(SNAPSHOT, self.org_id, ends=left is not None)
            rows: list[Any] = await connection.rows(sql, args, row, begin)
        except BaseException:
            # Whoever is cancelled does not know how far the message came: the pool waits for that, and ends it.
            await self._pool.release(connection)
            raise
        self._connection = connection
        return rows

    async def _close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is None:
            return
        try:
            await connection.execute("COMMIT")
        except BaseException:
            await self._pool.release(connection)
            raise
        await self._pool.give(connection)


async def has_any(pool: asyncpg.Pool, org_id: UUID, sql: str) -> bool:
    """Run SQL text inside one organization, in one round trip; say whether it has rows.

    Nothing is escaped: the text holds no values but ids and times.
    """
    assert isinstance(pool, Pool), "`open_pool` makes the pools that are read from"
    connection, left = await pool.take_left(CONNECTION_WAIT_S)
    try:
        # Several statements in one message are a transaction of their own.
        told: str = await connection.execute(f"{_ending(left)}SET LOCAL texting.org_id = '{org_id}'; {sql}")
    except BaseException:
        await pool.release(connection)
        raise
    await pool.give(connection)
    return told != "SELECT 0"


@asynccontextmanager
async def reading(pool: asyncpg.Pool, org_id: UUID) -> AsyncIterator[Reader]:
    """Read one organization's rows; the snapshot ends with the block."""
    reader = Reader(pool, org_id)
    try:
        yield reader
    finally:
        await reader.close()


@asynccontextmanager
async def writing(pool: asyncpg.Pool, org_id: UUID) -> AsyncIterator[Connection]:
    """Open a read-write transaction inside one organization; commit at the end, roll back on any exception.

    Raises `CommitLost` when the database answers the COMMIT with a ROLLBACK.
    """
    async with pool.acquire() as connection:
        await connection.execute(f"BEGIN; SET LOCAL texting.org_id = '{UUID(str(org_id))}'")
        try:
            yield connection  # type: ignore[misc] # the pool's proxy of one
        except BaseException:
            await connection.execute("ROLLBACK")
            raise
        if await connection.execute("COMMIT") != "COMMIT":
            raise CommitLost("the database rolled back instead of committing: nothing was written, try again")


async def fetch(
    connection: asyncpg.Connection, statement: Statement, values: Mapping[str, Any], row: type[Row] | None = None
) -> list[Any]:
    """Run a compiled statement on a writing connection."""
    return await connection.fetch(statement.sql, *statement.arguments(values), record_class=row)


async def execute(connection: asyncpg.Connection, statement: Statement, values: Mapping[str, Any]) -> str:
    """Run a compiled statement that answers no rows; gives the command tag, such as `UPDATE 1`."""
    return await connection.execute(statement.sql, *statement.arguments(values))
