"""How an answer leaves: JSON bytes, and errors that say a code and a tracking id and nothing of our insides."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import orjson
import structlog
from graphql import ExecutionResult, GraphQLError
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from core.storage.database import UNREACHABLE
from texting import media
from texting.request_failure import FailureCode, RequestFailure

_log = structlog.get_logger()
_JSON_TYPES = {type_: f"{type_}; charset=utf-8".encode() for type_ in (media.JSON, media.GRAPHQL)}
_ALWAYS = (
    (b"cache-control", b"no-store"),
    (b"vary", b"Accept, Accept-Language"),
    (b"x-content-type-options", b"nosniff"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"referrer-policy", b"no-referrer"),
)
_UNAVAILABLE = "the database does not answer: try again"
_INTERNAL = "something failed inside: send the tracking id to the people who run this service"


class Answer(Response):
    """JSON that is there already."""

    def __init__(self, body: bytes, status: int, content_type: bytes) -> None:
        """Write the few headers that it has as they are sent."""
        self.status_code = status
        self.body = body
        self.background = None
        self.raw_headers = [(b"content-length", str(len(body)).encode()), (b"content-type", content_type), *_ALWAYS]

    async def __call__(self, _: Scope, __: Receive, send: Send) -> None:
        """Send it."""
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        await send({"type": "http.response.body", "body": self.body})


def executed(result: ExecutionResult, *, media_type: str, tracking_id: str) -> Answer:
    """Answer with what was executed. A result without `data` was refused before it was."""
    shown, refused = body(result, tracking_id=tracking_id)
    return _response(shown, _refused_status(media_type) if refused else 200, media_type)


def body(result: ExecutionResult, *, tracking_id: str) -> tuple[dict[str, Any], bool]:
    """Give the response object, and whether the operation was refused before it was executed."""
    shown: dict[str, Any] = {}
    refused = result.data is None and not any(error.path for error in result.errors or ())
    if result.errors:
        code = FailureCode.BAD_USER_INPUT if refused else FailureCode.INTERNAL
        shown["errors"] = [_shown(error, code, tracking_id) for error in result.errors]
    if not refused:
        shown["data"] = result.data
    if result.extensions:
        shown["extensions"] = result.extensions
    return shown, refused


def refused(errors: Iterable[GraphQLError], code: FailureCode, *, media_type: str, tracking_id: str) -> Response:
    """Answer a document that cannot be executed."""
    return _response(refusal_body(errors, code, tracking_id=tracking_id), _refused_status(media_type), media_type)


def refusal_body(errors: Iterable[GraphQLError], code: FailureCode, *, tracking_id: str) -> dict[str, Any]:
    """Give the response object of a document that cannot be executed."""
    return {"errors": [{**error.formatted, "extensions": _extensions(code, tracking_id)} for error in errors]}


def failed(failure: RequestFailure, *, media_type: str, tracking_id: str) -> Response:
    """Answer a request that is none we execute."""
    response = _response(failure_body(failure, tracking_id=tracking_id), failure.status, media_type)
    response.headers.update(failure.headers)
    return response


def failure_body(failure: RequestFailure, *, tracking_id: str) -> dict[str, Any]:
    """Give the response object of a request that is none we execute."""
    return {"errors": [{"message": failure.message, "extensions": _extensions(failure.code, tracking_id)}]}


def broken(error: BaseException, *, tracking_id: str) -> Response:
    """Answer a request that we failed on, and log why."""
    return failed(broken_failure(error, tracking_id), media_type=media.JSON, tracking_id=tracking_id)


def broken_failure(error: BaseException, tracking_id: str) -> RequestFailure:
    """Say that we failed, and log why."""
    _log.error("request failed", tracking_id=tracking_id, exc_info=error)
    return RequestFailure(500, FailureCode.INTERNAL, _INTERNAL)


def unavailable(error: BaseException, *, tracking_id: str) -> Response:
    """Answer a request before whose execution the database did not answer, and log why."""
    return failed(unavailable_failure(error, tracking_id), media_type=media.JSON, tracking_id=tracking_id)


def unavailable_failure(error: BaseException, tracking_id: str) -> RequestFailure:
    """Say that the database did not answer, and log why."""
    _log.error("database unavailable", tracking_id=tracking_id, reason=str(error) or type(error).__name__)
    return RequestFailure(503, FailureCode.UNAVAILABLE, _UNAVAILABLE, {"Retry-After": "1"})


def _shown(error: GraphQLError, code: FailureCode, tracking_id: str) -> Mapping[str, Any]:
    """Show an error that was meant for the client; of any other, its place alone."""
    formatted: dict[str, Any] = dict(error.formatted)
    if "code" in (error.extensions or {}):
        return formatted | {"extensions": {**(error.extensions or {}), "trackingId": tracking_id}}
    if error.original_error is None or isinstance(error.original_error, GraphQLError):
        return formatted | {"extensions": _extensions(FailureCode.BAD_USER_INPUT, tracking_id)}
    if isinstance(error.original_error, UNREACHABLE):
        failure = unavailable_failure(error.original_error, tracking_id)
        return formatted | {"message": failure.message, "extensions": _extensions(failure.code, tracking_id)}
    _log.error("field failed", tracking_id=tracking_id, path=error.path, exc_info=error.original_error)
    return formatted | {"message": _INTERNAL, "extensions": _extensions(code, tracking_id)}


def _extensions(code: FailureCode, tracking_id: str) -> dict[str, str]:
    return {"code": code, "trackingId": tracking_id}


def _refused_status(media_type: str) -> int:
    """GraphQL over HTTP §6.4: clients of plain JSON read the body only of a 200."""
    return 400 if media_type == media.GRAPHQL else 200


def _response(body: Mapping[str, Any], status: int, media_type: str) -> Answer:
    return Answer(orjson.dumps(body), status, _JSON_TYPES[media_type])
