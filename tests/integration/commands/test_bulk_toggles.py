"""Many users are switched at once, all of them or none, in as many statements for one as for a thousand."""

import asyncio
from collections.abc import Callable
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from audit.actions import Action
from core.commands.bulk_toggles import USERS_MAX, GivenUser, set_users_texting
from core.commands.refusals import InvalidInput, UsersRefused
from core.commands.transaction import Answer, Store
from tests.integration.commands.stored import Stored
from tests.integration.commands.switching import (
    OFF,
    ON,
    bulk_refused,
    bulk_to,
    given,
    impact,
    location_to,
    move_abroad,
    org_to,
    user_to,
)
from tests.integration.worlds import World, new_person, new_world


@pytest.fixture
async def world(store: Store) -> World:
    """Three users in the first of two locations, the organization switched off."""
    return await new_world(store, people=3, locations=2, enabled=False)


async def test_many_are_switched_with_a_record_each(world: World, stored: Callable[[UUID], Stored]) -> None:
    await user_to(world, 0, ON)
    users = given(world)
    async with stored(world.org_id).only(record=3, fact_versions=2):
        made = await bulk_to(world, [*users, users[1]], ON)
    assert made.type == "UsersTextingSet"
    assert made.values["impact"] == impact(turned_on=2, unchanged=1)
    assert list(made.refs["user_refs"] or ()) == [str(each.user_id) for each in world.people]
    records = [await stored(world.org_id).record(id) for id in made.refs["record_refs"] or ()]
    assert [each.target.id for each in records] == [each.user_id for each in world.people]
    assert [each.before for each in records] == [{"texting": "ON"}, {"texting": "INHERIT"}, {"texting": "INHERIT"}]
    rows = {row["id"]: row for row in await stored(world.org_id).rows("users")}
    assert {row["texting"] for row in rows.values()} == {"ON"}
    assert rows[world.people[1].user_id]["texting_audit_id"] == records[1].id


async def test_of_many_all_or_none_are_switched_and_whoever_stands_in_the_way_is_named(
    world: World, store: Store, stored: Callable[[UUID], Stored]
) -> None:
    other = await new_world(store, people=1, enabled=False)
    abroad = await new_person(store, world.org_id, world.location_ids[1], world.campaign_id)
    await move_abroad(world, 1)
    users = [
        *given(world),
        GivenUser(given="nonsense`" + "x" * 200, id=None),
        GivenUser(given="stranger", id=other.people[0].user_id),
        GivenUser(given="abroad", id=abroad.user_id),
    ]
    async with stored(world.org_id).only(record=1):
        refused = await bulk_refused(world, users, ON, action=Action.USER_TEXTING_ENABLE)
    assert isinstance(refused, UsersRefused)
    assert [(each.given[:8], each.user_id, each.code) for each in refused.refusals] == [
        ("nonsense", None, "NOT_FOUND"),
        ("stranger", None, "NOT_FOUND"),
        ("abroad", abroad.user_id, "NOT_ELIGIBLE"),
    ]
    assert {row["texting"] for row in await stored(world.org_id).rows("users")} == {"INHERIT"}
    record = await stored(world.org_id).record(refused.record_id)
    assert (record.outcome, record.status_detail) == ("DENIED", "3 users stood in the way")
    assert (await bulk_to(world, [*given(world), users[-1]], OFF)).values["impact"] == impact(unchanged=4)


@pytest.mark.parametrize("many", [0, USERS_MAX + 1])
async def test_too_many_or_none_are_refused(world: World, many: int) -> None:
    refused = await bulk_refused(world, [GivenUser(given="x", id=None)] * many, ON)
    assert isinstance(refused, InvalidInput)
    assert [(each.path, each.code) for each in refused.problems] == [(("userIds",), "COUNT")]


async def test_the_statements_do_not_grow_with_the_users(world: World, store: Store, pool: asyncpg.Pool) -> None:
    for _ in range(9):
        await new_person(store, world.org_id, world.location_id, world.campaign_id)
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute(f"SET LOCAL texting.org_id = '{world.org_id}'")
        ids = [row["id"] for row in await connection.fetch("SELECT id FROM texting.users")]
    assert len(ids) == 12
    spent = []
    for many in (2, 12):
        seen: list[str] = []

        async def change(tx: Any, many: int = many, seen: list[str] = seen) -> Answer:
            connection = tx.connection

            def watch(record: Any) -> None:
                # The driver asks about the types of a new connection's arguments, with JIT turned off meanwhile.
                if "typeinfo_tree" not in record.query and "'jit'" not in record.query:
                    seen.append(record.query)

            with connection.query_logger(watch):
                users = [GivenUser(given=str(id), id=id) for id in ids[:many]]
                return await set_users_texting(tx, users, mode=ON)

        await world.answer(world.org_admin, change)
        spent.append(len(seen))
    assert spent[0] == spent[1] > 0


async def test_rival_switches_of_the_same_users_wait_for_each_other(
    world: World, stored: Callable[[UUID], Stored]
) -> None:
    users = given(world)
    await asyncio.gather(
        *(bulk_to(world, users if at % 2 else users[::-1], ON if at % 2 else OFF) for at in range(6)),
        org_to(world, enabled=True),
        location_to(world, ON),
    )
    rows = await stored(world.org_id).rows("users")
    assert len({row["texting"] for row in rows}) == 1
    last = (await stored(world.org_id).facts(rows[0]["id"]))["texting"]
    assert {row["texting"] for row in rows} == {last}
