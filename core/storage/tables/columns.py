"""Column shapes that recur in the tables."""

from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, DateTime, Text, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlmodel import Field

SCHEMA = "texting"


def one_of(column: str, values: type[StrEnum]) -> CheckConstraint:
    """Close a text column to the members of an enum."""
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=f"{column}_known")


def string(**options: Any) -> Any:
    """Declare a `text` column."""
    return Field(sa_type=Text, **options)


def ordered_string(**options: Any) -> Any:
    """Declare a `text` column compared byte by byte: the same order on every server, and leakproof operators."""
    return Field(sa_type=Text(collation="C"), **options)


def moment(**options: Any) -> Any:
    """Declare a `timestamptz` column."""
    return Field(sa_type=DateTime(timezone=True), **options)


def document(**options: Any) -> Any:
    """Declare a `jsonb` column."""
    return Field(sa_type=JSONB(none_as_null=True), **options)


def strings(**options: Any) -> Any:
    """Declare a `text[]` column."""
    return Field(sa_type=ARRAY(Text), **options)


def server(default: str) -> dict[str, Any]:
    """Give a column a default of the database's."""
    return {"server_default": text(default)}
