"""A log that somebody deleted as a whole: what else knows of it tells that it is gone."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from core.commands.transaction import Store
from tests.conftest import MASTER_KEY
from tests.integration.audit.sealed import KEYS, seal_all
from tests.integration.worlds import new_world
from texting import auditing
from texting.embedded import Addresses

TABLES = ("record", "involvement", "pending", "leaf", "tile", "tree_head", "checkpoint")


@pytest.fixture
def program(store: Store, worker_pool: asyncpg.Pool, addresses: Addresses) -> Any:
    return SimpleNamespace(
        store=store,
        worker=SimpleNamespace(pool=worker_pool),
        login=addresses.admin,
        secrets=SimpleNamespace(audit=MASTER_KEY, logs=KEYS),
    )


async def gone(admin: asyncpg.Connection, org_id: UUID, *tables: str) -> None:
    """Delete an organization's rows as a superuser can, past every guard."""
    async with admin.transaction():
        await admin.execute("SET LOCAL session_replication_role = replica; SET LOCAL texting.changing_audit = 'on'")
        for table in tables:
            await admin.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
            await admin.execute(f"DELETE FROM {table} WHERE org_id = $1", org_id)
        # Rolled back with everything else if it fails: no test leaves a table without its guards.
        for table in tables:
            await admin.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
            for trigger in await admin.fetch(
                "SELECT tgname FROM pg_trigger WHERE tgrelid = $1::text::regclass AND tgname LIKE 'refuse%'", table
            ):
                await admin.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {trigger['tgname']}")


async def findings(program: Any, org_id: UUID) -> list[str]:
    """What verifying finds of this organization, among all those that are found without naming one."""
    assert org_id in await auditing.organizations(program)
    found = [str(each) async for each in auditing.verify(program, [org_id], lambda _done, _count: None)]
    return [each for each in found if str(org_id) in each]


async def test_a_log_deleted_as_a_whole_is_missed_by_the_organization_s_rows(
    program: Any, store: Store, admin: asyncpg.Connection
) -> None:
    world = await new_world(store, people=1)
    await gone(admin, world.org_id, *(f"audit.{table}" for table in TABLES))
    found = await findings(program, world.org_id)
    assert [each for each in found if "texting.orgs" in each and "which the log does not have" in each], found


async def test_an_organization_deleted_with_its_log_is_missed_by_the_anchor(
    program: Any, store: Store, admin: asyncpg.Connection, worker_pool: asyncpg.Pool
) -> None:
    world = await new_world(store, people=1)
    await seal_all(worker_pool, world.org_id, uuid4())
    await gone(admin, world.org_id, *(f"audit.{table}" for table in TABLES))
    assert world.org_id in await auditing.organizations(program)
    async with admin.transaction():
        await admin.execute("SET LOCAL session_replication_role = replica")
        await admin.execute("DELETE FROM texting.orgs WHERE org_id = $1", world.org_id)
    assert world.org_id in await auditing.organizations(program)
