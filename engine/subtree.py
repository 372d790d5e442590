"""Everything selected below a field, as plain data: for functions that render it elsewhere, and splice the result."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from graphql import GraphQLEnumType, GraphQLObjectType

from engine.leaf import is_leaf
from engine.shape import Form

if TYPE_CHECKING:
    from graphql.execution.executor import Executor

    from engine.plan import Field

KEYS_MAX = 1_000
"""Response keys of a subtree; fragments that multiply are left to the data."""


class Rendered:
    """A field's value whose response is written already: the JSON of all that is selected below it.

    The response takes it as it is. Whoever makes one answers for what completing would have: types, nulls, order.
    """

    __slots__ = ("json",)

    def __init__(self, json: str) -> None:
        self.json = json


class Wanted:
    """One response key.

    key: the response key. name: the field's Python name, `__typename` for that.
    attribute: the attribute that is its value; None for `__typename` and for fields with a function.
    leaf: the name of its scalar or enum. below: what is selected of its object. One of the two is None.
    metadata: the declaration's, of a field with a function.
    """

    __slots__ = ("attribute", "below", "field", "is_enum", "is_list", "key", "leaf", "metadata", "name", "nonnull")

    def __init__(self, field: Field, below: Subtree | None) -> None:
        named = field.shape.named
        self.field = field
        self.key = field.key
        self.name = _python_name(field)
        self.attribute = field.attribute
        self.is_list = field.shape.form is Form.LIST
        self.nonnull = field.shape.nonnull
        self.leaf = named.name if below is None else None
        self.is_enum = isinstance(named, GraphQLEnumType)
        self.below = below
        self.metadata: Mapping[Any, Any] = field.binding.metadata if field.binding is not None else {}


class Subtree:
    """The selection of one object type. `kept`: whatever somebody found out about it, for as long as the plan lives."""

    __slots__ = ("fields", "kept", "type")

    def __init__(self, type_: str, fields: Sequence[Wanted]) -> None:
        self.type = type_
        self.fields = fields
        self.kept: dict[Any, Any] = {}


def subtree_of(executor: Executor[Any], field: Field) -> Subtree | None:
    """What is selected below a field; None where that is not known before it is executed.

    Something below it may be of several types, be resolved by hand, or have middleware around it.
    """
    return _below(executor, field, [KEYS_MAX]) if field.parent.plan.is_short else None


def _below(executor: Executor[Any], field: Field, left: list[int]) -> Subtree | None:
    named = field.shape.named
    if not isinstance(named, GraphQLObjectType):
        return None
    wanted: list[Wanted] = []
    for each in field.selection(executor, named).fields:
        left[0] -= 1
        if left[0] < 0 or (each.attribute is None and each.binding is None and each.constant is None):
            return None
        if each.constant is not None or is_leaf(each.shape):
            wanted.append(Wanted(each, None))
            continue
        below = _below(executor, each, left)
        if below is None:
            return None
        wanted.append(Wanted(each, below))
    return Subtree(named.name, wanted)


def _python_name(field: Field) -> str:
    if field.binding is not None:
        return field.binding.name.partition(".")[2]
    return field.attribute or field.name
