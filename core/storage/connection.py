"""A connection as we use it: nothing to reset, and the shortest way for what a small request does most."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple
from uuid import UUID

import asyncpg
from asyncpg.exceptions import InvalidCachedStatementError, OutdatedSchemaCacheError

SNAPSHOT = "REPEATABLE READ"
"""The isolation of a request: one snapshot for all that it reads."""

STATEMENT = "READ COMMITTED"
"""The isolation of what reads by one statement alone."""

_ALL = 0
_WITHOUT_STATUS = False
"""How asyncpg's protocol is asked for every row, and for nothing but rows."""

_BIND = b"B\0\0\0\x0c" + b"\0\0" + b"\0\0\0\0\0\0"
_EXECUTE = b"E\0\0\0\x09" + b"\0" + b"\0\0\0\0"
"""Messages that run an unnamed statement without parameters (PostgreSQL, Message Formats)."""


class Opening(NamedTuple):
    """What begins a transaction: as a text of its own, and as messages that go ahead of another statement's."""

    sql: str
    messages: bytes


@lru_cache(maxsize=1024)
def opening(isolation: str, org_id: UUID, *, ends: bool) -> Opening:
    """Begin a transaction that reads one organization's rows; `ends`: the connection was left in another one."""
    begins = (f"BEGIN ISOLATION LEVEL {isolation} READ ONLY", f"SET LOCAL texting.org_id = '{org_id}'")
    return opening_of(("COMMIT", *begins) if ends else begins)


def opening_of(statements: Sequence[str]) -> Opening:
    """Write statements that answer no rows in both ways."""
    return Opening("; ".join(statements), b"".join(map(_messages, statements)))


def _messages(statement: str) -> bytes:
    text = b"\0" + statement.encode() + b"\0\0\0"
    return b"P" + (len(text) + 4).to_bytes(4) + text + _BIND + _EXECUTE


class Connection(asyncpg.Connection):
    """A pooled connection whose state ends with its transaction.

    Everything we set is `SET LOCAL`, so the pool's `RESET ALL` round trip at each release (30 to 40 % of a small
    request) would reset nothing; an open transaction is still rolled back.
    """

    # asyncpg's own parts, which its stubs do not name.
    _query_loggers: Any
    _stmt_cache: Any
    _protocol: Any
    _transport: Any
    _drop_global_statement_cache: Any

    def get_reset_query(self) -> str:
        """Reset nothing."""
        return ""

    async def rows(
        self, sql: str, args: Sequence[Any], row: type[asyncpg.Record] | None, begin: Opening | None = None
    ) -> list[Any]:
        """Do what `fetch` does, straight by the protocol where the statement is prepared and nobody listens.

        The ten calls between them took as long as a small request takes in all layers above. `begin` then goes ahead
        in the same packet: the server answers both at once, and asyncpg takes the answers to what went ahead for
        steps of the statement.
        """
        prepared = None if self._query_loggers else self._stmt_cache.get((sql, row or asyncpg.Record, False))
        if prepared is None:
            if begin is not None:
                await self.execute(begin.sql)
            return await self.fetch(sql, *args, record_class=row)
        asked = self._protocol.queries_count
        if begin is not None:
            self._transport.write(begin.messages)
        try:
            rows: list[Any] = await self._protocol.bind_execute(prepared, args, "", _ALL, _WITHOUT_STATUS, None)
        except BaseException as error:
            await self._failed(error, is_asked=self._protocol.queries_count > asked, has_begun=begin is not None)
            raise
        return rows

    async def _failed(self, error: BaseException, *, is_asked: bool, has_begun: bool) -> None:
        """Do what `fetch` does when it fails. A packet that nobody completes leaves the server waiting for the rest."""
        if has_begun and not is_asked:
            self.terminate()
        elif isinstance(error, OutdatedSchemaCacheError):
            await self.reload_schema_state()
        elif isinstance(error, InvalidCachedStatementError):
            self._drop_global_statement_cache()
