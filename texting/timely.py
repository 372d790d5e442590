"""Executing an operation within its time, whatever carries the answer."""

from __future__ import annotations

import asyncio

from graphql import ExecutionResult, OperationType

from texting.admission import Admission
from texting.cost import cost_of
from texting.execution import Execute
from texting.operations import Prepared
from texting.request_failure import FailureCode, RequestFailure


async def executed(execute: Execute, prepared: Prepared, seconds: float, admission: Admission) -> ExecutionResult:
    """Execute a query within `seconds`, when it is its caller's turn.

    A mutation gets its end, since nobody could say what became of half of it. The result tells its cost where that was
    asked for.

    Raises:
        RequestFailure: the query took longer, or its turn did not come. What it reads with must be closed.
    """
    result = await _timely(execute, prepared, seconds, admission)
    if prepared.asked.wants_cost:
        result.extensions = {**(result.extensions or {}), "cost": cost_of(prepared, result.data)}
    return result


async def _timely(execute: Execute, prepared: Prepared, seconds: float, admission: Admission) -> ExecutionResult:
    parts = (prepared.document, prepared.asked, prepared.context)
    if prepared.kind is not OperationType.QUERY:
        return await execute(*parts)
    async with admission.turn(prepared.context.principal):
        with _Deadline(seconds):
            return await execute(*parts)


class _Deadline:
    """`asyncio.timeout` for the one task that a request is, at a third of what it takes of a small request.

    Leaving it late raises `RequestFailure`; a task that was also cancelled from outside stays cancelled.
    """

    __slots__ = ("_cancelling", "_is_over", "_seconds", "_task", "_timer")

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._is_over = False

    def __enter__(self) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._task, self._cancelling = task, task.cancelling()
        self._timer = asyncio.get_running_loop().call_later(self._seconds, self._end)

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self._timer.cancel()
        if self._is_over and self._task.uncancel() <= self._cancelling and kind is asyncio.CancelledError:
            raise _timed_out(self._seconds) from None

    def _end(self) -> None:
        self._is_over = True
        self._task.cancel()


def _timed_out(seconds: float) -> RequestFailure:
    message = f"the query took longer than {seconds:g} s (TEXTING_OPERATION_TIMEOUT_S): ask for less at once"
    return RequestFailure(504, FailureCode.TIMED_OUT, message)
