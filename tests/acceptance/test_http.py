"""The endpoint over HTTP: limits, pages of other origins, request ids, compression, headers."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import pytest

from core.commands.transaction import Store
from core.principal import Principal, Role
from engine import CompiledExecutor
from tests.integration.worlds import World, member, new_world
from texting.app import bound_schema, create_app
from texting.auth import NotAuthenticated
from texting.settings import Settings

WHO = "{ viewer { subject } }"
USERS = "query U($first: Int) { users(first: $first) { edges { node { id email } } } }"
PAGE = "https://front.example"
Serve = Callable[..., AbstractAsyncContextManager[httpx.AsyncClient]]


@cache
def _schema() -> Any:
    return bound_schema()


class Known:
    """Takes one token."""

    def __init__(self, who: Principal) -> None:
        self._who = who

    async def authenticate(self, token: str, _: datetime) -> Principal:
        if token != "good":
            raise NotAuthenticated("the token is not valid here")
        return self._who


@pytest.fixture
async def world(store: Store) -> World:
    return await new_world(store, people=3)


@pytest.fixture
def serve(store: Store, world: World, tmp_path: Path) -> Serve:
    """The application with settings, asked with a good token."""

    @asynccontextmanager
    async def serving(*, role: Role = Role.ORG_ADMIN, **settings: Any) -> AsyncIterator[httpx.AsyncClient]:
        app = create_app(
            schema=_schema(),
            store=store,
            authenticator=Known(member(world.org_id, role)),
            settings=Settings(graphiql=False, data_dir=tmp_path, **settings),
        )
        headers = {"Authorization": "Bearer good"}
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://texting", headers=headers) as client:
            yield client

    return serving


async def ask(client: httpx.AsyncClient, query: str = WHO, *, headers: Any = None, **more: Any) -> httpx.Response:
    return await client.post("/graphql", json={"query": query, **more}, headers=headers)


def code(answer: httpx.Response) -> str:
    return str(answer.json()["errors"][0]["extensions"]["code"])


@pytest.mark.parametrize(
    ("settings", "query", "told"),
    [
        ({"depth_limit": 5}, "{ users { edges { node { location { org { brand { id } } } } } } }", "7 levels"),
        ({"alias_limit": 1}, "{ a: viewer { subject } b: viewer { subject } }", "2 aliases"),
        ({"directive_limit": 1}, "{ viewer @include(if: true) { subject @skip(if: false) } }", "2 directives"),
        ({"equal_pair_limit": 1_000}, f"{{ {'__typename ' * 50} }}", "1225 pairs of fields of one name"),
    ],
)
async def test_a_document_beyond_a_limit_is_refused_with_its_number(
    serve: Serve, settings: Any, query: str, told: str
) -> None:
    async with serve(**settings) as client:
        answer = await ask(client, query)
        assert code(answer) == "LIMIT_EXCEEDED"
        assert told in answer.json()["errors"][0]["message"]
    async with serve() as client:
        assert "errors" not in (await ask(client, query)).json()


async def test_where_queries_are_not_taken_by_get_post_is_named_as_the_only_way(serve: Serve) -> None:
    async with serve() as client:
        assert (await client.get("/graphql", params={"query": WHO})).status_code == 200
        assert (await client.put("/graphql")).headers["Allow"] == "GET, POST"
    async with serve(get_queries=False) as client:
        answer = await client.get("/graphql", params={"query": WHO})
        assert (answer.status_code, code(answer), answer.headers["Allow"]) == (405, "METHOD_NOT_ALLOWED", "POST")
        assert (await ask(client)).status_code == 200


async def test_where_the_schema_is_not_shown_wrong_variables_suggest_no_names(serve: Serve) -> None:
    query = "query ($order: UserOrder) { users(first: 1, orderBy: $order) { edges { cursor } } }"
    wrong = {"order": {"field": "DISPLAY_NAM", "direction": "ASC"}}
    for shown in (True, False):
        async with serve(introspection=shown) as client:
            answer = await ask(client, query, variables=wrong)
            assert code(answer) == "BAD_USER_INPUT"
            assert ("Did you mean" in answer.text) is shown


async def test_an_answer_that_may_cost_too_much_is_refused(serve: Serve) -> None:
    async with serve(cost_limit=100) as client:
        assert "errors" not in (await ask(client, USERS, variables={"first": 10})).json()
        answer = await ask(client, USERS, variables={"first": 100})
        assert code(answer) == "ANSWER_TOO_LARGE"
        assert "100 values" in answer.json()["errors"][0]["message"]


async def test_what_a_streamed_operation_costs_is_told_as_well(serve: Serve) -> None:
    async with serve() as client:
        asked = {"variables": {"first": 10}, "extensions": {"cost": True}}
        alone = (await ask(client, USERS, **asked)).json()["extensions"]["cost"]
        streamed = await ask(client, USERS, headers={"Accept": "text/event-stream"}, **asked)
        event = streamed.text.partition("data: ")[2].partition("\n")[0]
        assert json.loads(event)["extensions"]["cost"] == alone


async def test_who_may_not_see_plans_is_not_told_how_much_there_was_to_read(serve: Serve) -> None:
    async with serve(role=Role.AUDITOR) as client:
        answer = (await ask(client, USERS, variables={"first": 10}, extensions={"cost": True})).json()
        assert set(answer["extensions"]["cost"]) == {"estimated", "actual", "limit"}


async def test_what_an_operation_costs_is_told_on_request(serve: Serve) -> None:
    async with serve() as client:
        asked = {"variables": {"first": 10}, "extensions": {"cost": True}}
        cost = (await ask(client, USERS, **asked)).json()["extensions"]["cost"]
        # users, edges, then for each of 10 (3 there are): node, id, email.
        statements, rows = cost.pop("statements"), cost.pop("rows")
        assert cost == {"estimated": 2 + 10 * 3, "actual": 2 + 3 * 3, "limit": 200_000}
        assert statements >= 1
        assert rows >= 1
        assert "extensions" not in (await ask(client, USERS)).json()


@pytest.mark.parametrize("setting", ["operations_a_second", "address_operations_a_second"])
async def test_who_asks_too_often_is_told_to_wait(serve: Serve, setting: str) -> None:
    async with serve(**{setting: 1}) as client:
        answers = [await ask(client) for _ in range(4)]
        assert [answer.status_code for answer in answers][:2] == [200, 200]
        assert (answers[-1].status_code, code(answers[-1])) == (429, "TOO_MANY_REQUESTS")
        assert answers[-1].headers["Retry-After"] == "1"
        assert f"TEXTING_{setting.upper()}" in answers[-1].json()["errors"][0]["message"]


async def test_a_query_that_takes_too_long_is_ended_and_its_connection_given_back(serve: Serve, store: Store) -> None:
    async with serve(operation_timeout_s=0.000_1) as client:
        for _ in range(20):  # more than there are connections
            answer = await ask(client, USERS)
            assert (answer.status_code, code(answer)) == (504, "TIMED_OUT")
    async with serve() as client:
        assert "errors" not in (await ask(client, USERS)).json()


async def test_a_query_that_is_answered_as_a_stream_has_the_same_time(serve: Serve) -> None:
    async with serve(operation_timeout_s=0.000_1) as client:
        for _ in range(20):
            answer = await ask(client, USERS, headers={"Accept": "text/event-stream"})
            assert '"code":"TIMED_OUT"' in answer.text
            assert answer.text.endswith("event: complete\ndata: \n\n")
    async with serve() as client:
        assert "errors" not in (await ask(client, USERS)).json()


async def test_a_query_that_is_answered_as_a_stream_counts_among_its_caller_s(serve: Serve) -> None:
    async with serve(operations_at_once=2, operations_a_second=0) as client:
        answers = await asyncio.gather(
            *(ask(client, USERS, headers={"Accept": "text/event-stream"}) for _ in range(10))
        )
        refused = [answer for answer in answers if '"code":"TOO_MANY_REQUESTS"' in answer.text]
        assert 0 < len(refused) < len(answers)
        # What has ended has made room.
        assert '"data":' in (await ask(client, USERS, headers={"Accept": "text/event-stream"})).text


async def test_a_mutation_gets_its_end(serve: Serve, world: World) -> None:
    async with serve(operation_timeout_s=0.000_1) as client:
        mutation = "mutation M($input: UpdateOrgInput!) { updateOrg(input: $input) { __typename } }"
        answer = await ask(client, mutation, variables={"input": {"name": "Renamed", "reason": "test"}})
        assert answer.status_code == 200, answer.text


async def test_no_page_of_another_origin_may_ask_unless_it_is_listed(serve: Serve) -> None:
    question = {"Origin": PAGE, "Access-Control-Request-Method": "POST", "Authorization": ""}
    async with serve() as client:
        assert (await client.options("/graphql", headers=question)).status_code == 405
        answer = await ask(client, headers={"Origin": PAGE})
        assert not [name for name in answer.headers if name.startswith("access-control")]
    async with serve(allowed_origins=f"https://other.example, {PAGE}") as client:
        allowed = await client.options("/graphql", headers=question)
        assert (allowed.status_code, allowed.headers["access-control-allow-origin"]) == (204, PAGE)
        assert "Authorization" in allowed.headers["access-control-allow-headers"]
        assert (await ask(client, headers={"Origin": PAGE})).headers["access-control-allow-origin"] == PAGE
        for stranger in ("https://evil.example", "null", f"{PAGE}.evil.example"):
            answer = await client.options("/graphql", headers=question | {"Origin": stranger})
            assert answer.status_code == 405
            assert "access-control-allow-origin" not in answer.headers
            assert "access-control-allow-credentials" not in answer.headers


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""])
async def test_what_a_form_can_send_is_no_request(serve: Serve, kind: str) -> None:
    async with serve() as client:
        answer = await client.post("/graphql", content=b'{"query": "{ __typename }"}', headers={"Content-Type": kind})
        assert (answer.status_code, code(answer)) == (415, "UNSUPPORTED_MEDIA_TYPE")


async def test_what_a_link_can_send_is_nobodys(serve: Serve) -> None:
    async with serve() as client:
        cookie = {"Authorization": "", "Cookie": "Authorization=Bearer good"}
        answer = await client.get("/graphql", params={"query": WHO}, headers=cookie)
        assert (answer.status_code, code(answer)) == (401, "UNAUTHENTICATED")


@pytest.mark.parametrize(
    ("given", "echoed"), [("abc-1:2.3_4", True), ("a" * 101, False), ("a b", False), ("<x>", False)]
)
async def test_a_request_id_is_echoed_where_it_is_one(serve: Serve, given: str, echoed: bool) -> None:
    async with serve() as client:
        answer = await ask(client, headers={"X-Request-ID": given})
        assert answer.headers.get("X-Request-ID") == (given if echoed else None)
        assert answer.headers["TrackingID"].startswith("BTM_")


async def test_a_long_answer_is_compressed_for_who_takes_it(serve: Serve) -> None:
    introspection = "{ __schema { types { name fields { name description } } } }"
    async with serve() as client:
        small = await ask(client, introspection, headers={"Accept-Encoding": "gzip"})
        plain = await ask(client, introspection, headers={"Accept-Encoding": "identity"})
        assert (small.headers["content-encoding"], small.json()) == ("gzip", plain.json())
        assert int(small.headers["content-length"]) < len(plain.content) / 3
        assert "content-encoding" not in (await ask(client, headers={"Accept-Encoding": "gzip"})).headers
    async with serve(compression=False) as client:
        answer = await ask(client, introspection, headers={"Accept-Encoding": "gzip"})
        assert "content-encoding" not in answer.headers


async def test_what_is_asked_about_the_schema_is_executed_once(serve: Serve) -> None:
    asked = "query Names { __schema { types { name } } }"
    async with serve() as client:
        first = await ask(client, asked)
        executed = CompiledExecutor.tally.compiled
        again = await ask(client, asked, extensions={"cost": True})
        assert again.json()["data"] == first.json()["data"]
        assert again.json()["extensions"]["cost"]["actual"] > 100
        assert CompiledExecutor.tally.compiled == executed
        planned = await ask(client, asked, extensions={"plan": True})
        assert (planned.json()["data"], planned.json()["extensions"]["plan"]["levels"]) == (first.json()["data"], [])
        assert CompiledExecutor.tally.compiled == executed + 1


async def test_an_answer_is_for_nobody_else(serve: Serve) -> None:
    async with serve() as client:
        for answer in (await ask(client), await ask(client, "{"), await client.post("/graphql")):
            assert answer.headers["cache-control"] == "no-store"
            assert answer.headers["x-content-type-options"] == "nosniff"
            assert answer.headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"
            assert answer.headers["referrer-policy"] == "no-referrer"
            assert "server" not in answer.headers


async def test_no_answer_repeats_a_token(serve: Serve) -> None:
    async with serve() as client:
        for token in ("a-secret-token", "btx_a-secret-token.x"):
            answer = await ask(client, headers={"Authorization": f"Bearer {token}"})
            assert answer.status_code == 401
            assert "secret" not in answer.text + str(answer.headers)
