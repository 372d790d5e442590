"""One execution of an operation: level by level, every batched function once a level.

Fields are completed depth first as far as their values are there. What is not there yet, a batch to ask for or a value
to await, is put off; a round asks for and awaits everything that was put off, and completing the answers puts off the
next level.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Coroutine, Sequence
from inspect import isawaitable
from typing import Any, NamedTuple

from graphql import GraphQLObjectType
from graphql.execution.executor import Executor

from engine.arguments import Arguments
from engine.completion import execute_field, or_raise
from engine.failure import Failed, containers, settle
from engine.info import Execution, Info
from engine.parents import Batch, Parents, held_ones
from engine.place import Places, only
from engine.plan import Field, Selection
from engine.tally import Tally
from engine.together import put
from engine.watch import Asked, Watch

Box = Any
"""The dictionary or list that holds a value's place in the response."""


GONE = object()
"""The value of what was cancelled because its place in the response is gone."""


class PutOff(NamedTuple):
    """A value to await, and what becomes of it at its place in the response."""

    awaitable: Awaitable[Any]
    field: Field
    box: Box
    key: str | int
    then: Callable[[Any], Any]


class Run:
    """The state of one execution."""

    def __init__(self, executor: Executor[Any], watch: Watch | None = None, *, in_turn: bool = False) -> None:
        self.executor = executor
        self.watch = watch
        self.in_turn = in_turn
        self.tally: Tally = getattr(executor, "tally", None) or Tally()
        self.is_awaitable = executor.is_awaitable
        self.is_async_iterable = executor.is_async_iterable
        manager = executor.middleware_manager
        self.middleware = manager if manager is not None and manager.middlewares else None
        self.data: dict[str, Any] | None = {}
        self.failed = False
        self.lost = False
        self.put_off: list[PutOff] = []
        self.waiting: dict[Selection, Parents] = {}
        self.step: Batch | None = None
        self.arguments = Arguments(executor)
        self.execution = Execution(
            executor.schema,
            executor.context_value,
            executor.root_value,
            executor.variable_values.coerced,
            executor.operation.operation,
            executor.fragment_definitions,
            executor,
            self.arguments,
        )

    def fail(self, field: Field, error: Exception) -> Failed:
        """A mark for the response."""
        self.failed = True
        return Failed(field, error)

    def later(
        self, awaitable: Awaitable[Any], field: Field, box: Box, key: str | int, then: Callable[[Any], Any]
    ) -> None:
        """Put off a value until it can be awaited; `then` completes it."""
        if self.executor.abort_signal is not None:
            awaitable = self.executor.with_abort_signal(awaitable)
        self.put_off.append(PutOff(awaitable, field, box, key, then))

    def collect(self, items: Awaitable[list[Any]], field: Field, box: Box, key: str | int) -> None:
        """Put off a list that collects itself, and cleans up after itself when the operation is aborted."""
        self.put_off.append(PutOff(items, field, box, key, or_raise))

    def join(
        self, selection: Selection, sources: Sequence[Any], boxes: Sequence[dict[str, Any]], places: Places
    ) -> None:
        """Put off a selection's batched fields until all sources of the level are known."""
        parents = self.waiting.get(selection)
        if parents is None:
            parents = self.waiting[selection] = Parents()
        parents.add(sources, boxes, places)

    def batches(self) -> list[Batch]:
        """Everything that is to be asked next, which is no longer put off then."""
        if self.step is not None:
            step, self.step = self.step, None
            return [step]
        waiting, self.waiting = self.waiting, {}
        return [Batch(field, parents) for selection, parents in waiting.items() for field in selection.batched]

    def drive(self) -> Awaitable[None] | None:
        """Run rounds until nothing is put off; an awaitable of the rest as soon as something must be awaited."""
        self.settle()
        while self.put_off or self.waiting or self.step is not None:
            round_ = Round(self)
            if round_.awaitables:
                return self._drive(round_)
            round_.finish()
        return None

    async def _drive(self, round_: Round) -> None:
        while True:
            await round_.wait()
            round_.finish()
            if not (self.put_off or self.waiting):
                return
            round_ = Round(self)

    def settle(self) -> bool:
        """Turn marks into errors and nulls and give up what no longer has a place in the response.

        True if places were lost.
        """
        if not self.failed:
            return False
        self.failed = False
        executor = self.executor
        if self.data is not None:
            outcome = settle(self.data, executor.collected_errors.errors, propagate=executor.error_propagation)
            self.data = outcome.data
            self.lost = self.lost or outcome.bubbled
        if not self.lost:
            return False
        self.lost = False
        self._give_up()
        return True

    def _give_up(self) -> None:
        held = containers(self.data)
        kept: list[PutOff] = []
        dropped: list[Awaitable[Any]] = []
        for item in self.put_off:
            if id(item.box) in held:
                kept.append(item)
            else:
                dropped.append(item.awaitable)
        self.put_off = kept
        if dropped:
            self.executor.settle_in_background(dropped)
        for selection, parents in list(self.waiting.items()):
            if left := held_ones(parents, held):
                self.waiting[selection] = parents.left(left)
            else:
                del self.waiting[selection]

    def begin(self, field: Field, source: Any) -> None:
        """Start one root field."""
        data = self.data
        assert data is not None
        data[field.key] = None
        if field in field.parent.batched:
            parents = Parents()
            parents.add([source], [data], only(None))
            self.step = Batch(field, parents)
            return
        try:
            data[field.key] = execute_field(self, field, source, data, None)
        except Exception as error:  # noqa: BLE001 - the field's error
            data[field.key] = self.fail(field, error)

    def begin_all(self, selection: Selection, source: Any) -> None:
        """Start all root fields."""
        self.data = selection.one(self, source, None)


