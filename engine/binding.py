"""Joining declarations and functions, once, when the program starts."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any, Unpack, get_args, get_origin, get_type_hints

import strawberry
from graphql import (
    GraphQLArgument,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLScalarType,
    GraphQLSchema,
    get_nullable_type,
)
from strawberry.relay import GlobalID
from strawberry.types.arguments import StrawberryArgument, convert_arguments
from strawberry.types.base import (
    StrawberryMaybe,
    StrawberryObjectDefinition,
    StrawberryOptional,
    get_object_definition,
)

from engine.batch import Binding
from engine.field import BatchedField
from engine.reading import BINDING, DEFINITION, Reads
from engine.registry import BatchFunction, Registry
from engine.runtime_type import teach_runtime_types
from engine.stock import resolver
from engine.stream import event, opener

_POSITIONAL = ("parents", "info")
"""What a function takes by position; one of a subscription has no parents."""


class BindingError(Exception):
    """declarations and functions do not match; `problems` has a sentence for each mismatch"""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


@dataclass(slots=True, kw_only=True)
class _Functions:
    """Every registered function by name, and which names turned out to mean a declaration."""

    by_name: dict[str, BatchFunction] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)
    reads: dict[str, Reads] = field(default_factory=dict)


def bind(schema: strawberry.Schema, *registries: Registry) -> None:
    """Give every batched field of the schema its function and teach the schema the runtime types and enum names.

    A field's function is the one bound to `Type.field`, else the one bound to the field of the nearest class that
    `Type` inherits from (an interface, a generic type). Raises BindingError with every unbound field, double binding,
    binding without a declaration, wrong argument and unsupported declaration.
    """
    problems: list[str] = []
    functions = _collect(registries, problems)
    bindings: list[tuple[GraphQLField, Binding]] = []
    streams: list[tuple[GraphQLField, Binding]] = []
    for parent, graphql_field, declaration in _declarations(schema):
        names = [f"{owner}.{declaration.python_name}" for owner in _owners(parent)]
        name = next((name for name in names if name in functions.by_name), None)
        functions.used.update(name for name in names if name in functions.by_name)
        if isinstance(parent, GraphQLInterfaceType):
            continue
        problems += _refusals(declaration, names[0])
        if name is None:
            problems.append(f"field `{names[0]}` has no function: bind `{'` or `'.join(names)}`")
            continue
        function = functions.by_name[name]
        is_stream = parent is _core(schema).subscription_type
        problems += _argument_problems(name, function, declaration, _POSITIONAL[is_stream:])
        bound = replace(
            _binding(schema, graphql_field, declaration, function, names[0]), reads=functions.reads.get(name)
        )
        (streams if is_stream else bindings).append((graphql_field, bound))
    problems += [
        f"binding `{name}` names no batched field: declare it or drop the function"
        for name in functions.by_name
        if name not in functions.used
    ]
    if problems:
        raise BindingError(list(dict.fromkeys(problems)))
    for graphql_field, binding in bindings:
        graphql_field.extensions[BINDING] = binding
        graphql_field.resolve = resolver(binding)
    for graphql_field, binding in streams:
        graphql_field.subscribe, graphql_field.resolve = opener(binding), event
    teach_runtime_types(_core(schema))


def _core(schema: strawberry.Schema) -> GraphQLSchema:
    return schema._schema  # noqa: SLF001 - Strawberry has no public way to its graphql-core schema


def _collect(registries: tuple[Registry, ...], problems: list[str]) -> _Functions:
    functions = _Functions()
    for registry in registries:
        for name, function in registry:
            if name in functions.by_name:
                problems.append(f"field `{name}` is bound twice: keep one function")
            functions.by_name[name] = function
        functions.reads |= registry.reads
    return functions


def _declarations(
    schema: strawberry.Schema,
) -> Iterator[tuple[GraphQLObjectType | GraphQLInterfaceType, GraphQLField, BatchedField]]:
    for graphql_type in _core(schema).type_map.values():
        if isinstance(graphql_type, GraphQLObjectType | GraphQLInterfaceType):
            for graphql_field in graphql_type.fields.values():
                declaration = graphql_field.extensions.get(DEFINITION)
                if isinstance(declaration, BatchedField):
                    yield graphql_type, graphql_field, declaration


def _owners(parent: GraphQLObjectType | GraphQLInterfaceType) -> list[str]:
    """GraphQL names under which the type's fields may be bound, the nearest first."""
    definition = parent.extensions.get(DEFINITION)
    names = [parent.name]
    if isinstance(definition, StrawberryObjectDefinition):
        for base in definition.origin.__mro__:
            inherited = get_object_definition(base)
            if inherited is not None:
                names.append(inherited.name)
    return list(dict.fromkeys(names))


