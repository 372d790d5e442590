"""What the endpoint answers when it cannot go on; what it does with what it executes is asked over HTTP elsewhere."""

from __future__ import annotations

from typing import Any

import asyncpg
import httpx
import pytest

from texting.http import GraphQLEndpoint, RequestLimits


class Broken:
    """An authenticator that raises."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    async def authenticate(self, *_: object) -> Any:
        raise self.error


@pytest.mark.parametrize(
    "error",
    [TimeoutError(), ConnectionRefusedError("refused"), asyncpg.CannotConnectNowError("the database is starting up")],
    ids=lambda error: type(error).__name__,
)
async def test_a_database_that_does_not_answer_is_temporary(error: Exception) -> None:
    answer = await _ask(error)
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "1"
    (told,) = answer.json()["errors"]
    assert told["message"] == "the database does not answer: try again"
    assert told["extensions"] == {"code": "UNAVAILABLE", "trackingId": answer.headers["TrackingID"]}


async def test_anything_else_is_our_own_failure_and_says_nothing_of_it() -> None:
    answer = await _ask(RuntimeError("a secret"))
    assert answer.status_code == 500
    assert answer.json()["errors"][0]["extensions"]["code"] == "INTERNAL"
    assert "secret" not in answer.text


async def test_an_answer_says_which_headers_chose_its_form_and_its_words() -> None:
    answer = await _ask(RuntimeError("anything"))
    assert answer.headers.get_list("Vary", split_commas=True) == ["Accept", "Accept-Language"]


async def _ask(error: Exception) -> httpx.Response:
    unused: Any = None
    endpoint = GraphQLEndpoint(
        operations=unused,
        execute=unused,
        streams=unused,
        authenticator=Broken(error),
        limits=RequestLimits(bytes=1_000),
    )
    async with httpx.AsyncClient(transport=httpx.ASGITransport(endpoint), base_url="http://test") as client:
        return await client.post("/graphql", json={"query": "{ a }"}, headers={"Authorization": "Bearer token"})
