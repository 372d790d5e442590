"""A record for tests without a database."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from audit.actions import Action
from audit.record import Actor, AuditKind, AuditOutcome, Erasable, Record, Request, Target

ORG = UUID("0190a000-0000-7000-8000-000000000001")
USER = UUID("0190a000-0000-7000-8000-000000000002")
ADMIN = UUID("0190a000-0000-7000-8000-000000000003")
NOON = datetime(2026, 3, 1, 12, 0, 0, 123_456, tzinfo=UTC)


def record(*, user_id: UUID = USER, admin_id: UUID = ADMIN, **changes: Any) -> Record:
    """Make a record of a user who was switched on, with names and an e-mail that can be erased."""
    fields: dict[str, Any] = {
        "org_id": ORG,
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
