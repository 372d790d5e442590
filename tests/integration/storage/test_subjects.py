"""What is decided on is the same whether or not it is read where the facts are stored."""

import random
from uuid import UUID

import pytest

from core.commands.transaction import Store
from core.rules.eligibility import Subject
from core.rules.impact import Switches
from core.storage import facts
from core.storage.database import Reader, reading
from core.storage.pages import PageRequest
from core.storage.rendering import deciding
from core.storage.rendering.parts import Connection, Edges, Object, Ruled
from core.storage.rendering.statement import page_statement, render
from core.storage.users import BY_ID
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
            ids = [row["id"] for row in await chance.look.rows("users")]
            known = await facts.load(reader.fetch, world.org_id, ids)
            assert known is not None
            alone = await facts.load_subjects(reader.fetch, known.org, ids)
            subjects, switches = await written(reader, world.org_id)
        users = dict(sorted(known.users.items()))
        assert alone == {id: user.subject(known.org) for id, user in users.items()}
        assert subjects == [user.subject(known.org) for user in users.values()]
        assert switches == [user.switches(known.org) for user in users.values()]


async def written(reader: Reader, org_id: UUID) -> tuple[list[Subject], list[Switches]]:
    """Read back what is written for all users, by their ids."""
    parts = (("a", Ruled(0, deciding.SUBJECT)), ("b", Ruled(1, deciding.SWITCHES)))
    edges = Edges((("node", Object("User", parts)),))
    statement = page_statement(Connection("Org.users", BY_ID, 0, (("edges", edges),)))
    [found] = await render(reader, statement, org_id, None, [PageRequest(order=BY_ID, size=100)], {})
    assert found.json is not None
    assert found.org is not None
    org = deciding.read_org(org_id, found.org)
    marked = found.json.split(deciding.MARK)[1::2]
    subjects = [deciding.read_subject(org, each.removeprefix("0")) for each in marked[::2]]
    return subjects, [deciding.read_switches(org, each.removeprefix("1")) for each in marked[1::2]]


async def test_users_of_equal_facts_share_their_subject(store: Store) -> None:
    world = await new_world(store, people=2, locations=1)
    ids = [person.user_id for person in world.people]
    async with reading(store.pool, world.org_id) as reader:
        org = await facts.load_org(reader.fetch, world.org_id)
        assert org is not None
        first, second = (await facts.load_subjects(reader.fetch, org, ids)).values()
    assert (first is second) == (first == second)
