"""What is asked over a WebSocket meets the limits and the manifest as what is asked over HTTP does."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from core.commands.transaction import Store
from core.principal import Role
from tests.acceptance.test_http import Known
from tests.integration.worlds import member, new_world
from tests.unit.texting.test_sockets import INIT, PROTOCOL, Client, closing
from texting.app import bound_schema, create_app
from texting.settings import Settings

WHO = {"query": "{ viewer { subject } }"}
USERS = {"query": "{ users(first: 100) { edges { node { id } } } }"}


async def served(store: Store, folder: Path, **settings: Any) -> Any:
    """The application, which knows one caller."""
    world = await new_world(store, people=1)
    return create_app(
        schema=bound_schema(),
        store=store,
        authenticator=Known(member(world.org_id, Role.ORG_ADMIN)),
        settings=Settings(graphiql=False, data_dir=folder, **settings),
    )


async def asked(store: Store, folder: Path, *payloads: Any, **settings: Any) -> list[Any]:
    """The last message that each operation gets before its end, one operation after the other."""
    app, told = await served(store, folder, **settings), []
    async with Client(app, PROTOCOL, None) as client:
        client.send(INIT)
        assert await client.receive() == {"type": "connection_ack"}
        for at, payload in enumerate(payloads):
            client.send({"type": "subscribe", "id": str(at), "payload": payload})
            told.append(await client.receive())
            if told[-1]["type"] == "next":
                assert (await client.receive())["type"] == "complete"
    return told


@pytest.mark.parametrize(
    ("settings", "payloads", "code"),
    [
        ({"operations_a_second": 1}, [WHO] * 4, "TOO_MANY_REQUESTS"),
        ({"cost_limit": 100}, [WHO, USERS], "ANSWER_TOO_LARGE"),
        (
            {"depth_limit": 5},
            [WHO, {"query": "{ users { edges { node { org { brand { id } } } } } }"}],
            "LIMIT_EXCEEDED",
        ),
        ({}, [WHO, {"documentId": "zz"}], "PERSISTED_QUERY_NOT_FOUND"),
    ],
)
async def test_what_is_refused_is_an_error_with_its_code(
    store: Store, tmp_path: Path, settings: Any, payloads: list[Any], code: str
) -> None:
    told = await asked(store, tmp_path, *payloads, **settings)
    assert (told[0]["type"], told[-1]["type"]) == ("next", "error")
    assert told[-1]["payload"][0]["extensions"]["code"] == code


async def test_where_documents_are_trusted_an_id_is_answered_and_another_text_is_not(
    store: Store, tmp_path: Path
) -> None:
    manifest = tmp_path / "persisted.json"
    manifest.write_text(json.dumps({"who": "query Who { viewer { subject } }"}))
    told = await asked(
        store, tmp_path, {"documentId": "who"}, WHO, operations_manifest=manifest, trusted_documents=True
    )
    assert told[0]["payload"]["data"]["viewer"]["subject"]
    assert told[1]["payload"][0]["extensions"]["code"] == "DOCUMENT_NOT_TRUSTED"


@pytest.mark.parametrize("limit", ["sockets_at_once", "process_sockets_at_once"])
async def test_connections_that_are_left_open_are_limited(store: Store, tmp_path: Path, limit: str) -> None:
    app = await served(store, tmp_path, **{limit: 2})
    clients = [Client(app, PROTOCOL, None) for _ in range(3)]
    async with clients[0], clients[1], clients[2]:
        for client in clients[:2]:
            client.send(INIT)
            assert await client.receive() == {"type": "connection_ack"}
        clients[2].send(INIT)
        assert await closing(clients[2]) == 1013
    async with Client(app, PROTOCOL, None) as later:
        later.send(INIT)
        assert await later.receive() == {"type": "connection_ack"}
