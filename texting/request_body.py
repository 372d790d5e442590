"""Reading a GraphQL request: a query's text, variables and operation name, from a body or the address."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import orjson
from starlette.requests import Request

from texting import media
from texting.request_failure import FailureCode, RequestFailure

_DOCUMENT_IDS = ("documentId", "doc_id", "id")


class GraphQLRequest(NamedTuple):
    """What a client asks: see GraphQL over HTTP §5.

    query: the document's text; empty where only its id was sent.
    document_id: the id under which the clients' manifest has it; `is_by_hash`: whether it came as Apollo sends it.
    wants_plan: whether the answer's `extensions.plan` should say how the operation was executed.
    wants_cost: whether `extensions.cost` should say what it might have come to, and what it did.
    """

    query: str
    operation_name: str | None
    variables: Mapping[str, Any]
    wants_plan: bool = False
    wants_cost: bool = False
    document_id: str | None = None
    is_by_hash: bool = False


async def read_request(request: Request, *, limit_bytes: int) -> GraphQLRequest:
    """Read a request that came by GET or POST.

    Raises:
        RequestFailure: it is too large, no JSON, or not a request.
    """
    if request.method == "GET":
        asked: Any = dict(request.query_params)
        for name in ("variables", "extensions"):
            if asked.get(name):
                asked[name] = _json(asked[name], f"the parameter `{name}`")
    else:
        if not media.is_json(request.headers.get("content-type", "")):
            raise RequestFailure(
                415, FailureCode.UNSUPPORTED_MEDIA_TYPE, "the body is not declared as JSON: send `application/json`"
            )
        asked = _json(await _body(request, limit_bytes), "the body")
    return checked(asked)


def checked(asked: Any) -> GraphQLRequest:
    """Check what was read, whatever carried it. Raises `RequestFailure`."""
    if isinstance(asked, list):
        raise _bad("batches are not accepted: send one operation in a request")
    if not isinstance(asked, dict):
        raise _bad("the body is not a JSON object: send `query` and `variables` in one")
    query, name = asked.get("query"), asked.get("operationName")
    variables, extensions = asked.get("variables"), asked.get("extensions")
    if not isinstance(name, str | None):
        raise _bad("`operationName` is no text: send the name of one operation of the document")
    if not isinstance(variables, dict | None):
        raise _bad("`variables` is no object: send a JSON object with the values of the variables")
    if not isinstance(extensions, dict | None):
        raise _bad("`extensions` is no object: leave it out")
    id, is_by_hash = _document_id(asked, extensions or {})
    if query is None and id is not None:
        query = ""
    elif not isinstance(query, str) or not query:
        raise _bad("`query` is missing or no text: send the GraphQL document in it, or its id in `documentId`")
    for variable in (variables or {}).items():
        if _has_nul(list(variable)):
            said = f"variable `{variable[0][:40]}` contains the character NUL: leave it out".replace("\0", "")
            raise RequestFailure(400, FailureCode.BAD_USER_INPUT, said)
    return GraphQLRequest(
        query=query,
        operation_name=name or None,
        variables=variables or {},
        wants_plan=(extensions or {}).get("plan") is True,
        wants_cost=(extensions or {}).get("cost") is True,
        document_id=id,
        is_by_hash=is_by_hash,
    )


def _document_id(asked: Mapping[str, Any], extensions: Mapping[str, Any]) -> tuple[str | None, bool]:
    """Find the id of a known document, and say whether it came as Apollo's clients send it."""
    persisted = extensions.get("persistedQuery")
    if isinstance(persisted, dict) and isinstance(hash := persisted.get("sha256Hash"), str):
        return hash, True
    for name in _DOCUMENT_IDS:
        if isinstance(id := asked.get(name), str):
            return id, False
    return None, False


async def _body(request: Request, limit_bytes: int) -> bytes:
    declared = request.headers.get("content-length", "")
    if declared.isdecimal() and int(declared) > limit_bytes:
        raise _too_large(limit_bytes)
    body, is_more = bytearray(), True
    while is_more:
        message = await request.receive()
        if message["type"] == "http.disconnect":
            raise _bad("the body ended early: send it again")
        body += message.get("body", b"")
        if len(body) > limit_bytes:
            raise _too_large(limit_bytes)
        is_more = message.get("more_body", False)
    return bytes(body)


def _json(text: str | bytes, what: str) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise _bad(f"{what} is no JSON ({error}): send JSON in UTF-8") from None


def _has_nul(value: Any) -> bool:
    """Look for NUL in texts, keys too; the value's depth is bounded by the JSON reader."""
    waiting = [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, str) and "\x00" in item:
            return True
        if isinstance(item, dict):
            waiting += item.keys()
            waiting += item.values()
        elif isinstance(item, list):
            waiting += item
    return False


def _bad(message: str) -> RequestFailure:
    return RequestFailure(400, FailureCode.BAD_REQUEST, message)


def _too_large(limit_bytes: int) -> RequestFailure:
    message = f"the body is larger than {limit_bytes} bytes (TEXTING_REQUEST_LIMIT_BYTES): send less in one request"
    return RequestFailure(413, FailureCode.REQUEST_TOO_LARGE, message, {"Connection": "close"})
