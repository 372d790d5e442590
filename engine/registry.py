"""Where functions say which batched field they answer."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

from engine.reading import Reads

BatchFunction = Callable[..., Any]
F = TypeVar("F", bound=BatchFunction)


class Registry:
    """Functions by the name of the field they answer, `Type.python_name`; checked as a whole by `engine.bind`."""

    def __init__(self) -> None:
        self._entries: list[tuple[str, BatchFunction]] = []
        self.reads: dict[str, Reads] = {}

    def bind(self, name: str, *, reads: Iterable[str] | None = None, again: Iterable[str] = ()) -> Callable[[F], F]:
        """Say that the decorated function answers the field `name`, such as `Org.users` or `Mutation.set_org_texting`.

        The type's name is its GraphQL name, the field's name is the Python method's. The function takes the parents,
        the `Info` and each declared argument by keyword, and returns one value or exception for each parent, in their
        order.

        reads: the only attributes of a parent that the function reads, so that whoever loads parents for it can leave
            the others (`Info.reads`); not given, it reads any of them.
        again: dotted paths below the field at which the parent itself may stand, such as `source.entity`.
        """
        if reads is not None:
            self.reads[name] = Reads(frozenset(reads), tuple(tuple(path.split(".")) for path in again))

        def remember(function: F) -> F:
            self._entries.append((name, function))
            return function

        return remember

    def __iter__(self) -> Iterator[tuple[str, BatchFunction]]:
        return iter(self._entries)
