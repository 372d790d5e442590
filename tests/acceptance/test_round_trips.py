"""Who asks, which tenant, what may be seen: all of it costs a read one round trip to the database at most.

Counted between this program and PostgreSQL, beside the statements that the operation itself is read with.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from joserfc.jwk import OKPKey

from core.commands.transaction import Store
from core.ids import encode
from core.storage import pool
from core.storage.database import open_pool
from tests.acceptance.round_trips import Trips, counted
from tests.benchmarks.reading.operations import OPERATIONS, Operation
from tests.integration.worlds import World, new_world
from texting import auth, tokens
from texting.app import bound_schema, create_app
from texting.auth import Authenticator, LocalTokens
from texting.embedded import Addresses
from texting.identity import service_tokens
from texting.identity.service_tokens import ServiceTokens
from texting.settings import Settings

CARD, PAGE = OPERATIONS[:2]
BESIDE = 0
"""Nothing: what ends the transaction before, begins this one and names the tenant goes with the first statement."""

CHECK = 1
"""Whether the token was revoked meanwhile: asked once a second for each."""


@dataclass(frozen=True, kw_only=True)
class Asking:
    """Somebody with a token, and a server whose way to the database is watched."""

    client: httpx.AsyncClient
    trips: Trips
    world: World

    async def beside(self, operation: Operation) -> int:
        """Give the round trips of one request that are none of its operation's own statements."""
        world = self.world
        id = ("User", world.people[0].user_id) if operation is CARD else ("Location", world.location_id)
        variables = {"id": encode(id[0], world.org_id, id[1])}
        asked = {"query": operation.text, "variables": variables, "extensions": {"cost": True}}
        self.trips.said.clear()
        answer = (await self.client.post("/graphql", json=asked)).json()
        assert "errors" not in answer, answer
        return len(self.trips.said) - int(answer["extensions"]["cost"]["statements"])


@asynccontextmanager
async def asking(store: Store, addresses: Addresses, folder: Path, *, by_service: bool) -> AsyncIterator[Asking]:
    """Serve an organization's administrator, or a machine that has the same role."""
    world = await new_world(store, people=3)
    who, key, life, now = world.org_admin, OKPKey.generate_key("Ed25519"), timedelta(days=1), datetime.now(UTC)
    operator = tokens.Operator(account="test")
    async with counted(addresses.login) as trips, await open_pool(trips.dsn, max_size=1) as watched:
        authenticator: Authenticator = LocalTokens(key, watched)
        if by_service:
            authenticator = ServiceTokens(watched)
            token = await service_tokens.issue(
                store, "crm", who.grants, org_id=world.org_id, life=life, now=now, operator=operator
            )
        else:
            token = await tokens.issue(store, key, who, life=life, now=now, operator=operator)
        app = create_app(
            schema=bound_schema(),
            store=replace(store, pool=watched),
            authenticator=authenticator,
            settings=Settings(graphiql=False, data_dir=folder),
        )
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(app=app),
            base_url="http://texting",
            headers={"Authorization": f"Bearer {token}"},
        ) as client:
            yield Asking(client=client, trips=trips, world=world)


@pytest.mark.parametrize("operation", [CARD, PAGE], ids=["card", "page"])
@pytest.mark.parametrize("by_service", [False, True], ids=["person", "machine"])
async def test_a_request_takes_few_round_trips_beside_its_own_statements(
    store: Store,
    addresses: Addresses,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    operation: Operation,
    by_service: bool,
) -> None:
    async with asking(store, addresses, tmp_path, by_service=by_service) as somebody:
        # A snapshot that nobody follows soon is ended by itself, after the answer; here somebody always does.
        monkeypatch.setattr(pool, "LEFT_S", 60)
        monkeypatch.setattr(pool, "GO_ON_S", 60)
        # The first one signs in, and its statements are prepared.
        await somebody.beside(operation)
        assert [await somebody.beside(operation) for _ in range(3)] == [BESIDE] * 3
        for module in (auth, service_tokens):
            monkeypatch.setattr(module, "REVOCATION_DELAY", timedelta())
        assert [await somebody.beside(operation) for _ in range(3)] == [CHECK] * 3
