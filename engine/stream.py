"""Fields of the subscription type: declared like batched ones, bound to a function that opens a stream of events.

The function takes the info and the arguments and gives an async iterator. graphql-core's `subscribe` pulls it: an event
is asked for when the answer to the last one was taken, so nothing queues up behind a slow reader. Each event is the
field's value in an execution of its own, compiled like any other.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Any

from graphql import GraphQLResolveInfo

from engine.batch import Binding
from engine.stock import info_of


def opener(binding: Binding) -> Callable[..., AsyncIterator[Any]]:
    """What graphql-core asks for the field's events; a guard's refusal is the whole answer."""

    def subscribe(_: Any, info: GraphQLResolveInfo[Any], **arguments: Any) -> AsyncIterator[Any]:
        told = info_of(binding, info)
        refusal = binding.guard(told) if binding.guard is not None else None
        if refusal is not None:
            raise refusal
        events: AsyncIterator[Any] = binding.function(told, **binding.convert(arguments))
        return events

    return subscribe


def event(source: Any, _: GraphQLResolveInfo[Any], **__: Any) -> Any:
    """The field's value: the event itself, which is the root value of its execution."""
    return source
