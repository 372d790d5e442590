"""From a request to an operation ready to be executed: its document read, chosen, entered and bounded.

Every transport prepares here, so that a query over a socket meets the same limits as one over HTTP.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from datetime import datetime
from typing import NamedTuple

import structlog
from graphql import GraphQLError, OperationType

from core.commands.transaction import Store
from core.principal import Principal
from resolvers.context import RequestContext
from texting.admission import Admission
from texting.answer_size import VALUES_MAX, AnswerTooLarge
from texting.documents import Document, Documents, Operation
from texting.known_operations import KnownOperations
from texting.request_body import GraphQLRequest
from texting.request_failure import FailureCode, RequestFailure
from texting.tenancy import SeveralOrganizations, entered

_log = structlog.get_logger()


class Caller(NamedTuple):
    """Who asks, and what the transport says of them.

    `authenticate` asks anew who it is, for answers that go on for long. `renders`: see `RequestContext`.
    """

    principal: Principal
    now: datetime
    tracking_id: str
    language: str
    ip: str | None
    user_agent: str | None
    wait_s: float = 0
    authenticate: Callable[[datetime], Awaitable[Principal]] | None = None
    renders: bool = True


class OperationRefused(Exception):
    """The document cannot be executed: these errors are the answer."""

    def __init__(self, errors: Iterable[GraphQLError], code: FailureCode) -> None:
        super().__init__(code)
        self.errors = tuple(errors)
        self.code = code


class Prepared(NamedTuple):
    """An operation that may be executed, once; whoever does closes the context. `cost_limit`: values it was held to."""

    document: Document
    operation: Operation
    asked: GraphQLRequest
    context: RequestContext
    cost_limit: int = VALUES_MAX

    @property
    def kind(self) -> OperationType:
        """Query, mutation or subscription."""
        return self.operation.node.operation

    @property
    def name(self) -> str | None:
        """The operation's name in its document."""
        return self.operation.node.name.value if self.operation.node.name else None


def log_operation(prepared: Prepared, request_id: str | None = None) -> None:
    """Log what is executed, and for which organization: never what is asked about whom. `request_id`: the caller's."""
    context = prepared.context
    more = {} if request_id is None else {"request_id": request_id}
    _log.info("operation", tracking_id=context.tracking_id, operation=prepared.name, org_id=str(context.org_id), **more)


class Operations:
    """Prepares operations of one schema."""

    def __init__(
        self,
        documents: Documents,
        store: Store,
        *,
        admission: Admission | None = None,
        cost_limit: int = VALUES_MAX,
        known: KnownOperations | None = None,
    ) -> None:
        """Take what the documents are read with, what requests need of the outside, and what callers may ask for."""
        self._known = known or KnownOperations(documents)
        self._cost_limit = cost_limit
        self._admission = admission or Admission()
        self._documents = documents
        self._store = store

    def prepare(self, asked: GraphQLRequest, caller: Caller) -> Prepared:
        """Read, choose, enter and bound.

        Raises:
            RequestFailure: the caller asks too often, or the document does not have the one operation asked for.
            OperationRefused: it cannot be executed.
        """
        self._admission.ask(caller.principal)
        document = self._known.document(asked)
        if document.errors:
            raise OperationRefused(document.errors, document.code)
        operation = self._choose(document, asked)
        try:
            org_id = entered(operation.sites, asked.variables, caller.principal)
        except SeveralOrganizations as error:
            raise OperationRefused([GraphQLError(str(error))], FailureCode.ONE_ORG_PER_OPERATION) from None
        try:
            operation.check_size(asked.variables, self._cost_limit)
        except AnswerTooLarge as error:
            raise OperationRefused([error], FailureCode.ANSWER_TOO_LARGE) from None
        context = RequestContext(
            principal=caller.principal,
            org_id=org_id,
            tracking_id=caller.tracking_id,
            now=caller.now,
            store=self._store,
            language=caller.language,
            ip=caller.ip,
            user_agent=caller.user_agent,
            wait_s=caller.wait_s,
            authenticate=caller.authenticate,
            renders=caller.renders,
        )
        return Prepared(
            document=document, operation=operation, asked=asked, context=context, cost_limit=self._cost_limit
        )

    def _choose(self, document: Document, asked: GraphQLRequest) -> Operation:
        operation = self._documents.operation(document, asked.operation_name)
        if operation is not None:
            return operation
        message = "the document does not have exactly one operation: send the name of one in `operationName`"
        if asked.operation_name is not None:
            message = f"the document has no operation `{asked.operation_name}`: send the name of one it has"
        raise RequestFailure(400, FailureCode.BAD_REQUEST, message)
