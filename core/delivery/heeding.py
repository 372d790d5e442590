"""Keywords: what a whole message such as STOP, START or HELP asks for is done, and confirmed with one text.

An opt-out always enters the ledger. An opt-in enters it only where it lifts an opt-out of that number: `YES` is a
keyword, and in a conversation it is an answer. A confirmation says what has changed, so a second STOP gets none; and no
keyword is answered twice within `QUIET`, so that two programs never text each other for ever.
"""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import assert_never
from uuid import UUID

from audit.actions import Action
from audit.record import AuditKind, Target
from core.commands.message_rows import NewMessage, add_message, described, involved, new_message_id, queue
from core.commands.send_facts import load_consent
from core.delivery import ledger
from core.delivery.carriers.carrier import InboundText
from core.delivery.directory import OurNumber
from core.delivery.ledger import Wish
from core.delivery.work import ACTOR, Work
from core.rules.consent import ConsentQuestion
from core.rules.enums import ConsentAction, ConsentBasis, Direction, Keyword, MessageStatus, PhoneNumberType
from core.rules.keywords import recognise
from core.rules.numbers import is_short_code
from core.rules.results import Message, params
from core.rules.retention import retain
from core.rules.segments import measure
from core.rules.words.catalogue import render

QUIET = timedelta(hours=1)
"""How long the same keyword of the same sender is not answered again."""
EARLIER_MAX = 20
"""How many of the sender's last messages are searched for the same keyword."""

_EARLIER = """
SELECT body FROM texting.messages
WHERE org_id = $1 AND conversation_id = $2 AND id < $3 AND direction = 'INBOUND' AND created_at > $4
ORDER BY id DESC LIMIT $5
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """An inbound text with its parties. `message_id`, `conversation_id`: where it was taken, else `None`."""

    text: InboundText
    peer: str
    number: OurNumber
    message_id: UUID | None = None
    conversation_id: UUID | None = None


async def heed(work: Work, arrival: Arrival) -> None:
    """Do what the text asks for if it is a keyword. Of a text that was not taken only an opt-out is heeded."""
    keyword = recognise(arrival.text.body, work.policy.keywords.value)
    if keyword is None or (arrival.message_id is None and keyword is not Keyword.OPT_OUT):
        return
    if await _changes_something(work, arrival, keyword):
        await _answer(work, arrival, keyword)


async def _changes_something(work: Work, arrival: Arrival, keyword: Keyword) -> bool:
    """Enter the wish; say whether there is something to confirm."""
    match keyword:
        case Keyword.OPT_OUT:
            was_out = await _is_out(work, arrival)
            await ledger.enter(work, _wish(arrival, ConsentAction.OPT_OUT))
            return not was_out
        case Keyword.OPT_IN:
            if not await _is_out(work, arrival):
                return False
            await ledger.enter(work, _wish(arrival, ConsentAction.OPT_IN))
            # An opt-out of a wider scope than the keyword's stays in force.
            return not await _is_out(work, arrival)
        case Keyword.HELP:
            return True
        case _:
            assert_never(keyword)


async def _is_out(work: Work, arrival: Arrival) -> bool:
    number = arrival.number
    question = ConsentQuestion(
        recipient=arrival.peer,
        sender=number.phone_number,
        campaign_id=number.campaign_id,
        user_id=number.holder.user_id if number.holder is not None else None,
    )
    return (await load_consent(work.fetch, work.org_id, question)).opted_out


def _wish(arrival: Arrival, action: ConsentAction) -> Wish:
    number, holder = arrival.number, arrival.number.holder
    return Wish(
        recipient=arrival.peer,
        our_number=number.phone_number,
        user_id=holder.user_id if holder is not None else None,
        campaign_id=number.campaign_id,
        action=action,
        basis=ConsentBasis.KEYWORD,
        occurred_at=arrival.text.occurred_at,
        correlation_id=arrival.message_id or number.id,
        location_id=holder.location_id if holder is not None else None,
        evidence=arrival.text.body,
        said_in=arrival.message_id,
    )


async def _answer(work: Work, arrival: Arrival, keyword: Keyword) -> None:
    """Queue the one text that confirms a keyword, from the number it was sent to."""
    number, holder = arrival.number, arrival.number.holder
    if arrival.message_id is None or holder is None or number.type is not PhoneNumberType.PRIMARY:
        return
    if is_short_code(arrival.peer) or await _was_answered(work, arrival, keyword):
        return
    body = render(Message(id=f"ANSWER.{keyword}", params=params(org=number.org_name)))
    message = NewMessage(
        org_id=work.org_id,
        id=new_message_id(),
        user_id=holder.user_id,
        direction=Direction.OUTBOUND,
        own_number=number.phone_number,
        number_id=number.id,
        peer=arrival.peer,
        body=body,
        size=measure(body),
        statuses=(MessageStatus.ACCEPTED, MessageStatus.QUEUED),
        campaign_id=number.campaign_id,
        occurred_at=work.now,
        recorded_at=work.now,
        expires_at=retain(work.now, work.policy).expires_at,
        audit_id=work.new_audit_id(),
    )
    await add_message(work.connection, message)
    await queue(work.connection, message, answers=arrival.message_id)
    work.record(
        Action.MESSAGE_SEND,
        audit_id=message.audit_id,
        actor=replace(ACTOR, on_behalf_of=work.global_id("User", holder.user_id)),
        target=Target(type="Message", id=message.id),
        before=None,
        after=described(message, work.pseudonym) | {"answers": work.global_id("Message", arrival.message_id)},
        kind=AuditKind.SEND,
        involves=involved(message, work.pseudonym),
        location_id=holder.location_id,
        correlation_id=str(message.id),
    )


async def _was_answered(work: Work, arrival: Arrival, keyword: Keyword) -> bool:
    rows = await work.connection.fetch(
        _EARLIER, work.org_id, arrival.conversation_id, arrival.message_id, work.now - QUIET, EARLIER_MAX
    )
    return any(recognise(row["body"] or "", work.policy.keywords.value) is keyword for row in rows)
