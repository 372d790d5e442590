"""Batches under graphql-core's own executor: parents are gathered across the event loop's next turns.

graphql-core asks one parent at a time. Each gets a future; when no parent has joined for a few turns of the loop, the
function is called once for all of them. The compiled executor does not need any of this.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from inspect import isawaitable
from typing import Any

from graphql import GraphQLResolveInfo
from graphql.execution.values import VariableValues

from engine.batch import Binding
from engine.info import Execution, Info, Site

QUIET_TURNS = 3
"""Turns of the loop without a new parent after which a batch runs: unevenly nested siblings start a turn apart."""


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


def _wait(key: Key, seen: int, quiet: int) -> None:
    batch = _open[key]
    grown = len(batch.parents) > seen
    if not grown and quiet >= QUIET_TURNS:
        del _open[key]
        batch.task = key[0].create_task(_run(batch))
    else:
        key[0].call_soon(_wait, key, len(batch.parents), 0 if grown else quiet + 1)


async def _run(batch: _Batch) -> None:
    results = batch.binding.ask(batch.parents, batch.info, batch.arguments)
    if isawaitable(results):
        results = await _end(results)
    for future, value in zip(batch.futures, batch.binding.each(results, len(batch.parents)), strict=True):
        if not future.done():
            future.set_result(value)


async def _end(results: Awaitable[Any]) -> Any:
    """What it comes to, or the exception it ends with."""
    try:
        return await results
    except Exception as error:  # noqa: BLE001 - every parent's field error
        return error


def info_of(binding: Binding, info: GraphQLResolveInfo[Any]) -> Info:
    """What a function is told, made from what graphql-core tells a resolver."""
    return _info(binding, info, _path(info))


def _alone(binding: Binding, source: Any, info: GraphQLResolveInfo[Any], arguments: dict[str, Any]) -> Any:
    results = binding.ask([source], info_of(binding, info), arguments)
    if not isawaitable(results):
        return binding.each(results, 1)[0]

    async def first() -> Any:
        return binding.each(await _end(results), 1)[0]

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
    operation = info.operation.operation
    execution = Execution(info.schema, info.context, info.root_value, variables, operation, info.fragments)
    definition = info.parent_type.fields[info.field_name]
    return Info(Site(definition, info.parent_type.name, path, binding.metadata, info.field_nodes), execution)
