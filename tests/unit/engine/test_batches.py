from __future__ import annotations

from typing import Any

import pytest

from engine import BatchLengthError
from tests.unit.engine.directory import Context, directory

Executor = type[Any] | None


async def run(
    executor: Executor, document: str, context: Context | None = None, **variables: Any
) -> tuple[Any, Context]:
    context = context or Context()
    result = await directory(executor).execute(document, context_value=context, variable_values=variables)
    return result, context


async def test_each_field_of_a_nested_list_is_called_once(executor: Executor) -> None:
    result, context = await run(executor, "{ users(count: 40) { id numbers { id digits campaign { id name } } } }")
    assert result.errors is None
    assert len(result.data["users"]) == 40
    assert context.calls == [
        ("users", [None], 40),
        ("id", "User", 40),
        ("numbers", 40, 2, ("users", "numbers"), {"columns": "digits"}, frozenset({"id", "digits", "campaign"})),
        ("id", "Number", 80),
        ("campaign", 80),
        ("id", "Campaign", 53),
    ]


async def test_a_list_of_lists_is_one_batch(executor: Executor) -> None:
    result, context = await run(executor, "{ grid { digits campaign { name } } }")
    assert [len(row) for row in result.data["grid"]] == [0, 1, 2, 3]
    assert context.calls == [("campaign", 6)]


async def test_aliases_are_batches_of_their_own(executor: Executor) -> None:
    result, context = await run(
        executor, "{ users(count: 3) { a: numbers(first: 1) { digits } b: numbers { digits } } }"
    )
    assert [len(user["a"]) + len(user["b"]) for user in result.data["users"]] == [3, 3, 3]
    assert sorted(call[:3] for call in context.calls[1:]) == [("numbers", 3, 1), ("numbers", 3, 2)]


async def test_an_inherited_field_is_called_once_for_each_type(executor: Executor) -> None:
    result, context = await run(executor, "{ nodes { __typename id ... on User { name } } }")
    assert [node["id"] for node in result.data["nodes"]] == ["User:1", "Number:1", "User:2", "Campaign:1"]
    assert sorted(context.calls) == [("id", "Campaign", 1), ("id", "Number", 1), ("id", "User", 2)]


async def test_a_union_believes_the_class_of_the_runtime_object(executor: Executor) -> None:
    result, _ = await run(executor, "{ things { __typename ... on User { name } ... on Number { kind } } }")
    assert result.data["things"] == [
        {"__typename": "User", "name": "user 1"},
        {"__typename": "Number", "kind": "LOCAL"},
    ]


async def test_an_exception_in_a_value_s_place_is_that_parent_s_alone(executor: Executor) -> None:
    result, _ = await run(executor, "{ users { name fragile } }")
    assert [user["fragile"] for user in result.data["users"]] == ["fine", None, "fine"]
    [error] = result.errors
    assert (error.message, error.path) == ("`1` broke", ["users", 1, "fragile"])


async def test_a_result_of_the_wrong_length_is_an_error_for_every_parent(executor: Executor) -> None:
    result, _ = await run(executor, "{ users { short } }")
    assert [error.path for error in result.errors] == [["users", index, "short"] for index in range(3)]
    assert all(isinstance(error.original_error, BatchLengthError) for error in result.errors)
    assert "`User.short` returned 1 results for 3 parents" in result.errors[0].message


@pytest.mark.parametrize("is_open", [True, False])
async def test_the_guard_is_asked_once_and_its_refusal_keeps_the_function_from_running(
    executor: Executor, is_open: bool
) -> None:
    result, context = await run(executor, "{ users { secret } }", Context(open=is_open))
    assert context.calls.count(("guard", "secret")) == 1
    assert context.calls.count(("secret", 3)) == is_open
    assert {user["secret"] for user in result.data["users"]} == ({"hush"} if is_open else {None})
    assert len(result.errors or ()) == (0 if is_open else 3)


async def test_mutations_run_one_after_the_other(executor: Executor) -> None:
    result, context = await run(executor, 'mutation { a: add(name: "x") { id } b: add(name: "y") { id } }')
    assert result.data == {"a": {"id": "User:0"}, "b": {"id": "User:0"}}
    assert context.calls == [("add", "x"), ("id", "User", 1), ("add", "y"), ("id", "User", 1)]


async def test_selection_follows_fragments_and_decides_conditions(executor: Executor) -> None:
    _, context = await run(
        executor,
        """query ($no: Boolean!) {
            users { numbers { ...f dropped: kind @include(if: $no) ... @skip(if: $no) { d: digits } } }
        }
        fragment f on Number { id campaign @skip(if: true) { name } }""",
        no=False,
    )
    [call] = [call for call in context.calls if call[0] == "numbers"]
    assert call[-1] == frozenset({"id", "digits"})


def test_without_an_event_loop_a_plain_function_is_called_for_each_parent(executor: Executor) -> None:
    result = directory(executor).execute_sync("{ things { ... on User { secret } } }", context_value=Context())
    assert result.data == {"things": [{"secret": "hush"}, {}]}
