"""Answers already given, policies in force, the tokens that were issued, and who signed in elsewhere."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from core.storage.tables.columns import SCHEMA, document, moment, string


class IdempotencyKeys(SQLModel, table=True):
    """The answer a caller's key was given; lives 7 days. `answer` names the payload and its ids, never its content.

    `issuer`, `caller_org_id`, `subject`: whose key it is, as `core.principal.Principal.identity` tells callers apart.
    """

    __tablename__ = "idempotency_keys"
    __table_args__ = (Index("idempotency_keys_age", "created_at"), {"schema": SCHEMA})

    org_id: UUID = Field(primary_key=True)
    issuer: str = string(primary_key=True)
    caller_org_id: UUID = Field(primary_key=True)
    subject: str = string(primary_key=True)
    key: str = string(primary_key=True)
    operation: str = string()
    body_digest: bytes
    answer: dict[str, Any] = document()
    created_at: datetime = moment()


class Policies(SQLModel, table=True):
    """A named, versioned, effective-dated policy. The system organization's hold for all, others' for themselves."""

    __tablename__ = "policies"
    __table_args__ = ({"schema": SCHEMA},)

    org_id: UUID = Field(primary_key=True)
    kind: str = string(primary_key=True)
    version: str = string(primary_key=True)
    effective_from: datetime = moment()
    document: dict[str, Any] = document()
    source: str = string()
    audit_id: UUID | None


class Tokens(SQLModel, table=True):
    """A locally issued token, known by its id alone: the token itself is never stored."""

    __tablename__ = "tokens"
    __table_args__ = ({"schema": SCHEMA},)

    org_id: UUID = Field(primary_key=True)
    id: UUID = Field(primary_key=True)
    subject: str = string()
    name: str | None = string()
    grants: list[dict[str, Any]] = document()
    issued_at: datetime = moment()
    expires_at: datetime = moment()
    revoked_at: datetime | None = moment()
    audit_id: UUID | None


class ServiceTokens(SQLModel, table=True):
    """A machine's token: `secret_sha256` is all that is kept of its secret."""

    __tablename__ = "service_tokens"
    __table_args__ = ({"schema": SCHEMA},)

    org_id: UUID = Field(primary_key=True)
    id: UUID = Field(primary_key=True)
    name: str = string()
    secret_sha256: bytes
    grants: list[dict[str, Any]] = document()
    issued_by: str = string()
    issued_at: datetime = moment()
    expires_at: datetime = moment()
    revoked_at: datetime | None = moment()
    audit_id: UUID


class SignIns(SQLModel, table=True):
    """An identity provider's token that was seen, once whatever servers saw it; goes some time after its end."""

    __tablename__ = "sign_ins"
    __table_args__ = (Index("sign_ins_ended", "expires_at"), {"schema": SCHEMA})

    org_id: UUID = Field(primary_key=True)
    token_sha256: bytes = Field(primary_key=True)
    expires_at: datetime = moment()
    audit_id: UUID
