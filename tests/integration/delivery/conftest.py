"""A database of these tests' own: a dispatcher works for every organization, and its clock runs days ahead here."""

from __future__ import annotations

from collections.abc import AsyncIterator

import asyncpg
import orjson
import pytest

from audit.log import AuditLog
from core.commands.transaction import Store
from core.rules.default_policy import DEFAULT_POLICY
from core.storage import policies
from core.storage.database import ROLE_APP, ROLE_WORKER, open_pool
from core.storage.migrating import upgrade
from tests.conftest import ROOT
from tests.integration.delivery.desk import Desk
from texting.cluster import DATABASE
from texting.embedded import Addresses

OWN = "delivery"


@pytest.fixture(scope="session")
async def delivery_addresses(addresses: Addresses) -> Addresses:
    """The addresses of the migrated database of these tests."""
    own = Addresses(
        admin=addresses.admin.replace(f"/{DATABASE}?", f"/{OWN}?"),
        login=addresses.login.replace(f"/{DATABASE}?", f"/{OWN}?"),
    )
    connection = await asyncpg.connect(addresses.admin, database="postgres")
    await connection.execute(f"CREATE DATABASE {OWN}")
    await connection.close()
    await upgrade(own.admin, ROOT / "migrations")
    return own


@pytest.fixture
async def admin(delivery_addresses: Addresses) -> AsyncIterator[asyncpg.Connection]:
    """A superuser's connection."""
    connection = await asyncpg.connect(delivery_addresses.admin)
    await connection.set_type_codec("jsonb", schema="pg_catalog", encoder=str, decoder=orjson.loads)
    yield connection
    await connection.close()


@pytest.fixture(scope="session")
async def pool(delivery_addresses: Addresses) -> AsyncIterator[asyncpg.Pool]:
    """The API's pool."""
    async with await open_pool(delivery_addresses.login, role=ROLE_APP, max_size=4) as opened:
        await policies.seed(opened)
        yield opened


@pytest.fixture(scope="session")
async def worker_pool(delivery_addresses: Addresses) -> AsyncIterator[asyncpg.Pool]:
    """The worker's pool."""
    async with await open_pool(delivery_addresses.login, role=ROLE_WORKER, max_size=8) as opened:
        yield opened


@pytest.fixture
def store(pool: asyncpg.Pool, log: AuditLog) -> Store:
    """What commands need."""
    return Store(pool=pool, audit=log, policy=DEFAULT_POLICY)


@pytest.fixture
def worker_store(worker_pool: asyncpg.Pool, log: AuditLog) -> Store:
    """What the dispatcher needs."""
    return Store(pool=worker_pool, audit=log, policy=DEFAULT_POLICY)


@pytest.fixture
async def desk(admin: asyncpg.Connection, store: Store, worker_store: Store) -> Desk:
    """A user who may text, and the clock of the test. What other tests left to be done is taken away."""
    await admin.execute("DELETE FROM texting.outbox; DELETE FROM texting.sandbox_events")
    return await Desk.open(admin, store, worker_store)
