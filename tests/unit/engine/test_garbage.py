"""An execution is gone when it was answered: cycles would keep it, its response included, until the collector runs."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest
from graphql import parse

from engine import CompiledExecutor, execute
from tests.unit.engine.directory import Context, directory


@pytest.fixture
def no_collector() -> Iterator[None]:
    gc.disable()
    yield
    gc.enable()


@pytest.mark.usefixtures("no_collector")
@pytest.mark.parametrize(
    "document",
    [
        "{ users(count: 3) { id numbers(first: 1) { id campaign { name } } } }",
        "query ($count: Int!) { users(count: $count) { id name } nodes { __typename id } }",
        'mutation { add(name: "one") { id } }',
        "{ __schema { types { name fields { name } } } }",
    ],
)
async def test_nothing_of_an_execution_is_left_to_the_collector(document: str) -> None:
    core, tree = directory(CompiledExecutor)._schema, parse(document)

    async def run() -> None:
        result = await execute(core, tree, context=Context(), variables={"count": 3}, in_turn=True)
        assert not result.errors

    await run()
    gc.collect()
    await run()
    assert gc.collect() == 0
