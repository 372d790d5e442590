"""One call of a batched function, whoever executes the operation."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from inspect import isawaitable
from typing import Any

from engine.info import Guard, Info
from engine.registry import BatchFunction


class BatchLengthError(Exception):
    """a batched function returned more or fewer results than it was given parents"""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Binding:
    """A batched field and its function.

    name: `Type.python_name` of the field.
    convert: turns coerced GraphQL arguments into the function's keywords.
    """

    name: str
    function: BatchFunction
    guard: Guard | None
    metadata: Mapping[Any, Any]
    convert: Callable[[dict[str, Any]], dict[str, Any]]

    def ask(
        self, parents: Sequence[Any], info: Info, arguments: dict[str, Any] | None
    ) -> Sequence[Any] | Awaitable[Sequence[Any]]:
        """One value or exception for each parent; only an awaitable result can still fail.

        `arguments`: as graphql-core coerced them; None where the field takes none.
        """
        try:
            refusal = self.guard(info) if self.guard is not None else None
            if refusal is not None:
                return [refusal] * len(parents)
            if arguments is None:
                results = self.function(parents, info)
            else:
                results = self.function(parents, info, **self.convert(arguments))
            if results.__class__ is not list and isawaitable(results):
                return self._later(results, len(parents))
            return self._checked(results, len(parents))
        except Exception as error:  # noqa: BLE001 - any failure of the function is every parent's field error
            return [error] * len(parents)

    async def _later(self, results: Awaitable[Any], count: int) -> Sequence[Any]:
        try:
            return self._checked(await results, count)
        except Exception as error:  # noqa: BLE001 - as above
            return [error] * count

    def _checked(self, results: Any, count: int) -> Sequence[Any]:
        values: Sequence[Any] = results if isinstance(results, list | tuple) else list(results)
        if len(values) != count:
            raise BatchLengthError(
                f"function of `{self.name}` returned {len(values)} results for {count} parents: return one for each"
            )
        return values
