"""Answers made up for every field of a schema: rows, nulls, errors, lists and what is of no right type.

A value depends on nothing but the world's seed and the value's place in the response, so two executors meet the same.
"""

from __future__ import annotations

import asyncio
import enum
from collections.abc import AsyncIterator, Awaitable, Callable, Generator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, ClassVar
from uuid import UUID
from zlib import crc32

import strawberry
from graphql import (
    GraphQLAbstractType,
    GraphQLEnumType,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNamedType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLSchema,
    is_abstract_type,
)

from core.principal import Principal
from engine import BatchedField, Info, Registry, bind

DEFINITION = "strawberry-definition"


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """The context of one execution. `later`: whether values may have to be awaited."""

    seed: int
    later: bool
    principal: Principal
    org_id: UUID

    def roll(self, *place: object) -> int:
        """A number that is always the same at that place."""
        return crc32(repr((self.seed, place)).encode()) >> 4


class Broken(Exception):
    """a made-up failure"""


class Odd:
    """Nothing that any type knows."""

    def __repr__(self) -> str:
        return "odd"


ODD = Odd()
NAIVE = datetime(2026, 1, 2)  # noqa: DTZ001 - a time without a zone is refused


class Later:
    """A value to await."""

    def __init__(self, value: Any, turns: int) -> None:
        self.value = value
        self.turns = turns

    def __await__(self) -> Generator[Any, None, Any]:
        for _ in range(self.turns):
            yield
        if isinstance(self.value, Exception):
            raise self.value
        return self.value


class Made:
    """An object of one GraphQL type; its attributes are made up when they are read."""

    fields: ClassVar[Mapping[str, GraphQLField]]

    def __init__(self, world: World, place: str) -> None:
        self.world = world
        self.place = place

    def __getattr__(self, name: str) -> Any:
        field = type(self).fields.get(name)
        if field is None:
            raise AttributeError(f"no `{name}`")
        value = made(self.world, f"{self.place}.{name}", field.type, deep=True)
        if isinstance(value, Exception) and self.world.roll(self.place, name, "raise") % 2:
            raise value
        return value


@dataclass(frozen=True, slots=True, kw_only=True)
class Classes:
    """The classes of one object type: one that names its type, and one of Strawberry's own."""

    naming: type[Made]
    own: type[Made]


_classes: dict[GraphQLObjectType, Classes] = {}
_possible: dict[GraphQLAbstractType, Sequence[GraphQLObjectType]] = {}


def made_schema(build: Callable[[], strawberry.Schema]) -> GraphQLSchema:
    """A schema in which every batched field is answered by made-up values, and nothing else is."""
    registry, schema = Registry(), build()
    core: GraphQLSchema = schema._schema
    for kind in core.type_map.values():
        if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType):
            for field in kind.fields.values():
                declared = field.extensions.get(DEFINITION)
                if isinstance(declared, BatchedField) and kind is core.subscription_type:
                    registry.bind(f"{kind.name}.{declared.python_name}")(_no_events)
                elif isinstance(declared, BatchedField) and isinstance(kind, GraphQLObjectType):
                    registry.bind(f"{kind.name}.{declared.python_name}")(_function(field.type))
        if isinstance(kind, GraphQLObjectType) and (definition := kind.extensions.get(DEFINITION)) is not None:
            _classes[kind] = _classes_of(kind, definition.origin)
        elif is_abstract_type(kind):
            _possible[kind] = core.get_possible_types(kind)
    bind(schema, registry)
    return core


async def _no_events(_: Any, **__: Any) -> AsyncIterator[Any]:
    for event in ():
        yield event


def _classes_of(kind: GraphQLObjectType, origin: type) -> Classes:
    plain = {
        declared.python_name: field
        for field in kind.fields.values()
        if not isinstance(declared := field.extensions[DEFINITION], BatchedField)
    }
    # Strawberry's own has class attributes where its fields have defaults, which would hide the made-up values.
    hidden = {name: property(lambda self, name=name: Made.__getattr__(self, name)) for name in plain}
    return Classes(
        naming=type(f"Made{kind.name}", (Made,), {"fields": plain, "graphql_type": kind.name}),
        own=type(f"Own{kind.name}", (Made, origin), {"fields": plain, "__init__": Made.__init__, **hidden}),
    )