def _refusals(declaration: BatchedField, name: str) -> Iterator[str]:
    if declaration.extensions or declaration.permission_classes:
        yield f"field `{name}` has field extensions or permission classes: use `guard` instead"


def _argument_problems(
    name: str, function: BatchFunction, declaration: BatchedField, taken: tuple[str, ...]
) -> Iterator[str]:
    positional, keywords, wild = 0, set[str](), False
    for parameter in inspect.signature(function).parameters.values():
        if parameter.kind is parameter.VAR_KEYWORD:
            unpacked = get_type_hints(function).get(parameter.name)
            if get_origin(unpacked) is Unpack:
                keywords.update(get_args(unpacked)[0].__annotations__)
            else:
                wild = True
        elif parameter.kind is parameter.KEYWORD_ONLY:
            keywords.add(parameter.name)
        else:
            positional += 1
    declared = {argument.python_name for argument in declaration.arguments}
    if positional != len(taken):
        yield f"function of `{name}` takes {positional} positional parameters: it must take {' and '.join(taken)}"
    yield from (
        f"function of `{name}` lacks the declared argument `{missing}`: add it by keyword"
        for missing in sorted(declared - keywords)
        if not wild
    )
    yield from (
        f"function of `{name}` has the argument `{extra}` that is not declared: declare it or drop it"
        for extra in sorted(keywords - declared)
    )


def _is_plain(declared: GraphQLArgument, argument: StrawberryArgument) -> bool:
    """Whether Strawberry gives the argument's values to functions as graphql-core coerced them."""
    type_ = argument.type.of_type if isinstance(argument.type, StrawberryOptional) else argument.type
    return (
        isinstance(get_nullable_type(declared.type), GraphQLScalarType)
        and not isinstance(argument.type, StrawberryMaybe)
        and type_ is not GlobalID
    )


def _binding(
    schema: strawberry.Schema,
    field: GraphQLField,
    declaration: BatchedField,
    function: BatchFunction,
    name: str,
) -> Binding:
    arguments = declaration.arguments
    converter = schema.schema_converter
    signature = declaration.base_resolver.signature.parameters if declaration.base_resolver else {}
    # An argument that the document leaves out and that has no default reaches the function as None.
    defaults: dict[str, Any] = {
        name: None if signature[name].default is inspect.Parameter.empty else signature[name].default
        for name in (argument.python_name for argument in arguments)
    }

    by_name = {schema.config.name_converter.from_argument(argument): argument for argument in arguments}
    plain = {name: argument.python_name for name, argument in by_name.items() if _is_plain(field.args[name], argument)}

    def convert(values: dict[str, Any]) -> dict[str, Any]:
        converted, others = dict(defaults), []
        for given, value in values.items():
            if given in plain:
                converted[plain[given]] = value
            else:
                others.append(by_name[given])
        if others:
            converted |= convert_arguments(values, others, converter.scalar_registry, schema.config)
        return converted

    return Binding(
        name=name,
        function=function,
        guard=declaration.guard,
        metadata=declaration.metadata,
        reads=None,
        convert=convert if arguments else dict,
    )
