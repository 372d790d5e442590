"""Who may not be texted: the consent ledger and what a carrier or vendor imposed (L6)."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from core.rules.enums import ConsentAction, ConsentBasis, ConsentScope
from core.storage.tables.columns import SCHEMA, document, moment, one_of, string


class ConsentEvents(SQLModel, table=True):
    """One entry of the ledger. `sender_user_id` is who held the sender's number then: NUMBER_PAIR ends with it."""

    __tablename__ = "consent_events"
    __table_args__ = (
        one_of("scope", ConsentScope),
        one_of("action", ConsentAction),
        one_of("basis", ConsentBasis),
        Index("consent_events_by_recipient", "org_id", "recipient", "id"),
        {"schema": SCHEMA},
    )

    org_id: UUID = Field(primary_key=True)
    id: UUID = Field(primary_key=True)
    recipient: str = string()
    scope: str = string()
    sender: str | None = string()
    sender_user_id: UUID | None
    campaign_id: UUID | None
    action: str = string()
    basis: str = string()
    evidence: str | None = string()
    message_id: UUID | None
    occurred_at: datetime = moment()
    recorded_at: datetime = moment()
    due_by: datetime | None = moment()
    honored_at: datetime | None = moment()
    audit_id: UUID


class TrafficBlocks(SQLModel, table=True):
    """What Cisco, a vendor or a carrier imposed on an org, campaign, user or number (L6); `ended_at` lifts it."""

    __tablename__ = "traffic_blocks"
    __table_args__ = (Index("traffic_blocks_by_target", "org_id", "target_id", "started_at"), {"schema": SCHEMA})

    org_id: UUID = Field(primary_key=True)
    id: UUID = Field(primary_key=True)
    target_type: str = string()
    target_id: UUID
    kind: str = string()
    imposed_by: str = string()
    reason: str = string()
    started_at: datetime = moment()
    ended_at: datetime | None = moment()
    evidence: dict[str, Any] | None = document()
    audit_id: UUID
