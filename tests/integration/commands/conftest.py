"""What commands' tests look at afterwards."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from uuid import UUID

import asyncpg
import pytest

from tests.integration.commands.stored import Stored, prepare


@pytest.fixture
async def stored(admin_dsn: str) -> AsyncIterator[Callable[[UUID], Stored]]:
    """Give what an organization's tables and log hold."""
    connection = await asyncpg.connect(admin_dsn)
    await prepare(connection)
    yield lambda org_id: Stored(connection, org_id)
    await connection.close()
