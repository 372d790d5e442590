"""Databases of a test's own on the session's server, and what a catalogue says of their tables."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import uuid4

import asyncpg
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool
from sqlmodel import SQLModel

import audit.tables
import core.storage.tables
from texting.cluster import DATABASE

DECLARED = (audit.tables, core.storage.tables)
SCHEMAS = ("audit", "texting")

_OURS = """
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace {joined}
WHERE n.nspname = ANY ($1) AND c.relkind IN ('r', 'p') AND NOT c.relispartition {more}
"""
_TABLE = "n.nspname || '.' || c.relname"
_COLUMNS = f"""
SELECT {_TABLE} || '.' || a.attname || ' ' || format_type(a.atttypid, a.atttypmod)
  || CASE WHEN a.attnotnull THEN ' NOT NULL' ELSE '' END
  || CASE WHEN a.attcollation <> t.typcollation THEN ' COLLATE ' || l.collname ELSE '' END
  || CASE a.attidentity WHEN '' THEN '' ELSE ' IDENTITY ' || a.attidentity::text END
  || CASE a.attgenerated WHEN '' THEN ' DEFAULT ' ELSE ' GENERATED ' END
  || coalesce(pg_get_expr(d.adbin, d.adrelid), 'none')
""" + _OURS.format(
    joined="JOIN pg_attribute a ON a.attrelid = c.oid JOIN pg_type t ON t.oid = a.atttypid "
    "LEFT JOIN pg_collation l ON l.oid = a.attcollation "
    "LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum",
    more="AND a.attnum > 0 AND NOT a.attisdropped",
)
# NOT NULL is told with the column; newer versions list it here too.
_CONSTRAINTS = f"SELECT {_TABLE} || ' ' || k.conname || ' ' || pg_get_constraintdef(k.oid)" + _OURS.format(
    joined="JOIN pg_constraint k ON k.conrelid = c.oid", more="AND k.contype IN ('p', 'u', 'f', 'c', 'x')"
)
_INDEXES = "SELECT pg_get_indexdef(i.indexrelid)" + _OURS.format(
    joined="JOIN pg_index i ON i.indrelid = c.oid", more="AND i.indisvalid"
)
_PARTITIONED = f"SELECT {_TABLE} || ' ' || pg_get_partkeydef(c.oid)" + _OURS.format(
    joined="", more="AND c.relkind = 'p'"
)


def beside(dsn: str, name: str) -> str:
    """The address of another database of the same server."""
    return dsn.replace(f"/{DATABASE}?", f"/{name}?")


@asynccontextmanager
async def new_database(dsn: str) -> AsyncIterator[str]:
    """An empty database, for as long as the block runs; gives its address."""
    name = f"scratch_{uuid4().hex}"
    server = await asyncpg.connect(dsn, database="postgres")
    try:
        await server.execute(f"CREATE DATABASE {name}")
        try:
            yield beside(dsn, name)
        finally:
            await server.execute(f"DROP DATABASE {name} WITH (FORCE)")
    finally:
        await server.close()


async def declare(dsn: str) -> None:
    """Make the tables as the program declares them, without any migration."""
    engine = create_async_engine(dsn.replace("postgresql://", "postgresql+asyncpg://", 1), poolclass=NullPool)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(_declare)
    finally:
        await engine.dispose()


async def catalogue(connection: asyncpg.Connection) -> set[str]:
    """Every column, constraint, index and partition key of our tables, a line each, as PostgreSQL writes them."""
    lines: set[str] = set()
    for query in (_COLUMNS, _CONSTRAINTS, _INDEXES, _PARTITIONED):
        lines |= {row[0] for row in await connection.fetch(query, list(SCHEMAS))}
    return lines


def _declare(connection: Connection) -> None:
    for schema in SCHEMAS:
        connection.execute(text(f"CREATE SCHEMA {schema}"))
    tables = [table for table in SQLModel.metadata.sorted_tables if table.schema in SCHEMAS]
    SQLModel.metadata.create_all(connection, tables=tables)
