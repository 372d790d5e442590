"""How values that are no Strawberry instances tell their GraphQL type, and how plain strings are enum members."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLResolveInfo,
    GraphQLSchema,
    GraphQLUnionType,
    default_type_resolver,
)

TAUGHT = "engine-taught"


def runtime_type(value: object) -> str | None:
    """The GraphQL type a value's class names in its attribute `graphql_type`, if it does."""
    name = getattr(type(value), "graphql_type", None)
    return name if isinstance(name, str) else None


def is_taught(graphql_type: GraphQLNamedType) -> bool:
    """Whether `teach_runtime_types` has seen the type."""
    return bool(graphql_type.extensions.get(TAUGHT))


def teach_runtime_types(schema: GraphQLSchema) -> None:
    """Let interfaces, unions and type checks believe `type(value).graphql_type`, and enums accept their names.

    A value without that attribute is treated as Strawberry did before. Teaching a schema twice changes nothing.
    """
    for graphql_type in schema.type_map.values():
        if graphql_type.extensions.get(TAUGHT):
            continue
        if isinstance(graphql_type, GraphQLInterfaceType | GraphQLUnionType):
            graphql_type.resolve_type = _resolve_type(graphql_type.resolve_type or default_type_resolver)
        elif isinstance(graphql_type, GraphQLObjectType) and graphql_type.is_type_of is not None:
            graphql_type.is_type_of = _is_type_of(graphql_type.name, graphql_type.is_type_of)
        elif isinstance(graphql_type, GraphQLEnumType) and not graphql_type.name.startswith("__"):
            _accept_names(graphql_type)
        else:
            continue
        graphql_type.extensions[TAUGHT] = True


def _resolve_type(fallback: Callable[..., Any]) -> Callable[..., Any]:
    def resolve_type(value: Any, info: GraphQLResolveInfo[Any], abstract_type: Any) -> Any:
        name = runtime_type(value)
        return fallback(value, info, abstract_type) if name is None else name

    return resolve_type


def _is_type_of(own: str, fallback: Callable[..., Any]) -> Callable[..., Any]:
    def is_type_of(value: Any, info: GraphQLResolveInfo[Any]) -> Any:
        name = runtime_type(value)
        return fallback(value, info) if name is None else name == own

    return is_type_of


def _accept_names(enum: GraphQLEnumType) -> None:
    """Members and their values mean what they meant; a string that is no value but a member's name means the member."""
    names: dict[Any, str] = {}
    strict = enum.coerce_output_value
    wrapped = getattr(enum, "wrapped_cls", None)
    for name, member in enum.values.items():
        names.setdefault(member.value, name)
    if wrapped is not None:
        for member in wrapped:
            if member.value in names:
                names.setdefault(member, names[member.value])
    for name in enum.values:
        names.setdefault(name, name)

    def coerce_output_value(value: Any) -> str:
        try:
            return names[value]
        except (KeyError, TypeError):
            return strict(value)

    enum.coerce_output_value = coerce_output_value  # type: ignore[method-assign, assignment]
    enum.serialize = coerce_output_value  # type: ignore[method-assign, assignment]
