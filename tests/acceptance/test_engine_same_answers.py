"""Over this schema, the compiled executor gives the data and the errors of graphql-core's own, whatever is asked.

Every document is executed several times with other variables, so that plans are found again. Errors are compared
exactly where nulls stay in their places; where one bubbles, the specification leaves open which of the errors below the
nulled place are told: then at least one of them must be, and each must be an error that graphql-core has there.
"""

from __future__ import annotations

import asyncio
import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from inspect import isawaitable
from typing import Any
from uuid import UUID

import pytest
from graphql import DocumentNode, ExecutionResult, GraphQLSchema, execute, parse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from core.principal import Grant, Principal, Role
from engine import CompiledExecutor
from schema.api import build_schema
from tests.acceptance.made.documents import Choices, Writer
from tests.acceptance.made.values import World, made_schema

EXAMPLES = int(os.environ.get("SAME_ANSWERS", "2000"))
"""Documents tried; each is executed six times by each executor."""

STOCK = StrawberryGraphQLCoreExecutionContext
ORG_ID = UUID(int=7)
KEEPING_PLACES = "@experimental_disableErrorPropagation"
"""With it a null stays where it is, and no error can hide another."""

Told = tuple[str, tuple[str | int, ...], tuple[Any, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A document, and the variables of each of its executions."""

    text: str
    variables: list[dict[str, Any]]
    seed: int
    role: Role
    later: bool


@pytest.fixture(scope="module")
def schema() -> GraphQLSchema:
    return made_schema(build_schema)


@pytest.fixture(scope="module")
def runner() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as runner:
        yield runner


def case(schema: GraphQLSchema, content: bytes, seed: int, role: Role, later: bool) -> Case:
    writer = Writer(schema, Choices(content))
    is_mutation = writer.choices.once_in(5)
    text = writer.document(is_mutation=is_mutation)
    return Case(text=text, variables=[writer.values() for _ in range(2)], seed=seed, role=role, later=later)


@settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(
    content=st.binary(min_size=100, max_size=500),
    seed=st.integers(0, 2**16),
    role=st.sampled_from(Role),
    later=st.booleans(),
)
@pytest.mark.timeout(0)
# graphql-core cancels tasks before they begin, so that the coroutines in them are never awaited.
@pytest.mark.filterwarnings("ignore:coroutine 'Executor:RuntimeWarning")
@pytest.mark.filterwarnings(
    "ignore:Exception ignored in. <coroutine object Executor:pytest.PytestUnraisableExceptionWarning"
)
def test_both_executors_answer_the_same_data_and_errors(
    schema: GraphQLSchema, runner: asyncio.Runner, content: bytes, seed: int, role: Role, later: bool
) -> None:
    asked = case(schema, content, seed, role, later)
    bubbling, keeping = parse(asked.text.replace("MARK", "")), parse(asked.text.replace("MARK", KEEPING_PLACES))
    for variables in [*asked.variables, asked.variables[0]]:
        every = same_in_place(
            answered(runner, schema, keeping, asked, variables, STOCK),
            answered(runner, schema, keeping, asked, variables, CompiledExecutor),
        )
        same_but_for_what_bubbled(
            every,
            answered(runner, schema, bubbling, asked, variables, STOCK),
            answered(runner, schema, bubbling, asked, variables, CompiledExecutor),
        )


def answered(
    runner: asyncio.Runner,
    schema: GraphQLSchema,
    document: DocumentNode,
    asked: Case,
    variables: dict[str, Any],
    executor: type[Any],
) -> ExecutionResult:
    """Execute it in the world of the case; ours must not hand it over."""
    principal = Principal(subject="s", name=None, org_id=ORG_ID, grants=(Grant(role=asked.role, org_id=ORG_ID),))
    world = World(seed=asked.seed, later=asked.later, principal=principal, org_id=ORG_ID)
    handed_over = CompiledExecutor.tally.handed_over.total()

    more = {"in_turn": asked.seed % 2 == 0} if executor is CompiledExecutor else {}

    def run() -> Any:
        return execute(
            schema, document, context_value=world, variable_values=dict(variables), executor_class=executor, **more
        )

    async def run_in_loop() -> ExecutionResult:
        result = run()
        return await result if isawaitable(result) else result

    result = runner.run(run_in_loop()) if asked.later else run()
    assert CompiledExecutor.tally.handed_over.total() == handed_over
    assert isinstance(result, ExecutionResult)
    return result


def same_in_place(stock: ExecutionResult, ours: ExecutionResult) -> set[Told]:
    """Compare exactly; give every error there is."""
    assert ours.data == stock.data
    assert Counter(told(ours)) == Counter(told(stock))
    return set(told(stock))


def same_but_for_what_bubbled(every: set[Told], stock: ExecutionResult, ours: ExecutionResult) -> None:
    """Compare the data exactly, and errors where they left a null in their own place."""
    assert ours.data == stock.data
    assert in_place(ours) == in_place(stock)
    assert bubbled_to(ours) == bubbled_to(stock)
    assert set(told(ours)) <= every
    assert len(set(told(ours))) == len(told(ours))


def told(result: ExecutionResult) -> list[Told]:
    return [(error.message, tuple(error.path or ()), tuple(error.locations or ())) for error in result.errors or ()]


def in_place(result: ExecutionResult) -> set[Told]:
    return {error for error in told(result) if nulled(result.data, error[1]) == error[1]}


def bubbled_to(result: ExecutionResult) -> set[tuple[str | int, ...]]:
    return {nulled(result.data, error[1]) for error in told(result) if nulled(result.data, error[1]) != error[1]}


def nulled(data: Any, path: tuple[str | int, ...]) -> tuple[str | int, ...]:
    """Give the place at or above a path that is null."""
    for depth, key in enumerate(path):
        if data is None:
            return path[:depth]
        data = data[key]
    return path
