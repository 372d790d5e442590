"""What waits to be handed to a carrier, and what the sandbox carrier has yet to say."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from core.storage.tables.columns import SCHEMA, document, moment, server, string


class Outbox(SQLModel, table=True):
    """A message that something is still to be done with: sent, sent again, or given up when no receipt comes.

    It is free to take when `available_at` has come; a claim moves that into the future. `answers`: the keyword, an
    inbound message, that this text confirms by itself.
    """

    __tablename__ = "outbox"
    __table_args__ = (Index("outbox_available", "available_at"), {"schema": SCHEMA})

    org_id: UUID = Field(primary_key=True)
    message_id: UUID = Field(primary_key=True)
    campaign_id: UUID | None
    segments: int
    available_at: datetime = moment()
    send_by: datetime = moment()
    attempts: int = Field(sa_column_kwargs=server("0"))
    claimed_by: str | None = string()
    answers: UUID | None


class SandboxEvents(SQLModel, table=True):
    """A receipt or reply that the sandbox carrier will deliver at `due_at`; kept here so that a restart loses none."""

    __tablename__ = "sandbox_events"
    __table_args__ = (Index("sandbox_events_due", "due_at"), {"schema": SCHEMA})

    org_id: UUID = Field(primary_key=True)
    id: UUID = Field(primary_key=True)
    due_at: datetime = moment()
    event: dict[str, Any] = document()
