"""Whoever has no good token gets nothing from any field, is told the same everywhere, and leaves a count of the try."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime

import asyncpg
import pytest

from core.principal import Role
from tests.acceptance.access.declared import CORE, QUERIES, STREAMS
from tests.acceptance.access.scene import Scene
from tests.acceptance.access.written import moment, written_since
from tests.acceptance.mutating import INPUTS, mutations
from tests.acceptance.mutating import document as mutation
from tests.unit.schema.operations import operation
from tests.unit.texting.test_sockets import PROTOCOL, Client, Closed
from texting.auth import Refused


@pytest.mark.parametrize("role", Role)
async def test_no_field_answers_without_a_good_token(scene: Scene, admin: asyncpg.Connection, role: Role) -> None:
    asked = [(text, scene.values(text)) for text in (operation(CORE, "query", name) for name in QUERIES)]
    asked += [(mutation(name), {"input": INPUTS[name](scene.stage)}) for name in mutations()]
    texts = (operation(CORE, "subscription", name) for name in STREAMS)
    asked += [(text, scene.values(text)) for text in texts]
    bad = await scene.issuers.bad(scene.stage.person(role), scene.elsewhere.org_id)
    await scene.refusals.write(scene.stage.world.store, datetime.now(UTC))
    before, told = await moment(admin), Counter[Refused]()
    for each in bad:
        answers = set()
        for text, values in asked:
            response = await scene.ask(each.token, text, **values)
            body = response.json()
            (error,) = body["errors"]
            assert "data" not in body, (each.name, text)
            assert "www-authenticate" in response.headers
            answers.add((response.status_code, error["extensions"]["code"], error["message"]))
        assert len(answers) == 1, each.name
        ((status, code, _),) = answers
        assert (status, code) == (401, "UNAUTHENTICATED"), each.name
        assert await _closed(scene, each.token) == 4403, each.name
        told[each.refused] += len(asked) + 1
    assert (await written_since(admin, before)).tables == set()
    assert await scene.refusals.write(scene.stage.world.store, datetime.now(UTC)) > 0
    counts = Counter[str]()
    for record in (await written_since(admin, before)).records:
        assert (record["action"], record["kind"], record["outcome"]) == ("session:refuse", "DENIAL", "DENIED")
        counts[record["entry"]["status_code"]] += record["entry"]["updated_entity"]["data"]["count"]
    assert counts == {f"UNAUTHENTICATED_{kind}": count for kind, count in told.items()}


async def _closed(scene: Scene, token: str | None) -> int:
    """How a WebSocket ends whose client says who it is."""
    async with Client(scene.app, PROTOCOL, None) as client:  # type: ignore[arg-type] # serves sockets, among others
        client.send(
            {"type": "connection_init", "payload": {} if token is None else {"Authorization": f"Bearer {token}"}}
        )
        with pytest.raises(Closed) as closed:
            await client.receive()
    return closed.value.code
