"""Writing the values of scalars and enums, with short ways for what they nearly always are."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from inspect import isawaitable
from types import GeneratorType
from typing import Any

from graphql import GraphQLBoolean, GraphQLEnumType, GraphQLID, GraphQLLeafType, GraphQLString, Undefined

from engine.shape import Form, Shape

Write = Callable[[Any], Any]

_PLAIN: Mapping[str, type] = {GraphQLString.name: str, GraphQLID.name: str, GraphQLBoolean.name: bool}
"""The specified scalars that write values of one class as they are; their names are theirs alone."""


class NotPlain(Exception):
    """The value is not what a short way can take: the long way completes it, or says what is wrong with it."""


def plain_class(shape: Shape) -> type | None:
    """The class whose values are written as they are; None where every value has to be looked at."""
    return _PLAIN.get(shape.named.name) if shape.form is Form.LEAF else None


def members(shape: Shape) -> Mapping[Any, str] | None:
    """Names by value, where the shape is an enum; looking up what is no member raises."""
    if shape.form is Form.LEAF and isinstance(shape.named, GraphQLEnumType):
        return _Members(shape.named.coerce_output_value)
    return None


def writer(shape: Shape) -> Write:
    """Give the function that completes a value of a leaf, or of lists of them.

    It raises NotPlain, or whatever coercing raises, for everything that is an error or not there yet.
    """
    if shape.form is Form.LIST:
        assert shape.inner is not None
        return _list_writer(writer(shape.inner), nonnull=shape.nonnull)
    return _leaf_writer(shape.leaf, nonnull=shape.nonnull)


def is_leaf(shape: Shape) -> bool:
    """Whether a shape is a leaf, or a list of leaves at any depth."""
    while shape.form is Form.LIST:
        assert shape.inner is not None
        shape = shape.inner
    return shape.form is Form.LEAF


def _leaf_writer(leaf: GraphQLLeafType, *, nonnull: bool) -> Write:
    coerce = leaf.coerce_output_value
    if isinstance(leaf, GraphQLEnumType):
        coerce = _Members(coerce).__getitem__

    plain: set[type] = set()

    def write(value: Any) -> Any:
        if value.__class__ not in plain:
            if value is None or value is Undefined:
                if nonnull:
                    raise NotPlain
                return None
            if isinstance(value, Exception | GeneratorType) or isawaitable(value):
                raise NotPlain
            # Whether it can be awaited is its class's business (generators apart), so it is asked once a class.
            plain.add(value.__class__)
        coerced = coerce(value)
        if coerced is None or coerced is Undefined:
            raise NotPlain
        return coerced

    return write


def _list_writer(inner: Write, *, nonnull: bool) -> Write:
    def write(value: Any) -> Any:
        if value.__class__ is list or value.__class__ is tuple:
            return [inner(item) for item in value]
        if value is None and not nonnull:
            return None
        raise NotPlain

    return write


class _Members(dict[Any, Any]):
    """An enum's names by value, as they are met; an enum has few, so few are kept."""

    def __init__(self, coerce: Write) -> None:
        super().__init__()
        self._coerce = coerce

    def __missing__(self, value: Any) -> Any:
        name = self._coerce(value)
        self[value] = name
        return name
