"""A schema with everything that executing can meet: every kind of type, value, failure and resolver.

What fails depends on a row's key alone, so that two executors meet the same failures. Batched functions answer at once
or later, as `made` is told.
"""

from __future__ import annotations

import asyncio
import enum
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar

import strawberry
from strawberry.permission import BasePermission

from engine import Info, Registry, batched, bind

DEEP = 3
"""Keys of this many digits have nothing below them."""


@strawberry.enum
class Kind(enum.StrEnum):
    ODD = "ODD"
    EVEN = "EVEN"


class Refused(BasePermission):
    message = "not for you"

    def has_permission(self, source: Any, info: strawberry.Info, **arguments: Any) -> bool:  # noqa: ARG002
        return source.key % 4 != 0


@strawberry.input
class Span:
    first: int = 2
    skip: int | None = None


@strawberry.interface
class Node:
    @batched()
    def id(self) -> strawberry.ID: ...

    @batched()
    def peer(self) -> Node | None: ...


@strawberry.type
class Leaf(Node):
    text: str | None
    size: int

    @batched()
    def kind(self) -> Kind: ...

    @batched()
    def wrong_kind(self) -> Kind | None: ...

    @batched()
    def fragile(self) -> str | None: ...

    @batched()
    def hard(self) -> str: ...

    @batched()
    def missing(self) -> str: ...

    @batched()
    def number(self) -> int | None: ...

    @strawberry.field
    def plain(self, by: int = 2) -> int:
        return self.key * by

    @strawberry.field
    async def later(self) -> str:
        await asyncio.sleep(0)
        return f"later {self.key}"

    @strawberry.field
    def breaks(self) -> str | None:
        if self.key % 2:
            raise ValueError(f"`{self.key}` breaks")
        return "whole"

    @strawberry.field
    async def breaks_later(self) -> str:
        await asyncio.sleep(0)
        if self.key % 3 == 0:
            raise ValueError(f"`{self.key}` breaks later")
        return "whole"

    @strawberry.field(permission_classes=[Refused])
    def guarded(self) -> str | None:
        return "open"


@strawberry.type
class Branch(Node):
    name: str

    @batched()
    def leaves(self, first: int = 2) -> list[Leaf]: ...

    @batched()
    def spanned(self, span: Span | None = None, keys: list[int] | None = None) -> list[Leaf] | None: ...

    @batched()
    def holes(self) -> list[Leaf | None]: ...

    @batched()
    def torn(self) -> list[Leaf] | None: ...

    @batched()
    def matrix(self) -> list[list[Leaf | None] | None]: ...

    @batched()
    def hard_matrix(self) -> list[list[Leaf]] | None: ...

    @batched()
    def things(self) -> list[Thing]: ...

    @batched()
    def thing(self) -> Thing | None: ...

    @batched()
    def lost(self) -> Node | None: ...

    @batched()
    def first_leaf(self) -> Leaf: ...

    @batched()
    def below(self) -> Branch | None: ...

    @batched()
    def texts(self) -> list[str] | None: ...

    @batched()
    def no_list(self) -> list[str] | None: ...

    @batched()
    def uneven(self) -> str | None: ...

    @strawberry.field
    def inner(self) -> list[Leaf]:
        return [leaf(self.key * 10), leaf(self.key * 10 + 1)]

    @strawberry.field
    async def streamed(self) -> list[Leaf | None]:
        return [leaf(self.key), None]


Thing = Annotated[Leaf | Branch, strawberry.union("Thing")]


@strawberry.type
class Query:
    @batched()
    def branch(self, key: int = 1) -> Branch | None: ...

    @batched()
    def branches(self, keys: list[int] | None = None) -> list[Branch]: ...

    @batched()
    def nodes(self) -> list[Node]: ...

    @batched()
    def things(self) -> list[Thing | None] | None: ...

    @batched()
    def hard(self) -> Leaf: ...

    @batched()
    def refused(self) -> Branch | None: ...

    @strawberry.field
    def plain(self) -> Branch:
        return branch(2)

    @strawberry.field
    async def later(self) -> Branch | None:
        await asyncio.sleep(0)
        return branch(3)

    @strawberry.field
    def nothing(self) -> Branch | None:
        return None


@strawberry.type
class Mutation:
    @batched()
    def step(self, key: int) -> Branch: ...

    @batched()
    def stumble(self) -> Branch | None: ...

    @batched()
    def fall(self) -> Branch: ...


@dataclass(frozen=True, slots=True)
class LeafRow:
    graphql_type: ClassVar[str] = "Leaf"
    key: int

    @property
    def text(self) -> str | None:
        return None if self.key % 5 == 0 else f"leaf {self.key}"

    @property
    def size(self) -> int:
        if self.key % 11 == 0:
            raise ValueError(f"`{self.key}` has no size")
        return self.key


@dataclass(frozen=True, slots=True)
class BranchRow:
    graphql_type: ClassVar[str] = "Branch"
    key: int

    @property
    def name(self) -> str:
        return f"branch {self.key}"


@dataclass(frozen=True, slots=True)
class Stranger:
    """A value whose class names no type of the schema's interface."""

    graphql_type: ClassVar[str] = "Query"
    key: int


