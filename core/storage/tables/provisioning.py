"""Organizations, locations, users, and the versions of the facts that eligibility reads."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Computed, ForeignKeyConstraint, Index, Text, Uuid, text
from sqlmodel import Field, SQLModel

from core.rules.enums import CustomerType, PstnConnectionType, TextingMode, UserStatus
from core.storage.tables.columns import SCHEMA, document, moment, one_of, ordered_string, server, string, strings


class Orgs(SQLModel, table=True):
    """A customer; the system organization is the provider itself. The database makes `sort_name` of the name."""

    __tablename__ = "orgs"
    __table_args__ = (
        one_of("customer_type", CustomerType),
        Index("orgs_by_name", "sort_name", "org_id"),
        {"schema": SCHEMA},
    )

    org_id: UUID = Field(primary_key=True)
    name: str = string()
    sort_name: str = Field(sa_column=Column(Text(collation="C"), Computed("lower(name)", persisted=True)))
    customer_type: str = string()
    calling_plan_provider: str | None = string()
    calling_plan_countries: list[str] | None = strings()
    add_on_id: UUID | None
    add_on_name: str | None = string()
    add_on_units: int | None
    add_on_suspended: bool = Field(sa_column_kwargs=server("false"))
    handles_phi: bool | None
    healthcare: bool | None
    texting_enabled: bool = Field(sa_column_kwargs=server("false"))
    texting_set_at: datetime | None = moment()
    texting_set_by: str | None = string()
    texting_audit_id: UUID | None
    texting_locked: bool = Field(sa_column_kwargs=server("false"))
    texting_locked_at: datetime | None = moment()
    texting_locked_by: str | None = string()
    texting_lock_audit_id: UUID | None
    signature: str = string()
    version: int = Field(sa_column_kwargs=server("1"))
    created_at: datetime = moment()
    last_audit_id: UUID


class Locations(SQLModel, table=True):
    """Where users work; `texting` is our extension of the source's two levels."""

    __tablename__ = "locations"
    __table_args__ = (
        ForeignKeyConstraint(["org_id"], ["texting.orgs.org_id"]),
        one_of("pstn_connection_type", PstnConnectionType),
        one_of("texting", TextingMode),
        {"schema": SCHEMA},
    )

    org_id: UUID = Field(primary_key=True)
    id: UUID = Field(primary_key=True)
    name: str = string()
    country: str = string()
    region: str | None = string()
    city: str | None = string()
    line1: str | None = string()
    postal_code: str | None = string()
    time_zone: str = string()
    pstn_connection_type: str = string()
    texting: str = string(sa_column_kwargs=server("'INHERIT'"))
    texting_set_at: datetime | None = moment()
    texting_set_by: str | None = string()
    texting_audit_id: UUID | None
    texting_locked: bool = Field(sa_column_kwargs=server("false"))
    texting_locked_at: datetime | None = moment()
    texting_locked_by: str | None = string()
    texting_lock_audit_id: UUID | None
    signature: str = string()
    version: int = Field(sa_column_kwargs=server("1"))
    created_at: datetime = moment()
    last_audit_id: UUID


class Users(SQLModel, table=True):
    """A person who may text. `sort_name` and `email_key` are normalised in Python: plain `=` and `<` find them."""

    __tablename__ = "users"
    __table_args__ = (
        ForeignKeyConstraint(["org_id", "location_id"], ["texting.locations.org_id", "texting.locations.id"]),
        one_of("status", UserStatus),
        one_of("texting", TextingMode),
        Index("users_email", "org_id", "email_key", unique=True, postgresql_where=text("email_key IS NOT NULL")),
        Index("users_by_name", "org_id", "sort_name", "id"),
        Index("users_by_location", "org_id", "location_id", "id"),
        Index("users_by_location_name", "org_id", "location_id", "sort_name", "id"),
        {"schema": SCHEMA},
    )

    org_id: UUID = Field(primary_key=True)
    id: UUID = Field(primary_key=True)
    location_id: UUID
    display_name: str = string()
    sort_name: str = ordered_string()
    email: str | None = string()
    email_key: str | None = ordered_string()
    status: str = string(sa_column_kwargs=server("'ACTIVE'"))
    app_version: str | None = string()
    app_version_seen_at: datetime | None = moment()
    texting: str = string(sa_column_kwargs=server("'INHERIT'"))
    texting_set_at: datetime | None = moment()
    texting_set_by: str | None = string()
    texting_audit_id: UUID | None
    primary_number_id: UUID | None
    signature: str = string()
    version: int = Field(sa_column_kwargs=server("1"))
    created_at: datetime = moment()
    last_audit_id: UUID


class FactVersions(SQLModel, table=True):
    """What eligibility read, and from when: one row a change, holding only the facts that changed.

    The fact `f` at a time is the value in the newest row of its entity, by `valid_from` then `id`, that holds `f`.
    """

    __tablename__ = "fact_versions"
    __table_args__ = (
        Index("fact_versions_by_entity", "org_id", "entity_id", "valid_from", "id"),
        Index(
            "fact_versions_by_owner", "org_id", "owner_id", "entity_id", postgresql_where=text("owner_id IS NOT NULL")
        ),
        {"schema": SCHEMA},
    )

    org_id: UUID = Field(primary_key=True)
    id: UUID = Field(primary_key=True)
    entity_type: str = string()
    entity_id: UUID
    valid_from: datetime = moment()
    facts: dict[str, Any] = document()
    audit_id: UUID
    owner_id: UUID | None = Field(sa_column=Column(Uuid(), Computed("(facts ->> 'owner_id')::uuid", persisted=True)))
    """Whose number the version says it is, which says whose numbers to read; the database makes it of `facts`."""
