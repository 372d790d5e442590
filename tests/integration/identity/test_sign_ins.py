"""A provider's token is a sign-in once, however often and wherever it is shown."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import asyncpg
import orjson
import pytest

from audit.render import DISCLOSURES
from core.commands.transaction import Store
from core.delivery.upkeep import SIGN_INS_KEPT, Upkeep
from core.ids import SYSTEM_ORG_ID
from core.principal import Grant, Principal, Role
from tests.integration.worlds import new_org
from texting.identity.sign_ins import SignIns

_RECORDS = "SELECT * FROM audit.record WHERE org_id = $1 AND action = 'session:sign-in'"


@pytest.fixture
async def org(store: Store) -> UUID:
    return await new_org(store)


def ana(org: UUID) -> Principal:
    return Principal(
        subject="u-1",
        name="Ana Lima",
        org_id=org,
        grants=(Grant(role=Role.AUDITOR, org_id=org),),
        issuer="https://id.example",
    )


async def test_a_token_is_recorded_once_whatever_servers_see_it(store: Store, org: UUID, admin: asyncpg.Connection):
    now = datetime.now(UTC)
    ends = now + timedelta(minutes=5)
    await asyncio.gather(*(SignIns(store).seen("token", ana(org), now, ends) for _ in range(5)))
    await SignIns(store).seen("another", ana(org), now, ends)
    records = await admin.fetch(_RECORDS, org)
    assert len(records) == 2
    told = str([dict(record) for record in records])
    assert "u-1" in told
    assert "Ana Lima" not in told  # an erasable value, encrypted


async def test_people_of_one_subject_have_sessions_and_names_of_their_own(
    store: Store, org: UUID, admin: asyncpg.Connection
) -> None:
    now = datetime.now(UTC)
    ends = now + timedelta(minutes=5)
    one = ana(org)
    other = replace(one, issuer="https://other.example")
    for number, who in enumerate([one, other, one]):
        # Ids of one millisecond have no order.
        await SignIns(store).seen(f"token {number} of {org}", who, now + timedelta(milliseconds=number), ends)
    records = await admin.fetch(f"{_RECORDS} ORDER BY id", org)
    targets = [orjson.loads(record["entry"])["entity"]["uid"] for record in records]
    sealed = await admin.fetch(DISCLOSURES, org, [record["id"] for record in records])
    assert len(targets) == 3
    assert targets[0] == targets[-1] != targets[1]
    assert len({each["subject_id"] for each in sealed}) == 2


async def test_an_organization_that_is_not_there_gets_no_log(store: Store, admin: asyncpg.Connection):
    nowhere, now = uuid4(), datetime.now(UTC)
    for _ in range(2):
        await SignIns(store).seen("elsewhere", ana(nowhere), now, now + timedelta(minutes=5))
    assert await admin.fetch(_RECORDS, nowhere) == []
    (record,) = [each for each in await admin.fetch(_RECORDS, SYSTEM_ORG_ID) if str(nowhere).encode() in each["entry"]]
    assert record["actor"] == "u-1"


async def test_what_was_seen_is_forgotten_some_time_after_its_end(
    store: Store, org: UUID, admin: asyncpg.Connection, worker_pool: asyncpg.Pool
):
    now = datetime.now(UTC)
    await SignIns(store).seen("ended", ana(org), now, now - SIGN_INS_KEPT - timedelta(minutes=1))
    await SignIns(store).seen("standing", ana(org), now, now + timedelta(minutes=5))
    await Upkeep(worker_pool).run_once(now)
    assert await admin.fetchval("SELECT count(*) FROM texting.sign_ins WHERE org_id = $1", org) == 1
    assert len(await admin.fetch(_RECORDS, org)) == 2
