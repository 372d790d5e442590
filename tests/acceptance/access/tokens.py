"""Tokens of every kind, good and bad, and what takes them: the server's own parts, an identity provider in memory."""

from __future__ import annotations

import base64
import hmac
import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import cached_property
from typing import Any
from uuid import UUID

from joserfc import jwt
from joserfc.jwk import Key, OKPKey, RSAKey

from core.commands.transaction import Store
from core.ids import uuid7
from core.principal import Principal, Role
from tests.unit.texting.identity.provider import AUDIENCE, ISSUER, RSA, Addresses, key_set, signed
from texting import tokens as local_tokens
from texting.auth import LocalTokens, Refused
from texting.identity import service_tokens
from texting.identity.authenticators import Authenticators
from texting.identity.claims import ClaimRules
from texting.identity.oidc import OidcTokens
from texting.identity.provider_keys import ProviderKeys
from texting.identity.service_tokens import PREFIX, ServiceTokens
from texting.identity.sign_ins import SignIns

OPERATOR = local_tokens.Operator(account="root")
LIFE = timedelta(hours=1)
KEY = OKPKey.generate_key("Ed25519", private=True)
_SCOPES = {Role.LOCATION_ADMIN: {"location": ["place"]}, Role.USER: {"user": ["person"]}}
RULES = ClaimRules.model_validate(
    {
        "org": ["tenant"],
        "grants": [
            {"claim": ["groups"], "value": role.value, "role": role.value, **_SCOPES.get(role, {})} for role in Role
        ],
    }
)


class Kind(StrEnum):
    """Who says who somebody is."""

    LOCAL = "local"
    PROVIDER = "provider"
    SERVICE = "service"


@dataclass(frozen=True, kw_only=True)
class Bad:
    """A token, or none, that must let nobody in; why it does not, as the refusals are counted."""

    name: str
    token: str | None
    refused: Refused = Refused.INVALID


