"""The demo's organizations, made in a database of their own: once, whole, and through audited changes alone."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from audit.log import AuditLog
from core.commands.transaction import Answer, Store, perform
from core.rules.default_policy import DEFAULT_POLICY
from core.storage import policies
from core.storage.database import ROLE_APP, open_pool
from core.storage.migrating import upgrade
from texting.demo import maker, organizations
from texting.embedded import Addresses

ROOT = Path(__file__).parents[3]

COUNTS = {
    "orgs": 4,
    "locations": 7,
    "users": 64,
    "phone_numbers": 63,
    "brands": 2,
    "campaigns": 5,
    "messages": 7,
    "consent_events": 1,
}
"""Rows of the whole demo; the provider's own organization is one of the first."""


class CutShort(Exception):
    """the program was killed"""


@pytest.fixture
async def fresh(addresses: Addresses, admin_dsn: str, log: AuditLog) -> AsyncIterator[Store]:
    """A migrated database without organizations."""
    name = f"demo_{uuid4().hex}"
    admin = await asyncpg.connect(admin_dsn)
    await admin.execute(f"CREATE DATABASE {name}")
    await upgrade(addresses.admin.replace("/texting?", f"/{name}?"), ROOT / "migrations")
    pool = await open_pool(addresses.login.replace("/texting?", f"/{name}?"), role=ROLE_APP, max_size=4)
    await policies.seed(pool)
    yield Store(pool=pool, audit=log, policy=DEFAULT_POLICY)
    await pool.close()
    await admin.execute(f"DROP DATABASE {name} WITH (FORCE)")
    await admin.close()


async def test_the_demo_is_the_same_every_time_and_every_row_has_its_record(fresh: Store, addresses: Addresses) -> None:
    await organizations.make(fresh)
    assert await _counts(fresh, addresses) == COUNTS
    unrecorded = await _fetch(
        fresh,
        addresses,
        "SELECT u.display_name FROM texting.users u WHERE NOT EXISTS ("
        "SELECT FROM audit.record r WHERE r.org_id = u.org_id AND r.id = u.last_audit_id)",
    )
    assert unrecorded == []


@pytest.mark.parametrize("after", [1, 8, 30, 45])
async def test_a_start_that_was_cut_short_is_taken_up_by_the_next(
    fresh: Store, addresses: Addresses, monkeypatch: pytest.MonkeyPatch, after: int
) -> None:
    done = 0

    async def cut(*given: Any) -> Any:
        nonlocal done
        if done == after:
            raise CutShort
        answer = await perform(*given)
        done += isinstance(answer, Answer)
        return answer

    monkeypatch.setattr(maker, "perform", cut)
    with pytest.raises(CutShort):
        await organizations.make(fresh)
    monkeypatch.undo()
    await organizations.make(fresh)
    assert await _counts(fresh, addresses) == COUNTS


async def test_a_step_that_the_rules_refuse_stops_the_start(fresh: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(organizations, "READY", "")
    with pytest.raises(maker.DemoRefused, match="which is empty"):
        await organizations.make(fresh)


async def _counts(fresh: Store, addresses: Addresses) -> dict[str, int]:
    counted = [f"(SELECT count(*) FROM texting.{table}) AS {table}" for table in COUNTS]
    (row,) = await _fetch(fresh, addresses, f"SELECT {', '.join(counted)}")
    return dict(row)


async def _fetch(fresh: Store, addresses: Addresses, statement: str) -> Sequence[asyncpg.Record]:
    """Read across organizations, as the superuser."""
    name = await fresh.pool.fetchval("SELECT current_database()")
    connection = await asyncpg.connect(addresses.admin.replace("/texting?", f"/{name}?"))
    try:
        return await connection.fetch(statement)
    finally:
        await connection.close()
