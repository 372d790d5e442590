"""Values that no batch gives but a resolver may: awaitables anywhere, iterables of every kind, types that are awaited.

The schema is graphql-core's alone, with no batched field in it.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import graphql
import pytest
from graphql import AbortController, ExecutionResult, GraphQLSchema, MiddlewareManager, build_schema, parse

from engine import CompiledExecutor
from tests.unit.engine.comparing import compare

pytestmark = pytest.mark.usefixtures("leftovers_unheard")


class Row:
    def __init__(self, kind: str = "Item", *, late: bool = False, wrong: bool = False) -> None:
        self.kind, self.late, self.wrong = kind, late, wrong
        self.name = f"a {kind}"

    def __repr__(self) -> str:
        return self.name

    async def later(self, _: Any) -> str:
        await asyncio.sleep(0)
        return "later"

    def bad(self, _: Any) -> str:
        raise ValueError("bad")


async def late(value: Any) -> Any:
    await asyncio.sleep(0)
    if isinstance(value, BaseException):
        raise value
    return value


async def streamed(*values: Any) -> AsyncIterator[Any]:
    for value in values:
        await asyncio.sleep(0)
        if value is ENDS:
            raise ValueError("the stream broke")
        yield value


def generated(*values: Any) -> Iterator[Any]:
    for value in values:
        if value is ENDS:
            raise ValueError("the generator broke")
        yield value


ENDS = object()


def broken() -> Exception:
    """Made anew each time: what an exception was raised through hangs on it."""
    return ValueError("broke")


VALUES: dict[str, Callable[[], Any]] = {
    "null": lambda: None,
    "a text": lambda: "text",
    "a number": lambda: 7,
    "an error": broken,
    "a late text": lambda: late("text"),
    "a late null": lambda: late(None),
    "a late error": lambda: late(broken()),
    "a late list with an error": lambda: late([broken()]),
    "a list": lambda: ["a", None, "b"],
    "a full list": lambda: ["a", "b"],
    "a list with an error": lambda: ["a", broken(), "b"],
    "a list of late items": lambda: [late("a"), "b", late(None)],
    "a list with a late error": lambda: [late("a"), late(broken()), late("b")],
    "a late list": lambda: late(["a", late("b")]),
    "a tuple": lambda: ("a", "b"),
    "a set": lambda: {"a"},
    "a generator": lambda: generated("a", late("b")),
    "a generator that breaks": lambda: generated("a", late("b"), ENDS),
    "a stream": lambda: streamed("a", "b"),
    "a stream of late items": lambda: streamed("a", late("b"), None),
    "a stream with an error": lambda: streamed("a", broken(), "b"),
    "a stream that breaks": lambda: streamed("a", late("b"), ENDS),
    "a late stream": lambda: late(streamed("a")),
    "lists in a list": lambda: [["a"], late(["b", late("c")]), None, [None]],
    "streams in a list": lambda: [streamed("a"), late(streamed("b"))],
    "a dictionary": lambda: {"name": "a dictionary", "kind": "Item"},
    "a row": Row,
    "a late row": lambda: late(Row(late=True)),
    "rows": lambda: [Row(), Row("Other"), late(Row(late=True)), None],
    "a stream of rows": lambda: streamed(Row(late=True), Row("Other", late=True)),
    "rows of which one is no such thing": lambda: [Row(), Row(wrong=True)],
    "rows of no type": lambda: [Row("Nothing"), late(Row("Nothing", late=True))],
}
TYPES = {
    "String": "",
    "String!": "",
    "[String]": "",
    "[String!]": "",
    "[String!]!": "",
    "[[String!]]": "",
    "[[String]!]!": "",
    "Item": "{ name later }",
    "Item!": "{ bad name }",
    "[Item]": "{ hard name later }",
    "[Item!]": "{ name bad }",
    "Named": "{ __typename name ... on Item { later } }",
    "[Named!]": "{ __typename ... on Other { name } }",
    "[Thing]": "{ __typename ... on Item { name later } ... on Other { bad } }",
}


def schema_of(type_name: str) -> GraphQLSchema:
    schema = build_schema(
        f"""
        interface Named {{ name: String }}
        type Item implements Named {{ name: String later: String bad: String hard: String! }}
        type Other implements Named {{ name: String bad: String! }}
        union Thing = Item | Other
        type Query {{ before: String field: {type_name} after: String! }}
        """
    )

    def type_of(value: Any, *_: Any) -> Any:
        kind = getattr(value, "kind", None) or "Item"
        return late(kind) if getattr(value, "late", False) else kind

    def is_item(value: Any, _: Any) -> Any:
        is_so = not getattr(value, "wrong", False)
        return late(is_so) if getattr(value, "late", False) else is_so

    for name in ("Named", "Thing"):
        schema.type_map[name].resolve_type = type_of
    schema.type_map["Item"].is_type_of = is_item
    return schema


async def executed(schema: GraphQLSchema, document: str, root: Any, executor: Any, **more: Any) -> ExecutionResult:
    result = graphql.execute(schema, parse(document), root_value=root, executor_class=executor, **more)
    return result if isinstance(result, ExecutionResult) else await result


async def test_every_value_is_completed_as_graphql_core_does() -> None:
    for type_name, selection in TYPES.items():
        schema = schema_of(type_name)
        document = f"{{ before field {selection} after again: field {selection} }}"
        for name, value in VALUES.items():
            assert await difference(schema, document, value) is None, (type_name, name)


async def difference(schema: GraphQLSchema, document: str, value: Callable[[], Any]) -> str | None:
    """Say what the two executors made of a value, where it is not the same."""
    compiled = CompiledExecutor.tally.compiled
    stock, ours = [
        await executed(schema, document, {"before": late("b"), "field": lambda _: value(), "after": "a"}, executor)
        for executor in (None, CompiledExecutor)
    ]
    assert CompiledExecutor.tally.compiled == compiled + 1
    try:
        compare(stock, ours)
    except AssertionError:
        return f"{stock} and {ours}"
    return None


async def test_middleware_sees_every_field() -> None:
    seen: list[str] = []

    def watching(following: Callable[..., Any], source: Any, info: Any, **arguments: Any) -> Any:
        seen.append(info.field_name)
        value = following(source, info, **arguments)
        return value.upper() if isinstance(value, str) else value

    schema, root = schema_of("[Named!]"), {"field": [Row(), Row("Other")], "after": "a"}
    for executor in (None, CompiledExecutor):
        seen.clear()
        result = await executed(
            schema, "{ __typename field { name } after }", root, executor, middleware=MiddlewareManager(watching)
        )
        assert result.data == {"__typename": "QUERY", "field": [{"name": "A ITEM"}, {"name": "A OTHER"}], "after": "A"}
        assert sorted(seen) == ["__typename", "after", "field", "name", "name"]


@pytest.mark.parametrize("executor", [None, CompiledExecutor])
async def test_an_abort_ends_what_is_awaited(executor: Any) -> None:
    controller, ended = AbortController(), asyncio.Event()

    async def forever(_: Any) -> str:
        try:
            await asyncio.sleep(60)
        finally:
            ended.set()
        return "never"

    task = asyncio.ensure_future(
        executed(
            schema_of("[String]"),
            "{ field after }",
            {"field": forever, "after": "a"},
            executor,
            abort_signal=controller.signal,
        )
    )
    await asyncio.sleep(0.01)
    controller.abort(RuntimeError("enough"))
    with pytest.raises(Exception, match="enough"):
        await task
    async with asyncio.timeout(5):
        await ended.wait()


@pytest.mark.parametrize("executor", [None, CompiledExecutor])
async def test_what_is_aborted_before_it_begins_does_not_begin(executor: Any) -> None:
    controller = AbortController()
    controller.abort(RuntimeError("enough"))
    with pytest.raises(Exception, match="enough"):
        await executed(schema_of("String"), "{ field }", {"field": "x"}, executor, abort_signal=controller.signal)
