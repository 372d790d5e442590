"""Answers over HTTP that last, as server-sent events: how many there are, and that none holds a place for good."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import orjson
import pytest

from core.commands.transaction import Store
from core.ids import encode
from core.principal import Role
from tests.acceptance.test_http import Known
from tests.integration.worlds import World, member, new_world
from texting.app import bound_schema, create_app
from texting.metrics import Metrics
from texting.settings import Settings

RECORDS = "subscription($org: ID!) { auditRecordSealed(orgId: $org) { cursor } }"
WHO = "{ viewer { subject } }"


@pytest.fixture
async def world(store: Store) -> World:
    return await new_world(store, people=1)


@asynccontextmanager
async def asked(app: Any, query: str, variables: Any, *, leaves: bool = True) -> AsyncIterator[dict[str, Any]]:
    """What a client is told that asks for events, and goes away when the block ends: status, headers and what came.

    `leaves`: whether it says so, or the request is cancelled.
    """
    coming, begun, gone = [b""], asyncio.Event(), asyncio.Event()
    told: dict[str, Any] = {"body": coming}
    request = iter([orjson.dumps({"query": query, "variables": variables})])

    async def receive() -> dict[str, Any]:
        if (body := next(request, None)) is not None:
            return {"type": "http.request", "body": body}
        await gone.wait()
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            told["status"] = message["status"]
            told["headers"] = dict(message["headers"])
        else:
            coming.append(message["body"])
        begun.set()

    given = {"accept": "text/event-stream", "authorization": "Bearer good", "content-type": "application/json"}
    headers = [(name.encode(), value.encode()) for name, value in given.items()]
    scope = {"type": "http", "method": "POST", "path": "/graphql", "query_string": b"", "headers": headers}
    running = asyncio.create_task(app({**scope, "asgi": {"spec_version": "2.3"}}, receive, send))
    await begun.wait()
    try:
        yield told
    finally:
        gone.set()
        if not leaves:
            running.cancel()
        await asyncio.wait({running})


@pytest.mark.parametrize("leaves", [True, False])
async def test_streams_of_the_whole_process_are_limited_and_each_place_is_given_back(
    store: Store, world: World, tmp_path: Path, leaves: bool
) -> None:
    metrics = Metrics()
    app = create_app(
        schema=bound_schema(),
        store=store,
        authenticator=Known(member(world.org_id, Role.AUDITOR)),
        settings=Settings(graphiql=False, data_dir=tmp_path, process_streams_at_once=2),
        metrics=metrics,
    )
    org = {"org": encode("Org", world.org_id, world.org_id)}
    for _ in range(2):
        async with (
            asked(app, RECORDS, org, leaves=leaves) as first,
            asked(app, RECORDS, org, leaves=leaves) as second,
        ):
            assert (first["status"], second["status"], metrics.open["streams"]) == (200, 200, 2)
            for query in (RECORDS, WHO):
                async with asked(app, query, org if query is RECORDS else {}) as refused:
                    await asyncio.sleep(0)
                    assert (refused["status"], refused["headers"][b"retry-after"]) == (429, b"1")
                (error,) = orjson.loads(b"".join(refused["body"]))["errors"]
                assert error["extensions"]["code"] == "TOO_MANY_REQUESTS"
                assert "2 event streams at once (TEXTING_PROCESS_STREAMS_AT_ONCE)" in error["message"]
        assert metrics.open["streams"] == 0
    async with asked(app, WHO, {}) as streamed:
        pass
    assert streamed["status"] == 200
    assert metrics.open["streams"] == 0
