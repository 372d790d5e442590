"""Tokens of machines: `btx_<organization and id>.<secret>`, of which only the secret's SHA-256 is kept.

The secret is 256 random bits, so its plain hash cannot be guessed back; the part before it finds the row, inside the
organization's own row policies.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import asyncpg

from audit.actions import Action
from core.commands.transaction import Store
from core.ids import uuid7
from core.principal import Grant, Principal
from core.storage.database import reading, writing
from texting.auth import REVOCATION_DELAY, NotAuthenticated, Refused, grant_json, grant_of, stands
from texting.identity.known import Known, KnownTokens
from texting.tokens import NoSuchToken, Operator, record_of

PREFIX = "btx_"
"""What every service token begins with, so that scanners for leaked secrets find it."""

_INSERT = """
INSERT INTO texting.service_tokens
  (org_id, id, name, secret_sha256, grants, issued_by, issued_at, expires_at, audit_id)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
"""
_LIST = """
SELECT id, name, grants, issued_by, issued_at, expires_at, revoked_at FROM texting.service_tokens
WHERE org_id = $1 ORDER BY issued_at, id
"""
_REVOKE = """
UPDATE texting.service_tokens SET revoked_at = $3 WHERE org_id = $1 AND id = $2 AND revoked_at IS NULL
RETURNING name
"""
_KNOWN = "SELECT 1 FROM texting.service_tokens WHERE org_id = $1 AND id = $2"
_FIND = """
SELECT name, secret_sha256, grants, expires_at, revoked_at FROM texting.service_tokens WHERE org_id = $1 AND id = $2
"""
_UNKNOWN = "that is no service token of ours: send one as it was printed, or issue a new one"
_REVOKED = "the service token was revoked: issue a new one"
_ID_BYTES, _SECRET_BYTES = 32, 32


@dataclass(frozen=True, slots=True, kw_only=True)
class _Read:
    org_id: UUID
    id: UUID
    secret: bytes


class ServiceTokens:
    """Takes tokens of machines; asks the database at most once in `REVOCATION_DELAY` for each."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        """Take where their rows are."""
        self._pool = pool
        self._known = KnownTokens()

    async def authenticate(self, token: str, now: datetime) -> Principal:
        """Give the machine. Raises `NotAuthenticated`."""
        known = self._known.get(token)
        if known is None:
            known = await self._found(token, now)
            self._known.keep(token, known)
        elif now - known.checked_at >= REVOCATION_DELAY:
            await self._check(token, known, now)
        if now >= known.expires_at:
            raise NotAuthenticated("the service token has expired: issue a new one", Refused.EXPIRED)
        return known.principal

    async def _check(self, token: str, known: Known, now: datetime) -> None:
        if not await stands(self._pool, known.principal, now):
            self._known.drop(token)
            raise NotAuthenticated(_REVOKED, Refused.REVOKED)
        known.checked_at = now
        self._known.keep(token, known)

    async def _found(self, token: str, now: datetime) -> Known:
        read = _parse(token)
        if read is None:
            raise NotAuthenticated(_UNKNOWN)
        async with reading(self._pool, read.org_id) as reader:
            rows = await reader.fetch_sql(_FIND, read.org_id, read.id)
        # A token that is not there takes a comparison too, and gets the same answer.
        kept = rows[0]["secret_sha256"] if rows else b""
        if not hmac.compare_digest(hashlib.sha256(read.secret).digest(), kept):
            raise NotAuthenticated(_UNKNOWN)
        if rows[0]["revoked_at"] is not None:
            raise NotAuthenticated(_REVOKED, Refused.REVOKED)
        principal = Principal(
            subject=f"service:{read.id}",
            name=rows[0]["name"],
            org_id=read.org_id,
            grants=tuple(grant_of(each) for each in rows[0]["grants"]),
            token_id=read.id,
            is_service=True,
        )
        return Known(principal=principal, expires_at=rows[0]["expires_at"], checked_at=now)


async def issue(
    store: Store,
    name: str,
    grants: Sequence[Grant],
    *,
    org_id: UUID,
    life: timedelta,
    now: datetime,
    operator: Operator,
) -> str:
    """Issue a token, which is shown this once; it ends after `life`."""
    token_id, secret, expires_at = uuid7(), secrets.token_bytes(_SECRET_BYTES), now + life
    granted = [grant_json(grant) for grant in grants]
    told = {"name": name, "grants": granted, "expiresAt": expires_at}
    record = record_of(
        org_id, token_id, Action.SERVICE_TOKEN_ISSUE, now, operator, after=told, target_type="ServiceToken"
    )
    async with writing(store.pool, org_id) as connection:
        audit_id = await store.audit.append(connection, record)
        digest = hashlib.sha256(secret).digest()
        row = (org_id, token_id, name, digest, granted, operator.actor.subject, now, expires_at, audit_id)
        await connection.execute(_INSERT, *row)
    return f"{PREFIX}{_text(org_id.bytes + token_id.bytes)}.{_text(secret)}"


async def listed(store: Store, org_id: UUID) -> Sequence[asyncpg.Record]:
    """List an organization's service tokens, revoked and expired ones too, oldest first."""
    async with reading(store.pool, org_id) as reader:
        return await reader.fetch_sql(_LIST, org_id)


async def revoke(store: Store, org_id: UUID, token_id: UUID, *, now: datetime, operator: Operator) -> bool:
    """Revoke a service token; says whether it still stood. Raises `NoSuchToken`."""
    async with writing(store.pool, org_id) as connection:
        revoked = await connection.fetchrow(_REVOKE, org_id, token_id, now)
        if revoked is not None:
            told = {"name": revoked["name"], "revokedAt": now}
            record = record_of(
                org_id, token_id, Action.SERVICE_TOKEN_REVOKE, now, operator, told, target_type="ServiceToken"
            )
            await store.audit.append(connection, record)
            return True
        if await connection.fetchval(_KNOWN, org_id, token_id):
            return False
    raise NoSuchToken(f"there is no service token `{token_id}` there: `texting service-token list` shows them")


def _parse(token: str) -> _Read | None:
    ids, _, secret = token.removeprefix(PREFIX).partition(".")
    try:
        id_bytes, secret_bytes = _bytes(ids), _bytes(secret)
    except ValueError:
        return None
    if (len(id_bytes), len(secret_bytes)) != (_ID_BYTES, _SECRET_BYTES):
        return None
    return _Read(org_id=UUID(bytes=id_bytes[:16]), id=UUID(bytes=id_bytes[16:]), secret=secret_bytes)


def _text(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def _bytes(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
