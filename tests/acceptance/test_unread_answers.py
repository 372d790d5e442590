"""An answer that its client does not read: what was read for it is over by then."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import orjson

from core.commands.transaction import Store
from core.ids import encode
from core.principal import Role
from tests.acceptance.test_http import Known
from tests.integration.worlds import member, new_world
from texting.app import bound_schema, create_app
from texting.settings import Settings

RECORDS = """query($org: ID!) {
  auditRecords(orgId: $org, first: 1) { totalCount edges { node { id proof actor { subject } } } } }"""


async def test_it_holds_no_connection_to_the_database(store: Store, tmp_path: Path) -> None:
    world = await new_world(store, people=1)
    app = create_app(
        schema=bound_schema(),
        store=store,
        authenticator=Known(member(world.org_id, Role.AUDITOR)),
        settings=Settings(graphiql=False, data_dir=tmp_path),
    )
    asked = orjson.dumps({"query": RECORDS, "variables": {"org": encode("Org", world.org_id, world.org_id)}})
    given = {"accept": "application/json", "authorization": "Bearer good", "content-type": "application/json"}
    headers = [(name.encode(), value.encode()) for name, value in given.items()]
    answers, told = asyncio.Event(), list[dict[str, Any]]()

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": asked}

    async def send(message: dict[str, Any]) -> None:
        told.append(message)
        answers.set()
        # As the server lets an answer wait behind one that is not read.
        await asyncio.Event().wait()

    scope = {"type": "http", "method": "POST", "path": "/graphql", "query_string": b"", "headers": headers}
    answering = asyncio.create_task(app(scope, receive, send))  # type: ignore[arg-type] # a message is a mapping
    await answers.wait()
    assert told[0]["status"] == 200
    assert store.pool.get_idle_size() == store.pool.get_size() > 0
    answering.cancel()
    await asyncio.wait({answering})
