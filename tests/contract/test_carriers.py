"""What every carrier must do, whoever it is: one suite, run against each of them.

A new carrier adds a rig to `RIGS`: how it is made, and numbers that it accepts, answers from, and refuses.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import asyncpg
import pytest

from core.delivery.carriers.carrier import Carrier, CarrierEvent, InboundText, OutboundText, Receipt
from core.delivery.carriers.sandbox import LEASE, Delays, SandboxCarrier
from core.delivery.outcomes import Accepted, Permanent, Temporary, Throttled, Unknown
from core.ids import uuid7
from core.rules.enums import MessageStatus
from core.storage.database import writing

SENDER = "+12125550100"


@dataclass(frozen=True, kw_only=True)
class Rig:
    """A carrier under test. `later`: after which time all that follows from a text has come.

    `again_after`: after which time what was taken and not settled is given again.
    """

    carrier: Carrier
    pool: asyncpg.Pool
    later: timedelta
    again_after: timedelta
    delivers: str
    replies: str
    throttles: str
    fails_for_now: str
    refuses: str
    stays_silent: str


def sandbox(pool: asyncpg.Pool) -> Rig:
    return Rig(
        carrier=SandboxCarrier(pool, Delays()),
        pool=pool,
        later=timedelta(seconds=10),
        again_after=LEASE,
        delivers="+14165550199",
        replies="+14165550153",
        throttles="+14165550121",
        fails_for_now="+14165550126",
        refuses="+14165550130",
        stays_silent="+14165550140",
    )


RIGS = [sandbox]


@pytest.fixture(params=RIGS, ids=lambda make: make.__name__)
def rig(request: pytest.FixtureRequest, worker_pool: asyncpg.Pool) -> Rig:
    """Each carrier in turn."""
    made: Rig = request.param(worker_pool)
    return made


@pytest.fixture
def now() -> datetime:
    return datetime.now(UTC)


def text(recipient: str, body: str = "hello", **changes: object) -> OutboundText:
    fields = {
        "org_id": uuid4(),
        "message_id": uuid7(),
        "sender": SENDER,
        "recipient": recipient,
        "body": body,
        "attempt": 1,
    }
    return OutboundText(**(fields | changes))  # type: ignore[arg-type]


async def taken(rig: Rig, wanted: OutboundText, at: datetime) -> list[CarrierEvent]:
    """Take what has come of one text; a reply names none, so the text's body is to be its own."""
    found: Sequence[CarrierEvent] = await rig.carrier.take(now=at, limit=1_000)
    return [event for event in found if _is_about(event, wanted)]


def _is_about(event: CarrierEvent, wanted: OutboundText) -> bool:
    if isinstance(event, Receipt):
        return event.carrier_message_id.endswith(str(wanted.message_id))
    return event.body == wanted.body


async def settle(rig: Rig, wanted: OutboundText, event: CarrierEvent) -> bool:
    async with writing(rig.pool, wanted.org_id) as connection:
        return await rig.carrier.settle(connection, event)


async def settle_and_stop(rig: Rig, wanted: OutboundText, event: CarrierEvent) -> None:
    async with writing(rig.pool, wanted.org_id) as connection:
        assert await rig.carrier.settle(connection, event)
        raise InterruptedError


async def test_it_has_a_name_and_says_whether_it_takes_a_text_once(rig: Rig) -> None:
    assert rig.carrier.name == rig.carrier.name.strip().lower() != ""
    assert isinstance(rig.carrier.is_idempotent, bool)


async def test_what_it_takes_it_names(rig: Rig, now: datetime) -> None:
    first = await rig.carrier.submit(text(rig.delivers), now=now)
    second = await rig.carrier.submit(text(rig.delivers), now=now)
    assert isinstance(first, Accepted)
    assert isinstance(second, Accepted)
    assert first.carrier_message_id != second.carrier_message_id


async def test_its_refusals_are_of_the_closed_set_and_say_why(rig: Rig, now: datetime) -> None:
    throttled = await rig.carrier.submit(text(rig.throttles), now=now)
    assert isinstance(throttled, Throttled)
    temporary = await rig.carrier.submit(text(rig.fails_for_now), now=now)
    assert isinstance(temporary, Temporary)
    permanent = await rig.carrier.submit(text(rig.refuses), now=now)
    assert isinstance(permanent, Permanent)
    for outcome in (throttled, temporary, permanent):
        assert outcome.failure.carrier == rig.carrier.name
        assert outcome.failure.carrier_code
    assert throttled.failure.retryable
    assert temporary.failure.retryable
    assert not permanent.failure.retryable


