"""Several dispatchers, and one that runs for as long as the program does."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from structlog.testing import capture_logs

from core.delivery import outbox, worker
from core.delivery.carriers.carrier import CarrierEvent, InboundText, OutboundText
from core.delivery.carriers.sandbox import Delays, SandboxCarrier
from core.delivery.outcomes import Outcome
from core.delivery.worker import Dispatcher
from tests.integration.delivery.desk import Desk
from tests.integration.delivery.ether import Wire

PEER = "+14165550199"


async def desks(desk: Desk, count: int) -> list[Desk]:
    """Open more desks, each in an organization of its own."""
    more = [await Desk.open(desk.admin, desk.store, desk.worker_store) for _ in range(count - 1)]
    return [desk, *more]


async def test_two_dispatchers_send_each_of_200_texts_once(desk: Desk) -> None:
    ids: dict[UUID, Desk] = {}
    four = await desks(desk, 4)
    for each in four:
        ids |= {await each.send(PEER, f"text {at}"): each for at in range(50)}
    wire = Wire()
    now = desk.now + timedelta(minutes=1)
    await asyncio.gather(desk.dispatcher("one", wire).run_once(now), desk.dispatcher("two", wire).run_once(now))
    handed = Counter(text.message_id for text in wire.handed)
    assert {id: handed[id] for id in ids} == dict.fromkeys(ids, 1)
    assert {await each.status(id) for id, each in ids.items()} == {"SENT"}
    for each in four:
        assert len(await each.records("message:status:record")) == 100


async def test_a_claim_takes_the_oldest_and_shares_among_organizations(desk: Desk) -> None:
    many, few, passed = await desks(desk, 3)
    backlog = [await many.send(PEER) for _ in range(10)]
    later = [await few.send(PEER) for _ in range(2)]
    await passed.send(PEER)
    now = passed.now + timedelta(seconds=1)
    claims = await outbox.claim(
        desk.worker_store.pool, name="test", now=now, limit=8, limit_each=4, passing_over=[passed.org_id]
    )
    assert {each.message_id for each in claims} == {*backlog[:4], *later}
    assert {each.attempts for each in claims} == {1}


async def test_a_claim_finds_its_rows_by_key_however_many_wait(desk: Desk) -> None:
    await desk.admin.execute(
        "INSERT INTO texting.outbox (org_id, message_id, segments, available_at, send_by) "
        "SELECT gen_random_uuid(), gen_random_uuid(), 1, now() + interval '72 hours', now() "
        "FROM generate_series(1, 20000); ANALYZE texting.outbox"
    )
    # The statistics say that nothing is due; by now half of it is.
    await desk.admin.execute("UPDATE texting.outbox SET available_at = now() WHERE message_id < gen_random_uuid()")
    ids = [uuid4(), uuid4()]
    due = await desk.admin.fetch(f"EXPLAIN {outbox._DUE}", desk.now, [], outbox.LOOK_AHEAD)
    claim = await desk.admin.fetch(f"EXPLAIN {outbox._CLAIM}", ids, ids, desk.now, desk.now, "test")
    plans = ["\n".join(row[0] for row in rows) for rows in (due, claim)]
    assert "Index Scan using outbox_available" in plans[0]
    assert plans[1].count("Index Scan using outbox_pkey") == 2
    assert not any("Seq Scan" in plan for plan in plans)


class Slow(Wire):
    """A wire that keeps the texts of one organization until it is let go."""

    def __init__(self, org_id: UUID) -> None:
        super().__init__()
        self.org_id = org_id
        self.gate = asyncio.Event()
        self.in_hand = 0

    async def submit(self, text: OutboundText, *, now: datetime) -> Outcome:
        if text.org_id == self.org_id:
            self.in_hand += 1
            await self.gate.wait()
        return await super().submit(text, now=now)


@asynccontextmanager
async def running(dispatcher: Dispatcher):
    """Run a dispatcher beside the test."""
    task = asyncio.create_task(dispatcher.run())
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def until(holds: Callable[[], Any], within_s: float = 10.0) -> None:
    """Wait until something holds."""
    async with asyncio.timeout(within_s):
        while not await holds():  # noqa: ASYNC110 - the database tells nobody
            await asyncio.sleep(0.02)


async def test_it_runs_until_it_is_stopped(desk: Desk) -> None:
    quick = Delays(receipt=timedelta(milliseconds=50), reply=timedelta(milliseconds=100))
    carrier = SandboxCarrier(desk.worker_store.pool, quick)
    async with running(desk.dispatcher(carrier=carrier)) as task:
        id = await desk.send("+14165550153", "say it again")

        async def answered() -> bool:
            return [text[1:] for text in await desk.thread("+14165550153")] == [
                ("say it again", "DELIVERED"),
                ("say it again", "RECEIVED"),
            ]

        await until(answered)
        assert not task.done()
    assert task.cancelled()
    assert (await desk.steps(id))[-1] == "DELIVERED"


async def test_a_slow_organization_leaves_room_for_the_others(desk: Desk) -> None:
    slow, quick = await desks(desk, 2)
    for _ in range(20):
        await slow.send(PEER)
    wire = Slow(slow.org_id)
    dispatcher = Dispatcher(desk.worker_store, wire, concurrency=8, concurrency_each=4)
    async with running(dispatcher):

        async def held_up() -> bool:
            return wire.in_hand >= 4

        await until(held_up)
        id = await quick.send(PEER)

        async def sent() -> bool:
            return await quick.status(id) == "SENT"

        await until(sent)
        assert wire.in_hand < 8
        wire.gate.set()


async def test_stopping_lets_what_is_in_hand_come_to_its_end(desk: Desk) -> None:
    wire = Slow(desk.org_id)
    id = await desk.send(PEER)
    task = asyncio.create_task(Dispatcher(desk.worker_store, wire).run())

    async def in_hand() -> bool:
        return wire.in_hand == 1

    await until(in_hand)
    task.cancel()
    asyncio.get_running_loop().call_later(0.05, wire.gate.set)
    await asyncio.gather(task, return_exceptions=True)
    assert await desk.status(id) == "SENT"


async def test_stopping_does_not_wait_for_ever(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "DRAIN_S", 0.05)
    wire = Slow(desk.org_id)
    id = await desk.send(PEER)
    task = asyncio.create_task(Dispatcher(desk.worker_store, wire).run())

    async def in_hand() -> bool:
        return wire.in_hand == 1

    await until(in_hand)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert await desk.status(id) == "SENDING"


async def test_a_carrier_that_cannot_be_asked_stops_no_sending(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "FAILED_REST_S", 0.01)

    class Deaf(Wire):
        async def take(self, **_: Any) -> list[CarrierEvent]:
            raise ConnectionError("no line")

    with capture_logs() as logs:
        async with running(desk.dispatcher(carrier=Deaf())):
            id = await desk.send(PEER)

            async def sent() -> bool:
                return await desk.status(id) == "SENT"

            await until(sent)
    assert any(each["event"] == "the dispatcher could not look for work" for each in logs)


def text_for(desk: Desk, key: str) -> InboundText:
    """Make a text that comes in, its body its key."""
    return InboundText(
        key=key,
        carrier_message_id=str(uuid4()),
        sender=PEER,
        recipient=desk.number,
        body=key,
        media_urls=(),
        occurred_at=desk.now,
    )


async def test_an_event_that_cannot_be_recorded_stops_no_other(desk: Desk) -> None:
    class Choosy(Wire):
        async def settle(self, connection: Any, event: CarrierEvent) -> bool:
            if event.key == "bad":
                raise ValueError("poison")
            return await super().settle(connection, event)

    wire = Choosy(coming=[text_for(desk, key) for key in ("bad", "good")])
    with capture_logs() as logs:
        await desk.work(wire)
    assert await desk.thread(PEER) == [("INBOUND", "good", "RECEIVED")]
    assert [each["key"] for each in logs if each["event"] == "an event was not recorded"] == ["bad"]
