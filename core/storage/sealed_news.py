"""News that an organization's log has grown: told by the sealer over NOTIFY, and looked for at intervals besides.

What is told is only that there may be more to read: whoever follows a log reads from a place of its own, so news that
is lost, repeated or late costs time and nothing else. PostgreSQL's notifications do not pass a pooler in transaction
mode; there the intervals are all there is.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from uuid import UUID

import asyncpg

from audit.sealing import CHANNEL

LOOK_S = 5.0
"""How long a follower waits for news before it looks anyway."""

UNTOLD_LOOK_S = 0.3
"""How long it waits while nobody tells."""

More = Callable[[], Awaitable[None]]
"""Waits until there may be more to read."""


class SealedNews:
    """Wakes those who follow logs, within one program."""

    def __init__(self) -> None:
        """Nobody follows, and nobody tells."""
        self._followers: dict[UUID, set[asyncio.Event]] = {}
        self._is_told = False

    @contextlib.contextmanager
    def follow(self, org_id: UUID) -> Iterator[More]:
        """Follow one log for as long as the block runs; what is told between two waits ends the second at once."""
        told = asyncio.Event()
        self._followers.setdefault(org_id, set()).add(told)

        async def more() -> None:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LOOK_S if self._is_told else UNTOLD_LOOK_S):
                    await told.wait()
            told.clear()

        try:
            yield more
        finally:
            followers = self._followers[org_id]
            followers.discard(told)
            if not followers:
                del self._followers[org_id]

    def tell(self, org_id: UUID) -> None:
        """Wake those who follow a log."""
        for told in self._followers.get(org_id, ()):
            told.set()

    async def listen(self, login: str) -> None:
        """Listen on a connection of its own until it is lost, which is a `ConnectionError`."""
        async with _connected(login) as (connection, lost):
            await connection.add_listener(CHANNEL, self._hear)
            self._is_told = True
            for org_id in list(self._followers):
                self.tell(org_id)
            try:
                await lost.wait()
            finally:
                self._is_told = False
        raise ConnectionError("the connection that listens for news of the logs was lost")

    def _hear(self, _: object, __: int, ___: str, payload: object) -> None:
        with contextlib.suppress(ValueError):
            self.tell(UUID(str(payload)))


@contextlib.asynccontextmanager
async def _connected(login: str) -> AsyncIterator[tuple[asyncpg.Connection, asyncio.Event]]:
    connection = await asyncpg.connect(login, server_settings={"application_name": "texting_news"})
    lost = asyncio.Event()
    connection.add_termination_listener(lambda _: lost.set())
    try:
        yield connection, lost
    finally:
        connection.terminate()
