"""Texts that come in: to the user who holds the number, or refused and recorded (L4)."""

from datetime import datetime
from uuid import UUID

import structlog

from audit.actions import Action
from audit.record import AuditKind, Target
from core.commands.message_rows import NewMessage, add_message, described, involved, new_message_id
from core.commands.transaction import Store
from core.delivery.carriers.carrier import Carrier, InboundText
from core.delivery.directory import OurNumber, line_of, our_number
from core.delivery.heeding import Arrival, heed
from core.delivery.refusing import Reason, may_have_been_texted, reasons_against, record_refused
from core.delivery.work import Work, working
from core.ids import SYSTEM_ORG_ID
from core.rules.enums import Direction, MessageStatus
from core.rules.numbers import PhoneNumber, parse_sender
from core.rules.retention import retain
from core.rules.segments import measure

_IS_KNOWN = """
SELECT true FROM texting.messages
WHERE org_id = $1 AND carrier_message_id = $2 AND carrier = $3 AND direction = 'INBOUND' LIMIT 1
"""

_log = structlog.get_logger()


async def receive(store: Store, carrier: Carrier, text: InboundText, *, now: datetime) -> None:
    """Take or refuse a text, heed it if it is a keyword, and settle it: one transaction of its organization."""
    line = await line_of(store.pool, text.recipient)
    async with working(store, line.org_id if line is not None else SYSTEM_ORG_ID, now=now) as work:
        if not await carrier.settle(work.connection, text):
            return
        if line is None:
            record_refused(work, text, None, [Reason.NUMBER_UNKNOWN])
            return
        if await work.connection.fetchval(_IS_KNOWN, line.org_id, text.carrier_message_id, carrier.name):
            _log.info("a text came in twice", carrier=carrier.name, carrier_message_id=text.carrier_message_id)
            return
        await _take(work, carrier, text, await our_number(work, line.number_id))


async def _take(work: Work, carrier: Carrier, text: InboundText, number: OurNumber) -> None:
    sender = parse_sender(text.sender)
    reasons = reasons_against(sender, text, number, work.policy)
    if reasons:
        record_refused(work, text, number, reasons)
    if not isinstance(sender, PhoneNumber) or not may_have_been_texted(reasons):
        return
    arrival = Arrival(text=text, peer=sender.e164, number=number)
    await heed(work, arrival if reasons else await _store(work, carrier, arrival))


async def _store(work: Work, carrier: Carrier, arrival: Arrival) -> Arrival:
    """Put a text into its conversation; give it with its ids."""
    text, number, holder = arrival.text, arrival.number, arrival.number.holder
    assert holder is not None, "a text for nobody was refused"
    body = _storable(text.body)
    message = NewMessage(
        org_id=work.org_id,
        id=new_message_id(),
        user_id=holder.user_id,
        direction=Direction.INBOUND,
        own_number=number.phone_number,
        number_id=number.id,
        peer=arrival.peer,
        body=body,
        size=measure(body),
        statuses=(MessageStatus.RECEIVED,),
        campaign_id=number.campaign_id,
        occurred_at=text.occurred_at,
        recorded_at=work.now,
        expires_at=retain(work.now, work.policy).expires_at,
        audit_id=work.new_audit_id(),
        carrier=carrier.name,
        carrier_message_id=text.carrier_message_id,
    )
    conversation_id: UUID = await add_message(work.connection, message)
    work.record(
        Action.MESSAGE_RECEIVE,
        audit_id=message.audit_id,
        target=Target(type="Message", id=message.id),
        before=None,
        after=described(message, work.pseudonym),
        kind=AuditKind.CHANGE,
        involves=involved(message, work.pseudonym),
        location_id=holder.location_id,
        correlation_id=str(message.id),
    )
    return Arrival(text=text, peer=arrival.peer, number=number, message_id=message.id, conversation_id=conversation_id)


def _storable(body: str) -> str:
    """Replace what no store can hold: NUL, and halves of characters."""
    return body.replace("\0", "\N{REPLACEMENT CHARACTER}").encode("utf-16", "surrogatepass").decode("utf-16", "replace")
