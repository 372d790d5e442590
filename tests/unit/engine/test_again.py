"""A known operation's executor is made at once; it must be what graphql-core's and Strawberry's constructors make."""

from __future__ import annotations

from typing import Any

import pytest
from graphql import parse

from engine import CompiledExecutor, execute
from tests.unit.engine.directory import Context, directory

DOCUMENT = "query Some($count: Int!) { users(count: $count) { id name } }"
SHARED = {"known", "operation", "fragments", "fragment_definitions", "schema"}
"""What belongs to the operation, and nobody changes."""


@pytest.fixture
async def known() -> tuple[Any, Any]:
    core, tree = directory(CompiledExecutor)._schema, parse(DOCUMENT)
    await execute(core, tree, context=Context(), variables={"count": 3})
    found = CompiledExecutor.plans.operation(core, tree, None)
    assert found is not None
    return found, (core, tree)


def made(known: Any, **options: Any) -> dict[str, Any]:
    executor = CompiledExecutor.again(known, {"count": 3}, **options)
    assert isinstance(executor, CompiledExecutor)
    return vars(executor)


async def test_it_has_what_the_constructors_give(known: tuple[Any, Any]) -> None:
    operation, (core, tree) = known
    context = Context()
    built = CompiledExecutor.build(core, tree, None, context, {"count": 3}, None)
    assert isinstance(built, CompiledExecutor)
    whole, executor = vars(built), CompiledExecutor.again(operation, {"count": 3}, context=context)
    again = {name: getattr(executor, name) for name in whole}
    assert vars(executor).keys() == whole.keys()
    for name, value in whole.items():
        assert type(again[name]) is type(value), name
        plain = isinstance(value, bool | str | None) or callable(value) or name in SHARED
        assert again[name] is value if plain else name in again, name


async def test_two_executions_have_nothing_in_common_that_either_may_change(known: tuple[Any, Any]) -> None:
    operation, _ = known
    one, other = (made(operation, context=object()) for _ in range(2))
    for name, value in one.items():
        alike = value is None or isinstance(value, bool) or callable(value) or name in SHARED
        assert alike == (other[name] is value), name


async def test_wrong_variables_are_told(known: tuple[Any, Any]) -> None:
    errors = CompiledExecutor.again(known[0], {"count": "three"})
    assert isinstance(errors, list)
    assert [error.message for error in errors] == [
        "Variable '$count' has invalid value: Int cannot represent non-integer value: 'three'"
    ]
