"""Documents made up over a schema: aliases, fragments, conditions, arguments and variables, as the choices say."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    Undefined,
    get_named_type,
    is_abstract_type,
    is_composite_type,
    is_leaf_type,
)

DEEPEST = 6
"""Levels of selections; the last has leaves only."""

_TEXTS = {
    "DateTime": "2026-03-03T12:00:00Z",
    "PhoneNumber": "+12125550100",
    "AppVersion": "42.12",
    "UnsignedInt64": "1024",
}


class Choices:
    """Decisions read from bytes; when they are used up the first and simplest is taken."""

    def __init__(self, content: bytes) -> None:
        self._left: Iterator[int] = iter(content)
        self.is_empty = False

    def number(self, below: int) -> int:
        """A number from 0 to below."""
        drawn = next(self._left, None)
        self.is_empty = drawn is None
        return 0 if drawn is None else drawn % below

    def once_in(self, count: int) -> bool:
        """Whether something happens that does so once in so many times."""
        return self.number(count) == count - 1

    def one_of(self, options: Sequence[Any]) -> Any:
        """One of the options."""
        return options[self.number(len(options))]


@dataclass(slots=True)
class Writer:
    """Writes one document. `variables` are the types it declares, by name."""

    schema: GraphQLSchema
    choices: Choices
    variables: dict[str, GraphQLInputType] = field(default_factory=dict)
    defaults: dict[str, str] = field(default_factory=dict)
    fragments: list[tuple[str, Any, str]] = field(default_factory=list)

    def document(self, *, is_mutation: bool) -> str:
        """An operation and its fragments."""
        root = self.schema.mutation_type if is_mutation else self.schema.query_type
        assert root is not None
        selection = self.selection(root, 1)
        declared = " ".join(f"${name}: {kind}{self.defaults.get(name, '')}" for name, kind in self.variables.items())
        head = "mutation" if is_mutation else "query"
        operation = f"{head} Asked{f'({declared})' if declared else ''}\nMARK\n{selection}"
        return "\n".join([operation, *(f"fragment {name} on {on} {body}" for name, on, body in self.fragments)])

    def selection(self, on: Any, depth: int) -> str:
        """A selection set on a type."""
        parts = [self._part(on, depth) for _ in range(1 + self.choices.number(6 if depth < 3 else 4))]
        return f"{{ {' '.join(parts)} }}"

    def _part(self, on: Any, depth: int) -> str:
        kind = self.choices.number(12)
        if kind == 0 or self.choices.is_empty or not hasattr(on, "fields"):
            return self._typename(on) if kind < 4 or depth >= DEEPEST else self._inline(on, depth)
        if kind == 1 and depth < DEEPEST:
            return self._inline(on, depth)
        if kind == 2 and depth < DEEPEST:
            return self._spread(on, depth)
        return self._field(on, depth)

    def _typename(self, on: Any) -> str:
        if on is self.schema.query_type and self.choices.once_in(5):
            return '__type(name: "User") { name kind fields { name type { name ofType { name } } } }'
        return f"__typename{self._condition()}"

    def _inline(self, on: Any, depth: int) -> str:
        narrower = self._narrower(on)
        condition = "" if narrower is on and self.choices.once_in(2) else f" on {narrower}"
        return f"...{condition}{self._condition()} {self.selection(narrower, depth + 1)}"

    def _spread(self, on: Any, depth: int) -> str:
        narrower = self._narrower(on)
        known = [name for name, kind, _ in self.fragments if kind is narrower]
        if known and self.choices.once_in(2):
            name = self.choices.one_of(known)
        else:
            body = self.selection(narrower, depth + 1)
            name = f"F{len(self.fragments)}"
            self.fragments.append((name, narrower, body))
        return f"...{name}{self._condition()}"

    def _narrower(self, on: Any) -> Any:
        if is_abstract_type(on):
            return self.choices.one_of([on, *self.schema.get_possible_types(on)])
        interfaces = on.interfaces if isinstance(on, GraphQLObjectType | GraphQLInterfaceType) else ()
        return self.choices.one_of([on, on, *interfaces])

    def _condition(self) -> str:
        if not self.choices.once_in(7):
            return ""
        name = self.choices.one_of(["skip", "include"])
        if self.choices.once_in(3):
            return f" @{name}(if: {self.choices.one_of(['true', 'false'])})"
        return f" @{name}(if: ${self._variable(GraphQLNonNull(self.schema.type_map['Boolean']), ['b0', 'b1'])})"

    def _field(self, on: Any, depth: int) -> str:
        fields: dict[str, GraphQLField] = on.fields
        if depth >= DEEPEST:
            fields = {name: made for name, made in fields.items() if is_leaf_type(get_named_type(made.type))}
            if not fields:
                return "__typename"
        name = self.choices.one_of(list(fields))
        kind = fields[name].type
        alias = self.choices.one_of(["", "", "", "a: ", f"{name}2: "])
        given = self._arguments(fields[name].args)
        below = f" {self.selection(get_named_type(kind), depth + 1)}" if is_composite_type(get_named_type(kind)) else ""
        return f"{alias}{name}{given}{self._condition()}{below}"

    def _arguments(self, declared: dict[str, GraphQLArgument]) -> str:
        given = [f"{name}: {self._given(argument)}" for name, argument in declared.items() if self._is_given(argument)]
        return f"({', '.join(given)})" if given else ""

    def _is_given(self, declared: GraphQLArgument | GraphQLInputField) -> bool:
        if isinstance(declared.type, GraphQLNonNull) and declared.default_value is Undefined:
            return True
        return self.choices.once_in(3)

    def _given(self, declared: GraphQLArgument | GraphQLInputField) -> str:
        kind = declared.type
        if self.choices.once_in(3):
            if isinstance(kind, GraphQLNonNull) and declared.default_value is not Undefined:
                kind = kind.of_type
            return f"${self._variable(kind, [])}"
        return self._literal(kind, 1)

    def _variable(self, kind: GraphQLInputType, names: list[str]) -> str:
        name = self.choices.one_of(names) if names else f"v{len(self.variables)}"
        if name not in self.variables and not isinstance(kind, GraphQLNonNull) and self.choices.once_in(4):
            self.defaults[name] = f" = {self._literal(kind, 3, constant=True)}"
        self.variables[name] = kind
        return name

    def _literal(self, kind: GraphQLInputType, depth: int, *, constant: bool = False) -> str:
        if isinstance(kind, GraphQLNonNull):
            return self._literal(kind.of_type, depth, constant=constant)
        if self.choices.once_in(9):
            return "null"
        if isinstance(kind, GraphQLList):
            items = [self._literal(kind.of_type, depth + 1, constant=constant) for _ in range(self.choices.number(3))]
            return f"[{', '.join(items)}]"
        if isinstance(kind, GraphQLInputObjectType):
            given = [
                f"{name}: {self._literal(made.type, depth + 1, constant=True) if constant else self._given(made)}"
                for name, made in self._filled(kind, depth)
            ]
            return f"{{{', '.join(given)}}}"
        return self._leaf(kind)

    def _leaf(self, kind: GraphQLInputType) -> str:
        if isinstance(kind, GraphQLEnumType):
            return self.choices.one_of(list(kind.values))
        name = get_named_type(kind).name
        if name == "JSON":
            return self.choices.one_of(["{a: [1, null]}", "[]", '"text"', "1"])
        return json.dumps(plain(name, self.choices))

    def _filled(self, kind: GraphQLInputObjectType, depth: int) -> list[tuple[str, GraphQLInputField]]:
        return [
            (name, made)
            for name, made in kind.fields.items()
            if (isinstance(made.type, GraphQLNonNull) and made.default_value is Undefined)
            or (depth < 4 and self.choices.once_in(3))
        ]

    def values(self) -> dict[str, Any]:
        """Values for the variables; now and then one is missing, null or wrong."""
        given: dict[str, Any] = {}
        for name, kind in self.variables.items():
            fate = self.choices.number(16)
            if fate == 15 and not isinstance(kind, GraphQLNonNull):
                continue
            given[name] = {"wrong": 1} if fate == 14 and self.choices.once_in(4) else self._json(kind, 1)
        return given

    def _json(self, kind: GraphQLInputType, depth: int) -> Any:
        if isinstance(kind, GraphQLNonNull):
            kind = kind.of_type
        elif self.choices.once_in(6):
            return None
        if isinstance(kind, GraphQLList):
            return [self._json(kind.of_type, depth + 1) for _ in range(self.choices.number(3))]
        if isinstance(kind, GraphQLInputObjectType):
            return {name: self._json(made.type, depth + 1) for name, made in self._filled(kind, depth)}
        if isinstance(kind, GraphQLEnumType):
            return self.choices.one_of(list(kind.values))
        return plain(kind.name, self.choices)


def plain(name: str, choices: Choices) -> Any:
    """A value of a scalar, as JSON writes it."""
    match name:
        case "Int":
            return choices.number(40)
        case "Boolean":
            return choices.number(2) == 1
        case "JSON":
            return choices.one_of([{"a": [1, None]}, [], "text", 1])
    return _TEXTS.get(name, f"text {choices.number(5)}")
