"""Spans of OpenTelemetry: what they tell, what audit records say of them, and that nobody is in them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import asyncpg
import httpx
import orjson
import pytest
from graphql import parse

from core.commands.transaction import Store
from core.ids import encode
from core.principal import Role
from core.storage.database import open_pool
from tests.acceptance.test_http import Known
from tests.integration.worlds import World, member, new_world
from texting.app import bound_schema, create_app
from texting.settings import Settings

pytest.importorskip("opentelemetry.sdk", reason="the extra `otel` is not installed", exc_type=ImportError)
pytest.importorskip("opentelemetry.exporter.otlp.proto.http", reason="the extra `otel` is not installed")

from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from texting.tracing import Tracing

TRACE, PARENT = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
USERS = "query Users { users(first: 2) { edges { node { email displayName location { name } } } } }"
ORG = "query Org($id: ID!) { org(id: $id) { name brand { id } } }"
PEOPLE = "{ users(first: 9) { edges { node { id email displayName phoneNumbers { phoneNumber } } } } }"
BY_EMAIL = "query Find($email: String!) { user(email: $email) { id displayName phoneNumbers { phoneNumber } } }"
SWITCH = "mutation Switch($input: SetUserTextingInput!) { setUserTexting(input: $input) { __typename } }"


class Traced:
    """The application with spans kept in memory."""

    def __init__(self, client: httpx.AsyncClient, exporter: InMemorySpanExporter) -> None:
        self._client = client
        self._exporter = exporter

    async def __call__(self, query: str, *, sampled: bool = True, **variables: Any) -> httpx.Response:
        headers = {"traceparent": f"00-{TRACE}-{PARENT}-0{sampled:d}"}
        return await self._client.post("/graphql", json={"query": query, "variables": variables}, headers=headers)

    async def spans(self) -> list[ReadableSpan]:
        """Those that ended; statements are told a moment later."""
        await asyncio.sleep(0.05)
        found = list(self._exporter.get_finished_spans())
        self._exporter.clear()
        return found


@pytest.fixture
async def world(store: Store) -> World:
    return await new_world(store, people=3)


@pytest.fixture
def role() -> Role:
    return Role.ORG_ADMIN


@pytest.fixture
async def traced(store: Store, pool: asyncpg.Pool, world: World, role: Role, tmp_path: Path) -> AsyncIterator[Traced]:
    exporter, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    tracing = Tracing(provider)
    async with await open_pool(pool._connect_args[0], max_size=2, told=tracing.statement) as made:
        app = create_app(
            schema=bound_schema(),
            store=replace(store, pool=made),
            authenticator=Known(member(world.org_id, role)),
            settings=Settings(graphiql=False, data_dir=tmp_path),
            tracing=tracing,
        )
        transport, headers = httpx.ASGITransport(app=app), {"Authorization": "Bearer good"}
        async with httpx.AsyncClient(transport=transport, base_url="http://texting", headers=headers) as client:
            yield Traced(client, exporter)


def one(spans: list[ReadableSpan], name: str) -> ReadableSpan:
    (found,) = [span for span in spans if span.name == name]
    return found


def below(spans: list[ReadableSpan], parent: ReadableSpan) -> list[ReadableSpan]:
    return [span for span in spans if span.parent and span.parent.span_id == parent.context.span_id]


async def test_an_operation_its_levels_and_its_statements_are_spans_of_the_callers_trace(traced: Traced, world: World):
    id = encode("Org", world.org_id, world.org_id)
    # A new connection reads about types first.
    await traced(ORG, id=id)
    await traced.spans()
    answer = await traced(ORG, id=id)
    spans = await traced.spans()
    operation = one(spans, "query Org")
    assert {f"{span.context.trace_id:032x}" for span in spans} == {TRACE}
    assert f"{operation.parent.span_id:016x}" == PARENT
    told = operation.attributes
    assert told["graphql.operation.type"] == "query"
    assert told["graphql.operation.name"] == "Org"
    assert told["texting.org_id"] == str(world.org_id)
    assert told["texting.tracking_id"] == answer.headers["TrackingID"]
    levels = [span for span in below(spans, operation) if span.name.startswith("level ")]
    assert levels[0].attributes["texting.fields"] == ("Query.org",)
    assert levels[0].attributes["texting.parents"] == (1,)
    assert told["texting.statements"] == sum(level.attributes["texting.statements"] for level in levels) > 0
    assert told["texting.rows"] == sum(level.attributes["texting.rows"] for level in levels) > 0
    for level in levels:
        read = [span for span in below(spans, level) if span.name in {"SELECT", "WITH"}]
        assert len(read) == level.attributes["texting.statements"]
        assert all("$1" in span.attributes["db.query.text"] for span in read)


async def test_the_record_of_a_change_names_its_trace_and_span(traced: Traced, world: World, admin: asyncpg.Connection):
    user = encode("User", world.org_id, world.people[0].user_id)
    answer = await traced(SWITCH, input={"userId": user, "mode": "ON"})
    assert "errors" not in answer.json()
    spans = await traced.spans()
    operation = one(spans, "mutation Switch")
    assert "INSERT" in {span.name for span in spans}
    entries = await admin.fetch("SELECT entry FROM audit.record WHERE org_id = $1", world.org_id)
    (entry,) = [read for read in map(orjson.loads, (row["entry"] for row in entries)) if "trace" in read]
    assert entry["api"]["operation"] == "setUserTexting"
    assert entry["trace"] == {"uid": TRACE, "span": {"uid": f"{operation.context.span_id:016x}"}}


@pytest.mark.parametrize("role", [Role.USER])
async def test_a_refused_change_tells_its_code(traced: Traced, world: World):
    user = encode("User", world.org_id, world.people[0].user_id)
    await traced(SWITCH, input={"userId": user, "mode": "ON"})
    assert one(await traced.spans(), "mutation Switch").attributes["texting.codes"] == ("NOT_ALLOWED",)


def test_an_operation_that_fails_tells_the_kind_of_error_and_not_its_message():
    exporter, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    context: Any = SimpleNamespace(
        org_id="org", tracking_id="BTM", db=SimpleNamespace(statements=0, rows=0), trace=None
    )

    def fail() -> None:
        with Tracing(provider).operation(parse(USERS), None, context) as levels:
            levels.begin([])
            raise ValueError("Mrs Secret")

    with pytest.raises(ValueError, match="Secret"):
        fail()
    level, operation = exporter.get_finished_spans()
    assert (level.name, operation.name) == ("level 1", "query Users")
    assert operation.attributes["error.type"] == "ValueError"
    assert not operation.status.is_ok
    assert "Secret" not in operation.to_json() + level.to_json()


async def test_a_trace_that_its_caller_does_not_sample_has_no_spans(traced: Traced):
    await traced(USERS, sampled=False)
    assert await traced.spans() == []


async def test_what_graphql_core_executes_is_a_span_too(traced: Traced):
    await traced("query Names { __schema { queryType { name } } }")
    assert one(await traced.spans(), "query Names").attributes["graphql.operation.type"] == "query"


async def test_nobody_is_in_a_span(traced: Traced):
    people = (await traced(PEOPLE)).json()
    nodes = [edge["node"] for edge in people["data"]["users"]["edges"]]
    said = {node["email"] for node in nodes} | {node["displayName"] for node in nodes}
    said |= {each["phoneNumber"] for node in nodes for each in node["phoneNumbers"]}
    assert len(said) > 3
    await traced(BY_EMAIL, email=nodes[0]["email"])
    await traced('{ user(email: "' + nodes[0]["email"] + '") { id } }')
    await traced(SWITCH, input={"userId": nodes[0]["id"], "mode": "ON", "reason": "because of Mrs Secret"})
    renamed = 'input: {userId: "' + nodes[0]["id"] + '", displayName: "Mrs Secret"}'
    assert "errors" not in (await traced(f"mutation {{ updateUser({renamed}) {{ __typename }} }}")).json()
    spans = await traced.spans()
    told = " ".join(span.to_json() for span in spans)
    assert len(spans) > 10
    assert [text for text in (*said, "Secret", "Bearer", "good") if text in told] == []
