"""Resolvers are told where in the response they stand, however many values were completed at once."""

from __future__ import annotations

from collections.abc import Sequence
from inspect import isawaitable
from typing import Any

import strawberry
from graphql import execute, parse

from engine import Info, Registry, batched, bind
from tests.unit.engine.test_of_many import OfMany

Executor = type[Any] | None

DOCUMENT = parse("""{
    branches { name leaves { place } only { leaves { place } } later { place } }
    one { leaves { place } later { place } }
}""")


@strawberry.type
class Leaf:
    @strawberry.field
    def place(self, info: strawberry.Info) -> str:
        return ".".join(map(str, info.path.as_list()))


@strawberry.type
class Branch:
    name: str
    leaves: list[Leaf | None]
    only: Branch | None

    @batched()
    def later(self) -> list[Leaf | None]: ...


@strawberry.type
class Query:
    @batched()
    def branches(self) -> list[Branch | None]: ...

    @batched()
    def one(self) -> Branch: ...


class Row:
    graphql_type = "Branch"
    name = "plain"

    def __init__(self, *leaves: Any, only: Any = None) -> None:
        self.leaves = list(leaves)
        self.only = only


class NamedRow(Row):
    """Built by code of its own, so that batches get their parents in two parts."""

    name = OfMany(lambda rows: ["of many" for _ in rows])  # type: ignore[assignment]


registry = Registry()


@registry.bind("Query.branches")
def branches(parents: Sequence[None], info: Info) -> list[list[Row | None]]:
    plain = Row(Leaf(), None, Leaf(), only=Row(Leaf(), Leaf()))
    return [[NamedRow(Leaf()), None, plain, Row(), NamedRow(None, Leaf()), Row(Leaf(), only=NamedRow(Leaf()))]]


@registry.bind("Query.one")
def one(parents: Sequence[None], info: Info) -> list[Row]:
    return [Row(Leaf())]


@registry.bind("Branch.later")
async def later(parents: Sequence[Row], info: Info) -> list[list[Leaf | None]]:
    return [[None, Leaf(), Leaf()] if parent.leaves else [] for parent in parents]


async def test_places_lead_to_where_the_resolver_answers(executor: Executor) -> None:
    schema = strawberry.Schema(query=Query)
    bind(schema, registry)
    result: Any = execute(schema._schema, DOCUMENT, executor_class=executor)
    result = await result if isawaitable(result) else result
    assert result.errors is None
    found = list(_places(result.data, ""))
    assert len(found) == 19
    assert [place for place, told in found if told != place] == []


def _places(value: Any, place: str) -> Any:
    if isinstance(value, str) and place.endswith(".place"):
        yield place, value
    elif isinstance(value, dict | list):
        for key, item in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _places(item, f"{place}.{key}".lstrip("."))
