"""What scanners of GraphQL servers ask, with a good token, to find what a deployment need not show or do."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import httpx

Asked = Callable[[httpx.Client], httpx.Response]


@dataclass(frozen=True, kw_only=True)
class Probe:
    """One question. `shown`: whether an answer shows what it looks for."""

    name: str
    ask: Asked
    shown: Callable[[httpx.Response], Any]


def posted(query: str, **more: Any) -> Asked:
    """A document as clients send it."""
    return lambda client: client.post("/graphql", json={"query": query, **more})


def _by_address(**parameters: str) -> Asked:
    return lambda client: client.get("/graphql", params=parameters)


def _as_form(content: bytes, media_type: str) -> Asked:
    return lambda client: client.post("/graphql", content=content, headers={"Content-Type": media_type})


def _page(path: str) -> Asked:
    return lambda client: client.get(path, headers={"Accept": "text/html"}, follow_redirects=True)


def _data(answer: httpx.Response) -> Any:
    """What was executed, if anything."""
    return _object(answer).get("data")


def _errors(answer: httpx.Response) -> list[Any]:
    return list(_object(answer).get("errors", ()))


def _object(answer: httpx.Response) -> Mapping[str, Any]:
    found = json.loads(answer.content)
    assert isinstance(found, dict), "answers are objects"
    return found


def _names_suggested(answer: httpx.Response) -> bool:
    return "Did you mean" in answer.text or "viewer" in answer.text or "DISPLAY_NAME" in answer.text


def _editor(answer: httpx.Response) -> bool:
    return "text/html" in answer.headers["Content-Type"]


def _insides(answer: httpx.Response) -> bool:
    told = answer.text.lower()
    return any(word in told for word in ("traceback", "exception", "stacktrace", "tracing", ".py", "asyncpg"))


_NESTED = "{ users(first: 1) { edges { node { location { org { " * 7 + "id" + " } } } } }" * 7 + "}" * 7
_SORTED = "query ($order: UserOrder) { users(first: 1, orderBy: $order) { edges { cursor } } }"
_MUTATION = 'mutation { setOrgTexting(input: { orgId: "x", enabled: true }) { __typename } }'
PROBES = (
    Probe(name="the schema", ask=posted("{ __schema { types { name fields { name } } } }"), shown=_data),
    Probe(name="one type of it", ask=posted('{ __type(name: "User") { fields { name } } }'), shown=_data),
    Probe(
        name="the schema, round and round",
        ask=posted("{ __schema { types { " + "fields { type { " * 6 + "name" + " } }" * 6 + " } } }"),
        shown=_data,
    ),
    Probe(name="the schema by address", ask=_by_address(query="{ __schema { types { name } } }"), shown=_data),
    Probe(
        name="the schema as events",
        ask=lambda client: client.post(
            "/graphql", json={"query": "{ __schema { types { name } } }"}, headers={"Accept": "text/event-stream"}
        ),
        shown=lambda answer: '"types"' in answer.text,
    ),
    Probe(name="names like a wrong field", ask=posted("{ viewr { subject } }"), shown=_names_suggested),
    Probe(name="names like one of the schema's", ask=posted("{ __schema { typs } }"), shown=_names_suggested),
    Probe(
        name="names like a wrong value",
        ask=posted("{ users(orderBy: { field: DISPLAY_NAM }) { edges { cursor } } }"),
        shown=_names_suggested,
    ),
    Probe(
        name="names like a wrong value of a variable",
        ask=posted(_SORTED, variables={"order": {"field": "DISPLAY_NAM", "direction": "ASC"}}),
        shown=_names_suggested,
    ),
    *(
        Probe(name=f"an editor at {path}", ask=_page(path), shown=_editor)
        for path in ("/", "/graphql", "/graphiql", "/playground", "/console", "/altair", "/voyager")
    ),
    Probe(name="a query by address", ask=_by_address(query="{ __typename }"), shown=_data),
    Probe(name="a mutation by address", ask=_by_address(query=_MUTATION), shown=_data),
    Probe(
        name="a form",
        ask=_as_form(b"query=%7B+__typename+%7D", "application/x-www-form-urlencoded"),
        shown=lambda answer: _data(answer) or answer.status_code != httpx.codes.UNSUPPORTED_MEDIA_TYPE,
    ),
    Probe(
        name="plain text",
        ask=_as_form(b'{"query": "{ __typename }"}', "text/plain"),
        shown=lambda answer: _data(answer) or answer.status_code != httpx.codes.UNSUPPORTED_MEDIA_TYPE,
    ),
    Probe(
        name="ten operations at once",
        ask=lambda client: client.post("/graphql", json=[{"query": "{ __typename }"}] * 10),
        shown=lambda answer: _data(answer) or len(_errors(answer)) != 1,
    ),
    Probe(
        name="101 aliases",
        ask=posted("{ " + " ".join(f"a{number}: __typename" for number in range(101)) + " }"),
        shown=_data,
    ),
    Probe(name="one field 500 times", ask=posted("{ " + "__typename " * 500 + "}"), shown=_data),
    Probe(
        name="an error for each unknown directive",
        ask=posted("{ __typename" + " @unknown" * 10 + " }"),
        shown=lambda answer: _data(answer) or len(_errors(answer)) != 1,
    ),
    Probe(
        name="many directives",
        ask=posted("{ " + " ".join(f"a{n}: __typename @skip(if: false)" for n in range(60)) + " }"),
        shown=_data,
    ),
    Probe(name="35 levels", ask=posted(_NESTED), shown=_data),
    Probe(
        name="how long each field took",
        ask=posted("{ __typename }", extensions={"tracing": True}),
        shown=lambda answer: "extensions" in _object(answer) or _insides(answer),
    ),
    Probe(name="what failed inside, at a syntax error", ask=posted("qwerty { abc }"), shown=_insides),
    Probe(
        name="what failed inside, at a wrong type",
        ask=posted("query ($n: Int) { users(first: $n) { edges { cursor } } }", variables={"n": {"a": []}}),
        shown=_insides,
    ),
)
