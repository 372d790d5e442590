"""Does every business row's last change have its record: what points into the audit log, compared with it."""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Table

from core.ids import SYSTEM_ORG_ID
from core.storage import tables
from core.storage.database import Reader

_POINTERS = ("last_audit_id", "audit_id", "texting_audit_id", "assignment_audit_id")
_LISTED_MAX = 100
"""Rows that are named of one table: enough to see what is wrong."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Uncovered:
    """A row that names a record which its organization's log does not have."""

    table: str
    key: str
    column: str
    record_id: UUID


async def uncovered(reader: Reader, org: UUID) -> list[Uncovered]:
    """Find the rows of one organization whose record is missing, a statement for each pointer into the log."""
    found = []
    for table, column in _pointers():
        # The provider's own organization was there before the log.
        but = f"AND t.{column} <> '{SYSTEM_ORG_ID}'"
        sql = (
            f"SELECT {_key(table)} AS key, t.{column} AS record_id FROM {table.fullname} t "
            f"WHERE t.org_id = $1 AND t.{column} IS NOT NULL {but} AND NOT EXISTS "
            f"(SELECT FROM audit.record r WHERE r.org_id = t.org_id AND r.id = t.{column}) LIMIT {_LISTED_MAX}"
        )
        found += [
            Uncovered(table=table.fullname, key=row["key"], column=column, record_id=row["record_id"])
            for row in await reader.fetch_sql(sql, org)
        ]
    return found


def _pointers() -> Iterator[tuple[Table, str]]:
    for name in tables.__all__:
        table: Table = getattr(tables, name).__table__
        for column in _POINTERS:
            if column in table.c:
                yield table, column


def _key(table: Table) -> str:
    columns = [column.name for column in table.primary_key if column.name != "org_id"] or ["org_id"]
    return " || ' ' || ".join(f"t.{column}::text" for column in columns)
