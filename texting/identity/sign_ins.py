"""Sign-ins in the audit log: each token of an identity provider once, whatever servers it is shown to."""

from __future__ import annotations

import hashlib
from datetime import datetime
from uuid import UUID

from audit.actions import Action
from audit.ids import milliseconds, record_ids
from audit.record import Actor, AuditKind, AuditOutcome, Erasable, Record, Request, Target
from core.commands.recording import person_of
from core.commands.transaction import Store
from core.ids import SYSTEM_ORG_ID, uuid7
from core.principal import Principal
from core.storage.database import has_any, writing

_SEEN = """
INSERT INTO texting.sign_ins (org_id, token_sha256, expires_at, audit_id) VALUES ($1, $2, $3, $4)
ON CONFLICT DO NOTHING RETURNING 1
"""


class SignIns:
    """Writes a record when a token is seen for the first time, in the transaction that remembers it."""

    def __init__(self, store: Store) -> None:
        """Take where records go."""
        self._store = store

    async def seen(self, token: str, who: Principal, now: datetime, expires_at: datetime) -> None:
        """Record a sign-in, unless this token's was recorded before."""
        digest = hashlib.sha256(token.encode()).digest()
        org_id = await self._log_of(who)
        record = self._record(org_id, who, digest, now, expires_at)
        async with writing(self._store.pool, org_id) as connection:
            if await connection.fetchval(_SEEN, org_id, digest, expires_at, record.id):
                await self._store.audit.append(connection, record)

    async def _log_of(self, who: Principal) -> UUID:
        """Tell whose log it goes into: an organization that is not there has none, whatever a claim says."""
        is_there = await has_any(
            self._store.pool, who.org_id, f"SELECT 1 FROM texting.orgs WHERE org_id = '{who.org_id}'"
        )
        return who.org_id if is_there else SYSTEM_ORG_ID

    def _record(self, org_id: UUID, who: Principal, digest: bytes, now: datetime, expires_at: datetime) -> Record:
        person = person_of(self._store.audit, who, org_id)
        roles = tuple(sorted({grant.role.value for grant in who.grants}))
        return Record(
            id=record_ids([milliseconds(now)])[0],
            org_id=org_id,
            action=Action.SESSION_SIGN_IN,
            kind=AuditKind.CHANGE,
            outcome=AuditOutcome.ALLOWED,
            actor=Actor(
                subject=who.subject,
                name=Erasable(who.name, person) if who.name else None,
                roles=roles,
                user_id=who.user_in(org_id),
                org_id=who.org_id if who.org_id != org_id else None,
                # The first half finds the token's other uses, and nobody can make the token of it.
                session_id=digest[:16].hex(),
                idp=who.issuer,
            ),
            target=Target(type="Session", id=person),
            occurred_at=now,
            before={},
            after={"roles": list(roles), "issuer": who.issuer, "expiresAt": expires_at.isoformat()},
            request=Request(id=f"session:{uuid7()}", operation="sign-in"),
        )
