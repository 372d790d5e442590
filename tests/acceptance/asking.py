"""Operations asked of the bound schema without HTTP: given their organization and executed as the endpoint does."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cache
from typing import Any

import orjson
import strawberry
from graphql import ExecutionResult, GraphQLError, OperationType

from core.commands.transaction import Store
from core.ids import uuid7
from core.principal import Principal, Role
from texting.app import bound_schema
from texting.documents import Documents
from texting.execution import executor, subscriber
from texting.operations import Caller, OperationRefused, Operations, Prepared
from texting.request_body import GraphQLRequest

TOKEN_LIMIT = 10_000
EVENT_S = 10.0
"""Far longer than an event takes."""


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What was answered. `statements`: how many were run inside the organization entered, nothing being rendered.

    `rendered_statements`: how many where the database writes what it can; None where it writes nothing.
    `rendered_plan`: how that was executed.
    """

    data: dict[str, Any] | None
    errors: list[dict[str, Any]] = field(default_factory=list)
    statements: int = 0
    rendered_statements: int | None = None
    extensions: dict[str, Any] | None = None
    rendered_plan: dict[str, Any] | None = None

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
    authenticate: Callable[[datetime], Awaitable[Principal]] | None = None

    async def __call__(self, principal: Principal, document: str, /, **variables: Any) -> Asked:
        """Execute a document of one operation. An error that no client is meant to see is raised."""
        try:
            prepared = self._prepare(principal, document, variables)
        except OperationRefused as refused:
            (error,) = refused.errors
            return Asked(data=None, errors=[{"message": error.message, "extensions": {"code": refused.code}}])
        answer, was_rendered = await _executed(prepared)
        reads_texts = Role.COMPLIANCE_OFFICER in prepared.context.roles
        # What is asked twice must leave no trace: neither a change nor the record of a reading.
        if not was_rendered or reads_texts or prepared.kind is not OperationType.QUERY:
            return answer
        # Both gears give the same answer, whatever is asked.
        now = prepared.context.now
        completed, _ = await _executed(self._prepare(principal, document, variables, now=now, renders=False))
        assert (answer.data, answer.errors) == (completed.data, completed.errors)
        return replace(completed, rendered_statements=answer.statements, rendered_plan=_plan(answer))

    @asynccontextmanager
    async def follow(self, principal: Principal, document: str, /, **variables: Any) -> AsyncIterator[Following]:
        """Subscribe for as long as the block runs."""
        prepared = self._prepare(principal, document, variables)
        opened = await subscriber(_schema())(prepared.document, prepared.asked, prepared.context)
        if isinstance(opened, ExecutionResult):
            yield Following(refusal=_asked(opened, 0))
            return
        assert isinstance(opened, AsyncGenerator)
        async with aclosing(opened):
            yield Following(results=opened)
        await prepared.context.close()

    def _prepare(
        self,
        principal: Principal,
        document: str,
        variables: dict[str, Any],
        *,
        now: datetime | None = None,
        renders: bool = True,
    ) -> Prepared:
        asked = GraphQLRequest(query=document, operation_name=None, variables=variables, wants_plan=self.wants_plan)
        caller = Caller(
            principal=principal,
            now=now or datetime.now(UTC),
            tracking_id=f"test_{uuid7()}",
            language=self.language,
            ip=None,
            user_agent=None,
            wait_s=self.wait_s,
            authenticate=self.authenticate,
            renders=renders,
        )
        return Operations(_documents(), self.store).prepare(asked, caller)


@dataclass(frozen=True, kw_only=True)
class Following:
    """A subscription: its results, or the answer that refused it."""

    results: AsyncGenerator[ExecutionResult] | None = None
    refusal: Asked | None = None

    async def next(self) -> Asked:
        """Wait for the next event."""
        assert self.results is not None, self.refusal
        async with asyncio.timeout(EVENT_S):
            return _asked(await anext(self.results), 0)


async def _executed(prepared: Prepared) -> tuple[Asked, bool]:
    """Execute; and say whether the database wrote any of the answer."""
    context = prepared.context
    try:
        result = await executor(_schema())(prepared.document, prepared.asked, context)
    finally:
        await context.close()
    return _asked(result, context.db.statements), _has_fragment(result.data)


def _plan(answer: Asked) -> dict[str, Any] | None:
    return None if answer.extensions is None else answer.extensions["plan"]


def _has_fragment(value: Any) -> bool:
    if isinstance(value, dict | list):
        return any(map(_has_fragment, value.values() if isinstance(value, dict) else value))
    return isinstance(value, orjson.Fragment)


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
