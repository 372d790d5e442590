"""The history of facts, folded at a time, is what was stored then."""

import random
from datetime import UTC, datetime

import pytest

from core.commands.transaction import Store
from core.rules.history import Cut
from core.storage import facts, history, past
from core.storage.database import reading
from tests.integration.commands.conftest import stored
from tests.integration.commands.desk import Look
from tests.integration.commands.test_people_histories import Chance
from tests.integration.worlds import new_world

__all__ = ["stored"]

STEPS = 60
CHECKED_EVERY = 10


@pytest.mark.parametrize("seed", range(4))
async def test_what_is_folded_as_of_now_is_what_is_stored(store: Store, stored: Look, seed: int) -> None:
    world = await new_world(store, people=3, locations=2)
    chance = Chance(world, stored(world.org_id), random.Random(seed))
    for at in range(STEPS):
        await chance.step()
        if at % CHECKED_EVERY:
            continue
        now = datetime.now(UTC)
        async with reading(store.pool, world.org_id) as reader:
            known = await facts.load(reader.fetch, world.org_id, chance.users)
            assert known is not None
            read = await history.load(reader.fetch, world.org_id, chance.users, until=now)
            assert reader.statements == 6
        found = past.at(read, Cut(as_of=now), chance.users)
        assert found.known.users.keys() == known.users.keys()
        for id, user in known.users.items():
            again = found.known.users[id]
            assert again.subject(found.known.org) == user.subject(known.org)
            assert (again.number_id, again.location.location_id) == (user.number_id, user.location.location_id)
            assert found.unrecorded[id] == frozenset()
