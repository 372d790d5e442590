"""A function is told whether its field is all that a query asks for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
import strawberry
from graphql import parse

from engine import CompiledExecutor, Info, Registry, batched, bind, execute

told: list[bool] = []


@strawberry.type
class Thing:
    @batched()
    def again(self) -> Thing: ...


@strawberry.type
class Query:
    name: str = "query"

    @batched()
    def thing(self) -> Thing: ...


@strawberry.type
class Mutation:
    @batched()
    def thing(self) -> Thing: ...


def tell(parents: Sequence[Any], info: Info) -> list[Thing]:
    told.append(info.is_alone)
    return [Thing() for _ in parents]


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ("{ thing { __typename } }", [True]),
        ("{ __typename thing { __typename } ...F } fragment F on Query { thing { __typename } }", [True]),
        ("{ thing { again { __typename } } }", [True, False]),
        ("{ thing { __typename } name }", [False]),
        ("{ thing { __typename } other: thing { __typename } }", [False, False]),
        ("{ thing { __typename } __schema { description } }", [False]),
        ("mutation { thing { __typename } }", [False]),
    ],
)
async def test_a_field_is_alone_where_a_query_asks_for_nothing_else(document: str, expected: list[bool]) -> None:
    schema = strawberry.Schema(Query, Mutation, execution_context_class=CompiledExecutor)
    registry = Registry()
    for name in ("Query.thing", "Mutation.thing", "Thing.again"):
        registry.bind(name)(tell)
    bind(schema, registry)
    told.clear()
    result = await execute(schema._schema, parse(document), root_value=Query())
    assert (result.errors, told) == (None, expected)
