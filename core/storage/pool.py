"""A pool that hands connections on: from one short reading to the next with nothing done in between."""

from typing import Any

import asyncpg


class Pool(asyncpg.Pool):
    """asyncpg's pool, where `take` and `give` go around what it does at each release.

    It starts a task then, resets the session and renews its own view of the connection: together as much as a small
    statement. Whoever gives a connection back has ended the transaction, and everything we set ends with that. A
    connection that was given is whoever's takes the next one, by either way.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        """Take what asyncpg's takes."""
        super().__init__(*args, **options)
        self._given: list[Any] = []
        self._waiting = 0
        self._is_ending = False

    async def take(self, timeout_s: float | None) -> Any:
        """Give a connection that is open. Raises `TimeoutError` when none comes free in time."""
        while self._given:
            connection = self._given.pop()
            if not connection.is_closed():
                return connection
            await self.release(connection)
        self._waiting += 1
        try:
            return await super()._acquire(timeout_s)  # type: ignore[misc] # what `acquire` awaits
        finally:
            self._waiting -= 1

    async def give(self, connection: Any) -> None:
        """Take back what `take` gave."""
        is_wanted = self._waiting or self._is_ending
        if is_wanted or connection.is_closed() or connection.is_in_transaction():
            await self.release(connection)
        else:
            self._given.append(connection)

    async def _acquire(self, timeout: float | None) -> Any:  # noqa: ASYNC109 - asyncpg's signature
        return await self.take(timeout)

    def get_idle_size(self) -> int:
        """Give how many connections nobody uses."""
        return int(super().get_idle_size()) + len(self._given)

    async def close(self) -> None:
        """Close every connection, once nobody uses it any more."""
        self._is_ending = True
        while self._given:
            await self.release(self._given.pop())
        await super().close()
