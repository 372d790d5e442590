"""How two executions of one document are compared."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from graphql import ExecutionResult

Error = tuple[tuple[str | int, ...], str, tuple[Any, ...]]
"""An error's path, message and locations."""


def errors(result: ExecutionResult) -> Counter[Error]:
    """The errors, in no order."""
    return Counter(
        (
            tuple(error.path or ()),
            error.message,
            tuple((place.line, place.column) for place in error.locations or ()),
        )
        for error in result.errors or ()
    )


def compare(stock: ExecutionResult, compiled: ExecutionResult, everything: Counter[Error] | None = None) -> None:
    """Equal data; equal errors where null stayed in its place; where null went up, some of those that took it there.

    everything: the errors there are when null never goes up.
    """
    assert compiled.data == stock.data
    assert list(_ordered(compiled.data)) == list(_ordered(stock.data))
    ours, theirs = errors(compiled), errors(stock)
    assert set(ours.values()) <= {1}
    assert everything is None or {error[:2] for error in ours} <= {error[:2] for error in everything}
    at_their_place = [{error for error in found if _place(error, stock.data) == error[0]} for found in (ours, theirs)]
    assert at_their_place[0] == at_their_place[1]
    assert {_place(error, stock.data) for error in ours} == {_place(error, stock.data) for error in theirs}


def _place(error: Error, data: Any) -> tuple[str | int, ...]:
    """Where the error's path comes to null: at its end, or above it where null went up."""
    path = error[0]
    for at, key in enumerate(path):
        if data is None:
            return path[:at]
        data = data[key]
    return path


def _ordered(value: Any) -> Iterator[str]:
    """Walk the keys in their order: equal dictionaries may differ in it."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield key
            yield from _ordered(item)
    elif isinstance(value, list):
        for item in value:
            yield from _ordered(item)
