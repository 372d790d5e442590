"""Receipts in any order, twice, too early, or about nothing of ours."""

from __future__ import annotations

from datetime import timedelta
from itertools import permutations

import pytest
from structlog.testing import capture_logs

from core.delivery.failures import reported
from core.delivery.outcomes import Throttled
from core.rules.enums import MessageStatus as Status
from core.rules.states import after_receipt
from tests.integration.delivery.desk import Desk
from tests.integration.delivery.ether import Ether, Wire, carrier_id

PEER = "+14165550199"


@pytest.mark.parametrize("order", list(permutations((Status.SENT, Status.DELIVERED, Status.UNDELIVERED))))
async def test_any_order_ends_where_the_state_machine_says(desk: Desk, order: tuple[Status, ...]) -> None:
    ether = Ether(desk)
    id = await desk.send(PEER)
    await desk.work(ether.carrier)
    wanted, steps = Status.SENT, []
    for status in order:
        after = after_receipt(wanted, status)
        steps.append(status + ("?" if after is wanted else ""))
        wanted = after
        await ether.receipt(id, status)
    assert await desk.status(id) == wanted
    assert (await desk.steps(id))[4:] == steps
    assert len(await desk.records("message:status:record")) == 2 + len(order)


async def test_an_unapplied_receipt_is_recorded_with_what_it_said(desk: Desk) -> None:
    ether = Ether(desk)
    id = await desk.send(PEER)
    await desk.work(ether.carrier)
    await ether.receipt(id, Status.DELIVERED)
    await ether.receipt(id, Status.UNDELIVERED, failure=reported("twilio", "30003"), raw={"code": "30003\0"})
    message = await desk.message(id)
    assert (message["status"], message["failure"], message["failure_layer"]) == ("DELIVERED", None, None)
    event = await desk.admin.fetchrow("SELECT * FROM texting.message_events WHERE message_id = $1 AND NOT applied", id)
    assert (event["status"], event["raw"]) == ("UNDELIVERED", {"code": "30003\ufffd"})
    assert event["failure"]["canonical_code"] == "NUMBER_UNREACHABLE"
    *_, record = await desk.records("message:status:record")
    told = record["updated_entity"]["data"]
    assert (told["status"], told["reported"]) == ("DELIVERED", "UNDELIVERED")
    assert told["failure"]["carrierCode"] == "30003"


async def test_undelivered_without_a_code_says_that_nobody_knows(desk: Desk) -> None:
    ether = Ether(desk)
    id = await desk.send(PEER)
    await desk.work(ether.carrier)
    await ether.receipt(id, Status.UNDELIVERED)
    assert (await desk.message(id))["failure"]["canonical_code"] == "UNKNOWN"


async def test_two_dispatchers_record_a_receipt_once(desk: Desk) -> None:
    id = await desk.send(PEER)
    await desk.work()
    due = await desk.carrier.take(now=desk.now + timedelta(seconds=2), limit=500)
    (receipt,) = [each for each in due if each.carrier_message_id == f"sandbox-{id}"]
    await Ether(desk, carrier=desk.carrier).both_take(receipt)
    assert (await desk.steps(id))[4:] == ["DELIVERED"]


async def test_a_carrier_names_its_own_texts_only(desk: Desk) -> None:
    id = await desk.send(PEER)
    await desk.work()
    await Ether(desk).receipt(id, Status.DELIVERED, carrier_message_id=f"sandbox-{id}")
    assert await desk.status(id) == "SENT"


async def test_a_receipt_that_comes_before_the_outcome_is_given_again(desk: Desk) -> None:
    ether = Ether(desk)
    id = await desk.send(PEER)
    early = await ether.receipt(id, Status.DELIVERED)
    assert early.key not in ether.carrier.settled
    await desk.work(ether.carrier)
    await ether.receipt(id, Status.DELIVERED, key=early.key)
    assert await desk.status(id) == "DELIVERED"


async def test_a_receipt_about_nothing_of_ours_is_logged_and_settled(desk: Desk) -> None:
    ether = Ether(desk)
    id = await desk.send(PEER)
    with capture_logs() as logs:
        stale = await ether.receipt(id, Status.DELIVERED, occurred_at=desk.now - timedelta(days=1))
    assert stale.key in ether.carrier.settled
    assert [each["event"] for each in logs] == ["a receipt is about no text of ours"]
    assert carrier_id(id) == logs[0]["carrier_message_id"]


async def test_a_receipt_for_a_number_that_nobody_has_is_settled(desk: Desk) -> None:
    ether = Ether(desk, number="+12125550197")
    id = await desk.send(PEER)
    stale = await ether.receipt(id, Status.DELIVERED, occurred_at=desk.now - timedelta(days=1))
    assert stale.key in ether.carrier.settled


async def test_a_text_that_waits_for_its_second_try_and_arrived_is_not_sent_again(desk: Desk) -> None:
    """A carrier that throttled and sent all the same: the receipt names an id we know from its first try."""
    wire = Wire(answers=[Throttled(failure=reported("wire", "THROTTLED"))])
    ether = Ether(desk, carrier=wire)
    id = await desk.send(PEER)
    await desk.work(wire)
    assert await desk.status(id) == "QUEUED"
    await desk.admin.execute(
        "UPDATE texting.messages SET carrier = 'wire', carrier_message_id = $2 WHERE id = $1", id, carrier_id(id)
    )
    await ether.receipt(id, Status.DELIVERED)
    await desk.work(wire, minutes=5)
    assert len(wire.handed) == 1
    assert await desk.steps(id) == ["ACCEPTED", "QUEUED", "SENDING", "QUEUED", "DELIVERED"]


async def test_a_receipt_that_says_sent_starts_the_wait_for_the_next(desk: Desk) -> None:
    wire = Wire(is_idempotent=True, answers=[TimeoutError()])
    ether = Ether(desk, carrier=wire)
    id = await desk.send(PEER)
    await desk.work(wire)
    assert await desk.status(id) == "SENDING"
    await desk.admin.execute(
        "UPDATE texting.messages SET carrier = 'wire', carrier_message_id = $2 WHERE id = $1", id, carrier_id(id)
    )
    await ether.receipt(id, Status.SENT)
    await desk.work(wire, minutes=20)
    assert await desk.status(id) == "SENT"
    assert len(wire.handed) == 1
    await desk.work(wire, hours=72)
    assert await desk.status(id) == "DELIVERY_UNKNOWN"
