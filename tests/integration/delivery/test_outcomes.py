"""Every magic number, from the send to the end, with a clock that the test moves."""

from __future__ import annotations

import pytest

from core.commands.message_rows import SEND_TIME_MAX
from tests.integration.delivery.desk import Desk

Q, S = "QUEUED", "SENDING"
TAKEN = ["ACCEPTED", Q, S, "SENT"]


def peer(magic: str) -> str:
    return f"+141655501{magic}"


@pytest.mark.parametrize(
    ("magic", "code", "layer"),
    [
        ("10", "NUMBER_UNREACHABLE", "HANDSET"),
        ("11", "LANDLINE", "CARRIER"),
        ("12", "CONTENT_FILTERED", "CARRIER"),
        ("17", "RECIPIENT_OPTED_OUT", "CARRIER"),
    ],
)
async def test_undelivered_says_why(desk: Desk, magic: str, code: str, layer: str) -> None:
    id = await desk.send(peer(magic))
    await desk.work()
    assert await desk.status(id) == "SENT"
    await desk.work(seconds=2)
    message = await desk.message(id)
    assert (message["status"], message["failure_layer"]) == ("UNDELIVERED", layer)
    assert message["failure"]["canonical_code"] == code
    assert await desk.steps(id) == [*TAKEN, "UNDELIVERED"]
    assert await desk.waiting(id) is None


async def test_an_ordinary_number_gets_the_text(desk: Desk) -> None:
    id = await desk.send("+14165550199")
    await desk.work()
    await desk.work(seconds=2)
    message = await desk.message(id)
    assert (message["status"], message["carrier"], message["failure"]) == ("DELIVERED", "sandbox", None)
    assert await desk.steps(id) == [*TAKEN, "DELIVERED"]


async def test_no_receipt_within_72_hours_is_unknown(desk: Desk) -> None:
    id = await desk.send(peer("13"))
    await desk.work()
    await desk.work(hours=71)
    assert await desk.status(id) == "SENT"
    await desk.work(hours=1, minutes=1)
    assert await desk.status(id) == "DELIVERY_UNKNOWN"
    assert await desk.waiting(id) is None


async def test_a_late_delivered_replaces_unknown(desk: Desk) -> None:
    id = await desk.send(peer("16"))
    await desk.work()
    await desk.work(hours=72, minutes=1)
    assert await desk.status(id) == "DELIVERY_UNKNOWN"
    await desk.work(hours=1)
    assert await desk.steps(id) == [*TAKEN, "DELIVERY_UNKNOWN", "DELIVERED"]


async def test_receipts_out_of_order_stay_in_the_history(desk: Desk) -> None:
    id = await desk.send(peer("14"))
    await desk.work()
    await desk.work(seconds=2)
    assert await desk.steps(id) == [*TAKEN, "DELIVERED", "SENT?"]
    assert await desk.status(id) == "DELIVERED"


async def test_a_receipt_that_comes_twice_changes_nothing(desk: Desk) -> None:
    id = await desk.send(peer("15"))
    await desk.work()
    await desk.work(seconds=2)
    assert await desk.steps(id) == [*TAKEN, "DELIVERED", "DELIVERED?"]


@pytest.mark.parametrize(("magic", "tries"), [("20", 2), ("25", 3)])
async def test_what_is_refused_for_now_is_tried_again(desk: Desk, magic: str, tries: int) -> None:
    id = await desk.send(peer(magic))
    await desk.work()
    assert await desk.status(id) == "QUEUED"
    for _ in range(tries - 1):
        await desk.work(seconds=5)
    await desk.work(seconds=5)
    assert await desk.steps(id) == ["ACCEPTED", *[Q, S] * tries, "SENT", "DELIVERED"]
    assert (await desk.message(id))["failure"] is None


@pytest.mark.parametrize(("magic", "code"), [("21", "THROTTLED"), ("26", "CARRIER_UNAVAILABLE")])
async def test_what_is_always_refused_expires_with_the_carriers_reason(desk: Desk, magic: str, code: str) -> None:
    id = await desk.send(peer(magic))
    sent_at = desk.now
    while desk.now <= sent_at + SEND_TIME_MAX:
        await desk.work(minutes=7)
    message = await desk.message(id)
    assert (message["status"], message["failure"]["canonical_code"]) == ("EXPIRED", code)
    assert await desk.waiting(id) is None
    steps = await desk.steps(id)
    assert steps[-2:] == [Q, "EXPIRED"]
    assert steps.count(S) > 30


@pytest.mark.parametrize(
    ("magic", "code", "raw"),
    [
        ("30", "NUMBER_INVALID", "NUMBER_INVALID"),
        ("31", "RECIPIENT_OPTED_OUT", "RECIPIENT_OPTED_OUT"),
        ("32", "SENDER_NOT_REGISTERED", "SENDER_NOT_REGISTERED"),
        ("33", "UNKNOWN", "x-9999"),
    ],
)
async def test_a_permanent_refusal_fails_with_the_carriers_code(desk: Desk, magic: str, code: str, raw: str) -> None:
    id = await desk.send(peer(magic))
    await desk.work()
    failure = (await desk.message(id))["failure"]
    assert (failure["canonical_code"], failure["carrier_code"], failure["carrier"]) == (code, raw, "sandbox")
    assert await desk.steps(id) == ["ACCEPTED", Q, S, "FAILED"]
    assert await desk.waiting(id) is None


@pytest.mark.parametrize("magic", ["17", "31"])
async def test_an_opt_out_that_only_the_carrier_knew_enters_the_ledger(desk: Desk, magic: str) -> None:
    id = await desk.send(peer(magic))
    await desk.work()
    await desk.work(seconds=2)
    (entry,) = await desk.ledger()
    assert (entry["recipient"], entry["action"], entry["basis"]) == (peer(magic), "OPT_OUT", "CARRIER_BLOCK")
    assert (entry["scope"], entry["campaign_id"]) == ("CAMPAIGN", desk.campaign_id)
    (record,) = await desk.records("consent:record")
    assert record["metadata"]["correlation_uid"] == str(id)
    assert record["metadata"]["uid"] == str(entry["audit_id"])


async def test_an_answer_that_never_comes_ends_as_unknown_and_is_asked_for_meanwhile(desk: Desk) -> None:
    id = await desk.send(peer("40"))
    await desk.work()
    for _ in range(3):
        assert await desk.status(id) == "SENDING"
        await desk.work(minutes=4)
    await desk.work(minutes=10)
    assert await desk.steps(id) == ["ACCEPTED", Q, S, "DELIVERY_UNKNOWN"]
    assert await desk.waiting(id) is None


@pytest.mark.parametrize("magic", ["10", "13", "14", "15", "16", "17", "20", "25", "30", "31", "40", "99"])
async def test_every_step_has_its_record(desk: Desk, magic: str) -> None:
    id = await desk.send(peer(magic))
    await desk.work()
    for _ in range(4):
        await desk.work(minutes=6)
    await desk.work(hours=74)
    steps = (await desk.steps(id))[2:]
    records = await desk.records("message:status:record")
    told = [record["updated_entity"]["data"] for record in records]
    assert [each.get("reported", each["status"]) for each in told] == [step.removesuffix("?") for step in steps]
    for record in records:
        assert record["metadata"]["correlation_uid"] == str(id)
        assert record["actor"]["user"] == {"type": "SERVICE", "uid": "worker:dispatcher"}
        assert record["entity"]["uid"] == str(id)
        assert str(desk.user_id) in record["involves"]
    assert (await desk.message(id))["last_audit_id"].hex == records[-1]["metadata"]["uid"].replace("-", "")
