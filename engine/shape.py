"""A field's return type taken apart once, so that values are completed without asking the schema again."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

from graphql import (
    GraphQLAbstractType,
    GraphQLLeafType,
    GraphQLNamedType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    is_abstract_type,
    is_leaf_type,
    is_list_type,
)


class Form(Enum):
    """What is done with a value that is not null."""

    LEAF = auto()
    LIST = auto()
    OBJECT = auto()
    ABSTRACT = auto()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Shape:
    """One layer of a return type: its form, whether null is forbidden, and the layer below a list."""

    form: Form
    nonnull: bool
    named: GraphQLNamedType
    inner: Shape | None = None

    @property
    def leaf(self) -> GraphQLLeafType:
        """The scalar or enum of a LEAF."""
        return self.named  # type: ignore[return-value]

    @property
    def object(self) -> GraphQLObjectType:
        """The type of an OBJECT."""
        return self.named  # type: ignore[return-value]

    @property
    def abstract(self) -> GraphQLAbstractType:
        """The interface or union of an ABSTRACT."""
        return self.named  # type: ignore[return-value]


def shape_of(type_: GraphQLOutputType) -> Shape:
    """The layers of a return type, outermost first."""
    nonnull = isinstance(type_, GraphQLNonNull)
    if isinstance(type_, GraphQLNonNull):
        type_ = type_.of_type
    if is_list_type(type_):
        inner = shape_of(type_.of_type)
        return Shape(form=Form.LIST, nonnull=nonnull, named=inner.named, inner=inner)
    if is_leaf_type(type_):
        form = Form.LEAF
    elif is_abstract_type(type_):
        form = Form.ABSTRACT
    else:
        form = Form.OBJECT
    return Shape(form=form, nonnull=nonnull, named=type_)  # type: ignore[arg-type]
