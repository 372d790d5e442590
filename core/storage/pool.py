"""A pool that hands connections on: from one short reading to the next with nothing done in between."""

import asyncio
from time import monotonic
from typing import Any, NamedTuple
from uuid import UUID

import asyncpg

LEFT_S = 0.02
"""How long a connection may stay in a transaction that it only read in: the next reading mostly comes sooner."""

GO_ON_S = 0.1
"""How old a transaction may become that one reading after the other goes on in: who alters a table waits for it."""


_GONE = (OSError, asyncpg.PostgresError, asyncpg.InterfaceError)


class Left(NamedTuple):
    """A transaction that was left open: since when, and when it began, in seconds of a clock that only rises.

    `inside`: the organization whose readings may go on in it; `None`: nobody's.
    """

    since: float
    inside: UUID | None = None
    began: float = 0.0


class Pool(asyncpg.Pool):
    """asyncpg's pool, where `take` and `give` go around what it does at each release.

    It starts a task then, resets the session and renews its own view of the connection: together as much as a small
    statement. Everything we set ends with the transaction. A connection that was given is whoever's takes the next
    one, by either way.

    A transaction that was only read in may be left open: whoever takes the connection with `take_left` ends it in the
    message that begins the next one, everybody else gets it ended, and nobody within `LEFT_S` lets the pool end it.
    Where each of its statements has a snapshot of its own, the next one of the same organization may go on in it.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        """Take what asyncpg's takes."""
        super().__init__(*args, **options)
        self._given: list[Any] = []
        self._left: dict[Any, Left] = {}
        self._waiting = 0
        self._is_ending = False
        self._sweep: asyncio.TimerHandle | None = None
        self._sweeping: asyncio.Task[None] | None = None

    async def take(self, timeout_s: float | None) -> Any:
        """Give a connection outside any transaction. Raises `TimeoutError` when none comes free in time."""
        connection, left = await self.take_left(timeout_s)
        if left is not None:
            try:
                await connection.execute("COMMIT")
            except BaseException:
                await self.release(connection)
                raise
        return connection

    async def take_left(self, timeout_s: float | None, inside: UUID | None = None) -> tuple[Any, Left | None]:
        """Give a connection, and the transaction that it is in, which its taker has to end before anything else.

        `inside`: the taker goes on in a transaction of that organization, if one comes along.
        """
        while self._given:
            connection = self._given.pop(self._place(inside))
            left = self._left.pop(connection, None)
            if not _is_lost(connection):
                return connection, left
            await self.release(connection)
        self._waiting += 1
        try:
            return await super()._acquire(timeout_s), None  # type: ignore[misc] # what `acquire` awaits
        finally:
            self._waiting -= 1

    async def give(self, connection: Any) -> None:
        """Take back what was taken, outside any transaction; what failed or was cancelled is released instead."""
        if self._is_wanted or _is_lost(connection) or connection.is_in_transaction():
            await self.release(connection)
        else:
            self._given.append(connection)

    async def leave(self, connection: Any, inside: UUID | None = None, began: float = 0.0) -> None:
        """Take back what was taken, in a transaction that was only read in.

        `inside`: the organization that may go on in it, until it is `GO_ON_S` old.
        """
        if self._is_wanted or _is_lost(connection):
            await self._end(connection)
            return
        now = monotonic()
        self._left[connection] = Left(now, inside if now - began < GO_ON_S else None, began)
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

    def _place(self, inside: UUID | None) -> int:
        """Choose among those that were given: the last one, unless one is inside the organization."""
        for at, connection in enumerate(self._given if inside is not None else ()):
            left = self._left.get(connection)
            if left is not None and left.inside == inside:
                return at
        return -1

    async def _end(self, connection: Any) -> None:
        try:
            if not _is_lost(connection):
                await connection.execute("COMMIT")
        except BaseException:
            await self.release(connection)
            raise
        await self.give(connection)

    def _start_sweeping(self) -> None:
        self._sweep = None
        now = monotonic()
        due = [each for each, left in self._left.items() if now - left.since >= LEFT_S]
        for each in due:
            del self._left[each]
            self._given.remove(each)
        if due:
            self._sweeping = asyncio.get_running_loop().create_task(self._end_all(due))
        if self._left:
            self._sweep = asyncio.get_running_loop().call_later(LEFT_S, self._start_sweeping)

    async def _end_all(self, connections: list[Any]) -> None:
        # All at once: where every turn of the loop is long, the last one's turn would be far away.
        ended = await asyncio.gather(*map(self._end, connections), return_exceptions=True)
        for error in ended:
            # Mostly the connection is gone, and its transaction with it.
            if error is not None and not isinstance(error, _GONE):
                raise error


def _is_lost(connection: Any) -> bool:
    """Say whether it was closed; then the pool may have taken it back by itself."""
    try:
        return bool(connection.is_closed())
    except asyncpg.InterfaceError:
        return True
