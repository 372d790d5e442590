"""A database with the audit schema, one for the whole session; every test enters organizations of its own."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from uuid import UUID, uuid4

import asyncpg
import pytest

from audit.log import AuditLog
from core.storage.migrating import upgrade
from texting.embedded import Addresses, Server

ROOT = Path(__file__).parents[3]
MASTER_KEY = bytes(range(32))


@pytest.fixture(scope="session")
def addresses() -> Iterator[Addresses]:
    folder = Path(tempfile.mkdtemp(prefix="texting-audit-"))
    try:
        with Server(folder, durable=False) as found:
            yield found
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
async def admin_dsn(addresses: Addresses) -> str:
    await upgrade(addresses.admin, ROOT / "migrations")
    return addresses.admin


@pytest.fixture
async def admin(admin_dsn: str) -> AsyncIterator[asyncpg.Connection]:
    """A superuser's connection."""
    connection = await asyncpg.connect(admin_dsn)
    yield connection
    await connection.close()


@pytest.fixture
async def app(admin_dsn: str) -> AsyncIterator[asyncpg.Connection]:
    """A connection that has taken the API's role."""
    connection = await asyncpg.connect(admin_dsn, server_settings={"role": "texting_app"})
    yield connection
    await connection.close()


@pytest.fixture
async def worker(admin_dsn: str) -> AsyncIterator[asyncpg.Connection]:
    """A connection that has taken the sealer's role."""
    connection = await asyncpg.connect(admin_dsn, server_settings={"role": "texting_worker"})
    yield connection
    await connection.close()


@pytest.fixture
def log() -> AuditLog:
    return AuditLog(MASTER_KEY, product_version="test")


@pytest.fixture
def org_id() -> UUID:
    return uuid4()