def _function(type_: GraphQLOutputType) -> Callable[..., Any]:
    def answer(parents: Sequence[Any], info: Info, **arguments: Any) -> Sequence[Any] | Awaitable[Sequence[Any]]:
        world: World = info.context
        called = f"{info.field_name}{sorted(arguments.items())}"
        if world.roll(info.path, called, "whole") % 60 == 1:
            raise Broken(f"{info.field_name} for everybody")
        values = [made(world, f"{getattr(parent, 'place', '')}.{called}", type_, deep=False) for parent in parents]
        turns = world.roll(info.path, called, "turns") % 6
        return _in_turns(values, turns) if world.later and turns else values

    return answer


async def _in_turns(values: Sequence[Any], turns: int) -> Sequence[Any]:
    for _ in range(turns):
        await asyncio.sleep(0)
    return values


def made(world: World, place: str, type_: GraphQLOutputType, *, deep: bool) -> Any:
    """The value at a place. `deep`: whether it may be awaitable itself."""
    chance = world.roll(place, "chance") % 100
    if world.later and deep and chance >= 95:
        return Later(_value(world, place, type_, chance % 4 * 3), turns=chance % 3)
    return _value(world, place, type_, chance)


def _value(world: World, place: str, type_: GraphQLOutputType, chance: int) -> Any:
    if chance in {0, 1}:
        return Broken(f"broken at {place[-30:]}")
    if isinstance(type_, GraphQLNonNull):
        return None if chance == 2 else _value(world, place, type_.of_type, max(chance, 14))
    if chance < 12:
        return None
    if chance == 14:
        return _wrong(world.roll(place, "wrong"))
    if isinstance(type_, GraphQLList):
        return _list(world, place, type_.of_type)
    return _named(world, place, type_)  # type: ignore[arg-type] # neither a list nor non-null


def _wrong(roll: int) -> Any:
    return (7, "wrong", 1.5, ODD, [None], {"a": 1}, 2**40, NAIVE, b"x", True)[roll % 10]


def _list(world: World, place: str, inner: GraphQLOutputType) -> Any:
    roll = world.roll(place, "list")
    items = [made(world, f"{place}[{index}]", inner, deep=True) for index in range(roll % 4)]
    return (tuple(items), iter(items), items, items, items)[roll // 4 % 5]


def _named(world: World, place: str, kind: GraphQLNamedType) -> Any:
    roll = world.roll(place, "named")
    if is_abstract_type(kind):
        kind = _possible[kind][roll % len(_possible[kind])]
    if isinstance(kind, GraphQLObjectType):
        if roll % 40 == 0:
            kind = list(_classes)[roll // 40 % len(_classes)]
        classes = _classes[kind]
        return (classes.own if roll % 5 == 0 else classes.naming)(world, place)
    if isinstance(kind, GraphQLEnumType):
        return _member(kind, roll)
    return _scalar(kind.name, roll)


def _member(kind: GraphQLEnumType, roll: int) -> Any:
    name = list(kind.values)[roll % len(kind.values)]
    member = kind.values[name].value
    value = member.value if isinstance(member, enum.Enum) else member
    return (member, value, name, "NO_MEMBER" if roll % 3 == 0 else name)[roll // 7 % 4]


def _scalar(name: str, roll: int) -> Any:
    match name:
        case "Int" | "UnsignedInt64":
            return roll % 1_000
        case "Boolean":
            return roll % 2 == 0
        case "DateTime":
            return datetime.fromtimestamp(roll, UTC)
        case "JSON":
            return ({"a": [1, {"b": None}]}, [roll, None], "text", roll, {})[roll % 5]
        case "ID":
            return str(roll) if roll % 3 else roll
    return f"text {roll}"
