"""Which attributes of the objects at a place an operation will read: what a function that loads them need not load."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    GraphQLField,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLSchema,
    get_named_type,
    is_abstract_type,
)
from strawberry.schema.schema_converter import GraphQLCoreConverter
from strawberry.types.field import StrawberryField

from engine.selection import children

DEFINITION = GraphQLCoreConverter.DEFINITION_BACKREF
BINDING = "engine-binding"


class Reads(NamedTuple):
    """What a batched function reads of each parent: attributes, and whatever is selected where it hands the parent on.

    again: paths below the field at which the parent itself may stand, such as `("source", "entity")`.
    """

    attributes: frozenset[str]
    again: tuple[tuple[str, ...], ...] = ()


class Reading:
    """What is read in one operation."""

    def __init__(
        self, schema: GraphQLSchema, fragments: Mapping[str, FragmentDefinitionNode], variables: Mapping[str, Any]
    ) -> None:
        self._schema = schema
        self._fragments = fragments
        self._variables = variables

    def of(
        self, returned: GraphQLOutputType, nodes: Iterable[FieldNode], path: Sequence[str], type_name: str
    ) -> frozenset[str] | None:
        """The attributes read of objects of a type, at a path below field nodes that return a type.

        None where that cannot be told: there are no such objects, or something is selected that does not say what it
        reads.
        """
        types = list(self._objects(returned))
        for name in path:
            nodes = self._children(nodes).get(name, ())
            types = [found for each in types if name in each.fields for found in self._objects(each.fields[name].type)]
        type_ = next((each for each in types if each.name == type_name), None)
        if type_ is None:
            return None
        found: set[str] = set()
        for name, below in self._children(nodes).items():
            definition = type_.fields.get(name)
            read = frozenset[str]() if definition is None else self._of_field(definition, below, type_name)
            if read is None:
                return None
            found |= read
        return frozenset(found)

    def _of_field(self, definition: GraphQLField, nodes: Sequence[FieldNode], type_name: str) -> frozenset[str] | None:
        attribute = attribute_of(definition)
        if attribute is not None:
            return frozenset({attribute})
        binding = definition.extensions.get(BINDING)
        if binding is None or binding.reads is None:
            return None
        found = set(binding.reads.attributes)
        for path in binding.reads.again:
            more = self.of(definition.type, nodes, path, type_name)
            if more is None:
                return None
            found |= more
        return frozenset(found)

    def _children(self, nodes: Iterable[FieldNode]) -> dict[str, list[FieldNode]]:
        return children(nodes, self._fragments, self._variables)

    def _objects(self, returned: GraphQLOutputType) -> Iterator[GraphQLObjectType]:
        named = get_named_type(returned)
        if isinstance(named, GraphQLObjectType):
            yield named
        elif is_abstract_type(named):
            yield from self._schema.get_possible_types(named)


def attribute_of(definition: GraphQLField) -> str | None:
    """The attribute a Strawberry field without a resolver reads, if reading it is all that happens."""
    extensions: Mapping[str, Any] = definition.extensions
    declared = extensions.get(DEFINITION)
    if (
        isinstance(declared, StrawberryField)
        and declared.is_basic_field
        and type(declared).get_result is StrawberryField.get_result
        and declared.default_resolver is getattr
        and getattr(definition.resolve, "__name__", "") == "_get_basic_result"
    ):
        return declared.python_name
    return None
