"""Every argument of a query or subscription that takes an id, found in the schema, and an operation that fills it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from graphql import (
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLNamedType,
    GraphQLObjectType,
    get_named_type,
    is_abstract_type,
    is_leaf_type,
    is_list_type,
    is_non_null_type,
    is_required_argument,
)

from schema.api import build_schema

CORE = build_schema()._schema
CURSORS = frozenset({"after", "before"})


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where an id may stand: a field of a type, and the names that lead to the id among its arguments."""

    type: str
    field: str
    path: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.type}.{self.field}({'.'.join(self.path)})"

    @property
    def declared(self) -> GraphQLField:
        """The field in the schema."""
        return _objects()[self.type].fields[self.field]


def id_places() -> Iterator[Place]:
    """Every place of an id outside mutations, whose inputs are walked elsewhere."""
    for name, declared in _objects().items():
        for field, asked in declared.fields.items():
            for argument, described in asked.args.items():
                for path in _paths(argument, described.type):
                    yield Place(type=name, field=field, path=path)


def cursor_places() -> Iterator[Place]:
    """Every argument that takes a cursor."""
    for name, declared in _objects().items():
        for field, asked in declared.fields.items():
            yield from (Place(type=name, field=field, path=(each,)) for each in asked.args if each in CURSORS)


def operation_of(place: Place, way: str | None, beside: Mapping[str, Any], given: Any) -> tuple[str, dict[str, Any]]:
    """An operation with `given` at a place, and its variables.

    `way` leads to objects of the type, such as `org(id: $way)`. `beside` holds what else has to be said, by argument.
    """
    asked = place.declared.args
    named = [name for name, each in asked.items() if is_required_argument(each) or name == place.path[0]]
    values = {name: beside.get(name) for name in named}
    argument, *below = place.path
    if below:
        inner = values[argument]
        inner = inner[0] if isinstance(inner, list) else inner
        inside: Any = {**(inner or {}), below[0]: given}
    else:
        inside = given
    is_list = is_list_type(_nullable(asked[argument].type))
    values[argument] = [inside] if is_list else inside
    head = ", ".join([*(["$way: ID!"] if way else []), *(f"${name}: {asked[name].type}" for name in named)])
    call = f"{place.field}({', '.join(f'{name}: ${name}' for name in named)}){_selection(place.declared)}"
    if _PAGE.get(argument) in asked:
        call = call.replace(f"{argument}: ${argument}", f"{argument}: ${argument}, {_PAGE[argument]}: 2", 1)
    kind = "subscription" if place.type == "Subscription" else "query"
    return f"{kind} Walk({head}) {{ {f'{way} {{ {call} }}' if way else call} }}", values


_PAGE = {"after": "first", "before": "last"}


def _objects() -> dict[str, GraphQLObjectType]:
    return {
        name: each
        for name, each in CORE.type_map.items()
        if isinstance(each, GraphQLObjectType) and not name.startswith("__") and each is not CORE.mutation_type
    }


def _paths(name: str, declared: GraphQLInputType, above: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    named = get_named_type(declared)
    if named.name == "ID":
        yield (name,)
    elif isinstance(named, GraphQLInputObjectType) and named.name not in above:
        for inner, described in named.fields.items():
            yield from ((name, *path) for path in _paths(inner, described.type, (*above, named.name)))


def _nullable(declared: GraphQLInputType) -> GraphQLInputType:
    return declared.of_type if is_non_null_type(declared) else declared


def _selection(declared: GraphQLField) -> str:
    named: GraphQLNamedType = get_named_type(declared.type)
    if is_leaf_type(named):
        return ""
    fields = getattr(named, "fields", {})
    if "edges" in fields:
        total = "totalCount " if "totalCount" in fields else ""
        node = get_named_type(get_named_type(fields["edges"].type).fields["node"].type)
        own = " id" if "id" in getattr(node, "fields", {}) else ""
        return f" {{ {total}edges {{ cursor node {{ __typename{own} }} }} }}"
    own = " id" if "id" in fields or is_abstract_type(named) else ""
    return f" {{ __typename{own} }}"
