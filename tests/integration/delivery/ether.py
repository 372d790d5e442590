"""A carrier whose texts and receipts come when the test says, in the order the test says."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import asyncpg

from core.delivery.carriers.carrier import Carrier, CarrierEvent, InboundText, OutboundText, Receipt
from core.delivery.inbound import receive
from core.delivery.outcomes import Accepted, Outcome
from core.delivery.receipts import record_receipt
from core.rules.enums import MessageStatus
from tests.integration.delivery.desk import Desk


@dataclass(kw_only=True)
class Wire:
    """A carrier that takes every text and keeps count. `answers`: what it says, in turn; `coming`: what it gives."""

    name: str = "wire"
    is_idempotent: bool = False
    answers: list[Outcome | BaseException] = field(default_factory=list)
    handed: list[OutboundText] = field(default_factory=list)
    coming: list[CarrierEvent] = field(default_factory=list)
    settled: set[str] = field(default_factory=set)
    waits: asyncio.Event | None = None

    async def submit(self, text: OutboundText, *, now: datetime) -> Outcome:  # noqa: ARG002 - a carrier's signature
        self.handed.append(text)
        if self.waits is not None:
            await self.waits.wait()
        await asyncio.sleep(0)
        answer = self.answers.pop(0) if self.answers else Accepted(carrier_message_id=carrier_id(text.message_id))
        if isinstance(answer, BaseException):
            raise answer
        return answer

    async def take(self, *, now: datetime, limit: int) -> Sequence[CarrierEvent]:  # noqa: ARG002 - the same
        given, self.coming = self.coming[:limit], self.coming[limit:]
        return given

    async def settle(self, connection: asyncpg.Connection, event: CarrierEvent) -> bool:  # noqa: ARG002 - the same
        if event.key in self.settled:
            return False
        self.settled.add(event.key)
        return True


def carrier_id(message_id: UUID) -> str:
    """Name a text as the wire does."""
    return f"wire-{message_id}"


class Ether:
    """What comes over the air for a desk."""

    def __init__(self, desk: Desk, *, carrier: Carrier | None = None, number: str | None = None) -> None:
        self._desk = desk
        self._number = number or desk.number
        self.carrier: Any = carrier or Wire()

    async def text(self, sender: str, body: str, *, works: bool = True, **more: Any) -> None:
        """Have a text come in, and what it causes go out."""
        fields: dict[str, Any] = {
            "key": str(uuid4()),
            "carrier_message_id": str(uuid4()),
            "sender": sender,
            "recipient": self._number,
            "body": body,
            "media_urls": (),
            "occurred_at": self._desk.now,
        }
        text = InboundText(**(fields | more))
        await receive(self._desk.worker_store, self.carrier, text, now=self._desk.now)
        if works:
            await self._desk.work(self.carrier)

    async def receipt(self, message_id: UUID, status: MessageStatus, **more: Any) -> Receipt:
        """Have a receipt come in."""
        fields: dict[str, Any] = {
            "key": str(uuid4()),
            "carrier_message_id": carrier_id(message_id),
            "sender": self._number,
            "status": status,
            "occurred_at": self._desk.now,
            "raw": {"says": status.value},
        }
        receipt = Receipt(**(fields | more))
        await record_receipt(self._desk.worker_store, self.carrier, receipt, now=self._desk.now)
        return receipt

    async def both_take(self, event: CarrierEvent) -> None:
        """Have two dispatchers record one event at once."""
        store, now = self._desk.worker_store, self._desk.now
        record = record_receipt if isinstance(event, Receipt) else receive
        again = replace(event)
        await asyncio.gather(
            record(store, self.carrier, event, now=now),  # type: ignore[arg-type]
            record(store, self.carrier, again, now=now),  # type: ignore[arg-type]
        )
