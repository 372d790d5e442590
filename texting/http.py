"""The GraphQL endpoint: one request, one way through.

Negotiate, authenticate, read within limits, prepare the operation, execute it in its snapshot, answer: as JSON, or as a
stream of events. Every answer carries a tracking id.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from time import perf_counter
from typing import Any

from graphql import ExecutionResult, OperationType
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from core.principal import Principal
from core.storage.database import UNREACHABLE
from texting import answer, media, request_facts
from texting.admission import Admission
from texting.auth import Authenticator, NotAuthenticated, Refused
from texting.compression import compress
from texting.cross_origin import CrossOrigin
from texting.event_stream import event_stream
from texting.execution import Execute
from texting.identity.refusals import Refusals
from texting.metrics import Metrics
from texting.operations import Caller, OperationRefused, Operations, Prepared, log_operation
from texting.request_body import read_request
from texting.request_failure import FailureCode, RequestFailure
from texting.streaming import Streams
from texting.timely import executed


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestLimits:
    """Most bytes of a body, most seconds of a query, whether long answers are compressed and queries taken by GET."""

    bytes: int
    seconds: float = 30.0
    compresses: bool = True
    takes_get: bool = True


class _Headers:
    """Headers by their names in lower case; the first of several of a name counts."""

    __slots__ = ("_raw",)

    def __init__(self, raw: Sequence[tuple[bytes, bytes]]) -> None:
        self._raw = dict(reversed(raw))

    def get(self, name: str, default: Any = None) -> Any:
        """Give a header's text."""
        value = self._raw.get(name.encode())
        return default if value is None else value.decode("latin-1")


class _Request(Request):
    """A request whose headers are a dictionary: Starlette walks through all of them for each that is looked up."""

    def __init__(self, scope: Scope, receive: Receive) -> None:
        """Read the headers."""
        super().__init__(scope, receive)
        self._found = _Headers(scope["headers"])

    @property
    def headers(self) -> _Headers:  # type: ignore[override] # `get` is all that is used here
        """The headers."""
        return self._found


