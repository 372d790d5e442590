"""Of an organization to which anything was done, in any order: all ways to ask about it agree, then and later."""

from __future__ import annotations

import random
from typing import Any

import asyncpg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.commands.transaction import Store
from core.ids import encode
from tests.acceptance.asking import Asker
from tests.acceptance.test_eligibility_report import REPORT, SINGLES, summed, told
from tests.acceptance.test_histories import Chronicle, Fortune
from tests.integration.commands.conftest import stored
from tests.integration.commands.desk import Look
from tests.integration.commands.people import check_people
from tests.integration.worlds import World, new_world

__all__ = ["stored"]

UNMET = {"FAIL", "UNKNOWN", "PENDING"}
STEPS_MAX = 15


@given(draw=st.randoms(), steps=st.integers(1, STEPS_MAX))
@settings(max_examples=20, suppress_health_check=list(HealthCheck))
async def test_whatever_was_done_all_answers_agree(
    ask: Asker,
    store: Store,
    stored: Look,
    admin: asyncpg.Connection,
    worker_pool: asyncpg.Pool,
    monkeypatch: pytest.MonkeyPatch,
    draw: random.Random,
    steps: int,
) -> None:
    world = await new_world(store, people=3, locations=2)
    fortune = Fortune(world, stored(world.org_id), draw)
    chronicle = Chronicle(ask, world, admin, worker_pool, monkeypatch)
    for _ in range(steps):
        await fortune.step()
        await chronicle.note(draw.choice(fortune.users))
    await said_of_each(ask, world)
    # By its id, and as of when it was given by what was sealed then: the same answer. The log verifies.
    await chronicle.check()
    # What is stored for counting is what would be computed now.
    await check_people(fortune.look)
    await fortune.look.check_signatures()


async def said_of_each(ask: Asker, world: World) -> None:
    """ALLOWED is that nothing is unmet, supposing nothing changes nothing, and a report is the sum of all."""
    org: dict[str, Any] = {"org": encode("Org", world.org_id, world.org_id)}
    plain, supposed = [(await ask(world.org_admin, SINGLES, **org, **given))["users"] for given in ({}, {"if": []})]
    assert supposed == plain
    users = [edge["node"] for edge in plain["edges"]]
    for user in users:
        unmet = {rule["status"] for rule in user["eligibility"]["rules"]} & UNMET
        assert (user["eligibility"]["outcome"] == "ALLOWED") == (not unmet)
    for supposing in ({}, {"if": []}):
        assert told((await ask(world.org_admin, REPORT, **org, **supposing))["eligibilityReport"]) == summed(users)