class Round:
    """Everything put off on one level.

    gone: places, among the awaitables, of those whose value no longer matters.
    """

    def __init__(self, run: Run) -> None:
        self.run = run
        self.put_off, run.put_off = run.put_off, []
        self.awaitables: list[Awaitable[Any]] = [item.awaitable for item in self.put_off]
        batches = run.batches()
        if run.watch is not None:
            run.watch.begin([_asked(batch) for batch in batches])
        self.asked: list[tuple[Batch, Any]] = []
        self.later: list[tuple[Batch, int]] = []
        for batch in batches:
            answer = ask(run, batch)
            if answer.__class__ is not list and isawaitable(answer):
                self.later.append((batch, len(self.awaitables)))
                self.awaitables.append(answer)
            else:
                self.asked.append((batch, answer))
        self.values: list[Any] = []
        self.gone: set[int] = set()

    async def wait(self) -> None:
        """Await everything; a failure that nulls the place of others cancels them."""
        if len(self.awaitables) == 1:
            try:
                self.values = [await self.awaitables[0]]
            except Exception as error:  # noqa: BLE001 - the field's error
                self.values = [error]
            return
        if self.run.in_turn and not self.put_off:
            await self._wait_in_turn()
            return
        tasks = [asyncio.ensure_future(awaitable) for awaitable in self.awaitables]
        pending = set(tasks)
        try:
            while pending:
                done, pending = await asyncio.wait(pending, return_when=asyncio.FIRST_EXCEPTION)
                if pending:
                    self._cancel_lost(tasks, done)
        finally:
            for task in pending:
                task.cancel()
        self.values = [GONE if at in self.gone else _result(task) for at, task in enumerate(tasks)]

    async def _wait_in_turn(self) -> None:
        """Await batches, whose failures are values."""
        waiting = iter(self.awaitables)
        try:
            for awaitable in waiting:
                try:
                    self.values.append(await awaitable)
                except Exception as error:  # noqa: BLE001 - every parent's error
                    self.values.append(error)
        finally:
            for awaitable in waiting:
                if isinstance(awaitable, Coroutine):
                    awaitable.close()

    def _cancel_lost(self, tasks: Sequence[asyncio.Future[Any]], done: Collection[asyncio.Future[Any]]) -> None:
        run = self.run
        for at, (item, task) in enumerate(zip(self.put_off, tasks, strict=False)):
            if task in done and not task.cancelled() and (error := task.exception()) is not None:
                if not isinstance(error, Exception):
                    raise error
                item.box[item.key] = run.fail(item.field, error)
                self.gone.add(at)
        if run.settle():
            held = containers(run.data)
            lost = [at for at, item in enumerate(self.put_off) if id(item.box) not in held]
            for batch, _ in self.asked:
                batch.keep(held)
            lost += [at for batch, at in self.later if not batch.keep(held)]
            for at in lost:
                tasks[at].cancel()
            self.gone.update(lost)

    def finish(self) -> None:
        """Complete everything, now that all awaited values are there."""
        run = self.run
        values = self.values
        for item, value in zip(self.put_off, values, strict=False):
            if value is GONE:
                continue
            try:
                completed = item.then(value)
            except Exception as error:  # noqa: BLE001 - the field's error
                completed = run.fail(item.field, error)
            item.box[item.key] = completed
        for batch, answers in self.asked:
            finish(run, batch, answers)
        for batch, at in self.later:
            if values[at] is not GONE:
                finish(run, batch, values[at])
        run.settle()
        if run.watch is not None:
            run.watch.end()


def _result(task: asyncio.Future[Any]) -> Any:
    """What a task came to, its error as a value; one that cancelled itself cancels the execution."""
    error = None if task.cancelled() else task.exception()
    return error if isinstance(error, Exception) else task.result()


def _asked(batch: Batch) -> Asked:
    return Asked(f"{batch.field.parent.type.name}.{batch.field.name}", len(batch.parents.sources))


def ask(run: Run, batch: Batch) -> Any:
    """Call the batched function. Arguments are coerced before its guard is asked, as graphql-core does."""
    field, sources = batch.field, batch.parents.sources
    binding, site = field.binding, field.site
    assert binding is not None
    assert site is not None
    try:
        arguments = run.arguments.of(field) if field.takes_arguments else None
    except Exception as error:  # noqa: BLE001 - every parent's error
        return [error] * len(sources)
    return binding.ask(sources, Info(site, run.execution), arguments)


def finish(run: Run, batch: Batch, results: Any) -> None:
    """Put a batch's values in their places."""
    field = batch.field
    assert field.binding is not None
    values = batch.left(field.binding.each(results, batch.count))
    put(run, field, values, batch.parents.boxes, batch.parents.place)


__all__ = ["Batch", "GraphQLObjectType", "Run"]
