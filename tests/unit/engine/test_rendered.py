"""A function may answer with what was rendered elsewhere, knowing all that is selected below its field."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson
import pytest
import strawberry
from graphql import execute, parse
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from engine import CompiledExecutor, Info, Registry, Rendered, Subtree, batched, bind


@strawberry.interface
class Named:
    name: str


@strawberry.type
class Toy(Named):
    price: int


@strawberry.type
class Cat(Named):
    age: int

    @batched()
    def friend(self, nth: int = 1) -> Cat | None: ...

    @batched()
    def toys(self) -> list[Toy]: ...

    @batched()
    def anything(self) -> Named | None: ...


@strawberry.type
class Query:
    @batched()
    def cat(self) -> Cat | None: ...


seen: list[Subtree | None] = []
arguments: list[dict[str, Any]] = []
registry = Registry()


@registry.bind("Query.cat")
def cat(parents: Sequence[None], info: Info) -> list[Any]:
    """Render where all can be told, else nothing."""
    subtree = info.subtree()
    seen.append(subtree)
    if subtree is None:
        return [None for _ in parents]
    arguments.extend(info.arguments(each) for each in subtree.fields if each.name == "friend")
    return [Rendered('{"rendered":true}') for _ in parents]


@registry.bind("Cat.friend")
def friend(parents: Sequence[Any], info: Info, *, nth: int) -> list[Any]:
    """Nobody."""
    return [None for _ in parents]


@registry.bind("Cat.toys")
def toys(parents: Sequence[Any], info: Info) -> list[Any]:
    """None."""
    return [[] for _ in parents]


@registry.bind("Cat.anything")
def anything(parents: Sequence[Any], info: Info) -> list[Any]:
    """Nothing."""
    return [None for _ in parents]


@pytest.fixture(scope="module")
def schema() -> strawberry.Schema:
    made = strawberry.Schema(query=Query, types=[Toy])
    bind(made, registry)
    return made


def answered(schema: strawberry.Schema, text: str, executor: Any = CompiledExecutor, **variables: Any) -> Any:
    seen.clear()
    arguments.clear()
    return execute(schema._schema, parse(text), variable_values=variables, executor_class=executor)


def test_what_was_rendered_is_the_response_as_it_is(schema: strawberry.Schema) -> None:
    before = CompiledExecutor.tally.rendered
    result = answered(schema, "{ cat { name } again: cat { age } }")
    assert orjson.loads(orjson.dumps(result.data)) == {"cat": {"rendered": True}, "again": {"rendered": True}}
    assert CompiledExecutor.tally.rendered == before + 2


def test_keys_names_leaves_and_lists_are_told(schema: strawberry.Schema) -> None:
    answered(schema, "{ cat { a: name __typename ...F toys { price } } } fragment F on Cat { age friend { name } }")
    (subtree,) = seen
    assert subtree is not None
    assert subtree.type == "Cat"
    told = [(each.key, each.name, each.leaf, each.is_list, each.nonnull) for each in subtree.fields]
    assert told == [
        ("a", "name", "String", False, True),
        ("__typename", "__typename", "String", False, True),
        ("age", "age", "Int", False, True),
        ("friend", "friend", None, False, False),
        ("toys", "toys", None, True, True),
    ]
    below = subtree.fields[3].below
    assert below is not None
    assert [each.attribute for each in below.fields] == ["name"]


def test_arguments_are_those_of_the_request(schema: strawberry.Schema) -> None:
    document = "query($n: Int!) { cat { friend(nth: $n) { name } } }"
    for number in (3, 4):
        answered(schema, document, n=number)
        assert arguments == [{"nth": number}]
    answered(schema, "{ cat { friend { name } } }")
    assert arguments == [{"nth": 1}]


def test_what_is_included_on_a_condition_is_told_where_it_holds(schema: strawberry.Schema) -> None:
    for wanted in (True, False):
        answered(schema, "query($w: Boolean!) { cat { name age @include(if: $w) } }", w=wanted)
        (subtree,) = seen
        assert subtree is not None
        assert [each.key for each in subtree.fields] == (["name", "age"] if wanted else ["name"])


def test_nothing_is_told_of_what_may_be_of_several_types(schema: strawberry.Schema) -> None:
    answered(schema, "{ cat { name anything { name } } }")
    assert seen == [None]


def test_nothing_is_told_under_graphql_core_s_own_executor(schema: strawberry.Schema) -> None:
    answered(schema, "{ cat { name } }", StrawberryGraphQLCoreExecutionContext)
    assert seen == [None]