async def test_an_answer_that_does_not_come_is_unknown(rig: Rig, now: datetime) -> None:
    assert isinstance(await rig.carrier.submit(text(rig.stays_silent), now=now), Unknown)


async def test_a_refused_text_is_never_heard_of_again(rig: Rig, now: datetime) -> None:
    refused = text(rig.refuses)
    await rig.carrier.submit(refused, now=now)
    assert await taken(rig, refused, now + rig.later) == []


async def test_a_text_handed_over_again_goes_once_and_is_answered_the_same(rig: Rig, now: datetime) -> None:
    if not rig.carrier.is_idempotent:
        pytest.skip("it does not promise to take a text once")
    again = text(rig.delivers)
    answers = await asyncio.gather(*(rig.carrier.submit(again, now=now) for _ in range(4)))
    assert answers.count(answers[0]) == 4
    receipts = await taken(rig, again, now + rig.later)
    assert len({receipt.key for receipt in receipts}) == len(receipts) == 1


async def test_a_receipt_names_the_text_our_number_and_its_time(rig: Rig, now: datetime) -> None:
    sent = text(rig.delivers)
    answer = await rig.carrier.submit(sent, now=now)
    (receipt,) = await taken(rig, sent, now + rig.later)
    assert isinstance(answer, Accepted)
    assert isinstance(receipt, Receipt)
    assert (receipt.carrier_message_id, receipt.sender) == (answer.carrier_message_id, SENDER)
    assert (receipt.status, receipt.failure) == (MessageStatus.DELIVERED, None)
    assert now <= receipt.occurred_at <= now + rig.later


async def test_a_reply_is_for_our_number_and_says_what_was_said(rig: Rig, now: datetime) -> None:
    sent = text(rig.replies, f"echo {uuid4()}")
    await rig.carrier.submit(sent, now=now)
    replies = [event for event in await taken(rig, sent, now + rig.later) if isinstance(event, InboundText)]
    assert [(reply.sender, reply.recipient, reply.body) for reply in replies] == [(rig.replies, SENDER, sent.body)]
    assert replies[0].media_urls == ()
    assert replies[0].carrier_message_id


async def test_nothing_comes_before_its_time(rig: Rig, now: datetime) -> None:
    sent = text(rig.delivers)
    await rig.carrier.submit(sent, now=now)
    assert await taken(rig, sent, now) == []


async def test_it_gives_no_more_than_it_is_asked_for(rig: Rig, now: datetime) -> None:
    for _ in range(3):
        await rig.carrier.submit(text(rig.delivers), now=now)
    assert len(await rig.carrier.take(now=now + rig.later, limit=2)) <= 2


async def test_what_is_taken_is_not_given_to_another(rig: Rig, now: datetime) -> None:
    sent = text(rig.delivers)
    await rig.carrier.submit(sent, now=now)
    both = await asyncio.gather(taken(rig, sent, now + rig.later), taken(rig, sent, now + rig.later))
    assert sorted(len(each) for each in both) == [0, 1]


async def test_what_is_not_settled_is_given_again_and_what_is_settled_is_not(rig: Rig, now: datetime) -> None:
    sent = text(rig.delivers)
    await rig.carrier.submit(sent, now=now)
    at = now + rig.later
    (first,) = await taken(rig, sent, at)
    assert await taken(rig, sent, at) == []
    (again,) = await taken(rig, sent, at + rig.again_after)
    assert again == first
    assert await settle(rig, sent, again)
    assert await taken(rig, sent, at + 3 * rig.again_after) == []


async def test_an_event_is_settled_once(rig: Rig, now: datetime) -> None:
    sent = text(rig.delivers)
    await rig.carrier.submit(sent, now=now)
    (event,) = await taken(rig, sent, now + rig.later)
    settled = await asyncio.gather(settle(rig, sent, event), settle(rig, sent, event))
    assert sorted(settled) == [False, True]


async def test_a_transaction_that_is_rolled_back_settles_nothing(rig: Rig, now: datetime) -> None:
    sent = text(rig.delivers)
    await rig.carrier.submit(sent, now=now)
    at = now + rig.later
    (event,) = await taken(rig, sent, at)
    with pytest.raises(InterruptedError):
        await settle_and_stop(rig, sent, event)
    (again,) = await taken(rig, sent, at + rig.again_after)
    assert again.key == event.key
