from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import Any, Generic, TypedDict, TypeVar, Unpack

import pytest
import strawberry
from strawberry.permission import BasePermission

from engine import BindingError, Info, Registry, batched, bind

T = TypeVar("T")


@strawberry.interface
class Named:
    @batched()
    def name(self) -> str: ...


@strawberry.type
class Cat(Named):
    pass


@strawberry.type
class Dog(Named):
    pass


@strawberry.type
class Page(Generic[T]):
    first: T | None

    @batched()
    def total(self) -> int: ...


@strawberry.type
class Query:
    @batched()
    def cats(self, first: int, after: str | None = None) -> Page[Cat]: ...

    @batched()
    def dog(self) -> Dog: ...


def schema() -> strawberry.Schema:
    return strawberry.Schema(query=Query, types=[Cat])


def values(parents: Sequence[Any], info: Info) -> list[str]:
    return [info.parent_type] * len(parents)


def cats(parents: Sequence[Any], info: Info, *, first: int, after: str | None) -> list[Any]:
    return [object() for _ in parents]


class Slice(TypedDict):
    first: int
    until: str | None


def unpacking(parents: Sequence[Any], info: Info, **asked: Unpack[Slice]) -> list[Any]:
    return [object() for _ in parents]


def registered(**names: Callable[..., Any]) -> Registry:
    registry = Registry()
    for name, function in names.items():
        registry.bind(name.replace("__", "."))(function)
    return registry


def problems(*registries: Registry) -> list[str]:
    with pytest.raises(BindingError) as caught:
        bind(schema(), *registries)
    return caught.value.problems


def test_arguments_of_an_unpacked_dictionary_are_checked_too() -> None:
    found = problems(registered(Query__cats=unpacking, Named__name=values))
    assert [problem for problem in found if "Query.cats" in problem] == [
        "function of `Query.cats` lacks the declared argument `after`: add it by keyword",
        "function of `Query.cats` has the argument `until` that is not declared: declare it or drop it",
    ]


def test_every_problem_is_listed_at_once() -> None:
    found = problems(registered(Query__cats=values, Named__name=values), registered(Named__name=values, Cat__purr=cats))
    assert found == [
        "field `Named.name` is bound twice: keep one function",
        "function of `Query.cats` lacks the declared argument `after`: add it by keyword",
        "function of `Query.cats` lacks the declared argument `first`: add it by keyword",
        "field `Query.dog` has no function: bind `Query.dog`",
        "field `CatPage.total` has no function: bind `CatPage.total` or `Page.total`",
        "binding `Cat.purr` names no batched field: declare it or drop the function",
    ]


def test_an_argument_that_is_not_declared_is_a_problem() -> None:
    found = problems(registered(Query__dog=cats, Query__cats=cats, Named__name=values, Page__total=values))
    assert found == [
        "function of `Query.dog` has the argument `after` that is not declared: declare it or drop it",
        "function of `Query.dog` has the argument `first` that is not declared: declare it or drop it",
    ]


def test_the_own_binding_of_a_type_wins_over_the_inherited_one() -> None:
    def dogs(parents: Sequence[Any], info: Info) -> list[str]:
        return ["Rex"] * len(parents)

    def dog(parents: Sequence[Any], info: Info) -> list[Dog]:
        return [Dog()]

    bound = schema()
    bind(bound, registered(Query__dog=dog, Query__cats=cats, Named__name=values, Page__total=values, Dog__name=dogs))
    assert bound.execute_sync("{ dog { name } }").data == {"dog": {"name": "Rex"}}


def test_a_type_bound_for_itself_leaves_the_others_unbound() -> None:
    found = problems(registered(Query__dog=values, Query__cats=cats, Page__total=values, Dog__name=values))
    assert found == ["field `Cat.name` has no function: bind `Cat.name` or `Named.name`"]


def test_permission_classes_on_a_batched_field_are_refused() -> None:
    class Nobody(BasePermission):
        def has_permission(self, source: Any, info: Any, **kwargs: Any) -> bool:  # noqa: ARG002
            return False

    class Closed:
        @batched()
        def door(self) -> str: ...

    Closed.door.permission_classes = [Nobody]
    Closed.__module__ = sys.modules[__name__].__name__
    closed = strawberry.Schema(query=strawberry.type(Closed))
    with pytest.raises(BindingError, match="use `guard` instead"):
        bind(closed, registered(Closed__door=values))


def test_an_unbound_schema_says_so() -> None:
    result = schema().execute_sync("{ dog { name } }")
    assert "not bound: call `engine.bind`" in str(result.errors)
