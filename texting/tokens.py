"""Issuing, listing and revoking local tokens. Each is a row of the organization it is for, and an audit record."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

import asyncpg
from joserfc.jwk import OKPKey

from audit.actions import Action
from audit.record import Actor, ActorType, AuditKind, AuditOutcome, Record, Request, Target
from core.commands.transaction import Store
from core.ids import uuid7
from core.principal import Principal
from core.storage.database import writing
from texting.auth import grant_json, sign

_INSERT = """
INSERT INTO texting.tokens (org_id, id, subject, name, grants, issued_at, expires_at, audit_id)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
"""
_LIST = """
SELECT id, subject, name, grants, issued_at, expires_at, revoked_at FROM texting.tokens
WHERE org_id = $1 ORDER BY issued_at, id
"""
_REVOKE = """
UPDATE texting.tokens SET revoked_at = $3 WHERE org_id = $1 AND id = $2 AND revoked_at IS NULL
RETURNING subject, expires_at
"""
_KNOWN = "SELECT 1 FROM texting.tokens WHERE org_id = $1 AND id = $2"


class NoSuchToken(Exception):
    """there is no token of that id in the organization"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Operator:
    """Who runs the command line: an account of this machine."""

    account: str

    @property
    def actor(self) -> Actor:
        """Give the actor of the operator's records."""
        return Actor(subject=f"cli:{self.account}", type=ActorType.SERVICE)


async def issue(
    store: Store, key: OKPKey, principal: Principal, *, life: timedelta, now: datetime, operator: Operator
) -> str:
    """Issue a token for a principal; it ends after `life`."""
    token_id, expires_at = uuid7(), now + life
    named = replace(principal, token_id=token_id)
    grants = [grant_json(grant) for grant in principal.grants]
    told = {"subject": principal.subject, "grants": grants, "expiresAt": expires_at}
    record = record_of(principal.org_id, token_id, Action.TOKEN_ISSUE, now, operator, after=told)
    async with writing(store.pool, principal.org_id) as connection:
        audit_id = await store.audit.append(connection, record)
        row = (principal.org_id, token_id, principal.subject, principal.name, grants, now, expires_at, audit_id)
        await connection.execute(_INSERT, *row)
    return sign(named, key, issued_at=now, expires_at=expires_at)


async def listed(store: Store, org_id: UUID) -> Sequence[asyncpg.Record]:
    """List an organization's tokens, revoked and expired ones too, oldest first."""
    async with writing(store.pool, org_id) as connection:
        rows: list[asyncpg.Record] = await connection.fetch(_LIST, org_id)
        return rows


async def revoke(store: Store, org_id: UUID, token_id: UUID, *, now: datetime, operator: Operator) -> bool:
    """Revoke a token; says whether it still stood. Raises `NoSuchToken`."""
    async with writing(store.pool, org_id) as connection:
        revoked = await connection.fetchrow(_REVOKE, org_id, token_id, now)
        if revoked is not None:
            told = {"subject": revoked["subject"], "revokedAt": now}
            await store.audit.append(connection, record_of(org_id, token_id, Action.TOKEN_REVOKE, now, operator, told))
            return True
        if await connection.fetchval(_KNOWN, org_id, token_id):
            return False
    raise NoSuchToken(f"there is no token `{token_id}` in that organization: `texting token list` shows them")


def record_of(
    org_id: UUID,
    token_id: UUID,
    action: Action,
    now: datetime,
    operator: Operator,
    after: dict[str, object],
    *,
    target_type: str = "Token",
) -> Record:
    """Make the record of something an operator did to a token."""
    return Record(
        org_id=org_id,
        action=action,
        kind=AuditKind.CHANGE,
        outcome=AuditOutcome.ALLOWED,
        actor=operator.actor,
        target=Target(type=target_type, id=token_id),
        occurred_at=now,
        before={},
        after=json.loads(json.dumps(after, default=_text)),
        request=Request(id=f"cli:{uuid7()}", operation=f"texting {action.value.replace(':', ' ')}"),
    )


def _text(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
