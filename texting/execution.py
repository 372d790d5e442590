"""Executing an operation of a valid document: the one place that knows which executor does it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from inspect import isawaitable
from typing import TYPE_CHECKING, Any

import strawberry
from graphql import ExecutionResult, subscribe

from engine import CompiledExecutor, execute
from texting.schema_answers import SchemaAnswers
from texting.watching import PLANS_SHOWN_TO, Watching

if TYPE_CHECKING:
    from resolvers.context import RequestContext
    from texting.documents import Document
    from texting.request_body import GraphQLRequest
    from texting.tracing import Tracing

Execute = Callable[["Document", "GraphQLRequest", "RequestContext"], Awaitable[ExecutionResult]]
"""Executes a query or a mutation."""

Subscribe = Callable[
    ["Document", "GraphQLRequest", "RequestContext"], Awaitable[AsyncIterator[ExecutionResult] | ExecutionResult]
]
"""Opens a subscription: a result for each event, or the one that says why there are none."""


def executor(schema: strawberry.Schema, tracing: Tracing | None = None, *, hides_suggestions: bool = False) -> Execute:
    """Give the function that executes operations of a bound schema.

    `tracing` makes each a span. `hides_suggestions`: of names the schema has, where variables have others.
    """
    answers = SchemaAnswers()

    async def run(
        document: Document, asked: GraphQLRequest, context: RequestContext, watching: Watching | None = None
    ) -> ExecutionResult:
        assert document.tree is not None
        shows_plan = asked.wants_plan and context.roles & PLANS_SHOWN_TO
        if shows_plan and watching is None:
            watching = Watching(context)
        operation = document.chosen.get(asked.operation_name)
        if operation is not None and not shows_plan and (known := answers.get(operation)) is not None:
            return ExecutionResult(known)  # type: ignore[arg-type] # JSON of the dictionary that it wants
        result = await execute(
            schema._schema,  # noqa: SLF001 - Strawberry has no public way to its graphql-core schema
            document.tree,
            context=context,
            variables=asked.variables,
            operation_name=asked.operation_name,
            watch=watching,
            in_turn=True,  # resolvers read by the connection of the request
            hide_suggestions=hides_suggestions,
        )
        if shows_plan and watching is not None:
            result.extensions = {"plan": watching.plan()}
        if operation is not None and not result.errors:
            answers.keep(operation, result.data)
        await context.settle()
        return result

    if tracing is None:
        return run

    async def traced(document: Document, asked: GraphQLRequest, context: RequestContext) -> ExecutionResult:
        assert document.tree is not None
        with tracing.operation(document.tree, asked.operation_name, context) as levels:
            result = await run(document, asked, context, levels)
            levels.answered(result)
            return result

    return traced


def subscriber(schema: strawberry.Schema, *, hides_suggestions: bool = False) -> Subscribe:
    """Give the function that opens subscriptions of a bound schema.

    An event is executed when it is asked for. Between two of them nothing is open, however slowly they are taken.
    """

    async def opened(
        document: Document, asked: GraphQLRequest, context: RequestContext
    ) -> AsyncIterator[ExecutionResult] | ExecutionResult:
        assert document.tree is not None
        result: Any = subscribe(
            schema._schema,  # noqa: SLF001 - as above
            document.tree,
            context_value=context,
            variable_values=dict(asked.variables),
            operation_name=asked.operation_name,
            executor_class=CompiledExecutor,
            in_turn=True,
            hide_suggestions=hides_suggestions,
        )
        if isawaitable(result):
            result = await result
        return result if isinstance(result, ExecutionResult) else _settled(result, context)

    return opened


async def _settled(results: Any, context: RequestContext) -> AsyncIterator[ExecutionResult]:
    try:
        async for result in results:
            await context.settle()
            await context.close()
            yield result
    finally:
        await results.aclose()
