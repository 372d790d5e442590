"""Batches under graphql-core's own executor: parents are gathered across the event loop's next turns.

graphql-core asks one parent at a time. Each gets a future; when no parent has joined for a few turns of the loop, the
function is called once for all of them. The compiled executor does not need any of this.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from inspect import isawaitable
from typing import Any

from graphql import GraphQLResolveInfo
from graphql.execution.values import VariableValues

from engine.info import Guard, Info
from engine.registry import BatchFunction

QUIET_TURNS = 3
"""Turns of the loop without a new parent after which a batch runs: unevenly nested siblings start a turn apart."""


class BatchLengthError(Exception):
    """a batched function returned more or fewer results than it was given parents"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Binding:
    """A batched field and its function: `convert` turns coerced GraphQL arguments into the function's keywords."""

    name: str
    function: BatchFunction
    guard: Guard | None
    metadata: Mapping[Any, Any]
    convert: Callable[[dict[str, Any]], dict[str, Any]]


@dataclass(slots=True, kw_only=True)
class _Batch:
    binding: Binding
    info: Info
    arguments: dict[str, Any]
    parents: list[Any] = field(default_factory=list)
    futures: list[asyncio.Future[Any]] = field(default_factory=list)
    task: asyncio.Task[None] | None = None


Key = tuple[asyncio.AbstractEventLoop, int, str, tuple[str, ...]]
_open: dict[Key, _Batch] = {}


def resolver(binding: Binding) -> Callable[..., Any]:
    """A graphql-core resolver that joins the batch of its field, or calls the function at once without a loop."""

    def resolve(source: Any, info: GraphQLResolveInfo[Any], **arguments: Any) -> Any:
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            return _alone(binding, source, info, arguments)
        path = _path(info)
        # The variables' dictionary is made for one execution and kept by the batch's info: its id cannot be reused.
        key = (loop, id(info.variable_values), info.parent_type.name, path)
        batch = _open.get(key)
        if batch is None:
            batch = _Batch(binding=binding, info=_info(binding, info, path), arguments=arguments)
            _open[key] = batch
            loop.call_soon(_wait, key, 0, 0)
        future: asyncio.Future[Any] = loop.create_future()
        future.add_done_callback(lambda done: _abandon(batch) if done.cancelled() else None)
        batch.parents.append(source)
        batch.futures.append(future)
        return future

    return resolve


def answers(results: Any, binding: Binding, count: int) -> Sequence[Any]:
    """The results as a sequence of the right length, or BatchLengthError."""
    values: Sequence[Any] = results if isinstance(results, list | tuple) else list(results)
    if len(values) != count:
        raise BatchLengthError(
            f"function of `{binding.name}` returned {len(values)} results for {count} parents: return one for each"
        )
    return values


def _wait(key: Key, seen: int, quiet: int) -> None:
    batch = _open[key]
    grown = len(batch.parents) > seen
    if not grown and quiet >= QUIET_TURNS:
        del _open[key]
        batch.task = key[0].create_task(_run(batch))
    else:
        key[0].call_soon(_wait, key, len(batch.parents), 0 if grown else quiet + 1)


async def _run(batch: _Batch) -> None:
    try:
        results = _call(batch.binding, batch.parents, batch.info, batch.arguments)
        if isawaitable(results):
            results = await results
        values = answers(results, batch.binding, len(batch.parents))
    except Exception as error:  # noqa: BLE001 - any failure of the function is its field's error for every parent
        values = [error] * len(batch.parents)
    for future, value in zip(batch.futures, values, strict=True):
        if not future.done():
            future.set_result(value)


def _call(binding: Binding, parents: list[Any], info: Info, arguments: dict[str, Any]) -> Awaitable[Any] | Any:
    refusal = binding.guard(info) if binding.guard is not None else None
    if refusal is not None:
        return [refusal] * len(parents)
    return binding.function(parents, info, **binding.convert(arguments))


def _alone(binding: Binding, source: Any, info: GraphQLResolveInfo[Any], arguments: dict[str, Any]) -> Any:
    results = _call(binding, [source], _info(binding, info, _path(info)), arguments)
    if not isawaitable(results):
        return answers(results, binding, 1)[0]

    async def first() -> Any:
        return answers(await results, binding, 1)[0]

    return first()


def _abandon(batch: _Batch) -> None:
    if batch.task is not None and all(future.cancelled() for future in batch.futures):
        batch.task.cancel()


def _path(info: GraphQLResolveInfo[Any]) -> tuple[str, ...]:
    return tuple(key for key in info.path.as_list() if isinstance(key, str))


def _info(binding: Binding, info: GraphQLResolveInfo[Any], path: tuple[str, ...]) -> Info:
    variables: Any = info.variable_values
    if isinstance(variables, VariableValues):
        variables = variables.coerced
    return Info(
        context=info.context,
        root_value=info.root_value,
        field_name=info.field_name,
        parent_type=info.parent_type.name,
        path=path,
        metadata=binding.metadata,
        variables=variables,
        operation=info.operation.operation,
        nodes=info.field_nodes,
        fragments=info.fragments,
    )
