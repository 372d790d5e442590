"""The GraphQL endpoint: one request, one way through.

Negotiate, authenticate, read within limits, parse and validate once a text, decide the one organization entered,
execute in its snapshot, answer. Every answer is JSON and carries a tracking id.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import structlog
from graphql import ExecutionResult, GraphQLError, OperationType
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from core.commands.transaction import Store
from core.ids import uuid7
from core.principal import Principal
from core.storage.database import UNREACHABLE
from resolvers.context import RequestContext
from texting import answer, media, request_facts
from texting.answer_size import AnswerTooLarge
from texting.auth import Authenticator, NotAuthenticated
from texting.documents import Document, Documents, Operation
from texting.request_body import GraphQLRequest, read_request
from texting.request_failure import FailureCode, RequestFailure
from texting.tenancy import SeveralOrganizations, entered

Execute = Callable[[Document, GraphQLRequest, RequestContext], Awaitable[ExecutionResult]]
"""Executes an operation of a valid document."""

_log = structlog.get_logger()


class GraphQLEndpoint:
    """An ASGI application that answers GraphQL over HTTP."""

    def __init__(
        self,
        *,
        documents: Documents,
        execute: Execute,
        authenticator: Authenticator,
        store: Store,
        request_limit_bytes: int,
    ) -> None:
        self._documents = documents
        self._execute = execute
        self._authenticator = authenticator
        self._store = store
        self._limit_bytes = request_limit_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        request = Request(scope, receive)
        tracking_id = request_facts.tracking_id(uuid7())
        media_type = media.choose(request.headers.get("accept"))
        try:
            response = await self._answer(request, media_type, tracking_id)
        except RequestFailure as failure:
            response = answer.failed(failure, media_type=media_type or media.JSON, tracking_id=tracking_id)
        except UNREACHABLE as error:
            response = answer.unavailable(error, tracking_id=tracking_id)
        except Exception as error:  # noqa: BLE001 - whatever it is, the client gets JSON and the log gets the cause
            response = answer.broken(error, tracking_id=tracking_id)
        response.headers["TrackingID"] = tracking_id
        response.headers["Cache-Control"] = "no-store"
        response.headers["X-Content-Type-Options"] = "nosniff"
        await response(scope, receive, send)

    async def _answer(self, request: Request, media_type: str | None, tracking_id: str) -> Response:
        if request.method not in {"GET", "POST"}:
            message = f"`{request.method}` is not answered here: use POST, or GET for queries"
            raise RequestFailure(405, FailureCode.METHOD_NOT_ALLOWED, message, {"Allow": "GET, POST"})
        if media_type is None:
            message = f"none of the accepted types is offered: accept {' or '.join(media.OFFERED)}"
            raise RequestFailure(406, FailureCode.NOT_ACCEPTABLE, message)
        now = datetime.now(UTC)
        principal = await self._principal(request, now)
        asked = await read_request(request, limit_bytes=self._limit_bytes)
        document = self._documents.read(asked.query)
        if document.errors:
            return answer.refused(document.errors, document.code, media_type=media_type, tracking_id=tracking_id)
        operation = self._operation(document, asked)
        if request.method == "GET" and operation.node.operation is not OperationType.QUERY:
            message = "only queries are answered by GET: use POST"
            raise RequestFailure(405, FailureCode.METHOD_NOT_ALLOWED, message, {"Allow": "POST"})
        try:
            org_id = entered(operation.sites, asked.variables, principal)
        except SeveralOrganizations as error:
            code, errors = FailureCode.ONE_ORG_PER_OPERATION, [GraphQLError(str(error))]
            return answer.refused(errors, code, media_type=media_type, tracking_id=tracking_id)
        try:
            operation.check_size(asked.variables)
        except AnswerTooLarge as error:
            code = FailureCode.ANSWER_TOO_LARGE
            return answer.refused([error], code, media_type=media_type, tracking_id=tracking_id)
        context = self._context(request, principal, org_id, now, tracking_id)
        try:
            result = await self._execute(document, asked, context)
        finally:
            await context.close()
        _log.info("operation", tracking_id=tracking_id, operation=_name(operation), org_id=str(org_id))
        return answer.executed(result, media_type=media_type, tracking_id=tracking_id)

    async def _principal(self, request: Request, now: datetime) -> Principal:
        try:
            return await self._authenticator.authenticate(request_facts.bearer_token(request), now)
        except NotAuthenticated as error:
            raise request_facts.unauthenticated(str(error)) from None

    def _operation(self, document: Document, asked: GraphQLRequest) -> Operation:
        operation = self._documents.operation(document, asked.operation_name)
        if operation is not None:
            return operation
        message = "the document does not have exactly one operation: send the name of one in `operationName`"
        if asked.operation_name is not None:
            message = f"the document has no operation `{asked.operation_name}`: send the name of one it has"
        raise RequestFailure(400, FailureCode.BAD_REQUEST, message)

    def _context(
        self, request: Request, principal: Principal, org_id: UUID, now: datetime, tracking_id: str
    ) -> RequestContext:
        return RequestContext(
            principal=principal,
            org_id=org_id,
            tracking_id=tracking_id,
            now=now,
            store=self._store,
            language=request_facts.language(request),
            ip=request_facts.ip(request),
            user_agent=request_facts.user_agent(request),
            wait_s=request_facts.wait_s(request),
        )


def _name(operation: Operation) -> Any:
    return operation.node.name.value if operation.node.name else None
