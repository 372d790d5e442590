"""What was written to the database since a moment: every new version of a row, and how many rows went."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import asyncpg
import orjson

_TABLES = """
SELECT n.nspname || '.' || c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname IN ('texting', 'audit', 'anchor') AND c.relkind = 'r' ORDER BY 1
"""
_BUSY = """
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND (state = 'active' OR backend_xid IS NOT NULL)
"""
_OF_PARTITIONS = """
SELECT p.inhrelid::regclass::text, p.inhparent::regclass::text FROM pg_inherits p JOIN pg_class c ON c.oid = p.inhrelid
WHERE c.relkind = 'r'
"""

OF_RECORDS = frozenset({"audit.record", "audit.involvement", "audit.pending"})
"""The tables that a record is written to."""


@dataclass(frozen=True, kw_only=True)
class Moment:
    """A place in the order of transactions, and how many rows each table had."""

    transaction: int
    rows: Mapping[str, int]


@dataclass(frozen=True, kw_only=True)
class Written:
    """New versions of rows by table, partitions under the table's name; tables that lost rows, and how many."""

    rows: Mapping[str, list[dict[str, Any]]]
    lost: Mapping[str, int]

    @property
    def tables(self) -> set[str]:
        """The tables that are not as they were."""
        return {*self.rows, *self.lost}

    @property
    def records(self) -> list[dict[str, Any]]:
        """The audit records, which must be all that there is: what each says of itself, and its operation."""
        assert self.tables <= OF_RECORDS, self.tables - OF_RECORDS
        return [{**row, "entry": _entry(row)} for row in self.rows.get("audit.record", ())]


async def moment(admin: asyncpg.Connection) -> Moment:
    """Remember how things are, once nobody is writing: what was called off may still be at its end."""
    for _ in range(1_000):
        if not await admin.fetchval(_BUSY):
            break
        await asyncio.sleep(0.01)
    transaction = await admin.fetchval("SELECT pg_current_xact_id()::text::bigint")
    return Moment(transaction=transaction, rows=await _counts(admin))


async def written_since(admin: asyncpg.Connection, then: Moment) -> Written:
    """Find what was written in any table, whoever's it is."""
    each = [
        f"SELECT '{table}' AS name, to_jsonb(t)::text AS row FROM ONLY {table} t WHERE xmin::text::bigint > $1"
        for table in await _tables(admin)
    ]
    parents = dict(tuple(row) for row in await admin.fetch(_OF_PARTITIONS))
    rows: dict[str, list[dict[str, Any]]] = {}
    for row in await admin.fetch(" UNION ALL ".join(each), then.transaction):
        rows.setdefault(parents.get(row["name"], row["name"]), []).append(orjson.loads(row["row"]))
    now = await _counts(admin)
    lost = {table: count - now.get(table, 0) for table, count in then.rows.items() if now.get(table, 0) < count}
    return Written(rows=rows, lost=lost)


async def _counts(admin: asyncpg.Connection) -> Mapping[str, int]:
    each = [f"SELECT '{table}' AS name, count(*) AS rows FROM ONLY {table}" for table in await _tables(admin)]
    return Counter({row["name"]: row["rows"] for row in await admin.fetch(" UNION ALL ".join(each))})


async def _tables(admin: asyncpg.Connection) -> list[str]:
    return [row[0] for row in await admin.fetch(_TABLES)]


def _entry(row: Mapping[str, Any]) -> Any:
    """What was logged of a record, from the bytes as JSON shows them."""
    return orjson.loads(bytes.fromhex(row["entry"].removeprefix("\\x")))
