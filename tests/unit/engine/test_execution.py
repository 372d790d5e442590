"""What either executor does, said one thing at a time; `test_same_answers` compares them on everything else."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import graphql
import pytest
import strawberry
from graphql import ExecutionResult

from engine import CompiledExecutor, Info, Registry, batched, bind
from tests.unit.engine.wide import made

Executor = type[Any] | None


def now(_: str) -> int:
    return 0


async def ask(executor: Executor, document: str, **variables: Any) -> tuple[Any, list[tuple[list[Any], str]]]:
    """Execute by functions that answer after a turn of the loop, and by ones that answer at once: all the same."""
    found = []
    for late in (now, len):
        result = await made(executor, late=late).execute(document, variable_values=variables)
        errors = [(list(error.path or ()), error.message) for error in result.errors or ()]
        found.append((result.data, sorted(errors, key=str)))
    assert found[0] == found[1]
    return found[0]


async def test_an_error_is_null_at_its_place_and_spoils_nothing_else(executor: Executor) -> None:
    data, errors = await ask(executor, "{ branch { leaves { id fragile } } }")
    assert data == {"branch": {"leaves": [{"id": "Leaf:10", "fragile": None}, {"id": "Leaf:11", "fragile": "fine"}]}}
    assert errors == [(["branch", "leaves", 0, "fragile"], "`10` broke")]


async def test_null_goes_up_to_the_nearest_place_that_may_be_null(executor: Executor) -> None:
    data, errors = await ask(executor, "{ branches(keys: [1, 2]) { id torn { id } holes { hard } } }")
    assert data["branches"][0] == {"id": "Branch:1", "torn": None, "holes": [None, None, None, {"hard": "fine"}]}
    assert data["branches"][1] == {
        "id": "Branch:2",
        "torn": None,
        "holes": [{"hard": "fine"}, None, None, {"hard": "fine"}],
    }
    assert (["branches", 0, "holes", 0, "hard"], "`1` broke") in errors
    assert (["branches", 0, "torn", 1], "Cannot return null for non-nullable field Branch.torn.") in errors
    assert (["branches", 1, "torn", 1], "`2` broke") in errors


async def test_null_may_go_up_to_the_root(executor: Executor) -> None:
    data, errors = await ask(executor, "{ nothing { id } hard { breaksLater } branches { firstLeaf { id } } }")
    assert data is None
    assert errors


async def test_lists_of_lists_are_null_by_item_by_list_or_altogether(executor: Executor) -> None:
    data, errors = await ask(executor, "{ branches { matrix { id } hardMatrix { id } } }")
    assert data["branches"][0]["matrix"] == [
        [{"id": "Leaf:10"}, {"id": "Leaf:11"}],
        None,
        [None, {"id": "Leaf:1"}],
        None,
        [],
    ]
    assert [branch["hardMatrix"] is None for branch in data["branches"]] == [True, False]
    assert (["branches", 0, "matrix", 3], "`1` broke") in errors
    assert (
        ["branches", 0, "hardMatrix", 1, 1],
        "Cannot return null for non-nullable field Branch.hardMatrix.",
    ) in errors


async def test_the_type_of_an_abstract_value_is_that_its_class_names(executor: Executor) -> None:
    data, errors = await ask(
        executor, "{ nodes { __typename ... on Leaf { size } ... on Branch { name } peer { __typename } } }"
    )
    assert data["nodes"] == [
        {"__typename": "Leaf", "size": 1, "peer": {"__typename": "Leaf"}},
        {"__typename": "Branch", "name": "branch 2", "peer": {"__typename": "Branch"}},
        {"__typename": "Leaf", "size": 3, "peer": None},
        {"__typename": "Branch", "name": "branch 4", "peer": {"__typename": "Branch"}},
    ]
    assert errors == []
    data, errors = await ask(executor, "{ branches(keys: [1, 3]) { lost { id } } }")
    assert [branch["lost"] for branch in data["branches"]] == [None, None]
    assert ["Query" in message for _, message in errors] == [True, True]


async def test_what_is_no_list_no_number_or_no_member_is_an_error(executor: Executor) -> None:
    data, errors = await ask(executor, "{ branch { noList leaves(first: 4) { number wrongKind } } }")
    assert data["branch"]["noList"] is None
    assert [leaf["number"] for leaf in data["branch"]["leaves"]] == [10, None, 12, 13]
    assert sorted(path for path, _ in errors) == [["branch", "leaves", 1, "number"], ["branch", "noList"]]
    data, errors = await ask(executor, "{ branch(key: 7) { leaves { wrongKind kind } } }")
    assert [leaf["wrongKind"] for leaf in data["branch"]["leaves"]] == [None, "ODD"]
    assert [leaf["kind"] for leaf in data["branch"]["leaves"]] == ["EVEN", "ODD"]


async def test_a_function_that_fails_is_an_error_for_every_parent(executor: Executor) -> None:
    data, errors = await ask(executor, "{ refused { id } branches { uneven } }")
    assert data == {"refused": None, "branches": [{"uneven": None}, {"uneven": None}]}
    assert (["refused"], "the whole batch broke") in errors
    assert len(errors) == 3


async def test_plain_resolvers_and_permissions_work_beside_batches(executor: Executor) -> None:
    data, errors = await ask(
        executor, "{ plain { inner { plain(by: 3) later guarded kind } } later { streamed { plain } } }"
    )
    assert data["plain"]["inner"] == [
        {"plain": 60, "later": "later 20", "guarded": None, "kind": "EVEN"},
        {"plain": 63, "later": "later 21", "guarded": "open", "kind": "ODD"},
    ]
    assert data["later"] == {"streamed": [{"plain": 6}, None]}
    assert errors == [(["plain", "inner", 0, "guarded"], "not for you")]


@pytest.mark.parametrize("yes", [True, False])
async def test_conditions_leave_out_fields_and_fragments(executor: Executor, yes: bool) -> None:
    data, _ = await ask(
        executor,
        """query ($yes: Boolean!) {
            branch { id @include(if: $yes) name @skip(if: $yes) ...F @include(if: $yes) ... @skip(if: $yes) { k: id } }
        }
        fragment F on Branch { f: name }""",
        yes=yes,
    )
    assert data["branch"] == ({"id": "Branch:1", "f": "branch 1"} if yes else {"name": "branch 1", "k": "Branch:1"})


async def test_selections_of_one_key_are_merged_and_keep_the_order_of_their_first(executor: Executor) -> None:
    data, _ = await ask(
        executor,
        """{ ...F branch { name } branch { id leaves(first: 1) { kind } } }
        fragment F on Query { branch { leaves(first: 1) { id } } }""",
    )
    assert list(data["branch"]) == ["leaves", "name", "id"]
    assert data["branch"]["leaves"] == [{"id": "Leaf:10", "kind": "EVEN"}]


async def test_arguments_are_literals_variables_and_defaults(executor: Executor) -> None:
    data, _ = await ask(
        executor,
        """query ($first: Int! = 1, $span: Span, $keys: [Int!]) {
            branch { a: leaves { id } b: leaves(first: $first) { id } c: spanned(span: $span, keys: $keys) { id }
                     d: spanned(span: {first: 1}) { id } e: spanned { id } f: spanned(keys: 7) { id } }
        }""",
        span={"first": 2, "skip": 1},
        keys=[5],
    )
    assert {key: None if value is None else len(value) for key, value in data["branch"].items()} == {
        "a": 2,
        "b": 1,
        "c": 3,
        "d": 1,
        "e": None,
        "f": 1,
    }


async def test_a_variable_that_does_not_fit_is_refused_before_anything_runs(executor: Executor) -> None:
    schema = made(executor, late=now)
    compiled = CompiledExecutor.tally.compiled
    result = await schema.execute("query ($first: Int!) { branch { leaves(first: $first) { id } } }", {"first": "x"})
    assert result.data is None
    assert "$first" in result.errors[0].message
    assert CompiledExecutor.tally.compiled == compiled
    await schema.execute("{ branch { id } }")


@pytest.mark.parametrize("late", [now, len])
async def test_mutations_run_in_order_until_null_reaches_the_root(executor: Executor, late: Any) -> None:
    schema = made(executor, late=late)
    result = await schema.execute("mutation { a: step(key: 1) { id } stumble { id } b: step(key: 2) { name } }")
    assert result.data == {"a": {"id": "Branch:1"}, "stumble": None, "b": {"name": "branch 2"}}
    assert [error.path for error in result.errors] == [["stumble"]]
    result = await schema.execute("mutation { a: step(key: 1) { id } fall { id } b: step(key: 2) { name } }")
    assert result.data is None
    assert [error.path for error in result.errors] == [["fall"]]


@strawberry.type
class Slow:
    @batched()
    def hangs(self) -> str | None: ...

    @batched()
    def cancelled(self) -> str | None: ...

    @strawberry.field
    async def waits(self) -> str | None:
        return await self.waiting()

    @strawberry.field
    async def breaks(self) -> str:
        await asyncio.sleep(0)
        raise ValueError("broke")


class SlowRow:
    graphql_type = "Slow"

    def __init__(self) -> None:
        self.seen: list[str] = []

    async def waiting(self) -> str:
        try:
            await asyncio.sleep(60)
        finally:
            self.seen.append("waits")
        return "never"


def slow_schema(executor: Executor, row: SlowRow) -> strawberry.Schema:
    @strawberry.type
    class Query:
        @batched()
        def slow(self) -> Slow | None: ...

        @batched()
        def quick(self) -> str: ...

    registry = Registry()

    @registry.bind("Query.slow")
    def slow(parents: Sequence[Any], info: Info) -> list[SlowRow]:
        return [row for _ in parents]

    @registry.bind("Query.quick")
    def quick(parents: Sequence[Any], info: Info) -> list[str]:
        return ["quick" for _ in parents]

    @registry.bind("Slow.hangs")
    async def hangs(parents: Sequence[Any], info: Info) -> list[str]:
        try:
            await asyncio.sleep(60)
        finally:
            row.seen.append("hangs")
        return ["never"]

    @registry.bind("Slow.cancelled")
    async def cancelled(parents: Sequence[Any], info: Info) -> list[Any]:
        raise asyncio.CancelledError

    Query.__module__ = __name__
    schema = strawberry.Schema(query=Query, execution_context_class=executor)
    bind(schema, registry)
    return schema


@pytest.mark.parametrize("waiting", ["hangs", "waits"])
async def test_what_no_longer_has_a_place_is_cancelled_and_not_waited_for(waiting: str) -> None:
    row = SlowRow()
    async with asyncio.timeout(10):
        result = await slow_schema(CompiledExecutor, row).execute(f"{{ quick slow {{ {waiting} w: waits breaks }} }}")
    assert result.data == {"quick": "quick", "slow": None}
    assert [error.message for error in result.errors] == ["broke"]
    await asyncio.sleep(0)
    assert waiting in row.seen


async def test_an_execution_that_is_cancelled_cancels_its_work() -> None:
    row = SlowRow()
    task = asyncio.ensure_future(slow_schema(CompiledExecutor, row).execute("{ slow { hangs waits } }"))
    await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await asyncio.sleep(0)
    assert sorted(row.seen) == ["hangs", "waits"]


@pytest.mark.parametrize("beside", ["", "again: cancelled"])
async def test_work_that_cancels_itself_is_never_a_silent_null(beside: str) -> None:
    with pytest.raises(asyncio.CancelledError):
        await slow_schema(CompiledExecutor, SlowRow()).execute(f"{{ slow {{ cancelled {beside} }} }}")


def test_a_function_that_must_be_awaited_needs_a_loop() -> None:
    schema = slow_schema(CompiledExecutor, SlowRow())
    result = schema.execute_sync("{ quick }")
    assert result.data == {"quick": "quick"}


async def test_what_is_not_compiled_is_handed_over_and_counted() -> None:
    handed_over = CompiledExecutor.tally.handed_over["incremental delivery"]
    document = graphql.parse("{ nothing { ... @defer { id } } }")
    result = graphql.execute(made(None, late=now)._schema, document, executor_class=CompiledExecutor)
    assert isinstance(result, ExecutionResult)
    assert result.data == {"nothing": None}
    assert CompiledExecutor.tally.handed_over["incremental delivery"] == handed_over + 1
