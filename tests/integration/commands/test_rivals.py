"""A change that a rival came between is tried again, and recorded once whatever becomes of it."""

import asyncio
from collections.abc import Callable
from uuid import UUID, uuid4

import asyncpg
import pytest

from audit.record import Target
from core.commands import transaction
from core.commands.orgs import UpdateOrg, update_org
from core.commands.transaction import Answer, Store, Transaction, perform
from tests.integration.commands.stored import Stored
from tests.integration.worlds import PROVIDER, attempt, new_org

DONE = Answer(type="test", refs={})


async def rename(tx: Transaction) -> None:
    await tx.connection.execute("UPDATE texting.orgs SET name = 'Changed' WHERE org_id = $1", tx.org_id)


async def record(tx: Transaction) -> None:
    await tx.record(target=Target(type="Org", id=tx.org_id), before=None, after={"name": "Changed"})


async def name_of(stored: Stored) -> str:
    return str((await stored.row("orgs", stored.org_id))["name"])


@pytest.mark.parametrize(
    "rivalry", [asyncpg.DeadlockDetectedError, asyncpg.SerializationError, asyncpg.UniqueViolationError]
)
async def test_a_rival_change_is_tried_again_and_recorded_once(
    store: Store, stored: Callable[[UUID], Stored], rivalry: type[Exception]
) -> None:
    org_id = await new_org(store)
    tries = 0

    async def change(tx: Transaction) -> Answer:
        nonlocal tries
        tries += 1
        await rename(tx)
        await record(tx)
        if tries == 1:
            raise rivalry("between")
        return DONE

    async with stored(org_id).only(record=1):
        assert await perform(store, attempt(org_id, PROVIDER), change) == DONE
    assert tries == 2
    assert (await stored(org_id).records())[-1].outcome == "ALLOWED"


async def test_a_rival_that_always_comes_between_ends_as_a_recorded_failure(
    store: Store, stored: Callable[[UUID], Stored]
) -> None:
    org_id = await new_org(store)
    tries = 0

    async def change(tx: Transaction) -> Answer:
        nonlocal tries
        tries += 1
        raise asyncpg.DeadlockDetectedError("again")

    async with stored(org_id).only(record=1):
        with pytest.raises(asyncpg.DeadlockDetectedError):
            await perform(store, attempt(org_id, PROVIDER), change)
    assert tries == transaction._TRIES
    assert (await stored(org_id).records())[-1].status_code == "INTERNAL"


async def test_a_real_deadlock_is_survived(store: Store, stored: Callable[[UUID], Stored]) -> None:
    org_id, met = await new_org(store), asyncio.Barrier(2)
    first, second = uuid4(), uuid4()
    tries = 0

    def change(order: tuple[UUID, UUID]):
        async def carry_out(tx: Transaction) -> Answer:
            nonlocal tries
            tries += 1
            for at, key in enumerate(order):
                await tx.connection.execute("SELECT pg_advisory_xact_lock($1)", key.int % 2**62)
                if at == 0 and tries <= 2:
                    await met.wait()
            await record(tx)
            return DONE

        return carry_out

    async with stored(org_id).only(record=2):
        found = await asyncio.gather(
            *(perform(store, attempt(org_id, PROVIDER), change(order)) for order in ((first, second), (second, first)))
        )
    assert found == [DONE, DONE]
    assert tries == 3


async def test_a_cancelled_attempt_leaves_no_transaction_open(store: Store, stored: Callable[[UUID], Stored]) -> None:
    org_id, begun = await new_org(store, name="Before"), asyncio.Event()

    async def change(tx: Transaction) -> Answer:
        await rename(tx)
        begun.set()
        await asyncio.sleep(60)
        return DONE

    task = asyncio.create_task(perform(store, attempt(org_id, PROVIDER), change))
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    made = await perform(store, attempt(org_id, PROVIDER), lambda tx: update_org(tx, UpdateOrg(name="After")))
    assert isinstance(made, Answer)
    assert await name_of(stored(org_id)) == "After"