class GraphQLEndpoint:
    """An ASGI application that answers GraphQL over HTTP."""

    def __init__(  # noqa: PLR0913 - the parts of one way, each given by name
        self,
        *,
        operations: Operations,
        execute: Execute,
        streams: Streams,
        authenticator: Authenticator,
        limits: RequestLimits,
        refusals: Refusals | None = None,
        admission: Admission | None = None,
        cross_origin: CrossOrigin | None = None,
        metrics: Metrics | None = None,
    ) -> None:
        self._operations = operations
        self._execute = execute
        self._streams = streams
        self._authenticator = authenticator
        self._refusals = refusals or Refusals()
        self._limits = limits
        self._admission = admission or Admission()
        self._metrics = metrics or Metrics()
        self._cross_origin = cross_origin or CrossOrigin()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        request = _Request(scope, receive)
        tracking_id = request_facts.tracking_id()
        media_type = media.choose(request.headers.get("accept"))
        with ExitStack() as held:
            response = await self._response(request, media_type, tracking_id, held)
            response.raw_headers.append((b"trackingid", tracking_id.encode()))
            if (request_id := request_facts.request_id(request)) is not None:
                response.raw_headers.append((b"x-request-id", request_id.encode()))
            self._cross_origin.let_read(request, response)
            self._metrics.answer(response.status_code)
            await response(scope, receive, send)

    async def _response(self, request: Request, media_type: str | None, tracking_id: str, held: ExitStack) -> Response:
        try:
            return await self._answer(request, media_type, tracking_id, held)
        except RequestFailure as failure:
            return answer.failed(failure, media_type=media_type or media.JSON, tracking_id=tracking_id)
        except UNREACHABLE as error:
            return answer.unavailable(error, tracking_id=tracking_id)
        except Exception as error:  # noqa: BLE001 - whatever it is, the client gets JSON and the log gets the cause
            return answer.broken(error, tracking_id=tracking_id)

    async def _answer(self, request: Request, media_type: str | None, tracking_id: str, held: ExitStack) -> Response:
        """Give the answer; what is `held` ends when it has been sent."""
        self._admission.arrive(request_facts.ip(request))
        if request.method != "POST" and not (request.method == "GET" and self._limits.takes_get):
            if (preflight := self._cross_origin.preflight(request)) is not None:
                return preflight
            or_get, allowed = (", or GET for queries", "GET, POST") if self._limits.takes_get else ("", "POST")
            message = f"`{request.method}` is not answered here: use POST{or_get}"
            raise RequestFailure(405, FailureCode.METHOD_NOT_ALLOWED, message, {"Allow": allowed})
        takes_events = media.takes_events(request.headers.get("accept"))
        if media_type is None and not takes_events:
            message = f"none of the accepted types is offered: accept {' or '.join(media.OFFERED)}"
            raise RequestFailure(406, FailureCode.NOT_ACCEPTABLE, message)
        now = datetime.now(UTC)
        token, principal = await self._principal(request, now)
        asked = await read_request(request, limit_bytes=self._limits.bytes)
        json_type = media_type or media.JSON
        try:
            prepared = self._operations.prepare(asked, self._caller(request, token, principal, now, tracking_id))
        except OperationRefused as error:
            return answer.refused(error.errors, error.code, media_type=json_type, tracking_id=tracking_id)
        if request.method == "GET" and prepared.kind is not OperationType.QUERY:
            message = "only queries are answered by GET: use POST"
            raise RequestFailure(405, FailureCode.METHOD_NOT_ALLOWED, message, {"Allow": "POST"})
        log_operation(prepared, request_facts.request_id(request))
        # Who takes both gets JSON, unless only a stream can carry it: clients accept streams for everything.
        if takes_events and (media_type is None or prepared.kind is OperationType.SUBSCRIPTION):
            held.enter_context(self._admission.stream())
            held.enter_context(self._metrics.opened("streams"))
            return event_stream(self._streams, prepared)
        if prepared.kind is OperationType.SUBSCRIPTION:
            message = f"a subscription is answered as a stream: accept {media.EVENTS}, or use a WebSocket"
            raise RequestFailure(406, FailureCode.NOT_ACCEPTABLE, message)
        with self._admission.running(principal):
            try:
                result = await self._executed(prepared)
                response = answer.executed(result, media_type=json_type, tracking_id=tracking_id)
                if self._limits.compresses:
                    await compress(response, request.headers.get("accept-encoding"))
            except BaseException:
                await prepared.context.close()
                raise
        # Before it is sent: whoever reads no answer must hold no connection. What was read is answered however it ends.
        with suppress(*UNREACHABLE):
            await prepared.context.leave()
        return response

    async def _executed(self, prepared: Prepared) -> ExecutionResult:
        """Execute within the time, and count it."""
        started = perf_counter()
        result = await executed(self._execute, prepared, self._limits.seconds, self._admission)
        self._metrics.operation(prepared.kind.value, prepared.name, perf_counter() - started)
        return result

    async def _principal(self, request: Request, now: datetime) -> tuple[str, Principal]:
        try:
            token = request_facts.bearer_token(request)
        except RequestFailure:
            self._refusals.count(request_facts.ip(request), Refused.MISSING)
            raise
        try:
            return token, await self._authenticator.authenticate(token, now)
        except NotAuthenticated as error:
            self._refusals.count(request_facts.ip(request), error.kind)
            raise request_facts.unauthenticated(str(error)) from None

    def _caller(self, request: Request, token: str, principal: Principal, now: datetime, tracking_id: str) -> Caller:
        return Caller(
            principal=principal,
            now=now,
            tracking_id=tracking_id,
            language=request_facts.language(request),
            ip=request_facts.ip(request),
            user_agent=request_facts.user_agent(request),
            wait_s=request_facts.wait_s(request),
            authenticate=partial(self._authenticator.authenticate, token),
        )
