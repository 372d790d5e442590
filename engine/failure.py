"""Failures are values: a failed field leaves a mark in the response, and marks are settled when all work is done.

Settling walks the response in document order, turns each mark into a located error and nulls the nearest position that
may be null. Nothing of this costs anything while no field fails.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from graphql import GraphQLError
from graphql.error import located_error

from engine.plan import Field
from engine.shape import Shape


class Failed:
    """Stands in the response where a field, or an item of its list, failed."""

    __slots__ = ("error", "field")

    def __init__(self, field: Field, error: Exception) -> None:
        self.field = field
        self.error = error


def null_forbidden(field: Field) -> TypeError:
    """The error of a null where the type forbids it, in graphql-core's words."""
    return TypeError(f"Cannot return null for non-nullable field {field.parent.type}.{field.name}.")


class Outcome(NamedTuple):
    """The settled data, None when null reached the root, and whether anything was nulled above a mark's own place."""

    data: dict[str, Any] | None
    bubbled: bool


def settle(data: dict[str, Any], errors: list[GraphQLError], *, propagate: bool) -> Outcome:
    """Replace every mark below `data` and append the errors.

    Without `propagate` a failed position is null whatever its type says.
    """
    settling = _Settling(errors, propagate=propagate)
    rootless = settling.visit(data) is not None
    return Outcome(None if rootless else data, rootless or settling.bubbled)


def containers(data: dict[str, Any] | None) -> set[int]:
    """The identities of all objects and lists that the response still holds."""
    held: set[int] = set()
    waiting: list[Any] = [] if data is None else [data]
    while waiting:
        box = waiting.pop()
        held.add(id(box))
        values = box.values() if isinstance(box, dict) else box
        waiting.extend(value for value in values if value.__class__ is dict or value.__class__ is list)
    return held


class _Settling:
    def __init__(self, errors: list[GraphQLError], *, propagate: bool) -> None:
        self.errors = errors
        self.propagate = propagate
        self.bubbled = False
        self.path: list[str | int] = []

    def visit(self, box: dict[str, Any] | list[Any]) -> int | None:
        """Settle a container; the length of the path to null when that is a position above the container's own."""
        path = self.path
        entries: Any = box.items() if isinstance(box, dict) else enumerate(box)
        for key, value in entries:
            kind = value.__class__
            if kind is dict or kind is list:
                path.append(key)
                target = self.visit(value)
            elif kind is Failed:
                path.append(key)
                target = self.fail(value)
            else:
                continue
            path.pop()
            if target is None:
                continue
            if target <= len(path):
                self.bubbled = True
                return target
            box[key] = None
        return None

    def fail(self, mark: Failed) -> int:
        """Record the error; the length of the path to the position that becomes null, 0 for the whole response."""
        path = self.path
        self.errors.append(located_error(mark.error, mark.field.nodes, list(path)))
        if not self.propagate:
            return len(path)
        fields = iter(mark.field.chain())
        nullable = 0
        shape: Shape | None = None
        for length, key in enumerate(path, 1):
            shape = next(fields).shape if isinstance(key, str) else shape and shape.inner
            if shape is not None and not shape.nonnull:
                nullable = length
        return nullable
