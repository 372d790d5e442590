"""Erasing destroys the values and keys of one subject, names what it destroyed, and leaves every proof standing."""

import asyncio
from uuid import UUID, uuid4

import asyncpg
import pytest

from audit.actions import Action
from audit.disclosure import b64url
from audit.keys import MasterKey, SealedValues, split_digests
from audit.verification.log import LogCheck
from core.commands.erasures import Erasure, erase_personal_data
from core.commands.refusals import InvalidInput, NotFound, WrongState
from core.commands.send_facts import Draft
from core.commands.sends import send_message
from core.commands.transaction import Store
from core.commands.user_status import deactivate_user
from core.principal import Role
from tests.conftest import MASTER_KEY
from tests.integration.audit.sealed import KEYS, seal_all
from tests.integration.worlds import World, member, new_world

PEER = "+12125550199"
BASIS = "CCPA 1798.105"
_WAITS_FOR_US = """
SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid)))
"""


@pytest.fixture
async def world(store: Store) -> World:
    return await new_world(store, people=2)


def erase(world: World, wanted: Erasure, **said: object):
    officer = member(world.org_id, Role.COMPLIANCE_OFFICER)
    said = {"action": Action.PERSONAL_DATA_ERASE, "reason": "asked by letter", **said}
    return officer, lambda tx: erase_personal_data(tx, wanted), said


async def held(admin: asyncpg.Connection, org_id: UUID, subject: UUID | None = None) -> list[SealedValues]:
    """The values that the log holds, of everybody or of one subject, looked for in every record."""
    rows = await admin.fetch(
        "SELECT unnest(disclosures) FROM audit.record WHERE org_id = $1 ORDER BY logged_at, id", org_id
    )
    stored = [SealedValues.parse(row[0]) for row in rows]
    return [each for each in stored if subject in (None, each.subject)]


async def problems_of(admin: asyncpg.Connection, world: World) -> list[str]:
    async with admin.transaction():
        return [str(each) async for each in LogCheck(admin, world.org_id, KEYS, MasterKey(MASTER_KEY)).check()]


async def send(world: World) -> None:
    person = world.people[0]
    draft = Draft(user_id=person.user_id, to=PEER, body="hello")
    await world.answer(person.principal, lambda tx: send_message(tx, draft), action=Action.MESSAGE_SEND)


async def test_a_deactivated_user_becomes_a_tombstone_and_the_log_still_verifies(
    world: World, admin: asyncpg.Connection, worker_pool: asyncpg.Pool
) -> None:
    user_id = world.people[0].user_id
    await world.answer(world.org_admin, lambda tx: deactivate_user(tx, user_id), reason="left")
    await seal_all(worker_pool, world.org_id, uuid4())
    who, change, said = erase(world, Erasure(user_id=user_id, legal_basis=BASIS))
    made = await world.answer(who, change, **said)
    assert made.values["erased_count"] >= 3
    row = await admin.fetchrow("SELECT * FROM texting.users WHERE id = $1", user_id)
    assert (row["display_name"], row["email"], row["email_key"], row["status"]) == ("Erased user", None, None, "ERASED")
    assert await held(admin, world.org_id, user_id) == []
    await seal_all(worker_pool, world.org_id, uuid4())
    assert await problems_of(admin, world) == []


async def test_the_record_names_the_digests_and_the_basis(world: World, admin: asyncpg.Connection) -> None:
    user_id = world.people[0].user_id
    await world.answer(world.org_admin, lambda tx: deactivate_user(tx, user_id), reason="left")
    digests = [digest for each in await held(admin, world.org_id, user_id) for digest in split_digests(each.digests)]
    who, change, said = erase(world, Erasure(user_id=user_id, legal_basis=BASIS))
    made = await world.answer(who, change, **said)
    entry = await admin.fetchval("SELECT entry FROM audit.record WHERE id = $1::text::uuid", made.refs["record_ref"])
    assert BASIS.encode() in bytes(entry)
    assert digests
    assert all(b64url(digest).encode() in bytes(entry) for digest in digests)


async def test_an_active_user_is_not_erased(world: World) -> None:
    who, change, said = erase(world, Erasure(user_id=world.people[0].user_id, legal_basis=BASIS))
    refused = await world.refusal(who, change, **said)
    assert isinstance(refused, WrongState)
    assert refused.state == "ACTIVE"


