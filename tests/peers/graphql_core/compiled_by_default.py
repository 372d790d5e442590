"""A pytest plugin for graphql-core's own tests: what they execute, the engine executes.

It is loaded into their process with `-p`. Nothing of an operation that was compiled may be executed by graphql-core:
that raises what no test can take for a field's error. What became of the operations is written at the end to the file
that the environment variable `TALLY` names.
"""

from __future__ import annotations

import json
import os
import sys
from collections import Counter
from pathlib import Path
from typing import Any

from graphql import OperationType
from graphql.execution.executor import Executor
from graphql.execution.executor_throwing_on_incremental import ExecutorThrowingOnIncremental
from graphql.execution.incremental.incremental_executor import IncrementalExecutor

from engine.directive import directives_used
from engine.executor import INCREMENTAL, CompiledExecution

_FIELD_BY_FIELD = ("execute_fields", "execute_fields_serially", "execute_field", "complete_value")
"""graphql-core's methods that execute an operation object by object and field by field."""

tally: Counter[str] = Counter()


class FellBack(BaseException):
    """graphql-core executed a part of an operation that was compiled"""


def _guarded(name: str) -> Any:
    def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        if self.is_compiled:
            raise FellBack(name)
        return getattr(super(_Ours, self), name)(*args, **kwargs)

    return method


class _Ours(CompiledExecution):
    is_compiled = False

    def _compiled(self) -> Any:
        selection = super()._compiled()
        self.is_compiled = selection is not None
        if self.is_compiled:
            _count(self, "compiled")
        return selection


for _name in _FIELD_BY_FIELD:
    setattr(_Ours, _name, _guarded(_name))


class _Execute(_Ours, IncrementalExecutor):
    """In place of what `execute` uses."""


class _Subscribe(_Ours, ExecutorThrowingOnIncremental):
    """In place of what `subscribe` uses for the events."""


def _count(executor: Executor[Any], fate: str) -> None:
    if executor.operation.operation is OperationType.SUBSCRIPTION:
        tally[f"subscription events {fate}"] += 1
    elif directives_used(executor.operation, *executor.fragment_definitions.values()) & INCREMENTAL:
        tally[f"@defer and @stream {fate}"] += 1
    else:
        tally[fate] += 1


def pytest_configure() -> None:
    """Replace graphql-core's executors, and count what they still get: ours hand over to the method counted here."""
    stock = Executor.execute_operation

    def execute_operation(self: Executor[Any], serially: bool | None = None) -> Any:
        _count(self, "handed over" if isinstance(self, _Ours) else "of an executor of the test's own")
        return stock(self, serially)

    Executor.execute_operation = execute_operation  # type: ignore[method-assign]
    # The module, not the function of the same name that the package exports.
    module: Any = sys.modules["graphql.execution.execute"]
    module.IncrementalExecutor = _Execute
    module.ExecutorThrowingOnIncremental = _Subscribe


def pytest_sessionfinish() -> None:
    """Write the counts and why operations were handed over."""
    Path(os.environ["TALLY"]).write_text(
        json.dumps({"operations": dict(tally), "reasons": dict(CompiledExecution.tally.handed_over)})
    )
