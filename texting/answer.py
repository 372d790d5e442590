"""How an answer leaves: JSON bytes, and errors that say a code and a tracking id and nothing of our insides."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import orjson
import structlog
from graphql import ExecutionResult, GraphQLError
from starlette.responses import Response

from texting import media
from texting.request_failure import FailureCode, RequestFailure

_log = structlog.get_logger()
_UNAVAILABLE = "the database does not answer: try again"
_INTERNAL = "something failed inside: send the tracking id to the people who run this service"


def executed(result: ExecutionResult, *, media_type: str, tracking_id: str) -> Response:
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
    _log.error("field failed", tracking_id=tracking_id, path=error.path, exc_info=error.original_error)
    return formatted | {"message": _INTERNAL, "extensions": _extensions(code, tracking_id)}


def _extensions(code: FailureCode, tracking_id: str) -> dict[str, str]:
    return {"code": code, "trackingId": tracking_id}


def _refused_status(media_type: str) -> int:
    """GraphQL over HTTP §6.4: clients of plain JSON read the body only of a 200."""
    return 400 if media_type == media.GRAPHQL else 200


def _response(body: Mapping[str, Any], status: int, media_type: str) -> Response:
    return Response(orjson.dumps(body), status, {"Content-Type": f"{media_type}; charset=utf-8"})
