"""Executing an operation of a valid document: the one place that knows which executor does it."""

from __future__ import annotations

from inspect import isawaitable
from typing import TYPE_CHECKING, Any

import strawberry
from graphql import ExecutionResult, execute

from engine import CompiledExecutor
from texting.watching import PLANS_SHOWN_TO, Watching

if TYPE_CHECKING:
    from resolvers.context import RequestContext
    from texting.documents import Document
    from texting.http import Execute
    from texting.request_body import GraphQLRequest


def executor(schema: strawberry.Schema) -> Execute:
    """Give the function that executes operations of a bound schema."""

    async def run(document: Document, asked: GraphQLRequest, context: RequestContext) -> ExecutionResult:
        assert document.tree is not None
        watching = Watching(context) if asked.wants_plan and context.roles & PLANS_SHOWN_TO else None
        result: Any = execute(
            schema._schema,  # noqa: SLF001 - Strawberry has no public way to its graphql-core schema
            document.tree,
            context_value=context,
            variable_values=dict(asked.variables),
            operation_name=asked.operation_name,
            executor_class=CompiledExecutor,
            watch=watching,
            in_turn=True,  # resolvers read by the connection of the request
        )
        if isawaitable(result):
            result = await result
        assert isinstance(result, ExecutionResult)
        if watching is not None:
            result.extensions = {"plan": watching.plan()}
        await context.settle()
        return result

    return run
