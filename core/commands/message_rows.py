"""The rows of one text: its conversation, itself, its steps, its place in the queue; and what a record says of it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg

from audit.record import Erasable
from core.commands.writes import insert
from core.ids import uuid7
from core.rules.enums import Direction, MessageStatus
from core.rules.segments import Segmentation
from core.storage.tables import MessageEvents, Messages, Outbox

SEND_TIME_MAX = timedelta(hours=4)
"""How long a text waits to be handed to a carrier before it is EXPIRED: later it would surprise its reader."""

_UPSERT_CONVERSATION = """
INSERT INTO texting.conversations (org_id, id, user_id, peer, last_message_id, created_at)
VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (org_id, user_id, peer)
DO UPDATE SET last_message_id = greatest(conversations.last_message_id, excluded.last_message_id)
RETURNING id
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewMessage:
    """A text to store. `user_id`: ours; `peer`: the number outside. `number_id` names the user's own number.

    Its last status is the one it has; all of them become steps of its history.
    """

    org_id: UUID
    id: UUID
    user_id: UUID
    direction: Direction
    own_number: str
    number_id: UUID | None
    peer: str
    body: str
    size: Segmentation
    statuses: tuple[MessageStatus, ...]
    campaign_id: UUID | None
    occurred_at: datetime
    recorded_at: datetime
    expires_at: datetime
    audit_id: UUID
    carrier: str | None = None
    carrier_message_id: str | None = None

    @property
    def sender(self) -> str:
        """The number it comes from."""
        return self.own_number if self.direction is Direction.OUTBOUND else self.peer

    @property
    def recipient(self) -> str:
        """The number it goes to."""
        return self.peer if self.direction is Direction.OUTBOUND else self.own_number


def new_message_id() -> UUID:
    """Make a message's id of the clock, not of the request: two sends of one request keep their order."""
    return uuid7()


async def add_message(connection: asyncpg.Connection, message: NewMessage) -> UUID:
    """Store a text in its conversation, with its steps; give the conversation's id."""
    conversation_id: UUID = await connection.fetchval(
        _UPSERT_CONVERSATION,
        message.org_id,
        uuid7(),
        message.user_id,
        message.peer,
        message.id,
        message.recorded_at,
    )
    await insert(connection, Messages, [_row(message, conversation_id)])
    await insert(connection, MessageEvents, [_step(message, status) for status in message.statuses])
    return conversation_id


async def queue(connection: asyncpg.Connection, message: NewMessage, *, answers: UUID | None = None) -> None:
    """Put a text into the outbox; `answers`: the keyword it confirms."""
    row = {
        "org_id": message.org_id,
        "message_id": message.id,
        "campaign_id": message.campaign_id,
        "segments": message.size.segments,
        "available_at": message.recorded_at,
        "send_by": message.recorded_at + SEND_TIME_MAX,
        "answers": answers,
    }
    await insert(connection, Outbox, [row])


def described(message: NewMessage, pseudonym: Callable[[str], UUID]) -> dict[str, Any]:
    """Give what a record says of a new text: numbers and body erasable with the one outside, or with our number."""
    outside = pseudonym(message.peer)
    numbers = {message.peer: outside, message.own_number: pseudonym(message.own_number)}
    return {
        "direction": message.direction,
        "from": Erasable(message.sender, numbers[message.sender]),
        "to": Erasable(message.recipient, numbers[message.recipient]),
        "body": Erasable(message.body, outside),
        "segments": message.size.segments,
        "encoding": message.size.encoding,
        "status": message.statuses[-1],
    }


def involved(message: NewMessage, pseudonym: Callable[[str], UUID]) -> tuple[UUID, ...]:
    """Name everybody a record of this text is about, the target apart."""
    own = (message.number_id,) if message.number_id is not None else ()
    return (message.user_id, *own, pseudonym(message.peer))


def _row(message: NewMessage, conversation_id: UUID) -> dict[str, Any]:
    return {
        "org_id": message.org_id,
        "id": message.id,
        "user_id": message.user_id,
        "conversation_id": conversation_id,
        "direction": message.direction,
        "from_number": message.sender,
        "to_number": message.recipient,
        "body": message.body,
        "status": message.statuses[-1],
        "segments": message.size.segments,
        "encoding": message.size.encoding,
        "campaign_id": message.campaign_id,
        "carrier": message.carrier,
        "carrier_message_id": message.carrier_message_id,
        "created_at": message.recorded_at,
        "expires_at": message.expires_at,
        "last_audit_id": message.audit_id,
    }


def _step(message: NewMessage, status: MessageStatus) -> dict[str, Any]:
    return {
        "org_id": message.org_id,
        "message_id": message.id,
        "id": uuid7(),
        "status": status,
        "occurred_at": message.occurred_at,
        "recorded_at": message.recorded_at,
        "audit_id": message.audit_id,
    }
