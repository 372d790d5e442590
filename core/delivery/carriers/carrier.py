"""What a carrier must be able to do, and what it tells us later."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

import asyncpg

from core.delivery.failures import Failure
from core.delivery.outcomes import Outcome
from core.rules.enums import MessageStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboundText:
    """A text to hand over. Numbers are E.164; `attempt` counts from 1."""

    org_id: UUID
    message_id: UUID
    sender: str
    recipient: str
    body: str
    attempt: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What the carrier says became of a text. `sender` is our number, which tells whose text it was.

    `key` is the carrier's own name of the event. `status` is SENT, DELIVERED, UNDELIVERED or DELIVERY_UNKNOWN. `raw`
    is what the carrier sent, JSON without floats.
    """

    key: str
    carrier_message_id: str
    sender: str
    status: MessageStatus
    occurred_at: datetime
    failure: Failure | None = None
    raw: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class InboundText:
    """A text for one of our numbers. `sender` as the carrier wrote it: E.164 or a short code."""

    key: str
    carrier_message_id: str
    sender: str
    recipient: str
    body: str
    media_urls: tuple[str, ...]
    occurred_at: datetime


CarrierEvent = Receipt | InboundText


class Carrier(Protocol):
    """A way out and in.

    `is_idempotent`: handing over the same `message_id` again sends nothing twice and answers the same.
    """

    @property
    def name(self) -> str:
        """What messages and failures call it."""

    @property
    def is_idempotent(self) -> bool:
        """Whether a text whose fate is unknown may be handed over again."""

    async def submit(self, text: OutboundText, *, now: datetime) -> Outcome:
        """Hand over one text, outside any transaction. An exception counts as `Unknown`."""

    async def take(self, *, now: datetime, limit: int) -> Sequence[CarrierEvent]:
        """Give what has come; what is not settled within a while is given again, so nothing is lost by a crash."""

    async def settle(self, connection: asyncpg.Connection, event: CarrierEvent) -> bool:
        """Say, inside the transaction that records the event, that it is done.

        `False`: another worker has recorded it, so record nothing.
        """
