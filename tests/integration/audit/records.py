"""Records to write in tests, and a transaction that has entered an organization."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import asyncpg

from audit.record import Record
from tests.unit.audit import records as unit

NOON = datetime.now(UTC).replace(microsecond=123_000)


def record(org_id: UUID, **changes: Any) -> Record:
    """Make a record of today in an organization, of a user and by an administrator that no other record knows."""
    return unit.record(**{"org_id": org_id, "user_id": uuid4(), "admin_id": uuid4(), "occurred_at": NOON} | changes)


@asynccontextmanager
async def entered(connection: asyncpg.Connection, org_id: UUID) -> AsyncIterator[None]:
    """Open a transaction that has entered an organization."""
    async with connection.transaction():
        await connection.execute(f"SET LOCAL texting.org_id = '{org_id}'")
        yield
