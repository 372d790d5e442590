"""One entry of the consent ledger as it is stored, and what a record says of it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg

from audit.record import Erasable
from core.commands.writes import insert
from core.ids import encode
from core.rules.enums import ConsentAction, ConsentBasis, ConsentScope
from core.storage.tables import ConsentEvents


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentEntry:
    """An opt-out or opt-in to store. Numbers are E.164, of a recipient also a short code; times are UTC.

    `sender` goes with NUMBER_PAIR and SENDER_NUMBER, `campaign_id` with CAMPAIGN. `sender_user_id`: who held the
    sender's number then. `message_id`: the inbound message that said it. `due_by`, `honored_at`: of opt-outs.
    """

    org_id: UUID
    id: UUID
    recipient: str
    scope: ConsentScope
    action: ConsentAction
    basis: ConsentBasis
    occurred_at: datetime
    recorded_at: datetime
    audit_id: UUID
    sender: str | None = None
    sender_user_id: UUID | None = None
    campaign_id: UUID | None = None
    evidence: str | None = None
    message_id: UUID | None = None
    due_by: datetime | None = None
    honored_at: datetime | None = None


async def add_entries(connection: asyncpg.Connection, entries: Sequence[ConsentEntry]) -> None:
    """Store entries of the ledger, in one statement."""
    await insert(connection, ConsentEvents, [_row(entry) for entry in entries])


def described(entry: ConsentEntry, pseudonym: Callable[[str], UUID]) -> dict[str, Any]:
    """Give what a record says of a new entry: numbers and evidence erasable with the one outside or our number."""
    outside = pseudonym(entry.recipient)
    told: dict[str, Any] = {
        "recipient": Erasable(entry.recipient, outside),
        "scope": entry.scope,
        "sender": None if entry.sender is None else Erasable(entry.sender, pseudonym(entry.sender)),
        "campaignId": None if entry.campaign_id is None else encode("Campaign", entry.org_id, entry.campaign_id),
        "action": entry.action,
        "basis": entry.basis,
        "evidence": None if entry.evidence is None else Erasable(entry.evidence, outside),
        "messageId": None if entry.message_id is None else encode("Message", entry.org_id, entry.message_id),
        "occurredAt": entry.occurred_at,
    }
    return {name: value for name, value in told.items() if value is not None}


def involved(entry: ConsentEntry, pseudonym: Callable[[str], UUID]) -> tuple[UUID, ...]:
    """Name everybody a record of this entry is about, the target apart."""
    named = (entry.sender_user_id, entry.campaign_id, entry.message_id)
    return (pseudonym(entry.recipient), *(id for id in named if id is not None))


def _row(entry: ConsentEntry) -> dict[str, Any]:
    return {name: getattr(entry, name) for name in ConsentEntry.__dataclass_fields__}
