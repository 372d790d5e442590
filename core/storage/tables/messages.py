"""Texts: conversations, messages (monthly partitions by id) and what happened to each message."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, Index, text
from sqlmodel import Field, SQLModel

from core.rules.enums import BodyState, Direction, Encoding, FailureLayer, MessageStatus
from core.storage.tables.columns import SCHEMA, document, moment, one_of, server, string


class Conversations(SQLModel, table=True):
    """One user's texts with one peer."""

    __tablename__ = "conversations"
    __table_args__ = (
        ForeignKeyConstraint(["org_id", "user_id"], ["texting.users.org_id", "texting.users.id"]),
        Index("conversations_pair", "org_id", "user_id", "peer", unique=True),
        Index("conversations_recent", "org_id", "user_id", "last_message_id"),
        {"schema": SCHEMA},
    )

    org_id: UUID = Field(primary_key=True)
    id: UUID = Field(primary_key=True)
    user_id: UUID
    peer: str = string()
    last_message_id: UUID
    created_at: datetime = moment()


class Messages(SQLModel, table=True):
    """A text. `expires_at` is retention (L1); the outbox holds the sending deadline."""

    __tablename__ = "messages"
    __table_args__ = (
        one_of("direction", Direction),
        one_of("body_state", BodyState),
        one_of("status", MessageStatus),
        one_of("failure_layer", FailureLayer),
        one_of("encoding", Encoding),
        Index("messages_by_conversation", "org_id", "conversation_id", "id"),
        Index("messages_by_user", "org_id", "user_id", "id"),
        Index(
            "messages_by_carrier_id",
            "org_id",
            "carrier_message_id",
            postgresql_where=text("carrier_message_id IS NOT NULL"),
        ),
        {"schema": SCHEMA, "postgresql_partition_by": "RANGE (id)"},
    )

    org_id: UUID = Field(primary_key=True)
    id: UUID = Field(primary_key=True)
    user_id: UUID
    conversation_id: UUID
    direction: str = string()
    from_number: str = string()
    to_number: str = string()
    body: str | None = string()
    body_state: str = string(sa_column_kwargs=server("'AVAILABLE'"))
    status: str = string()
    failure_layer: str | None = string()
    failure: dict[str, Any] | None = document()
    decision: dict[str, Any] | None = document()
    segments: int
    encoding: str = string()
    campaign_id: UUID | None
    carrier: str | None = string()
    carrier_message_id: str | None = string()
    created_at: datetime = moment()
    expires_at: datetime = moment()
    last_audit_id: UUID


class MessageEvents(SQLModel, table=True):
    """Every status a message was said to have, in the order we learned it; receipts out of order stay here.

    `audit_id`: the record of that step.
    """

    __tablename__ = "message_events"
    __table_args__ = (
        one_of("status", MessageStatus),
        {"schema": SCHEMA, "postgresql_partition_by": "RANGE (message_id)"},
    )

    org_id: UUID = Field(primary_key=True)
    message_id: UUID = Field(primary_key=True)
    id: UUID = Field(primary_key=True)
    status: str = string()
    applied: bool = Field(sa_column_kwargs=server("true"))
    occurred_at: datetime = moment()
    recorded_at: datetime = moment()
    failure: dict[str, Any] | None = document()
    raw: dict[str, Any] | None = document()
    audit_id: UUID