def leaf(key: int) -> Any:
    return LeafRow(key)


def branch(key: int) -> Any:
    return BranchRow(key)


def broken(key: int) -> Exception:
    return ValueError(f"`{key}` broke")


def _leaves(key: int, count: int = 2) -> list[Any]:
    return [leaf(key * 10 + at) for at in range(count)]


def _is_deep(key: int) -> bool:
    return key >= 10**DEEP


def _things(key: int) -> list[Any]:
    return [leaf(key * 10), branch(key * 10 + 1)]


def _uneven(parents: Sequence[Any], info: Info) -> Iterator[str]:
    return iter(["one too many"] * (len(parents) + 1))


def _raising(parents: Sequence[Any], info: Info) -> list[Any]:
    raise RuntimeError("the whole batch broke")


EACH: dict[str, Callable[..., Any]] = {
    "Node.peer": lambda key: None if key % 3 == 0 or _is_deep(key) else leaf(key + 1) if key % 2 else branch(key + 1),
    "Leaf.kind": lambda key: "ODD" if key % 2 else Kind.EVEN,
    "Leaf.wrong_kind": lambda key: "PRIME" if key % 7 == 0 else "ODD",
    "Leaf.fragile": lambda key: broken(key) if key % 3 == 1 else "fine",
    "Leaf.hard": lambda key: broken(key) if key % 10 == 1 else "fine",
    "Leaf.missing": lambda key: None if key % 10 == 1 else "here",
    "Leaf.number": lambda key: "no number" if key % 4 == 3 else key,
    "Branch.leaves": lambda key, first: _leaves(key, max(first, 0)),
    "Branch.spanned": lambda key, span, keys: (
        None if span is None and keys is None else [*_leaves(key, span.first if span else 0), *map(leaf, keys or ())]
    ),
    "Branch.holes": lambda key: [leaf(key), None, broken(key), leaf(key + 1)],
    "Branch.torn": lambda key: [leaf(key), None if key % 2 else broken(key), leaf(key + 2)],
    "Branch.matrix": lambda key: [_leaves(key), None, [None, leaf(key)], broken(key), []],
    "Branch.hard_matrix": lambda key: [_leaves(key), [leaf(key), None] if key % 2 else [leaf(key)]],
    "Branch.things": lambda key: [] if _is_deep(key) else _things(key),
    "Branch.thing": lambda key: (leaf(key + 1), branch(key + 1), Stranger(key), None)[
        key % 4 if not _is_deep(key) else 3
    ],
    "Branch.lost": lambda key: Stranger(key) if key % 2 else broken(key),
    "Branch.first_leaf": lambda key: None if key % 5 == 1 else leaf(key),
    "Branch.below": lambda key: None if _is_deep(key) else branch(key * 10 + 1),
    "Branch.texts": lambda key: ("a", None, "b") if key % 2 else (text for text in "xyz"),
    "Branch.no_list": lambda key: 7 if key % 2 else "text",
    "Query.branch": lambda key: broken(key) if key == 13 else branch(key),
    "Query.branches": lambda keys: [branch(key) for key in keys or (1, 2)],
    "Query.nodes": lambda: [leaf(1), branch(2), leaf(3), branch(4)],
    "Query.things": lambda: [branch(1), None, leaf(2), broken(0)],
    "Query.hard": lambda: leaf(12),
    "Mutation.step": branch,
    "Mutation.stumble": lambda: broken(5),
    "Mutation.fall": lambda: broken(6),
}
"""What each batched field answers for one parent: of its key (a root field has none) and its arguments."""

WHOLE: dict[str, Callable[..., Any]] = {"Branch.uneven": _uneven, "Query.refused": _raising}
"""Those that answer for all parents in a way of their own."""


def _ids(parents: Sequence[Any], info: Info) -> list[str]:
    return [f"{info.parent_type}:{parent.key}" for parent in parents]


def _batch(each: Callable[..., Any]) -> Callable[..., Any]:
    def answer(parents: Sequence[Any], info: Info, **arguments: Any) -> list[Any]:
        if info.parent_type in ("Query", "Mutation"):
            return [each(**arguments)]
        return [each(parent.key, **arguments) for parent in parents]

    return answer


def _deferred(function: Callable[..., Any], turns: int) -> Callable[..., Awaitable[Any]]:
    async def later(parents: Sequence[Any], info: Info, **arguments: Any) -> Any:
        for _ in range(turns):
            await asyncio.sleep(0)
        return function(parents, info, **arguments)

    return later


def made(executor: type[Any] | None, *, late: Callable[[str], int]) -> strawberry.Schema:
    """Bind the schema; `late`: after how many turns of the loop a field's function answers, 0 = at once."""
    registry = Registry()
    functions = {"Node.id": _ids, **{name: _batch(each) for name, each in EACH.items()}, **WHOLE}
    for name, function in functions.items():
        turns = late(name)
        registry.bind(name)(_deferred(function, turns) if turns else function)
    schema = strawberry.Schema(query=Query, mutation=Mutation, types=[Leaf, Branch], execution_context_class=executor)
    bind(schema, registry)
    return schema
