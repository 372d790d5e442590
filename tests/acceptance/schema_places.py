"""Every argument of a query or subscription that takes an id, found in the schema, and an operation that fills it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
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


def input_places(name: str, described: GraphQLInputType) -> Iterator[tuple[str, ...]]:
    """Every way to an id in a field of an input."""
    yield from _paths(name, described)


def cursor_places() -> Iterator[Place]:
    """Every argument that takes a cursor."""
    for name, declared in _objects().items():
        for field, asked in declared.fields.items():
            yield from (Place(type=name, field=field, path=(each,)) for each in asked.args if each in CURSORS)


def together(
    places: Sequence[Place],
    ways: Mapping[str, tuple[str, str] | None],
    beside: Mapping[str, Any],
    also: Mapping[str, Mapping[str, Any]],
    given: Sequence[Any],
) -> tuple[str, dict[str, Any]]:
    """One query of many places, each with what is given there, answered as `p0`, `p1` and so on; and its variables.

    `ways`: how objects of a type are reached, said with `$way`, and its value. `also`: arguments that a place needs
    although the schema does not say so.
    """
    parts = []
    for at, (place, each) in enumerate(zip(places, given, strict=True)):
        way, id = ways[place.type] or (None, None)
        head, body, values = _part(
            place, way, {**beside, **also.get(str(place), {})}, each, prefix=f"p{at}_", also=also
        )
        parts.append((head, body, values if id is None else {**values, f"p{at}_way": id}))
    head = ", ".join(head for head, _, _ in parts)
    body = " ".join(f"p{at}: {body}" for at, (_, body, _) in enumerate(parts))
    return f"query Walk({head}) {{ {body} }}", {name: each for *_, values in parts for name, each in values.items()}


def _part(
    place: Place,
    way: str | None,
    beside: Mapping[str, Any],
    given: Any,
    *,
    prefix: str = "",
    also: Mapping[str, Mapping[str, Any]] = {},
) -> tuple[str, str, dict[str, Any]]:
    """The variables that one place takes, the field that is asked, and the variables' values."""
    asked = place.declared.args
    needed = {place.path[0], *also.get(str(place), ())}
    named = [name for name, each in asked.items() if is_required_argument(each) or name in needed]
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
    way_head = [f"${prefix}way: ID!"] if way else []
    head = ", ".join([*way_head, *(f"${prefix}{name}: {asked[name].type}" for name in named)])
    page = f", {_PAGE[argument]}: 2" if _PAGE.get(argument) in asked else ""
    said = ", ".join(f"{name}: ${prefix}{name}" for name in named)
    body = f"{place.field}({said}{page}){_selection(place.declared)}"
    if way:
        body = f"{way.replace('$way', f'${prefix}way')} {{ {body} }}{' }' * way.count('{')}"
    return head, body, {f"{prefix}{name}": each for name, each in values.items()}


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
