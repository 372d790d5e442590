"""A message that a transaction has locked, with its place in the outbox."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from core.delivery import outbox
from core.delivery.outbox import Place
from core.delivery.work import Work
from core.rules.enums import MessageStatus

_LOCK = """
SELECT m.user_id, u.location_id, m.from_number, m.to_number, m.body, m.status, m.campaign_id, m.carrier,
  m.carrier_message_id
FROM texting.messages m JOIN texting.users u ON u.org_id = m.org_id AND u.id = m.user_id
WHERE m.org_id = $1 AND m.id = $2
FOR NO KEY UPDATE OF m
"""
_BY_CARRIER_ID = """
SELECT id FROM texting.messages
WHERE org_id = $1 AND carrier_message_id = $2 AND carrier = $3 AND direction = 'OUTBOUND' ORDER BY id DESC LIMIT 1
"""
_REACHED_AT = """
SELECT max(recorded_at) FROM texting.message_events WHERE org_id = $1 AND message_id = $2 AND status = $3 AND applied
"""
_LAST_FAILURE = """
SELECT failure FROM texting.message_events
WHERE org_id = $1 AND message_id = $2 AND failure IS NOT NULL ORDER BY id DESC LIMIT 1
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """An outbound message as it stands. `body` `None`: erased. `place` `None`: nothing more is to be done with it."""

    id: UUID
    user_id: UUID
    location_id: UUID
    from_number: str
    to_number: str
    body: str | None
    status: MessageStatus
    campaign_id: UUID | None
    carrier: str | None
    carrier_message_id: str | None
    place: Place | None


async def hold(work: Work, message_id: UUID) -> Held | None:
    """Lock a message, its place in the queue first; `None` when there is no such message."""
    place = await outbox.lock(work.connection, work.org_id, message_id)
    row = await work.connection.fetchrow(_LOCK, work.org_id, message_id)
    if row is None:
        return None
    return Held(id=message_id, place=place, **{**row, "status": MessageStatus(row["status"])})


async def sent_as(work: Work, carrier: str, carrier_message_id: str) -> UUID | None:
    """Find the message that a carrier knows by that id."""
    found: UUID | None = await work.connection.fetchval(_BY_CARRIER_ID, work.org_id, carrier_message_id, carrier)
    return found


async def reached_at(work: Work, held: Held) -> datetime:
    """Give when we learned that the message has the status it has."""
    found: datetime | None = await work.connection.fetchval(_REACHED_AT, work.org_id, held.id, held.status.value)
    return found if found is not None else work.now


async def last_failure(work: Work, held: Held) -> dict[str, Any] | None:
    """Give what a carrier said last, as it is stored; `None` when none refused the message."""
    found: dict[str, Any] | None = await work.connection.fetchval(_LAST_FAILURE, work.org_id, held.id)
    return found
