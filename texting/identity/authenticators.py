"""Whoever is asked who somebody is: each kind of token goes to what verifies it, and to nothing else."""

from __future__ import annotations

from datetime import datetime, timedelta

from core.commands.transaction import Store
from core.principal import Principal
from texting.auth import Authenticator, LocalTokens
from texting.identity.claims import read_rules
from texting.identity.oidc import OidcTokens, issuer_of
from texting.identity.provider_keys import ProviderKeys
from texting.identity.service_tokens import PREFIX, ServiceTokens
from texting.identity.sign_ins import SignIns
from texting.settings import Settings


class Authenticators:
    """Local tokens, service tokens, and those of an identity provider where there is one."""

    def __init__(
        self, local: LocalTokens, services: ServiceTokens, provider: Authenticator | None, issuer: str | None
    ) -> None:
        """Take what verifies each kind."""
        self._local = local
        self._services = services
        self._provider = provider
        self._issuer = issuer

    async def authenticate(self, token: str, now: datetime) -> Principal:
        """Give the caller. Raises `NotAuthenticated`."""
        if token.startswith(PREFIX):
            return await self._services.authenticate(token, now)
        if self._provider is not None and issuer_of(token) == self._issuer:
            return await self._provider.authenticate(token, now)
        return await self._local.authenticate(token, now)


def authenticators(settings: Settings, store: Store, local: LocalTokens) -> Authenticators:
    """Make what the settings ask for. Raises `StartupError` where the file of roles does not hold."""
    services = ServiceTokens(store.pool)
    if settings.oidc_issuer is None:
        return Authenticators(local, services, None, None)
    assert settings.oidc_audience, "`load` refuses it alone"
    assert settings.oidc_roles is not None
    provider = OidcTokens(
        ProviderKeys(settings.oidc_issuer, settings.oidc_keys_url),
        read_rules(settings.oidc_roles),
        issuer=settings.oidc_issuer,
        audience=settings.oidc_audience,
        algorithms=settings.algorithms,
        skew=timedelta(seconds=settings.oidc_clock_skew_s),
        signed_in=SignIns(store).seen,
    )
    return Authenticators(local, services, provider, settings.oidc_issuer)
