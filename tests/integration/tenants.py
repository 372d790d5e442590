"""Organizations with a row in every table, and SQL that one of them may try on another's."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import orjson

from audit.actions import Action
from core.commands.consents import NewConsent, record_consent
from core.commands.send_facts import Draft
from core.commands.sends import send_message
from core.commands.transaction import Store
from core.ids import uuid7
from core.rules.enums import ConsentAction, ConsentBasis, ConsentScope
from tests.integration.audit.sealed import seal_all
from tests.integration.worlds import new_world

_PEER = "+14155550123"

# What no command fills in an organization yet, or only a later stage.
_FILL = """
INSERT INTO texting.policies (org_id, kind, version, effective_from, document, source)
  VALUES ($1, 'k', 'v', now(), '{}', 's');
INSERT INTO texting.tokens (org_id, id, subject, grants, issued_at, expires_at)
  VALUES ($1, $1, 's', '[]', now(), now());
INSERT INTO texting.service_tokens
  (org_id, id, name, secret_sha256, grants, issued_by, issued_at, expires_at, audit_id)
  VALUES ($1, $1, 'n', '\\x', '[]', 's', now(), now(), $1);
INSERT INTO texting.sign_ins (org_id, token_sha256, expires_at, audit_id) VALUES ($1, '\\x', now(), $1);
INSERT INTO texting.exports (org_id, id, kind, format, from_size, at_size, subject, roles, requested_at, last_audit_id)
  VALUES ($1, $1, 'EVIDENCE', 'ZIP', 0, 1, 's', '[]', now(), $1);
INSERT INTO texting.sandbox_events (org_id, id, due_at, event) VALUES ($1, $1, 'infinity', '{}');
INSERT INTO texting.traffic_blocks (org_id, id, target_type, target_id, kind, imposed_by, reason, started_at, audit_id)
  VALUES ($1, $1, 'Org', $1, 'BLOCK', 'CARRIER', 'SPAM', '2020-01-01', $1)
"""
_TABLES = """
SELECT n.nspname || '.' || c.relname AS name, c.relispartition AS is_partition,
  ARRAY(SELECT a.attname::text FROM pg_attribute a
    WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '' AND a.attidentity <> 'a'
    ORDER BY a.attnum) AS writable
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname IN ('texting', 'audit') AND c.relkind NOT IN ('i', 'I', 'S', 'c', 't')
ORDER BY 1
"""


@dataclass(frozen=True)
class Table:
    """A table as the catalogue has it; `writable`: the columns that an INSERT may name."""

    name: str
    is_partition: bool
    writable: tuple[str, ...]


async def tables_of(admin: asyncpg.Connection) -> list[Table]:
    """Every table, view and partition of ours."""
    found = await admin.fetch(_TABLES)
    return [Table(row["name"], row["is_partition"], tuple(row["writable"])) for row in found]


async def filled(store: Store, admin: asyncpg.Connection, worker_pool: asyncpg.Pool) -> UUID:
    """An organization that has a row in every table."""
    world = await new_world(store, people=1)
    person = world.people[0]
    draft = Draft(user_id=person.user_id, to=_PEER, body="hello")
    said = {"action": Action.MESSAGE_SEND, "idempotency_key": "k", "body_digest": b"\1"}
    await world.answer(person.principal, lambda tx: send_message(tx, draft), **said)
    await seal_all(worker_pool, world.org_id, uuid4())
    consent = NewConsent(subject=_PEER, scope=ConsentScope.ORG, action=ConsentAction.OPT_IN, basis=ConsentBasis.ADMIN)
    await world.answer(world.org_admin, lambda tx: record_consent(tx, consent))
    for statement in _FILL.split(";\n"):
        await admin.execute(statement, world.org_id)
    return world.org_id


@asynccontextmanager
async def inside(pool: asyncpg.Pool, org_id: UUID | None) -> AsyncIterator[asyncpg.Connection]:
    """A transaction of the API's login that has entered an organization, or none; rolled back at its end."""
    async with pool.acquire() as connection:
        transaction = connection.transaction()
        await transaction.start()
        try:
            if org_id is not None:
                await connection.execute(f"SET LOCAL texting.org_id = '{org_id}'")
            yield connection
        finally:
            await transaction.rollback()


async def tried(connection: asyncpg.Connection, sql: str, *args: Any) -> Any:
    """What a statement answers, or its error; the transaction goes on as if it had not been tried."""
    savepoint = connection.transaction()
    await savepoint.start()
    try:
        return await connection.fetch(sql, *args)
    except asyncpg.PostgresError as error:
        return error
    finally:
        await savepoint.rollback()


async def touched(connection: asyncpg.Connection, sql: str) -> Any:
    """How many rows a change without a condition meets, or its error; the transaction goes on as if nothing was.

    Without a condition no policy for reading hides what the policies for changing let through.
    """
    savepoint = connection.transaction()
    await savepoint.start()
    try:
        return int((await connection.execute(sql)).split()[-1])
    except asyncpg.PostgresError as error:
        return error
    finally:
        await savepoint.rollback()


def is_read(found: Any) -> bool:
    """Whether a statement that was tried gave rows."""
    return not isinstance(found, Exception) and bool(found)


async def rows_of(admin: asyncpg.Connection, tables: list[Table], org_id: UUID) -> dict[str, list[str]]:
    """Every row of an organization, as text."""
    return {
        table.name: sorted(
            str(tuple(row)) for row in await admin.fetch(f"SELECT * FROM {table.name} WHERE org_id = $1", org_id)
        )
        for table in tables
        if not table.is_partition
    }


async def insertion(admin: asyncpg.Connection, table: Table, org_id: UUID) -> tuple[str, str]:
    """An INSERT of a row that an organization has; row security is asked before any key."""
    row = await admin.fetchval(f"SELECT to_jsonb(t) FROM {table.name} t WHERE org_id = $1 LIMIT 1", org_id)
    content = row if row is not None else orjson.dumps({"org_id": str(org_id), "id": str(uuid7())}).decode()
    listed = ", ".join(table.writable)
    sql = f"INSERT INTO {table.name} ({listed}) SELECT {listed} "
    return f"{sql} FROM jsonb_populate_record(NULL::{table.name}, $1::text::jsonb)", content
