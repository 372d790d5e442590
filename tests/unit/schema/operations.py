"""Operations made from the schema: each selects everything its field can answer, down to a depth."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from graphql import (
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    OperationType,
    get_named_type,
    is_leaf_type,
    is_required_argument,
)

DEPTH = 4
"""How many levels of objects below the root field are opened."""


@dataclass
class _Writer:
    """Writes one selection set after the other and collects the variables that arguments need."""

    schema: GraphQLSchema
    variables: dict[str, str] = field(default_factory=dict)

    def operation(self, kind: str, body: str) -> str:
        declared = ", ".join(f"${variable}: {type_}" for variable, type_ in self.variables.items())
        return f"{kind} Everything{f'({declared})' if declared else ''} {{ {body} }}"

    def call(self, name: str, declared: GraphQLField, depth: int) -> str:
        selection = self.selection(get_named_type(declared.type), depth)
        return f"{name}{self.arguments(name, declared, every=depth == DEPTH)}{selection}"

    def arguments(self, name: str, declared: GraphQLField, *, every: bool) -> str:
        """Pass required arguments, or every one, as variables of their own."""
        passed = []
        for argument, described in declared.args.items():
            if every or is_required_argument(described):
                variable = f"v{len(self.variables)}_{name}_{argument}"
                self.variables[variable] = str(described.type)
                passed.append(f"{argument}: ${variable}")
        return f"({', '.join(passed)})" if passed else ""

    def selection(self, named: GraphQLNamedType, depth: int) -> str:
        if is_leaf_type(named):
            return ""
        return f" {{ __typename {' '.join(self.members(named, depth))} }}"

    def members(self, named: GraphQLNamedType, depth: int) -> Iterator[str]:
        if isinstance(named, GraphQLUnionType):
            yield "... on Refusal { code message trackingId }"
            for member in named.types:
                yield f"... on {member.name}{self.selection(member, depth)}"
        elif isinstance(named, GraphQLObjectType | GraphQLInterfaceType):
            for name, declared in named.fields.items():
                if is_leaf_type(get_named_type(declared.type)) or depth > 1:
                    yield self.call(name, declared, depth - 1)


def operation(schema: GraphQLSchema, kind: str, name: str, *, depth: int = DEPTH) -> str:
    """An operation (`query`, `mutation` or `subscription`) that selects one root field with all it can answer."""
    root = schema.get_root_type(OperationType(kind))
    assert root is not None
    writer = _Writer(schema)
    return writer.operation(kind, writer.call(name, root.fields[name], depth))


def objects(schema: GraphQLSchema, names: Iterable[str], *, depth: int) -> str:
    """A query of `nodes` for each type, with all that its objects can answer: `nodes_User: nodes(ids: $v0_User)`."""
    writer = _Writer(schema)
    asked = []
    for name in names:
        variable = f"v{len(writer.variables)}_{name}"
        writer.variables[variable] = "[ID!]!"
        selection = writer.selection(schema.type_map[name], depth)
        asked.append(f"nodes_{name}: nodes(ids: ${variable}) {{ __typename ... on {name}{selection} }}")
    return writer.operation("query", " ".join(asked))
