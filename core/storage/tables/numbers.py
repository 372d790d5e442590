"""Telephone numbers: an organization's inventory, and the provider-wide directory that routes inbound texts."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, Index, text
from sqlmodel import Field, SQLModel

from core.rules.enums import AssignmentStatus, NumberSource, NumberState, PhoneNumberType
from core.storage.tables.columns import SCHEMA, moment, one_of, server, string


class PhoneNumbers(SQLModel, table=True):
    """A number of the organization; region and validity are worked out once, when it enters (P3)."""

    __tablename__ = "phone_numbers"
    __table_args__ = (
        ForeignKeyConstraint(["org_id", "owner_id"], ["texting.users.org_id", "texting.users.id"]),
        ForeignKeyConstraint(["org_id", "campaign_id"], ["texting.campaigns.org_id", "texting.campaigns.id"]),
        one_of("type", PhoneNumberType),
        one_of("assigned_by", NumberSource),
        one_of("state", NumberState),
        one_of("assignment_status", AssignmentStatus),
        Index("phone_numbers_number", "org_id", "phone_number", unique=True),
        Index("phone_numbers_by_owner", "org_id", "owner_id", "id"),
        Index("phone_numbers_by_campaign", "org_id", "campaign_id", "id"),
        Index(
            "phone_numbers_one_primary",
            "org_id",
            "owner_id",
            unique=True,
            postgresql_where=text("owner_id IS NOT NULL AND type = 'PRIMARY'"),
        ),
        {"schema": SCHEMA},
    )

    org_id: UUID = Field(primary_key=True)
    id: UUID = Field(primary_key=True)
    phone_number: str = string()
    type: str = string(sa_column_kwargs=server("'PRIMARY'"))
    assigned_by: str = string()
    region: str | None = string()
    valid: bool
    toll_free_number: bool
    state: str = string(sa_column_kwargs=server("'ACTIVE'"))
    owner_id: UUID | None
    campaign_id: UUID | None
    assignment_status: str | None = string()
    assignment_since: datetime | None = moment()
    assignment_audit_id: UUID | None
    signature: str = string()
    version: int = Field(sa_column_kwargs=server("1"))
    created_at: datetime = moment()
    last_audit_id: UUID


class NumberDirectory(SQLModel, table=True):
    """Which organization holds a number: a small reference table, the one key that does not start with `org_id`."""

    __tablename__ = "number_directory"
    __table_args__ = ({"schema": SCHEMA},)

    phone_number: str = string(primary_key=True)
    org_id: UUID
    number_id: UUID
