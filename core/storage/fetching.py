"""One way to read for the request's snapshot and for an open change."""

from typing import Any, Protocol

import asyncpg

from core.storage import database
from core.storage.statements import Statement


class Fetch(Protocol):
    """Run a compiled statement with its parameters by name; `row` names the record class. `Reader.fetch` is one."""

    async def __call__(self, statement: Statement, /, *, row: Any = None, **values: Any) -> list[Any]:
        """Give the rows."""


def inside(connection: asyncpg.Connection) -> Fetch:
    """Read inside an open read-write transaction: what it wrote is seen."""

    async def fetch(statement: Statement, /, *, row: Any = None, **values: Any) -> list[Any]:
        return await database.fetch(connection, statement, values, row)

    return fetch
