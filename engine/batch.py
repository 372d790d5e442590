"""One call of a batched function, whoever executes the operation."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.info import Guard, Info
from engine.reading import Reads
from engine.registry import BatchFunction


class BatchLengthError(Exception):
    """a batched function returned more or fewer results than it was given parents"""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Binding:
    """A batched field and its function.

    name: `Type.python_name` of the field.
    reads: what the function reads of the parents, where it says so.
    convert: turns coerced GraphQL arguments into the function's keywords.
    """

    name: str
    function: BatchFunction
    guard: Guard | None
    metadata: Mapping[Any, Any]
    reads: Reads | None
    convert: Callable[[dict[str, Any]], dict[str, Any]]

    def ask(self, parents: Sequence[Any], info: Info, arguments: dict[str, Any] | None) -> Any:
        """What the function returns, or an awaitable of it; what it raised is an exception for each parent.

        `arguments`: as graphql-core coerced them; None where the field takes none.
        """
        try:
            refusal = self.guard(info) if self.guard is not None else None
            if refusal is not None:
                return [refusal] * len(parents)
            if arguments is None:
                return self.function(parents, info)
            return self.function(parents, info, **self.convert(arguments))
        except Exception as error:  # noqa: BLE001 - any failure of the function is every parent's field error
            return [error] * len(parents)

    def each(self, results: Any, count: int) -> Sequence[Any]:
        """One value or exception for each parent, of what `ask` gave in the end or of the exception it ended with."""
        if isinstance(results, Exception):
            return [results] * count
        try:
            values: Sequence[Any] = results if isinstance(results, list | tuple) else list(results)
        except Exception as error:  # noqa: BLE001 - as above
            return [error] * count
        if len(values) == count:
            return values
        told = f"function of `{self.name}` returned {len(values)} results for {count} parents: return one for each"
        return [BatchLengthError(told)] * count
