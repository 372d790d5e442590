"""Valid documents at random over any schema: aliases, arguments, variables, fragments, conditions, abstract types."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from graphql import (
    GraphQLBoolean,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInt,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    is_abstract_type,
    is_composite_type,
    is_required_argument,
)
from hypothesis import strategies as st

DEPTH = 4
VARIABLES = {"yes": True, "no": False, "number": 3, "none": None, "keys": [4, 5]}
_DECLARED = "$yes: Boolean!, $no: Boolean!, $number: Int! = 1, $none: [Int!], $keys: [Int!]"
_CONDITIONS = (
    "@include(if: true)",
    "@include(if: false)",
    "@skip(if: false)",
    "@skip(if: true)",
    "@include(if: $yes)",
    "@include(if: $no)",
    "@skip(if: $yes)",
    "@skip(if: $no)",
    "@skip(if: $no) @include(if: $yes)",
)


@dataclass
class _Writing:
    schema: GraphQLSchema
    draw: Any
    fragments: list[str] = field(default_factory=list)


@st.composite
def documents(draw: Any, schema: GraphQLSchema, operation: str = "query") -> str:
    """Write a document of one operation; it may still be refused where fields of one name do not merge.

    Variables are declared whether they are used or not.
    """
    writing = _Writing(schema, draw)
    root = schema.query_type if operation == "query" else schema.mutation_type
    return "\n".join([f"{operation} Asked({_DECLARED}) {_selections(writing, root, DEPTH)}", *writing.fragments])


def _selections(writing: _Writing, parent: Any, depth: int) -> str:
    count = writing.draw(st.integers(1, 3 if depth > 2 else 2))
    return "{ " + " ".join(_selection(writing, parent, depth) for _ in range(count)) + " }"


def _selection(writing: _Writing, parent: Any, depth: int) -> str:
    kind = writing.draw(st.integers(0, 11))
    if kind == 0:
        return "__typename" + _condition(writing)
    if kind <= 2:
        return _inline(writing, parent, depth)
    if kind == 3 and len(writing.fragments) < 4:
        return _spread(writing, parent, depth)
    if is_abstract_type(parent) and not getattr(parent, "fields", None):
        return _inline(writing, parent, depth)
    return _field(writing, parent, depth)


def _field(writing: _Writing, parent: Any, depth: int) -> str:
    leaves = {name: each for name, each in parent.fields.items() if not is_composite_type(get_named_type(each.type))}
    names = sorted(parent.fields if depth else leaves)
    if not names:
        return "__typename"
    name = writing.draw(st.sampled_from(names))
    definition: GraphQLField = parent.fields[name]
    alias, arguments = _alias(writing, parent, name), _arguments(writing, definition)
    below = ""
    if is_composite_type(get_named_type(definition.type)):
        below = " " + _selections(writing, get_named_type(definition.type), depth - 1)
    return f"{alias}{name}{arguments}{_condition(writing)}{below}"


def _alias(writing: _Writing, parent: Any, name: str) -> str:
    """Often none; sometimes one that other fields of the type share, so that selections merge."""
    kind = writing.draw(st.integers(0, 5))
    if kind == 0:
        return f"{name}{writing.draw(st.integers(1, 2))}: "
    return f"{parent.name.lower()}_{name}: " if kind == 1 else ""


def _inline(writing: _Writing, parent: Any, depth: int) -> str:
    on = _condition_type(writing, parent)
    written = f" on {on.name}" if on is not parent or writing.draw(st.booleans()) else ""
    return f"...{written}{_condition(writing)} {_selections(writing, on, depth)}"


def _spread(writing: _Writing, parent: Any, depth: int) -> str:
    on = _condition_type(writing, parent)
    name = f"F{len(writing.fragments)}"
    writing.fragments.append("")
    place = len(writing.fragments) - 1
    writing.fragments[place] = f"fragment {name} on {on.name} {_selections(writing, on, max(depth - 1, 0))}"
    again = f" ...{name}" if writing.draw(st.booleans()) else ""
    return f"...{name}{_condition(writing)}{again}"


def _condition_type(writing: _Writing, parent: Any) -> Any:
    schema = writing.schema
    if is_abstract_type(parent):
        return writing.draw(st.sampled_from([parent, *schema.get_possible_types(parent)]))
    if isinstance(parent, GraphQLObjectType):
        return writing.draw(st.sampled_from([parent, *parent.interfaces]))
    return parent


def _condition(writing: _Writing) -> str:
    return " " + writing.draw(st.sampled_from(_CONDITIONS)) if writing.draw(st.integers(0, 7)) == 0 else ""


def _arguments(writing: _Writing, definition: GraphQLField) -> str:
    given = []
    for name, argument in definition.args.items():
        if is_required_argument(argument) or writing.draw(st.booleans()):
            given.append(f"{name}: {_value(writing, argument.type)}")
    return f"({', '.join(given)})" if given else ""


def _value(writing: _Writing, kind: Any) -> str:
    draw = writing.draw
    if isinstance(kind, GraphQLNonNull):
        return _value(writing, kind.of_type) if kind.of_type is not GraphQLInt else draw(_numbers)
    if isinstance(kind, GraphQLList):
        return draw(st.sampled_from(("[]", "[1]", "[2, 13]", "6", "null", "$keys", "$none", "[$number, 7]")))
    if isinstance(kind, GraphQLInputObjectType):
        return draw(st.sampled_from(("{}", "{first: 1}", "{first: $number, skip: null}", "null")))
    if kind is GraphQLBoolean:
        return draw(st.sampled_from(("true", "$no")))
    return draw(_numbers)


_numbers = st.sampled_from(("0", "1", "2", "3", "5", "$number"))
