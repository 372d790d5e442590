"""Attributes whose property reads them of many objects at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from inspect import isawaitable
from typing import Any

import strawberry
from graphql import execute, parse

from engine import Info, Registry, batched, bind

Executor = type[Any] | None
Read = Callable[[Sequence["Row"]], list[Any]]


class OfMany(property):
    def __init__(self, of_many: Read) -> None:
        super().__init__(lambda one: of_many([one])[0])
        self.of_many = of_many


class Row:
    graphql_type = "Thing"

    def __init__(self, number: int) -> None:
        self.number = number


@strawberry.type
class Thing:
    number: int
    code: str


@strawberry.type
class Query:
    @batched()
    def things(self) -> list[Thing | None]: ...


async def things(executor: Executor, read: Read, rows: list[Any] | None = None) -> Any:
    kind = type("Coded", (Row,), {"code": OfMany(read)})
    registry = Registry()

    @registry.bind("Query.things")
    def answer(parents: Sequence[None], info: Info) -> list[Any]:
        return [[None if each is None else kind(each) for each in rows or [1, 2, 3]]]

    schema = strawberry.Schema(query=Query)
    bind(schema, registry)
    document = parse("{ things { number code } }")
    result = execute(schema._schema, document, executor_class=executor)
    return await result if isawaitable(result) else result


async def test_they_are_attributes_like_any_other(executor: Executor) -> None:
    result = await things(executor, lambda rows: [f"c{row.number}" for row in rows])
    assert result.errors is None
    assert [thing["code"] for thing in result.data["things"]] == ["c1", "c2", "c3"]


async def test_they_are_read_once_for_a_list(executor: Executor) -> None:
    asked: list[int] = []

    def codes(rows: Sequence[Row]) -> list[str]:
        asked.append(len(rows))
        return [f"c{row.number}" for row in rows]

    result = await things(executor, codes, [1, None, 3])
    assert result.errors is None
    assert result.data["things"] == [{"number": 1, "code": "c1"}, None, {"number": 3, "code": "c3"}]
    assert asked == ([1, 1] if executor is None else [2])


async def test_what_cannot_be_read_of_one_spoils_no_other(executor: Executor) -> None:
    result = await things(executor, lambda rows: [f"c{6 // (row.number - 2)}" for row in rows])
    assert result.data["things"] == [{"number": 1, "code": "c-6"}, None, {"number": 3, "code": "c6"}]
    assert [error.path for error in result.errors] == [["things", 1, "code"]]


async def test_more_or_fewer_values_than_objects_are_given_to_none_of_them(executor: Executor) -> None:
    def codes(rows: Sequence[Row]) -> list[str]:
        return [f"c{row.number}" for row in rows][: max(1, len(rows) - 1)]

    result = await things(executor, codes)
    assert [thing["code"] for thing in result.data["things"]] == ["c1", "c2", "c3"]
