"""Operations by id over HTTP, and a server that executes no others."""

from __future__ import annotations

import hashlib
import json
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from core.commands.transaction import Store
from core.principal import Role
from tests.acceptance.test_http import Known, code
from tests.integration.worlds import member, new_world
from texting.app import bound_schema, create_app
from texting.settings import Settings

WHO = "query Who { viewer { subject } }"
SORTED = "query Sorted($order: UserOrder) { users(first: 1, orderBy: $order) { edges { node { id } } } }"
CHANGE = 'mutation Change { setOrgTexting(input: { orgId: "x", enabled: true }) { __typename } }'
HASH = hashlib.sha256(WHO.encode()).hexdigest()
Serve = Callable[..., AbstractAsyncContextManager[httpx.AsyncClient]]


@pytest.fixture
async def serve(store: Store, tmp_path: Path) -> Serve:
    """The application with Relay's manifest of three operations."""
    world = await new_world(store, people=1)
    manifest = tmp_path / "persisted.json"
    manifest.write_text(json.dumps({HASH: WHO, "sorted": SORTED, "change": CHANGE}))

    @asynccontextmanager
    async def serving(*, trusted: bool) -> AsyncIterator[httpx.AsyncClient]:
        app = create_app(
            schema=bound_schema(),
            store=store,
            authenticator=Known(member(world.org_id, Role.ORG_ADMIN)),
            settings=Settings(
                graphiql=False, data_dir=tmp_path, operations_manifest=manifest, trusted_documents=trusted
            ),
        )
        headers = {"Authorization": "Bearer good"}
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(app=app), base_url="http://texting", headers=headers
        ) as client:
            yield client

    return serving


async def ask(client: httpx.AsyncClient, **body: Any) -> httpx.Response:
    return await client.post("/graphql", json=body)


@pytest.mark.parametrize("trusted", [False, True])
async def test_an_id_is_answered_as_its_text(serve: Serve, trusted: bool) -> None:
    hash = {"persistedQuery": {"version": 1, "sha256Hash": HASH}}
    async with serve(trusted=trusted) as client:
        by_text = (await ask(client, query=WHO)).json()
        assert by_text["data"]["viewer"]["subject"]
        assert (await ask(client, documentId=HASH)).json() == by_text
        assert (await ask(client, extensions=hash)).json() == by_text
        by_address = await client.get("/graphql", params={"extensions": json.dumps(hash)})
        assert by_address.json() == by_text


async def test_an_unknown_id_has_a_status_that_clients_read(serve: Serve) -> None:
    async with serve(trusted=False) as client:
        answer = await ask(client, extensions={"persistedQuery": {"version": 1, "sha256Hash": "0" * 64}})
        assert (answer.status_code, code(answer)) == (200, "PERSISTED_QUERY_NOT_FOUND")
        assert answer.json()["errors"][0]["message"] == "PersistedQueryNotFound"


async def test_a_mutation_by_id_is_no_more_for_get_than_one_by_text(serve: Serve) -> None:
    async with serve(trusted=True) as client:
        answer = await client.get("/graphql", params={"documentId": "change"})
        assert (answer.status_code, code(answer)) == (405, "METHOD_NOT_ALLOWED")


@pytest.mark.parametrize("query", ["{ viewer { subject } }", "{ __schema { types { name } } }", "{ vieer }", "{"])
async def test_where_documents_are_trusted_no_other_is_read(serve: Serve, query: str) -> None:
    async with serve(trusted=True) as client:
        answer = await ask(client, query=query)
        assert code(answer) == "DOCUMENT_NOT_TRUSTED"
        assert len(answer.json()["errors"]) == 1


async def test_where_documents_are_trusted_wrong_variables_suggest_no_names(serve: Serve) -> None:
    wrong = {"order": {"field": "DISPLAY_NAM", "direction": "ASC"}}
    async with serve(trusted=False) as client:
        assert "Did you mean" in (await ask(client, documentId="sorted", variables=wrong)).text
    async with serve(trusted=True) as client:
        for _ in range(2):  # what is known of an operation is kept after the first time
            answer = await ask(client, documentId="sorted", variables=wrong)
            assert code(answer) == "BAD_USER_INPUT"
            assert "Did you mean" not in answer.text


@pytest.mark.parametrize("headers", [{"Authorization": ""}, {"Authorization": "Bearer other"}])
async def test_nobody_learns_the_schema_without_a_token(serve: Serve, headers: dict[str, str]) -> None:
    async with serve(trusted=False) as client:
        for query in ("{ __schema { types { name } } }", "{ __typename }", "{ vieer }", "{"):
            answer = await client.post("/graphql", json={"query": query}, headers=headers)
            assert (answer.status_code, code(answer)) == (401, "UNAUTHENTICATED")
            assert "Did you mean" not in answer.text
