"""An identity provider's public keys: fetched when needed, kept, and fetched anew when it signs with others."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import orjson
import structlog
from joserfc.errors import JoseError
from joserfc.jwk import Key, KeySet

from texting.request_failure import FailureCode, RequestFailure

GOOD_FOR_S = 3_600.0
"""How long keys are used before they are looked up again: what a provider withdraws ends within that."""

REFETCH_S = 10.0
"""Shortest time between two look-ups, whatever unknown keys tokens name."""

FETCH_TIMEOUT_S = 5.0
_DOCUMENT_MAX = 1_000_000
_DISCOVERY = "/.well-known/openid-configuration"

_log = structlog.get_logger()

Fetch = Callable[[str], Awaitable[Any]]
"""Gives the JSON that stands at an address."""


class ProviderKeys:
    """The keys of one issuer, found by its discovery document where no address of theirs is given."""

    def __init__(
        self, issuer: str, url: str | None, *, fetch: Fetch | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Remember where they are; nothing is fetched yet. `clock`: seconds."""
        self._issuer = issuer
        self._url = url
        self._fetch = fetch or fetch_json
        self._clock = clock
        self._keys: dict[str | None, Key] = {}
        self._fetched_at = self._tried_at = float("-inf")
        self._fetching = asyncio.Lock()

    async def find(self, kid: str | None, *, but: Key | None = None) -> Key | None:
        """Give the key of that id; of several keys without a name, none. `but`: one that did not verify a signature.

        Raises:
            RequestFailure: no keys were ever had, and the provider does not answer.
        """
        if self._is_wanted(kid, but):
            async with self._fetching:
                if self._is_wanted(kid, but) and self._clock() - self._tried_at >= REFETCH_S:
                    self._tried_at = self._clock()
                    await self._refresh()
        if not self._keys:
            message = "the identity provider does not answer: try again"
            raise RequestFailure(503, FailureCode.UNAVAILABLE, message, {"Retry-After": str(int(REFETCH_S))})
        found = self._keys.get(kid)
        return None if found is but else found

    def _is_wanted(self, kid: str | None, but: Key | None) -> bool:
        """Say whether a look-up might help: providers change keys under the same name, or under none."""
        return self._keys.get(kid) is but or self._clock() - self._fetched_at > GOOD_FOR_S

    async def _refresh(self) -> None:
        """Look them up; whatever goes wrong, those that were there stay."""
        try:
            found = KeySet.import_key_set(_asymmetric(await self._fetch(await self._address())))
        except (httpx.HTTPError, JoseError, ValueError, KeyError, TypeError, AttributeError, OSError) as error:
            _log.warning("keys of the identity provider not fetched", issuer=self._issuer, reason=type(error).__name__)
            return
        self._keys = {key.kid: key for key in found.keys}
        if len(found.keys) == 1:
            self._keys[None] = found.keys[0]
        self._fetched_at = self._clock()
        _log.info("keys of the identity provider fetched", issuer=self._issuer, keys=len(found.keys))

    async def _address(self) -> str:
        if self._url is not None:
            return self._url
        told = await self._fetch(self._issuer.rstrip("/") + _DISCOVERY)
        if told["issuer"] != self._issuer:
            raise ValueError("the discovery document is of another issuer")  # OpenID Connect Discovery §4.3
        return str(told["jwks_uri"])


async def fetch_json(url: str) -> Any:
    """Get JSON from an address, which must answer it itself."""
    async with (
        httpx.AsyncClient(timeout=FETCH_TIMEOUT_S, follow_redirects=False) as client,
        client.stream("GET", url, headers={"Accept": "application/json"}) as answer,
    ):
        answer.raise_for_status()
        content = bytearray()
        async for chunk in answer.aiter_bytes():
            content += chunk
            if len(content) > _DOCUMENT_MAX:
                raise ValueError("the document is too long")
    return orjson.loads(content)


def _asymmetric(keys: Any) -> Any:
    """Leave out what can sign by being known, and what is not for signatures."""
    return {"keys": [key for key in keys["keys"] if key.get("kty") != "oct" and key.get("use", "sig") == "sig"]}
