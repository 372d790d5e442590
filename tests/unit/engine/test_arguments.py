"""What a function is called with does not depend on what the operation was executed with before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
import strawberry
from graphql import execute as graphql_execute
from graphql import parse
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from engine import CompiledExecutor, Info, Registry, batched, bind, execute


@strawberry.input
class Size:
    width: int
    height: int = 2


@strawberry.type
class Query:
    @batched()
    def told(
        self, name: str | None = "none", size: Size | None = None, tags: list[str] | None = None, count: int = 7
    ) -> str: ...


def told(parents: Sequence[Any], _: Info, **given: Any) -> list[str]:
    return [repr(sorted(given.items())) for _ in parents]


@pytest.fixture
def schema() -> strawberry.Schema:
    registry = Registry()
    registry.bind("Query.told")(told)
    made = strawberry.Schema(Query, execution_context_class=CompiledExecutor)
    bind(made, registry)
    return made


DOCUMENT = """
query ($name: String, $size: Size, $tags: [String!], $width: Int! = 1, $count: Int! = 5) {
  named: told(name: $name, count: 3)
  all: told(name: $name, size: $size, tags: $tags, count: $count)
  inside: told(size: {width: $width}, tags: ["a"])
  plain: told(count: $count)
}
"""
GIVEN: tuple[Mapping[str, Any], ...] = (
    {"name": "a", "count": 1},
    {"name": "b", "count": 2},
    {"name": None},
    {},
    {"name": "c", "size": {"width": 3}, "tags": ["x"], "width": 4},
    {"name": "d", "size": {"width": 5, "height": 6}, "tags": "y", "width": 7, "count": 8},
    {"count": None},
    {"name": "e"},
)


async def test_arguments_are_those_of_each_execution(schema: strawberry.Schema) -> None:
    core, tree = schema._schema, parse(DOCUMENT)
    for given in GIVEN + GIVEN[::-1]:
        expected: Any = graphql_execute(
            core, tree, variable_values=dict(given), executor_class=StrawberryGraphQLCoreExecutionContext
        )
        expected = await expected if hasattr(expected, "__await__") else expected
        found = await execute(core, tree, variables=given)
        assert (found.data, found.errors) == (expected.data, expected.errors)
