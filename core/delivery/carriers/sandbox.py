"""A carrier that texts nobody: `magic` decides each outcome; receipts and replies come later, like a real one's.

What has yet to come lies in `texting.sandbox_events`, so that a restart loses nothing. A text handed over twice under
one message id is taken once: a row remembers each accepted id for `REMEMBERED`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

import asyncpg

from core.delivery.carriers.carrier import CarrierEvent, InboundText, OutboundText, Receipt
from core.delivery.carriers.magic import SILENCE, Script, script_of
from core.delivery.failures import reported
from core.delivery.outcomes import Accepted, Outcome, Permanent, Temporary, Throttled, Unknown
from core.rules.carrier_errors import CarrierCode
from core.rules.enums import MessageStatus
from core.storage.database import writing

NAME = "sandbox"
REMEMBERED = timedelta(days=7)
"""How long an accepted message id is known: far longer than a text waits to be sent."""
LEASE = timedelta(seconds=30)
"""How long an event that was taken and not settled stays away before it is given again."""

_ACCEPTED = "accepted"
_REMEMBER = """
INSERT INTO texting.sandbox_events (org_id, id, due_at, event) VALUES ($1, $2, $3, $4)
ON CONFLICT (org_id, id) DO NOTHING RETURNING id
"""
_ADD = "INSERT INTO texting.sandbox_events (org_id, id, due_at, event) VALUES ($1, $2, $3, $4)"
_TAKE = """
UPDATE texting.sandbox_events SET due_at = $2
WHERE (org_id, id) IN (
  SELECT org_id, id FROM texting.sandbox_events WHERE due_at <= $1 ORDER BY due_at LIMIT $3
  FOR UPDATE SKIP LOCKED)
RETURNING org_id, id, event
"""
_REMOVE = "DELETE FROM texting.sandbox_events WHERE org_id = $1 AND id = $2 RETURNING id"


@dataclass(frozen=True, slots=True, kw_only=True)
class Delays:
    """How long after acceptance the first receipt and the first reply come; further replies as much later again."""

    receipt: timedelta = timedelta(seconds=1)
    reply: timedelta = timedelta(seconds=3)


class SandboxCarrier:
    """The default carrier. `pool` is the worker's."""

    name = NAME
    is_idempotent = True

    def __init__(self, pool: asyncpg.Pool, delays: Delays = Delays()) -> None:
        """Keep the pool in which events wait."""
        self._pool = pool
        self._delays = delays

    async def submit(self, text: OutboundText, *, now: datetime) -> Outcome:
        """Answer as the recipient's number says, and plan what comes later."""
        script = script_of(text.recipient, text.body)
        error = script.refusal(text.attempt)
        if error is not None:
            return _refused(error)
        carrier_message_id = f"{NAME}-{text.message_id}"
        async with writing(self._pool, text.org_id) as connection:
            if await connection.fetchval(
                _REMEMBER, text.org_id, text.message_id, now + REMEMBERED, {"kind": _ACCEPTED}
            ):
                planned = _planned(text, script, carrier_message_id, self._delays, now)
                await connection.executemany(_ADD, [(text.org_id, *row) for row in planned])
        return Accepted(carrier_message_id=carrier_message_id)

    async def take(self, *, now: datetime, limit: int) -> Sequence[CarrierEvent]:
        """Give the receipts and replies that are due, the oldest first."""
        rows = await self._pool.fetch(_TAKE, now, now + LEASE, limit)
        forgotten = [(row["org_id"], row["id"]) for row in rows if row["event"]["kind"] == _ACCEPTED]
        if forgotten:
            await self._pool.executemany(_REMOVE, forgotten)
        events = [_event(_key(row), row["event"]) for row in rows if row["event"]["kind"] != _ACCEPTED]
        return sorted(events, key=lambda event: event.occurred_at)

    async def settle(self, connection: asyncpg.Connection, event: CarrierEvent) -> bool:
        """Remove the event in the transaction that records it."""
        org_id, id = event.key.split(":")
        return await connection.fetchval(_REMOVE, UUID(org_id), UUID(id)) is not None


def _refused(error: str) -> Outcome:
    if error == SILENCE:
        return Unknown()
    failure = reported(NAME, error)
    match failure.code:
        case CarrierCode.THROTTLED:
            return Throttled(failure=failure)
        case CarrierCode.CARRIER_UNAVAILABLE:
            return Temporary(failure=failure)
        case _:
            return Permanent(failure=failure)


def _planned(
    text: OutboundText, script: Script, carrier_message_id: str, delays: Delays, now: datetime
) -> Iterator[tuple[UUID, datetime, dict[str, Any]]]:
    """Give the id, the time and the content of every event to come; the ids follow from the message's."""
    for index, receipt in enumerate(script.receipts):
        due = now + delays.receipt + receipt.after
        yield (
            uuid5(text.message_id, f"receipt {index}"),
            due,
            {
                "kind": "receipt",
                "carrier_message_id": carrier_message_id,
                "sender": text.sender,
                "status": receipt.status.value,
                "error": receipt.error,
                "occurred_at": due.isoformat(),
            },
        )
    for index, reply in enumerate(script.replies):
        due = now + delays.reply * (index + 1)
        yield (
            uuid5(text.message_id, f"reply {index}"),
            due,
            {
                "kind": "reply",
                "sender": reply.sender or text.recipient,
                "recipient": text.sender,
                "body": text.body if reply.body is None else reply.body,
                "media_urls": list(reply.media_urls),
                "occurred_at": due.isoformat(),
            },
        )


def _key(row: asyncpg.Record) -> str:
    return f"{row['org_id']}:{row['id']}"


def _event(key: str, stored: dict[str, Any]) -> CarrierEvent:
    occurred_at = datetime.fromisoformat(stored["occurred_at"])
    if stored["kind"] == "reply":
        return InboundText(
            key=key,
            carrier_message_id=f"{NAME}-{key}",
            sender=stored["sender"],
            recipient=stored["recipient"],
            body=stored["body"],
            media_urls=tuple(stored["media_urls"]),
            occurred_at=occurred_at,
        )
    error = stored["error"]
    return Receipt(
        key=key,
        carrier_message_id=stored["carrier_message_id"],
        sender=stored["sender"],
        status=MessageStatus(stored["status"]),
        occurred_at=occurred_at,
        failure=reported(NAME, error) if error else None,
        raw={"status": stored["status"], "error": error},
    )
