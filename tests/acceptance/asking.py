"""Operations asked of the bound schema without HTTP: given their organization and executed as the endpoint does."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from typing import Any

import orjson
import strawberry
from graphql import ExecutionResult, GraphQLError

from core.commands.transaction import Store
from core.ids import uuid7
from core.principal import Principal
from resolvers.context import RequestContext
from texting.app import bound_schema
from texting.documents import Documents
from texting.execution import executor
from texting.request_body import GraphQLRequest
from texting.tenancy import SeveralOrganizations, entered

TOKEN_LIMIT = 10_000


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What was answered. `statements`: how many were run inside the organization entered."""

    data: dict[str, Any] | None
    errors: list[dict[str, Any]] = field(default_factory=list)
    statements: int = 0
    extensions: dict[str, Any] | None = None

    def __getitem__(self, name: str) -> Any:
        """A root field of an answer without errors."""
        assert not self.errors, self.errors
        assert self.data is not None
        return self.data[name]

    @property
    def codes(self) -> list[str]:
        """The code of each error."""
        return [error["extensions"]["code"] for error in self.errors]

    @property
    def failed(self) -> dict[str, str]:
        """The code of each error by the place it is at, such as `user.brand`."""
        return {".".join(map(str, error["path"])): error["extensions"]["code"] for error in self.errors}


@dataclass(frozen=True, kw_only=True)
class Asker:
    """Asks as anybody. `replace(ask, language="fr")` asks in another language, `wants_plan` how it was executed.

    `wait_s`: for how long a change waits for its evidence.
    """

    store: Store
    language: str = "en"
    wants_plan: bool = False
    wait_s: float = 0

    async def __call__(self, principal: Principal, document: str, /, **variables: Any) -> Asked:
        """Execute a document of one operation. An error that no client is meant to see is raised."""
        schema = _schema()
        read = _documents().read(document)
        assert not read.errors, read.errors
        operation = _documents().operation(read, None)
        assert operation is not None, "the document has several operations"
        asked = GraphQLRequest(query=document, operation_name=None, variables=variables, wants_plan=self.wants_plan)
        try:
            org_id = entered(operation.sites, variables, principal)
        except SeveralOrganizations as error:
            shown = {"message": str(error), "extensions": {"code": "ONE_ORG_PER_OPERATION"}}
            return Asked(data=None, errors=[shown])
        context = RequestContext(
            principal=principal,
            org_id=org_id,
            tracking_id=f"test_{uuid7()}",
            now=datetime.now(UTC),
            store=self.store,
            language=self.language,
            wait_s=self.wait_s,
        )
        try:
            result = await executor(schema)(read, asked, context)
        finally:
            await context.close()
        return _asked(result, context.db.statements)


@cache
def _schema() -> strawberry.Schema:
    return bound_schema()


@cache
def _documents() -> Documents:
    return Documents(_schema()._schema, token_limit=TOKEN_LIMIT)


def _asked(result: ExecutionResult, statements: int) -> Asked:
    errors = [_shown(error) for error in result.errors or ()]
    data = orjson.loads(orjson.dumps(result.data))
    return Asked(data=data, errors=errors, statements=statements, extensions=result.extensions)


def _shown(error: GraphQLError) -> dict[str, Any]:
    """What the endpoint shows; what it hides is raised."""
    if "code" in (error.extensions or {}):
        return dict(error.formatted)
    if error.original_error is None or isinstance(error.original_error, GraphQLError):
        return {**error.formatted, "extensions": {"code": "BAD_USER_INPUT"}}
    raise error.original_error
