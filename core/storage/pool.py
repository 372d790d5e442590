"""A pool that hands connections on: from one short reading to the next with nothing done in between."""

import asyncio
from time import monotonic
from typing import Any

import asyncpg

LEFT_S = 0.02
"""How long a connection may stay in a transaction that it only read in: the next reading mostly comes sooner."""


class Pool(asyncpg.Pool):
    """asyncpg's pool, where `take` and `give` go around what it does at each release.

    It starts a task then, resets the session and renews its own view of the connection: together as much as a small
    statement. Everything we set ends with the transaction. A connection that was given is whoever's takes the next
    one, by either way.

    A transaction that was only read in may be left open: whoever takes the connection with `take_left` ends it in the
    message that begins the next one, everybody else gets it ended, and nobody within `LEFT_S` lets the pool end it.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        """Take what asyncpg's takes."""
        super().__init__(*args, **options)
        self._given: list[Any] = []
        self._left: dict[Any, float] = {}
        self._waiting = 0
        self._is_ending = False
        self._sweep: asyncio.TimerHandle | None = None
        self._sweeping: asyncio.Task[None] | None = None

    async def take(self, timeout_s: float | None) -> Any:
        """Give a connection outside any transaction. Raises `TimeoutError` when none comes free in time."""
        connection, is_left = await self.take_left(timeout_s)
        if is_left:
            try:
                await connection.execute("COMMIT")
            except BaseException:
                await self.release(connection)
                raise
        return connection

    async def take_left(self, timeout_s: float | None) -> tuple[Any, bool]:
        """Give a connection, and whether it is in a transaction that its taker has to end before anything else."""
        while self._given:
            connection = self._given.pop()
            is_left = self._left.pop(connection, None) is not None
            if not _is_lost(connection):
                return connection, is_left
            await self.release(connection)
        self._waiting += 1
        try:
            return await super()._acquire(timeout_s), False  # type: ignore[misc] # what `acquire` awaits
        finally:
            self._waiting -= 1

    async def give(self, connection: Any) -> None:
        """Take back what was taken, outside any transaction."""
        if self._is_wanted or _is_lost(connection) or connection.is_in_transaction():
            await self.release(connection)
        else:
            self._given.append(connection)

    async def leave(self, connection: Any) -> None:
        """Take back what was taken, in a transaction that was only read in."""
        if self._is_wanted or _is_lost(connection):
            await self._end(connection)
            return
        self._left[connection] = monotonic()
        self._given.append(connection)
        if self._sweep is None:
            self._sweep = asyncio.get_running_loop().call_later(LEFT_S, self._start_sweeping)

    async def _acquire(self, timeout: float | None) -> Any:  # noqa: ASYNC109 - asyncpg's signature
        return await self.take(timeout)

    def get_idle_size(self) -> int:
        """Give how many connections nobody uses."""
        return int(super().get_idle_size()) + len(self._given)

    async def close(self) -> None:
        """Close every connection, once nobody uses it any more."""
        self._is_ending = True
        if self._sweep is not None:
            self._sweep.cancel()
        while self._given:
            connection = self._given.pop()
            if self._left.pop(connection, None) is None:
                await self.release(connection)
            else:
                await self._end(connection)
        await super().close()

    @property
    def _is_wanted(self) -> bool:
        return self._waiting > 0 or self._is_ending

    async def _end(self, connection: Any) -> None:
        try:
            if not _is_lost(connection):
                await connection.execute("COMMIT")
        finally:
            await self.give(connection)

    def _start_sweeping(self) -> None:
        self._sweep = None
        now = monotonic()
        due = [each for each, since in self._left.items() if now - since >= LEFT_S]
        for each in due:
            del self._left[each]
            self._given.remove(each)
        if due:
            self._sweeping = asyncio.get_running_loop().create_task(self._end_all(due))
        if self._left:
            self._sweep = asyncio.get_running_loop().call_later(LEFT_S, self._start_sweeping)

    async def _end_all(self, connections: list[Any]) -> None:
        for each in connections:
            try:
                await self._end(each)
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
                # The connection is gone, and its transaction with it.
                continue


def _is_lost(connection: Any) -> bool:
    """Say whether it was closed; then the pool may have taken it back by itself."""
    try:
        return bool(connection.is_closed())
    except asyncpg.InterfaceError:
        return True
