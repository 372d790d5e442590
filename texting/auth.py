"""Who is calling: from a bearer token to a principal. Anything that is not plainly right is refused."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Protocol
from uuid import UUID

from asyncpg import Pool
from joserfc import jwt
from joserfc.errors import ExpiredTokenError, JoseError
from joserfc.jwk import OKPKey

from core.principal import Grant, Principal, Role
from core.storage.database import has_any
from texting.identity.known import Known, KnownTokens

if TYPE_CHECKING:
    from collections.abc import Mapping

ISSUER = "business-texting"
AUDIENCE = "business-texting-api"
ALGORITHM = "Ed25519"
"""The only one accepted (RFC 9864, the successor of the name EdDSA): a token never chooses how it is checked."""

REVOCATION_DELAY = timedelta(seconds=1)
"""How long a token may go on working after it was revoked."""

TOKEN_LENGTH_MAX = 16_384


class Refused(StrEnum):
    """Why somebody is not let in, for the audit log and for counting."""

    MISSING = "MISSING"
    INVALID = "INVALID"
    EXPIRED = "EXPIRED"
    REVOKED = "REVOKED"
    NO_ROLE = "NO_ROLE"


class NotAuthenticated(Exception):
    """the token does not say who is calling"""

    def __init__(self, message: str, kind: Refused = Refused.INVALID) -> None:
        super().__init__(message)
        self.kind = kind


class Authenticator(Protocol):
    """Turns a bearer token into a principal."""

    async def authenticate(self, token: str, now: datetime) -> Principal:
        """Give the caller. Raises `NotAuthenticated`."""
        ...


class LocalTokens:
    """Tokens that this program signed itself and keeps a row of: `texting.tokens` says whether one still stands."""

    def __init__(self, key: OKPKey, pool: Pool) -> None:
        self._key = key
        self._pool = pool
        self._known = KnownTokens()

    async def authenticate(self, token: str, now: datetime) -> Principal:
        """Give the caller; asks the database at most once in `REVOCATION_DELAY` for each token."""
        known = self._known.get(token) or self._verified(token, now)
        if now >= known.expires_at:
            self._known.drop(token)
            raise NotAuthenticated("the token has expired: sign in again", Refused.EXPIRED)
        if now - known.checked_at >= REVOCATION_DELAY:
            await self._check(token, known, now)
        return known.principal

    def _verified(self, token: str, now: datetime) -> Known:
        principal, expires_at = read(token, self._key, now)
        return Known(principal=principal, expires_at=expires_at, checked_at=datetime.min.replace(tzinfo=UTC))

    async def _check(self, token: str, known: Known, now: datetime) -> None:
        if not await stands(self._pool, known.principal, now):
            self._known.drop(token)
            raise NotAuthenticated("the token was revoked: ask for a new one", Refused.REVOKED)
        known.checked_at = now
        self._known.keep(token, known)


async def stands(pool: Pool, principal: Principal, now: datetime) -> bool:
    """Say whether a principal's token is neither revoked nor over: one of ours has a row; a provider's tells itself."""
    if principal.token_id is None:
        return True
    table = "texting.service_tokens" if principal.is_service else "texting.tokens"
    row = f"org_id = '{principal.org_id}' AND id = '{principal.token_id}'"
    good = f"revoked_at IS NULL AND expires_at > '{now.isoformat()}'::timestamptz"
    return await has_any(pool, principal.org_id, f"SELECT 1 FROM {table} WHERE {row} AND {good}")


def sign(principal: Principal, key: OKPKey, *, issued_at: datetime, expires_at: datetime) -> str:
    """Write a token for a principal, whose `token_id` must be set."""
    claims = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": principal.subject,
        "name": principal.name,
        "org": str(principal.org_id),
        "grants": [grant_json(grant) for grant in principal.grants],
        "jti": str(principal.token_id),
        "iat": int(issued_at.timestamp()),
        "exp": int(expires_at.timestamp()),
    }
    return jwt.encode({"alg": ALGORITHM, "typ": "JWT"}, claims, key, algorithms=[ALGORITHM])


def read(token: str, key: OKPKey, now: datetime) -> tuple[Principal, datetime]:
    """Verify a token; give its principal and the time it ends.

    Raises:
        NotAuthenticated: it is not ours, has ended, or is not of the form we write.
    """
    if len(token) > TOKEN_LENGTH_MAX:
        raise NotAuthenticated("the token is too long to be one of ours: sign in again")
    wanted: dict[str, Any] = {name: {"essential": True} for name in ("sub", "org", "grants", "jti", "iat", "exp")}
    wanted["iss"] = {"essential": True, "value": ISSUER}
    wanted["aud"] = {"essential": True, "value": AUDIENCE}
    registry = jwt.JWTClaimsRegistry(now=int(now.timestamp()), **wanted)
    try:
        claims = jwt.decode(token, key, algorithms=[ALGORITHM]).claims
        registry.validate(claims)
        principal = Principal(
            subject=_text(claims["sub"]),
            name=None if claims.get("name") is None else _text(claims["name"]),
            org_id=UUID(claims["org"]),
            grants=tuple(grant_of(item) for item in claims["grants"]),
            token_id=UUID(claims["jti"]),
        )
        return principal, datetime.fromtimestamp(claims["exp"], tz=UTC)
    except ExpiredTokenError as error:
        raise NotAuthenticated("the token has expired: sign in again", Refused.EXPIRED) from error
    except (JoseError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise NotAuthenticated("the token is not valid here, or has expired: sign in again") from error


def grant_json(grant: Grant) -> dict[str, str]:
    """Write a grant for a token or its row; what is absent does not limit."""
    scope = {"org": grant.org_id, "location": grant.location_id, "user": grant.user_id}
    return {"role": grant.role.value, **{name: str(value) for name, value in scope.items() if value is not None}}


def grant_of(item: Mapping[str, Any]) -> Grant:
    """Read what `grant_json` wrote. Raises `ValueError`, `KeyError` or `TypeError` for anything else."""
    org, location, user = (item.get(name) for name in ("org", "location", "user"))
    grant = Grant(
        role=Role(item["role"]),
        org_id=UUID(org) if org is not None else None,
        location_id=UUID(location) if location is not None else None,
        user_id=UUID(user) if user is not None else None,
    )
    if grant.org_id is None and grant.role is not Role.PROVIDER_ADMIN:
        raise ValueError(f"role `{grant.role}` without an organization")
    return grant


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value:
        raise ValueError("no text")
    return value
