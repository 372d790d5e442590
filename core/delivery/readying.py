"""Before a text is handed over: the rules once more, and what to do with a text that comes back from elsewhere.

| It stands at | What happens |
|---|---|
| QUEUED | EXPIRED when its time has passed; BLOCKED when a rule says no; else SENDING, and it is handed over |
| SENDING | a worker stopped before it knew the outcome: handed over again if the carrier takes it once, else given up |
| SENT | DELIVERY_UNKNOWN when no receipt came in time |
| anything later | nothing is left to do |
"""

from datetime import timedelta

from core.commands.send_facts import Draft
from core.commands.sends import Judged, judge
from core.delivery import outbox
from core.delivery.carriers.carrier import Carrier, OutboundText
from core.delivery.failures import ours
from core.delivery.held import Held, last_failure, reached_at
from core.delivery.outbox import Place
from core.delivery.steps import Step, take
from core.delivery.work import Work
from core.rules.carrier_errors import CarrierCode
from core.rules.enums import MessageStatus, Outcome
from core.rules.states import is_final


async def ready(work: Work, held: Held, place: Place, carrier: Carrier) -> OutboundText | None:
    """Bring a message, claimed at `place`, to where it can be handed over; `None` when it is not to be."""
    match held.status:
        case MessageStatus.QUEUED:
            return await _ready_queued(work, held, place)
        case MessageStatus.SENDING:
            return await _ready_again(work, held, place, carrier)
        case MessageStatus.SENT:
            await _miss_receipt(work, held)
        case status if is_final(status):
            await outbox.remove(work.connection, work.org_id, held.id)
        case _:
            raise RuntimeError(f"message `{held.id}` is {held.status} and has a place in the outbox")
    return None


async def _ready_queued(work: Work, held: Held, place: Place) -> OutboundText | None:
    if work.now >= place.send_by:
        failure = await last_failure(work, held) or ours(CarrierCode.VALIDITY_EXPIRED)
        await _end(work, held, Step(status=MessageStatus.EXPIRED, occurred_at=work.now, failure=failure))
        return None
    judged = await _judge(work, held, place)
    if judged.decision.outcome is not Outcome.ALLOWED:
        await _end(work, held, Step(status=MessageStatus.BLOCKED, occurred_at=work.now, decision=judged.decision))
        return None
    held = await take(work, held, Step(status=MessageStatus.SENDING, occurred_at=work.now))
    if judged.sender.number != held.from_number:
        # The user has another number by now, and this one may be somebody else's.
        failure = ours(CarrierCode.SENDER_INVALID)
        await _end(work, held, Step(status=MessageStatus.FAILED, occurred_at=work.now, failure=failure))
        return None
    return _text(work, held, place)


async def _judge(work: Work, held: Held, place: Place) -> Judged:
    """Decide as before it was accepted; a confirmation may go to who has just opted out (47 CFR 64.1200(a)(12))."""
    draft = Draft(
        user_id=held.user_id,
        to=held.to_number,
        body=held.body or "",
        before=held.id,
        answers_keyword=place.answers is not None,
    )
    judged = await judge(work.fetch, work.org_id, draft, work.policy, now=work.now)
    if judged is None:
        raise RuntimeError(f"message `{held.id}` has no user: users stay as tombstones")
    return judged


async def _ready_again(work: Work, held: Held, place: Place, carrier: Carrier) -> OutboundText | None:
    if carrier.is_idempotent and work.now < place.send_by and held.body is not None:
        return _text(work, held, place)
    await _end(work, held, Step(status=MessageStatus.DELIVERY_UNKNOWN, occurred_at=work.now))
    return None


async def _miss_receipt(work: Work, held: Held) -> None:
    due = await reached_at(work, held) + timedelta(seconds=work.policy.delivery_receipt_timeout_s.value)
    if work.now < due:
        await outbox.revisit(work.connection, work.org_id, held.id, due)
        return
    await _end(work, held, Step(status=MessageStatus.DELIVERY_UNKNOWN, occurred_at=work.now))


async def _end(work: Work, held: Held, step: Step) -> None:
    await take(work, held, step)
    await outbox.remove(work.connection, work.org_id, held.id)


def _text(work: Work, held: Held, place: Place) -> OutboundText:
    return OutboundText(
        org_id=work.org_id,
        message_id=held.id,
        sender=held.from_number,
        recipient=held.to_number,
        body=held.body or "",
        attempt=place.attempts,
    )
