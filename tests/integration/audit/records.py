"""Records to write in tests, and a transaction that has entered an organization."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import asyncpg

from audit.actions import Action
from audit.record import Actor, AuditKind, AuditOutcome, Erasable, Record, Request, Target

NOON = datetime.now(UTC).replace(microsecond=123_000)


def record(org_id: UUID, **changes: Any) -> Record:
    """Make a record of a user who was switched on, with names and an e-mail that can be erased."""
    user_id, admin_id = changes.pop("user_id", None) or uuid4(), uuid4()
    fields: dict[str, Any] = {
        "org_id": org_id,
        "action": Action.USER_TEXTING_ENABLE,
        "kind": AuditKind.CHANGE,
        "outcome": AuditOutcome.ALLOWED,
        "actor": Actor(subject="acct-7", name=Erasable("Ada Admin", admin_id), roles=("ORG_ADMIN",), user_id=admin_id),
        "target": Target(type="User", id=user_id, name=Erasable("Bob Builder", user_id), version=3),
        "occurred_at": NOON,
        "before": {"texting": "INHERIT"},
        "after": {"texting": "ON", "email": Erasable("bob@example.com", user_id)},
        "reason": "asked for by phone",
        "request": Request(id="track-1", operation="setUserTexting", ip="192.0.2.7", user_agent="tests"),
    }
    return Record(**(fields | changes))


@asynccontextmanager
async def entered(connection: asyncpg.Connection, org_id: UUID) -> AsyncIterator[None]:
    """Open a transaction that has entered an organization."""
    async with connection.transaction():
        await connection.execute(f"SET LOCAL texting.org_id = '{org_id}'")
        yield
