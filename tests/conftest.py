"""One embedded PostgreSQL for the session, migrated once. Every test enters organizations of its own."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from uuid import UUID, uuid4

import asyncpg
import pytest
from hypothesis import settings

from audit.log import AuditLog
from core.commands.transaction import Store
from core.rules.default_policy import DEFAULT_POLICY
from core.storage import policies
from core.storage.connection import Connection
from core.storage.database import ROLE_APP, ROLE_WORKER, open_pool
from core.storage.migrating import upgrade
from texting.embedded import Addresses, Server

ROOT = Path(__file__).parents[1]
MASTER_KEY = bytes(range(32))

# The time limit of a test bounds it; one example may be slow on a machine that is busy.
settings.register_profile("tests", deadline=None)
settings.load_profile("tests")

# Before anything imports them: what tests' helpers assert is shown as a test's own.
pytest.register_assert_rewrite(*(f"tests.{each}" for each in ("acceptance", "integration", "process", "unit")))


@pytest.fixture(scope="session")
def addresses() -> Iterator[Addresses]:
    """The server's addresses: nothing is flushed to disk, nothing is kept."""
    folder = Path(tempfile.mkdtemp(prefix="texting-tests-"))
    try:
        with Server(folder, durable=False) as found:
            yield found
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
async def admin_dsn(addresses: Addresses) -> str:
    """A superuser's address of the migrated database."""
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
    connection = await asyncpg.connect(admin_dsn, connection_class=Connection, server_settings={"role": ROLE_APP})
    yield connection
    await connection.close()


@pytest.fixture
async def worker(admin_dsn: str) -> AsyncIterator[asyncpg.Connection]:
    """A connection that has taken the worker's role."""
    connection = await asyncpg.connect(admin_dsn, server_settings={"role": ROLE_WORKER})
    yield connection
    await connection.close()


@pytest.fixture(scope="session")
async def pool(admin_dsn: str, addresses: Addresses) -> AsyncIterator[asyncpg.Pool]:
    """The API's pool, through the login that serving uses."""
    async with await open_pool(addresses.login, role=ROLE_APP, max_size=8) as opened:
        await policies.seed(opened)
        yield opened


@pytest.fixture(scope="session")
async def worker_pool(admin_dsn: str, addresses: Addresses) -> AsyncIterator[asyncpg.Pool]:
    """The worker's pool."""
    async with await open_pool(addresses.login, role=ROLE_WORKER, max_size=4) as opened:
        yield opened


@pytest.fixture
def log() -> AuditLog:
    """The audit log, with a key of the tests' own."""
    return AuditLog(MASTER_KEY, product_version="test")


@pytest.fixture
def store(pool: asyncpg.Pool, log: AuditLog) -> Store:
    """What commands need."""
    return Store(pool=pool, audit=log, policy=DEFAULT_POLICY)


@pytest.fixture
def org_id() -> UUID:
    """An organization's id that nobody has used."""
    return uuid4()