@dataclass(frozen=True)
class Issuers:
    """Issues tokens of every kind to whoever has one grant."""

    store: Store

    @cached_property
    def authenticators(self) -> Authenticators:
        """What takes the tokens."""
        keys = ProviderKeys(ISSUER, "jwks", fetch=Addresses({"jwks": key_set(RSA)}))
        provider = OidcTokens(
            keys,
            RULES,
            issuer=ISSUER,
            audience=AUDIENCE,
            algorithms={"RS256"},
            skew=timedelta(seconds=30),
            signed_in=SignIns(self.store).seen,
        )
        local, services = LocalTokens(KEY, self.store.pool), ServiceTokens(self.store.pool)
        return Authenticators(local, services, provider, ISSUER)

    async def good(self, kind: Kind, who: Principal, at: datetime | None = None) -> str:
        """Issue one, good for an hour; `at`: when that begins."""
        now = at or datetime.now(UTC)
        if kind is Kind.LOCAL:
            return await local_tokens.issue(self.store, KEY, who, life=LIFE, now=now, operator=OPERATOR)
        if kind is Kind.PROVIDER:
            return signed(_claims(who, now))
        return await service_tokens.issue(
            self.store, who.subject, who.grants, org_id=who.org_id, life=LIFE, now=now, operator=OPERATOR
        )

    async def bad(self, who: Principal, elsewhere: UUID) -> list[Bad]:
        """Make those that claim to be somebody's, none of them good; `elsewhere`: another organization."""
        anybodys = [Bad(name="none", token=None, refused=Refused.MISSING), Bad(name="nonsense", token="rubbish")]
        return [*anybodys, *[each for kind in Kind async for each in self._bad(kind, who, elsewhere)]]

    async def _bad(self, kind: Kind, who: Principal, elsewhere: UUID) -> AsyncIterator[Bad]:
        now = datetime.now(UTC)
        good = await self.good(kind, who)
        expired = await self.good(kind, who, now - 2 * LIFE)
        yield Bad(name=f"{kind}: expired", token=expired, refused=Refused.EXPIRED)
        if kind is not Kind.PROVIDER:
            yield Bad(name=f"{kind}: revoked", token=await self._revoked(kind, who), refused=Refused.REVOKED)
        if kind is Kind.SERVICE:
            other = await self.good(kind, who)
            yield Bad(name="service: of another's secret", token=f"{good.partition('.')[0]}.{other.partition('.')[2]}")
            yield Bad(name="service: of another organization", token=_moved(good, elsewhere))
            yield Bad(name="service: without a secret", token=good.partition(".")[0] + ".")
            return
        key: Key = KEY if kind is Kind.LOCAL else RSA
        other_key = OKPKey.generate_key("Ed25519") if kind is Kind.LOCAL else RSAKey.generate_key(2048)
        header, claims = (_part(good, at) for at in (0, 1))
        forged = {
            "for another audience": _signed(header, claims | {"aud": "another-service"}, key),
            "from another issuer": _signed(header, claims | {"iss": "https://elsewhere.example"}, key),
            "without an algorithm": f"{_text({**header, 'alg': 'none'})}.{_text(claims)}.",
            "without a signature": good.rpartition(".")[0],
            "signed with another key": _signed(header, claims, other_key),
            "signed with the public key": _confused({**header, "alg": "HS256"}, claims, key),
            "changed after it was signed": good.replace(good.split(".")[1], _text(claims | {"name": "Mallory"})),
        }
        if kind is Kind.LOCAL:
            forged["never issued"] = _signed(header, claims | {"jti": str(uuid7())}, key)
        else:
            soon = int((now + LIFE).timestamp())
            forged["not yet good"] = _signed(header, claims | {"nbf": soon}, key)
            no_role = _signed(header, claims | {"groups": ["strangers"]}, key)
            yield Bad(name="provider: without a role", token=no_role, refused=Refused.NO_ROLE)
        for name, token in forged.items():
            refused = Refused.REVOKED if name == "never issued" else Refused.INVALID
            yield Bad(name=f"{kind}: {name}", token=token, refused=refused)

    async def revoke(self, kind: Kind, who: Principal) -> None:
        """Revoke the token by which we know somebody."""
        revoke = local_tokens.revoke if kind is Kind.LOCAL else service_tokens.revoke
        assert who.token_id is not None
        assert await revoke(self.store, who.org_id, who.token_id, now=datetime.now(UTC), operator=OPERATOR)

    async def _revoked(self, kind: Kind, who: Principal) -> str:
        token = await self.good(kind, who)
        id = UUID(_part(token, 1)["jti"]) if kind is Kind.LOCAL else UUID(bytes=_ids(token)[16:])
        await self.revoke(kind, replace(who, token_id=id))
        return token


def _claims(who: Principal, now: datetime) -> dict[str, Any]:
    """What a provider says of somebody."""
    (grant,) = who.grants
    scope = {"tenant": grant.org_id, "place": grant.location_id, "person": grant.user_id}
    return {
        "sub": who.subject,
        "name": who.name,
        "iat": int(now.timestamp()),
        "exp": int((now + LIFE).timestamp()),
        "groups": [grant.role.value],
        **{name: None if id is None else str(id) for name, id in scope.items()},
    }


def _signed(header: Mapping[str, Any], claims: Mapping[str, Any], key: Key) -> str:
    return jwt.encode(dict(header), dict(claims), key, algorithms=[header["alg"]])


def _confused(header: Mapping[str, Any], claims: Mapping[str, Any], key: Key) -> str:
    """Sign with the public key as if it were a shared secret: everybody knows it."""
    signed = f"{_text(header)}.{_text(claims)}"
    secret: bytes = key.as_pem(private=False)  # type: ignore[attr-defined]
    mac = hmac.digest(secret, signed.encode(), "sha256")
    return f"{signed}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"


def _part(token: str, at: int) -> dict[str, Any]:
    text = token.split(".")[at]
    found: dict[str, Any] = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    return found


def _text(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def _ids(token: str) -> bytes:
    return base64.urlsafe_b64decode(token.removeprefix(PREFIX).partition(".")[0] + "=")


def _moved(token: str, org_id: UUID) -> str:
    """A service token that says it is of another organization."""
    ids = base64.urlsafe_b64encode(org_id.bytes + _ids(token)[16:]).rstrip(b"=").decode()
    return f"{PREFIX}{ids}.{token.partition('.')[2]}"
