"""A small schema with everything a batch can meet, and runtime objects that are no Strawberry instances."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, ClassVar

import strawberry

from engine import Info, Registry, batched, bind


@strawberry.enum
class Kind(enum.StrEnum):
    LOCAL = "LOCAL"
    TOLL_FREE = "TOLL_FREE"


def closed(info: Info) -> Exception | None:
    info.context.calls.append(("guard", info.field_name))
    return None if info.context.open else PermissionError("not for you")


@strawberry.interface
class Node:
    @batched(description="Identity.")
    def id(self) -> strawberry.ID: ...


@strawberry.type
class Campaign(Node):
    name: str


@strawberry.type
class Number(Node):
    digits: str
    kind: Kind

    @batched()
    def campaign(self) -> Campaign | None: ...


@strawberry.type
class User(Node):
    name: str

    @batched(metadata={"columns": "digits"})
    def numbers(self, first: Annotated[int, strawberry.argument(description="How many.")] = 2) -> list[Number]: ...

    @batched(guard=closed)
    def secret(self) -> str | None: ...

    @batched()
    def fragile(self) -> str | None: ...

    @batched()
    def short(self) -> str | None: ...


Thing = Annotated[User | Number, strawberry.union("Thing")]


@strawberry.type
class Query:
    @batched()
    def users(self, count: int = 3) -> list[User]: ...

    @batched()
    def nodes(self) -> list[Node]: ...

    @batched()
    def things(self) -> list[Thing]: ...

    @batched()
    def grid(self) -> list[list[Number]]: ...


@strawberry.type
class Mutation:
    @batched()
    def add(self, name: str) -> User: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class UserRow:
    graphql_type: ClassVar[str] = "User"
    key: int
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberRow:
    graphql_type: ClassVar[str] = "Number"
    key: int
    digits: str
    kind: str = "LOCAL"


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignRow:
    graphql_type: ClassVar[str] = "Campaign"
    key: int
    name: str


@dataclass(slots=True)
class Context:
    """What the functions saw: one entry for each call."""

    open: bool = True
    calls: list[Any] = field(default_factory=list)


registry = Registry()


def user(key: int) -> UserRow:
    return UserRow(key=key, name=f"user {key}")


def number(key: int) -> NumberRow:
    return NumberRow(key=key, digits=f"+1{key}", kind="LOCAL" if key % 2 else "TOLL_FREE")


@registry.bind("Node.id")
def ids(parents: Sequence[Any], info: Info) -> list[str]:
    info.context.calls.append(("id", info.parent_type, len(parents)))
    return [f"{info.parent_type}:{parent.key}" for parent in parents]


@registry.bind("Query.users")
async def users(parents: Sequence[Any], info: Info, *, count: int) -> list[list[UserRow]]:
    info.context.calls.append(("users", list(parents), count))
    return [[user(key) for key in range(count)]]


@registry.bind("Query.nodes")
async def nodes(parents: Sequence[Any], info: Info) -> list[list[Any]]:
    return [[user(1), number(1), user(2), CampaignRow(key=1, name="c")]]


@registry.bind("Query.things")
def things(parents: Sequence[Any], info: Info) -> list[list[Any]]:
    return [[user(1), number(1)]]


@registry.bind("Query.grid")
async def grid(parents: Sequence[Any], info: Info) -> list[list[list[NumberRow]]]:
    return [[[number(row * 10 + column) for column in range(row)] for row in range(4)]]


@registry.bind("User.numbers")
async def numbers(parents: Sequence[UserRow], info: Info, *, first: int) -> list[list[NumberRow]]:
    info.context.calls.append(("numbers", len(parents), first, info.path, dict(info.metadata), info.selected()))
    return [[number(parent.key * 10 + index) for index in range(first)] for parent in parents]


@registry.bind("Number.campaign")
async def campaign(parents: Sequence[NumberRow], info: Info) -> list[CampaignRow | None]:
    info.context.calls.append(("campaign", len(parents)))
    return [CampaignRow(key=parent.key, name="c") if parent.key % 3 else None for parent in parents]


@registry.bind("User.secret")
def secret(parents: Sequence[UserRow], info: Info) -> list[str]:
    info.context.calls.append(("secret", len(parents)))
    return ["hush"] * len(parents)


@registry.bind("User.fragile")
async def fragile(parents: Sequence[UserRow], info: Info) -> list[str | Exception]:
    return [ValueError(f"`{parent.key}` broke") if parent.key == 1 else "fine" for parent in parents]


@registry.bind("User.short")
def short(parents: Sequence[UserRow], info: Info) -> list[str]:
    return ["only one"]


@registry.bind("Mutation.add")
async def add(parents: Sequence[Any], info: Info, *, name: str) -> list[UserRow]:
    info.context.calls.append(("add", name))
    return [UserRow(key=0, name=name)]


def directory(executor: type[Any] | None = None) -> strawberry.Schema:
    """A freshly bound schema, executed by graphql-core's own executor unless another is given."""
    schema = strawberry.Schema(query=Query, mutation=Mutation, types=[Campaign], execution_context_class=executor)
    bind(schema, registry)
    return schema