async def test_what_retention_keeps_is_not_erased(world: World, admin: asyncpg.Connection) -> None:
    user_id = world.people[0].user_id
    await send(world)
    await world.answer(world.org_admin, lambda tx: deactivate_user(tx, user_id), reason="left")
    before = await held(admin, world.org_id)
    for wanted in (Erasure(user_id=user_id, legal_basis=BASIS), Erasure(number=PEER, legal_basis=BASIS)):
        who, change, said = erase(world, wanted)
        refused = await world.refusal(who, change, **said)
        assert isinstance(refused, WrongState)
        assert refused.state == "RETAINED"
    after = await held(admin, world.org_id)
    # The refusals themselves name the officer who asked, and nothing went.
    assert after[: len(before)] == before


async def test_after_retention_a_number_and_its_bodies_are_erased(
    world: World, admin: asyncpg.Connection, worker_pool: asyncpg.Pool
) -> None:
    await send(world)
    # Time passes by moving the message back: a record of next year would lie outside the months that are made.
    await admin.execute("UPDATE texting.messages SET expires_at = now() WHERE org_id = $1", world.org_id)
    await admin.execute('UPDATE texting.message_events SET raw = \'{"to": "+1…"}\' WHERE org_id = $1', world.org_id)
    who, change, said = erase(world, Erasure(number="+1 212-555-0199", legal_basis=BASIS))
    made = await world.answer(who, change, **said)
    assert made.values["erased_count"] >= 2
    states = await admin.fetch("SELECT body, body_state FROM texting.messages WHERE org_id = $1", world.org_id)
    assert [tuple(row) for row in states] == [(None, "ERASED")]
    receipts = await admin.fetch("SELECT raw FROM texting.message_events WHERE org_id = $1", world.org_id)
    assert receipts
    assert {row["raw"] for row in receipts} == {None}
    await seal_all(worker_pool, world.org_id, uuid4())
    assert await problems_of(admin, world) == []


async def test_a_number_of_the_organization_is_nobody_s_to_have_erased(world: World, admin: asyncpg.Connection) -> None:
    await send(world)
    before = await held(admin, world.org_id)
    who, change, said = erase(world, Erasure(number=world.people[0].number, legal_basis=BASIS))
    refused = await world.refusal(who, change, **said)
    assert isinstance(refused, InvalidInput)
    assert [(each.path, each.code) for each in refused.problems] == [(("number",), "OURS")]
    after = await held(admin, world.org_id)
    assert after[: len(before)] == before


async def test_a_number_that_nothing_is_known_of_erases_nothing_and_is_recorded(world: World) -> None:
    who, change, said = erase(world, Erasure(number="+12125550188", legal_basis=BASIS))
    assert (await world.answer(who, change, **said)).values == {"erased_count": 0}


@pytest.mark.parametrize(
    "wanted",
    [
        Erasure(legal_basis=BASIS),
        Erasure(number="12", legal_basis=BASIS),
        Erasure(number=PEER, legal_basis=" "),
    ],
)
async def test_what_cannot_be_meant_is_refused(world: World, wanted: Erasure) -> None:
    who, change, said = erase(world, wanted)
    assert isinstance(await world.refusal(who, change, **said), InvalidInput)


async def test_whose_data_is_said_once(world: World) -> None:
    who, change, said = erase(world, Erasure(user_id=world.people[0].user_id, number=PEER, legal_basis=BASIS))
    assert isinstance(await world.refusal(who, change, **said), InvalidInput)


async def test_an_unknown_user_is_not_found(world: World) -> None:
    who, change, said = erase(world, Erasure(user_id=uuid4(), legal_basis=BASIS))
    assert isinstance(await world.refusal(who, change, **said), NotFound)


async def test_a_text_that_comes_while_a_number_is_erased_is_kept(world: World, admin: asyncpg.Connection) -> None:
    await send(world)
    await admin.execute("UPDATE texting.messages SET expires_at = now() WHERE org_id = $1", world.org_id)
    who, change, said = erase(world, Erasure(number=PEER, legal_basis=BASIS))
    holding = admin.transaction()
    await holding.start()
    await admin.execute("SELECT FROM audit.record WHERE org_id = $1 FOR UPDATE", world.org_id)
    erasing = asyncio.create_task(world.refusal(who, change, **said))
    while not await admin.fetchval(_WAITS_FOR_US):
        assert not erasing.done()
        await asyncio.sleep(0.01)
    await send(world)
    await holding.rollback()
    refused = await erasing
    assert isinstance(refused, WrongState)
    assert refused.state == "RETAINED"
    rows = await admin.fetch("SELECT body, body_state FROM texting.messages WHERE org_id = $1", world.org_id)
    assert [tuple(row) for row in rows] == [("hello", "AVAILABLE")] * 2
