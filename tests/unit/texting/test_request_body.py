"""Reading a GraphQL request from a body or the address."""

import json

import pytest

from tests.unit.texting.requests_made import made
from texting.request_body import read_request
from texting.request_failure import RequestFailure

JSON = {"Content-Type": "application/json"}
LIMIT = 1_000


async def read(asked=None, *, limit_bytes=LIMIT, **given):
    if asked is not None:
        given["body"] = asked if isinstance(asked, bytes) else json.dumps(asked).encode()
    return await read_request(made(**({"headers": JSON} | given)), limit_bytes=limit_bytes)


async def refused(asked=None, **given):
    with pytest.raises(RequestFailure) as failure:
        await read(asked, **given)
    return failure.value.status, failure.value.code, failure.value.message


async def test_a_request_is_read():
    found = await read({"query": "{ a }", "variables": {"x": [1]}, "operationName": "A", "extensions": {}})
    assert (found.query, found.variables, found.operation_name) == ("{ a }", {"x": [1]}, "A")


@pytest.mark.parametrize("more", [{}, {"variables": None, "operationName": None, "extensions": None}, {"id": 1}])
async def test_what_is_left_out_or_null_is_empty(more):
    found = await read({"query": "{ a }"} | more)
    assert (found.variables, found.operation_name) == ({}, None)


@pytest.mark.parametrize(
    ("extensions", "wanted"),
    [({"plan": True}, True), ({"plan": False}, False), ({"plan": 1}, False), ({}, False), (None, False)],
)
async def test_a_plan_is_wanted_where_it_is_asked_for(extensions, wanted):
    assert (await read({"query": "{ a }", "extensions": extensions})).wants_plan is wanted


async def test_an_empty_operation_name_is_none():
    assert (await read({"query": "{ a }", "operationName": ""})).operation_name is None


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ([{"query": "{ a }"}], "batches"),
        ("{ a }", "no JSON object"),
        ({}, "`query`"),
        ({"query": ""}, "`query`"),
        ({"query": ["{ a }"]}, "`query`"),
        ({"query": "{ a }", "operationName": 1}, "`operationName`"),
        ({"query": "{ a }", "variables": "{}"}, "`variables`"),
        ({"query": "{ a }", "variables": [1]}, "`variables`"),
        ({"query": "{ a }", "extensions": 1}, "`extensions`"),
        (b"", "the body is no JSON"),
        (b"{", "the body is no JSON"),
        (b'{"query": NaN}', "the body is no JSON"),
        (b"\xff\xfe", "the body is no JSON"),
        (b"[" * 5_000, "the body is no JSON"),
    ],
)
async def test_what_is_no_request_says_what_to_send(asked, said):
    status, code, message = await refused(asked, limit_bytes=10_000)
    assert (status, code) == (400, "BAD_REQUEST")
    assert said in message or "JSON object" in message


@pytest.mark.parametrize("variables", [{"x": "a\0"}, {"a\0": 1}, {"x": [{"y": ["\0"]}]}])
async def test_a_variable_with_nul_is_refused(variables):
    status, code, message = await refused({"query": "{ a }", "variables": {"fine": "a"} | variables})
    assert (status, code) == (400, "BAD_USER_INPUT")
    assert message == f"variable `{next(iter(variables))[0]}` contains the character NUL: leave it out"


@pytest.mark.parametrize("headers", [{}, {"Content-Type": "text/plain"}, {"Content-Type": "application/graphql"}])
async def test_a_body_that_is_not_declared_as_json_is_refused(headers):
    assert (await refused({"query": "{ a }"}, headers=headers))[:2] == (415, "UNSUPPORTED_MEDIA_TYPE")


async def test_a_body_of_the_longest_length_is_read():
    body = json.dumps({"query": "{ a }"}).encode()
    body += b" " * (LIMIT - len(body))
    assert (await read(body)).query == "{ a }"


async def test_a_larger_body_is_refused_whatever_its_length_was_said_to_be():
    body = json.dumps({"query": "{ a }"}).encode().ljust(LIMIT + 1)
    assert (await refused(body))[:2] == (413, "REQUEST_TOO_LARGE")
    assert (await refused(body, headers=JSON | {"Content-Length": "5"}))[:2] == (413, "REQUEST_TOO_LARGE")


async def test_a_body_that_says_it_is_larger_is_refused_before_it_is_read():
    status, code, message = await refused(chunks=[], headers=JSON | {"Content-Length": str(LIMIT + 1)})
    assert (status, code) == (413, "REQUEST_TOO_LARGE")
    assert str(LIMIT) in message


async def test_reading_stops_where_the_limit_is():
    endless = (b"x" * 600 for _ in range(2))
    assert (await refused(chunks=[*endless]))[0] == 413


async def test_a_body_in_pieces_is_put_together():
    body = json.dumps({"query": "{ a }"}).encode()
    assert (await read(chunks=[body[:3], body[3:7], body[7:]])).query == "{ a }"


async def test_a_client_that_goes_away_is_refused():
    assert (await refused(chunks=[b'{"query"', None]))[:2] == (400, "BAD_REQUEST")


async def test_a_query_may_come_by_get():
    query = {"query": "{ a }", "variables": '{"x": 1}', "operationName": "A", "extensions": ""}
    found = await read(method="GET", query={name: value for name, value in query.items() if value})
    assert (found.query, found.variables, found.operation_name) == ("{ a }", {"x": 1}, "A")


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({}, "`query`"),
        ({"query": "{ a }", "variables": "{"}, "the parameter `variables` is no JSON"),
        ({"query": "{ a }", "variables": "[]"}, "`variables`"),
        ({"query": "{ a }", "extensions": "1"}, "`extensions`"),
    ],
)
async def test_an_address_that_is_no_request(query, said):
    status, code, message = await refused(method="GET", query=query)
    assert (status, code) == (400, "BAD_REQUEST")
    assert said in message
