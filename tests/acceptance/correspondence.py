"""Texts, written row by row into an organization of `directories`."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import asyncpg

from core.commands.consent_rows import ConsentEntry, add_entries
from core.commands.message_rows import NewMessage, add_message
from core.commands.writes import insert
from core.ids import uuid7
from core.rules.carrier_errors import CarrierCode
from core.rules.enums import ConsentAction, ConsentBasis, ConsentScope, Direction, MessageStatus
from core.rules.segments import measure
from core.storage.database import writing
from core.storage.tables import MessageEvents
from tests.acceptance.directories import SINCE, Directory

PEER = "+14155550123"
"""Somebody outside."""


async def message(
    pool: asyncpg.Pool,
    made: Directory,
    *,
    user: int = 0,
    peer: str = PEER,
    body: str = "hello",
    direction: Direction = Direction.OUTBOUND,
    statuses: tuple[MessageStatus, ...] = (MessageStatus.ACCEPTED, MessageStatus.QUEUED),
    **columns: Any,
) -> UUID:
    """Write a text of a user; `columns` replace those of its row. Its last status is the one it has."""
    told = NewMessage(
        org_id=made.org_id,
        id=uuid7(),
        user_id=made.users[user],
        direction=direction,
        own_number="+12125550100",
        number_id=made.primaries[user],
        peer=peer,
        body=body,
        size=measure(body),
        statuses=statuses,
        campaign_id=made.campaign,
        occurred_at=SINCE,
        recorded_at=datetime.now(UTC),
        expires_at=datetime(2028, 1, 1, tzinfo=UTC),
        audit_id=uuid7(),
    )
    async with writing(pool, made.org_id) as connection:
        await add_message(connection, told)
        if columns:
            setting = ", ".join(f"{name} = ${at}" for at, name in enumerate(columns, start=3))
            sql = f"UPDATE texting.messages SET {setting} WHERE org_id = $1 AND id = $2"
            assert await connection.execute(sql, made.org_id, told.id, *columns.values()) == "UPDATE 1"
    return told.id


async def step(pool: asyncpg.Pool, made: Directory, message_id: UUID, status: MessageStatus, **columns: Any) -> None:
    """Add a step to a message's history, and to nothing else."""
    row = {
        "org_id": made.org_id,
        "message_id": message_id,
        "id": uuid7(),
        "status": status,
        "occurred_at": SINCE,
        "recorded_at": datetime.now(UTC),
        "audit_id": uuid7(),
        **columns,
    }
    async with writing(pool, made.org_id) as connection:
        await insert(connection, MessageEvents, [row])


async def wish(pool: asyncpg.Pool, made: Directory, **told: Any) -> UUID:
    """Write an entry of the consent ledger: a keyword about the campaign unless `told` otherwise."""
    said: dict[str, Any] = {
        "recipient": PEER,
        "scope": ConsentScope.CAMPAIGN,
        "campaign_id": made.campaign,
        "action": ConsentAction.OPT_OUT,
        "basis": ConsentBasis.KEYWORD,
        "evidence": "STOP",
        "occurred_at": SINCE,
        "recorded_at": SINCE,
        **told,
    }
    entry = ConsentEntry(org_id=made.org_id, id=uuid7(), audit_id=uuid7(), **said)
    async with writing(pool, made.org_id) as connection:
        await add_entries(connection, [entry])
    return entry.id


def failure(code: CarrierCode = CarrierCode.LANDLINE, **more: Any) -> dict[str, Any]:
    """A failure as a message keeps it."""
    told = {"layer": "CARRIER", "canonical_code": code.value, "carrier_code": "30006", "carrier": "sandbox"}
    return {**told, "retryable": False, **more}
