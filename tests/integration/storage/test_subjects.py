"""What is decided on is the same whether or not it is read where the facts are stored."""

import random

import pytest

from core.commands.transaction import Store
from core.storage import facts
from core.storage.database import reading
from tests.integration.commands.conftest import stored
from tests.integration.commands.desk import Look
from tests.integration.commands.test_people_histories import Chance
from tests.integration.worlds import new_world

__all__ = ["stored"]

STEPS = 40
CHECKED_EVERY = 8


@pytest.mark.parametrize("seed", range(3))
async def test_subjects_read_alone_are_those_of_all_facts(store: Store, stored: Look, seed: int) -> None:
    world = await new_world(store, people=4, locations=2)
    chance = Chance(world, stored(world.org_id), random.Random(seed))
    for at in range(STEPS):
        await chance.step()
        if at % CHECKED_EVERY:
            continue
        async with reading(store.pool, world.org_id) as reader:
            known = await facts.load(reader.fetch, world.org_id, chance.users)
            assert known is not None
            alone = await facts.load_subjects(reader.fetch, known.org, chance.users)
        assert alone == {id: user.subject(known.org) for id, user in known.users.items()}


async def test_users_of_equal_facts_share_their_subject(store: Store) -> None:
    world = await new_world(store, people=2, locations=1)
    ids = [person.user_id for person in world.people]
    async with reading(store.pool, world.org_id) as reader:
        org = await facts.load_org(reader.fetch, world.org_id)
        assert org is not None
        first, second = (await facts.load_subjects(reader.fetch, org, ids)).values()
    assert (first is second) == (first == second)
