"""A stop between any two steps: no text is lost, and none goes twice where the carrier would send it twice."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from structlog.testing import capture_logs

from core.delivery import dispatcher, outbox
from core.delivery.carriers.sandbox import SandboxCarrier
from core.delivery.concluding import conclude
from core.delivery.dispatcher import dispatch
from core.delivery.failures import reported
from core.delivery.outbox import LEASE, Claim
from core.delivery.outcomes import Accepted, Outcome, Permanent, Temporary, Unknown
from core.delivery.work import working
from tests.integration.delivery.desk import Desk
from tests.integration.delivery.ether import Wire, carrier_id

PEER = "+14165550199"
AFTER_LEASE = (LEASE + timedelta(seconds=1)).total_seconds()
SENDING = ["ACCEPTED", "QUEUED", "SENDING"]


async def claim(desk: Desk, id: UUID) -> Claim:
    """Claim what is due and keep ours."""
    claims = await outbox.claim(desk.worker_store.pool, name="test", now=desk.now, limit=100, limit_each=100)
    return next(each for each in claims if each.message_id == id)


class Killed(BaseException):
    """The program was stopped here."""


async def stop_after_handing_over(desk: Desk, wire: Wire, id: UUID) -> None:
    """Hand a text over and die before the outcome is recorded."""
    wire.answers.insert(0, Killed())
    with pytest.raises(Killed):
        await dispatch(desk.worker_store, wire, await claim(desk, id), lambda: desk.now)


async def test_a_claim_whose_worker_died_comes_back(desk: Desk) -> None:
    id = await desk.send(PEER)
    await claim(desk, id)
    wire = Wire()
    await desk.work(wire)
    assert wire.handed == []
    await desk.work(wire, seconds=AFTER_LEASE)
    assert [text.attempt for text in wire.handed] == [2]
    assert await desk.status(id) == "SENT"


async def test_a_text_that_may_have_gone_is_not_sent_again(desk: Desk) -> None:
    wire = Wire(is_idempotent=False)
    id = await desk.send(PEER)
    await stop_after_handing_over(desk, wire, id)
    assert await desk.status(id) == "SENDING"
    await desk.work(wire, seconds=AFTER_LEASE)
    assert len(wire.handed) == 1
    assert await desk.steps(id) == [*SENDING, "DELIVERY_UNKNOWN"]
    assert await desk.waiting(id) is None


async def test_a_carrier_that_takes_an_id_once_gets_the_text_again(desk: Desk) -> None:
    wire = Wire(is_idempotent=True)
    id = await desk.send(PEER)
    await stop_after_handing_over(desk, wire, id)
    await desk.work(wire, seconds=AFTER_LEASE)
    assert len(wire.handed) == 2
    assert await desk.steps(id) == [*SENDING, "SENT"]


async def test_the_sandbox_takes_a_text_once_however_often_it_is_handed_over(desk: Desk) -> None:
    id = await desk.send(PEER)

    class Forgetful(SandboxCarrier):
        async def submit(self, text: Any, *, now: Any) -> Outcome:
            await super().submit(text, now=now)
            raise ConnectionError

    for _ in range(3):
        await desk.work(Forgetful(desk.worker_store.pool), seconds=AFTER_LEASE)
    await desk.work(seconds=AFTER_LEASE)
    await desk.work(seconds=5)
    assert await desk.steps(id) == [*SENDING, "SENT", "DELIVERED"]


@pytest.mark.parametrize("idempotent", [True, False])
async def test_a_carrier_that_raises_is_one_that_did_not_answer(desk: Desk, idempotent: bool) -> None:
    wire = Wire(is_idempotent=idempotent, answers=[ConnectionError("reset")])
    id = await desk.send(PEER)
    await desk.work(wire)
    assert await desk.status(id) == ("SENDING" if idempotent else "DELIVERY_UNKNOWN")
    await desk.work(wire, seconds=5)
    assert len(wire.handed) == (2 if idempotent else 1)
    assert await desk.status(id) == ("SENT" if idempotent else "DELIVERY_UNKNOWN")


async def test_a_carrier_that_takes_too_long_did_not_answer(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dispatcher, "SUBMIT_TIMEOUT_S", 0.01)
    wire = Wire(waits=asyncio.Event())
    id = await desk.send(PEER)
    await desk.work(wire)
    assert await desk.status(id) == "DELIVERY_UNKNOWN"


async def test_an_outcome_that_is_not_recorded_at_first_is_tried_again(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    failures = [OSError("gone"), OSError("gone")]

    async def unlucky(*args: Any) -> None:
        if failures:
            raise failures.pop()
        await conclude(*args)

    monkeypatch.setattr(dispatcher, "conclude", unlucky)
    monkeypatch.setattr(dispatcher, "RECORDING_REST_S", 0.0)
    wire = Wire()
    id = await desk.send(PEER)
    await desk.work(wire)
    assert (failures, len(wire.handed), await desk.status(id)) == ([], 1, "SENT")


async def test_an_outcome_that_is_never_recorded_leaves_the_text_to_be_settled(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: Any) -> None:
        raise OSError("gone")

    wire = Wire()
    id = await desk.send(PEER)
    with monkeypatch.context() as patched:
        patched.setattr(dispatcher, "conclude", broken)
        patched.setattr(dispatcher, "RECORDING_REST_S", 0.0)
        await desk.work(wire)
    assert await desk.status(id) == "SENDING"
    await desk.work(wire, minutes=5)
    assert (len(wire.handed), await desk.status(id)) == (1, "DELIVERY_UNKNOWN")


async def test_a_worker_that_comes_back_late_leaves_a_claimed_text_alone(desk: Desk) -> None:
    id = await desk.send(PEER)
    old = await claim(desk, id)
    desk.now += timedelta(seconds=AFTER_LEASE)
    new = await claim(desk, id)
    wire = Wire()
    await dispatch(desk.worker_store, wire, old, lambda: desk.now)
    assert (wire.handed, await desk.status(id)) == ([], "QUEUED")
    await dispatch(desk.worker_store, wire, new, lambda: desk.now)
    assert (len(wire.handed), await desk.status(id)) == (1, "SENT")


@pytest.mark.parametrize(
    ("outcome", "status", "step"),
    [
        (Accepted(carrier_message_id="late"), "SENT", ["SENT"]),
        (Temporary(failure=reported("wire", "CARRIER_UNAVAILABLE")), "SENDING", ["QUEUED?"]),
        (Permanent(failure=reported("wire", "NUMBER_INVALID")), "SENDING", ["FAILED?"]),
        (Unknown(), "SENDING", ["DELIVERY_UNKNOWN?"]),
    ],
)
async def test_an_outcome_that_comes_late_says_only_that_the_carrier_has_it(
    desk: Desk, outcome: Outcome, status: str, step: list[str]
) -> None:
    wire = Wire(is_idempotent=False, answers=[Killed()])
    id = await desk.send(PEER)
    old = await claim(desk, id)
    with pytest.raises(Killed):
        await dispatch(desk.worker_store, wire, old, lambda: desk.now)
    desk.now += timedelta(seconds=AFTER_LEASE)
    await claim(desk, id)
    async with working(desk.worker_store, desk.org_id, now=desk.now) as work:
        await conclude(work, old, outcome, wire)
    assert await desk.steps(id) == [*SENDING, *step]
    assert await desk.status(id) == status
    place = await desk.waiting(id)
    assert place is not None
    assert place["available_at"] > desk.now


async def test_an_acceptance_after_the_text_was_given_up_still_lets_its_receipt_find_it(desk: Desk) -> None:
    wire = Wire(is_idempotent=False, answers=[Killed()])
    id = await desk.send(PEER)
    old = await claim(desk, id)
    with pytest.raises(Killed):
        await dispatch(desk.worker_store, wire, old, lambda: desk.now)
    await desk.work(wire, seconds=AFTER_LEASE)
    async with working(desk.worker_store, desk.org_id, now=desk.now) as work:
        await conclude(work, old, Accepted(carrier_message_id=carrier_id(id)), wire)
    message = await desk.message(id)
    assert (message["status"], message["carrier_message_id"]) == ("DELIVERY_UNKNOWN", carrier_id(id))


async def test_a_sent_text_that_a_late_claim_finds_still_waits_its_72_hours(desk: Desk) -> None:
    id = await desk.send("+14165550113")
    old = await claim(desk, id)
    await dispatch(desk.worker_store, desk.carrier, old, lambda: desk.now)
    await desk.admin.execute("UPDATE texting.outbox SET available_at = $2 WHERE message_id = $1", id, desk.now)
    await desk.work(hours=1)
    assert await desk.status(id) == "SENT"
    await desk.work(hours=72)
    assert await desk.status(id) == "DELIVERY_UNKNOWN"


async def test_a_poisoned_text_lets_the_others_go_and_expires(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    poisoned = await desk.send(PEER)
    well = await desk.send(PEER)
    judge = dispatcher.ready

    async def picky(work: Any, held: Any, *more: Any) -> Any:
        if held.id == poisoned and work.now < held.place.send_by:
            raise ValueError("poison")
        return await judge(work, held, *more)

    monkeypatch.setattr(dispatcher, "ready", picky)
    with capture_logs() as logs:
        await desk.work()
    assert (await desk.status(poisoned), await desk.status(well)) == ("QUEUED", "SENT")
    assert [each["message_id"] for each in logs if each["log_level"] == "error"] == [str(poisoned)]
    place = await desk.waiting(poisoned)
    assert place is not None
    assert desk.now < place["available_at"] < desk.now + timedelta(seconds=2)
    await desk.work(hours=5)
    assert await desk.status(poisoned) == "EXPIRED"


async def test_a_place_without_a_message_is_removed(desk: Desk) -> None:
    id = await desk.send(PEER)
    await desk.admin.execute("DELETE FROM texting.messages WHERE id = $1", id)
    with capture_logs() as logs:
        await desk.work()
    assert await desk.waiting(id) is None
    assert [each["event"] for each in logs if each["log_level"] == "error"] == ["a text in the outbox is not there"]
