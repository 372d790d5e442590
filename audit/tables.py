"""The audit tables as SQLModel metadata: what a migration test compares, and what statements are built on.

Rows come in through `AuditLog` alone; partitions are made by `audit.ensure_partitions`.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

SCHEMA = "audit"

_TIME = sa.DateTime(timezone=True)


class AuditRecordTable(SQLModel, table=True):
    """One record: the entry is the evidence; columns that repeat it for filters; and what its digests stand for.

    `disclosures` has an element a subject, `audit.keys.SealedValues`: all that is ever taken away from the log.
    """

    __tablename__ = "record"
    __table_args__ = (
        sa.Index("record_by_action", "org_id", "action", "id"),
        sa.Index("record_by_kind", "org_id", "kind", "id"),
        sa.Index("record_by_actor", "org_id", "actor", "id"),
        sa.Index("record_by_target", "org_id", "target_id", "id"),
        *(
            sa.Index(f"record_by_{name}", "org_id", column, "id", postgresql_where=sa.text(f"{column} IS NOT NULL"))
            for name, column in {
                "request": "request_id",
                "correlation": "correlation_id",
                "location": "location_id",
                "rule": "rule",
            }.items()
        ),
        {"schema": SCHEMA, "postgresql_partition_by": "RANGE (id)"},
    )

    org_id: UUID = Field(primary_key=True)
    id: UUID = Field(primary_key=True)
    entry: bytes
    checksum: int = Field(sa_type=sa.BigInteger)
    logged_at: datetime = Field(sa_type=_TIME)
    occurred_at: datetime = Field(sa_type=_TIME)
    action: str = Field(sa_type=sa.Text)
    kind: str = Field(sa_type=sa.Text)
    outcome: str = Field(sa_type=sa.Text)
    actor: str = Field(sa_type=sa.Text)
    target_type: str = Field(sa_type=sa.Text)
    target_id: UUID
    location_id: UUID | None
    rule: str | None = Field(sa_type=sa.Text)
    request_id: str | None = Field(sa_type=sa.Text)
    correlation_id: str | None = Field(sa_type=sa.Text)
    disclosures: list[bytes] | None = Field(sa_type=sa.ARRAY(sa.LargeBinary))


class InvolvementTable(SQLModel, table=True):
    """Whom and what a record is about, in the order pages are read in."""

    __tablename__ = "involvement"
    __table_args__ = ({"schema": SCHEMA, "postgresql_partition_by": "RANGE (record_id)"},)

    org_id: UUID = Field(primary_key=True)
    subject_id: UUID = Field(primary_key=True)
    record_id: UUID = Field(primary_key=True)


class PendingTable(SQLModel, table=True):
    """A record that waits for its place in the tree."""

    __tablename__ = "pending"
    __table_args__ = ({"schema": SCHEMA},)

    org_id: UUID = Field(primary_key=True)
    record_id: UUID = Field(primary_key=True)


class LeafTable(SQLModel, table=True):
    """The place of a record in its organization's tree."""

    __tablename__ = "leaf"
    __table_args__ = (
        sa.UniqueConstraint("org_id", "record_id"),
        sa.CheckConstraint("leaf_index >= 0", name="leaf_index_counts"),
        {"schema": SCHEMA},
    )

    org_id: UUID = Field(primary_key=True)
    leaf_index: int = Field(sa_type=sa.BigInteger, primary_key=True)
    record_id: UUID


class TileTable(SQLModel, table=True):
    """Hashes of the tree, 256 to a full tile (C2SP tlog-tiles)."""

    __tablename__ = "tile"
    __table_args__ = (
        sa.CheckConstraint("width BETWEEN 1 AND 256 AND octet_length(hashes) = 32 * width", name="tile_width"),
        {"schema": SCHEMA},
    )

    org_id: UUID = Field(primary_key=True)
    level: int = Field(sa_type=sa.SmallInteger, primary_key=True)
    n: int = Field(sa_type=sa.BigInteger, primary_key=True)
    width: int = Field(sa_type=sa.SmallInteger)
    hashes: bytes


class TreeHeadTable(SQLModel, table=True):
    """Where a tree stands: the row that rival sealers compare and swap."""

    __tablename__ = "tree_head"
    __table_args__ = ({"schema": SCHEMA},)

    org_id: UUID = Field(primary_key=True)
    origin: str = Field(sa_type=sa.Text)
    size: int = Field(sa_type=sa.BigInteger)
    root: bytes
    compact_range: bytes


class CheckpointTable(SQLModel, table=True):
    """A signed tree head (C2SP tlog-checkpoint)."""

    __tablename__ = "checkpoint"
    __table_args__ = ({"schema": SCHEMA},)

    org_id: UUID = Field(primary_key=True)
    size: int = Field(sa_type=sa.BigInteger, primary_key=True)
    origin: str = Field(sa_type=sa.Text, primary_key=True)
    root: bytes
    note: bytes
    sealed_at: datetime = Field(sa_type=_TIME)
