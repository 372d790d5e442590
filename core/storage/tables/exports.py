"""Exports that were asked for: the queue of those to be made, and what came of the others."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, text
from sqlmodel import Field, SQLModel

from core.rules.enums import ExportFormat, ExportKind, ExportState
from core.storage.tables.columns import SCHEMA, document, moment, one_of, server, string


class Exports(SQLModel, table=True):
    """One export. The file itself is in the data directory, for a day.

    `filter`: which records, as `core.storage.export_filters` writes it; null is all of the range. `report`: what was
    asked of a report, as `resolvers.denied` writes it, and the language. `roles`: those that let `subject` ask for it,
    which decide what is in it. `progress`: 0 to 1. `size`: of the file, in bytes. `attempts` counts claims; a claim
    whose `claimed_until` is over is anybody's again.
    """

    __tablename__ = "exports"
    __table_args__ = (
        one_of("kind", ExportKind),
        one_of("format", ExportFormat),
        one_of("state", ExportState),
        CheckConstraint(
            "(kind, format) IN (('EVIDENCE', 'ZIP'), ('ELIGIBILITY_REPORT', 'CSV'))", name="format_of_kind"
        ),
        CheckConstraint(
            "CASE kind WHEN 'EVIDENCE' THEN at_size IS NOT NULL AND report IS NULL ELSE report IS NOT NULL END",
            name="asked_of_kind",
        ),
        Index("exports_unfinished", "requested_at", postgresql_where=text("state IN ('QUEUED', 'RUNNING')")),
        {"schema": SCHEMA},
    )

    org_id: UUID = Field(primary_key=True)
    id: UUID = Field(primary_key=True)
    kind: str = string()
    format: str = string()
    state: str = string(sa_column_kwargs=server("'QUEUED'"))
    from_size: int = Field(sa_type=BigInteger)
    at_size: int | None = Field(sa_type=BigInteger)
    filter: dict[str, Any] | None = document()
    report: dict[str, Any] | None = document()
    subject: str = string()
    roles: list[str] = document()
    progress: float = Field(sa_column_kwargs=server("0"))
    sha256: str | None = string()
    size: int | None = Field(sa_type=BigInteger)
    error: str | None = string()
    requested_at: datetime = moment()
    ready_at: datetime | None = moment()
    attempts: int = Field(sa_column_kwargs=server("0"))
    claimed_until: datetime | None = moment()
    last_audit_id: UUID
