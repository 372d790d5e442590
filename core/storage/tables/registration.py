"""10DLC registration: brands and campaigns (P6)."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, Index
from sqlmodel import Field, SQLModel

from core.rules.enums import BrandIdentity, BrandStatus, CampaignStatus
from core.storage.tables.columns import SCHEMA, document, moment, one_of, server, string, strings


class Brands(SQLModel, table=True):
    """Who the organization is to the registry: at most one an organization."""

    __tablename__ = "brands"
    __table_args__ = (
        ForeignKeyConstraint(["org_id"], ["texting.orgs.org_id"]),
        one_of("registration", BrandStatus),
        one_of("identity", BrandIdentity),
        Index("brands_one_an_org", "org_id", unique=True),
        {"schema": SCHEMA},
    )

    org_id: UUID = Field(primary_key=True)
    id: UUID = Field(primary_key=True)
    legal_name: str = string()
    tax_id: str | None = string()
    website: str | None = string()
    registration: str = string()
    identity: str = string()
    score: int | None
    feedback: list[str] = strings(sa_column_kwargs=server("'{}'"))
    evidence: dict[str, Any] | None = document()
    since: datetime = moment()
    version: int = Field(sa_column_kwargs=server("1"))
    created_at: datetime = moment()
    last_audit_id: UUID


class Campaigns(SQLModel, table=True):
    """What the organization's texts are for; `carriers` holds `[{carrier, status, since}]`."""

    __tablename__ = "campaigns"
    __table_args__ = (
        ForeignKeyConstraint(["org_id", "brand_id"], ["texting.brands.org_id", "texting.brands.id"]),
        one_of("status", CampaignStatus),
        {"schema": SCHEMA},
    )

    org_id: UUID = Field(primary_key=True)
    id: UUID = Field(primary_key=True)
    brand_id: UUID
    use_case: str = string()
    description: str = string()
    sample_messages: list[str] = strings()
    status: str = string()
    since: datetime = moment()
    carriers: list[dict[str, Any]] = document(sa_column_kwargs=server("'[]'"))
    evidence: dict[str, Any] | None = document()
    version: int = Field(sa_column_kwargs=server("1"))
    created_at: datetime = moment()
    last_audit_id: UUID
