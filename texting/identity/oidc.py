"""Bearer tokens of an OpenID Connect provider: signed JWTs whose issuer, audience and algorithms we chose."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
from joserfc import jws, jwt
from joserfc.errors import BadSignatureError, ExpiredTokenError, JoseError
from joserfc.util import urlsafe_b64decode

from core.principal import Principal
from texting.auth import TOKEN_LENGTH_MAX, NotAuthenticated, Refused
from texting.identity.claims import ClaimRules, ClaimsRefused
from texting.identity.known import Known, KnownTokens
from texting.identity.provider_keys import ProviderKeys
from texting.settings import SIGNATURES

_UNPUBLISHED = "the token is signed with a key that its provider does not publish: sign in again"
_REFUSED = "the token is not valid here, or has expired: sign in again"

SignedIn = Callable[[str, Principal, datetime, datetime], Awaitable[None]]
"""Told of a token when it is first seen: the token, its caller, now, its end."""


class OidcTokens:
    """Tokens of one provider. `skew`: by how much its clock may differ from ours."""

    def __init__(
        self,
        keys: ProviderKeys,
        rules: ClaimRules,
        *,
        issuer: str,
        audience: str,
        algorithms: Collection[str],
        skew: timedelta,
        signed_in: SignedIn,
    ) -> None:
        """Take whose tokens are taken, and what they grant."""
        self._keys = keys
        self._rules = rules
        self._issuer = issuer
        self._algorithms = sorted(set(algorithms) & SIGNATURES)
        self._skew = skew
        self._signed_in = signed_in
        self._known = KnownTokens()
        self._wanted: dict[str, Any] = {
            "iss": {"essential": True, "value": issuer},
            "aud": {"essential": True, "value": audience},
            "exp": {"essential": True},
            "iat": {"essential": True},
            "sub": {"essential": True},
        }

    async def authenticate(self, token: str, now: datetime) -> Principal:
        """Give the caller; a token is verified once, and its end looked at each time."""
        known = self._known.get(token)
        if known is None:
            known = await self._verified(token, now)
            await self._signed_in(token, known.principal, now, known.expires_at)
            self._known.keep(token, known)
        if now >= known.expires_at + self._skew:
            self._known.drop(token)
            raise NotAuthenticated("the token has expired: sign in again", Refused.EXPIRED)
        return known.principal

    async def _verified(self, token: str, now: datetime) -> Known:
        try:
            header = jws.extract_compact(token.encode("ascii")).headers()
            if header.get("alg") not in self._algorithms:
                raise NotAuthenticated(_REFUSED)
            claims = await self._claims(token, header.get("kid"))
            skew = int(self._skew.total_seconds())
            jwt.JWTClaimsRegistry(now=int(now.timestamp()), leeway=skew, **self._wanted).validate(claims)
            principal = self._rules.principal(claims, self._issuer)
            return Known(principal=principal, expires_at=datetime.fromtimestamp(claims["exp"], tz=UTC), checked_at=now)
        except ClaimsRefused as error:
            raise NotAuthenticated(str(error), Refused.NO_ROLE) from error
        except ExpiredTokenError as error:
            raise NotAuthenticated("the token has expired: sign in again", Refused.EXPIRED) from error
        except (JoseError, ValueError, TypeError, KeyError, AttributeError, OverflowError) as error:
            raise NotAuthenticated(_REFUSED) from error

    async def _claims(self, token: str, kid: Any) -> dict[str, Any]:
        """Verify the signature; with a key of the same name looked up anew where the one at hand does not do."""
        kid = kid if isinstance(kid, str) else None
        tried = None
        while (key := await self._keys.find(kid, but=tried)) is not None:
            try:
                return jwt.decode(token, key, algorithms=self._algorithms).claims
            except BadSignatureError:
                if tried is not None:
                    raise
                tried = key
        raise NotAuthenticated(_REFUSED if tried else _UNPUBLISHED)


def issuer_of(token: str) -> str | None:
    """Read who a token says it is from, before anything is verified: whoever that is, verifies it."""
    if len(token) > TOKEN_LENGTH_MAX:
        return None
    try:
        claims = orjson.loads(urlsafe_b64decode(token.split(".")[1].encode("ascii")))
    except (IndexError, ValueError):
        return None
    issuer = claims.get("iss") if isinstance(claims, dict) else None
    return issuer if isinstance(issuer, str) else None
