"""The one organization that an operation enters, decided from the ids in it before anything is executed.

The organization inside an id is a claim: it counts only if the caller has a grant there. Ids of other organizations
are left alone; inside the organization entered, they are simply not found.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from graphql import (
    DocumentNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLID,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLSchema,
    IntValueNode,
    Node,
    OperationDefinitionNode,
    StringValueNode,
    TypeInfo,
    TypeInfoVisitor,
    Visitor,
    get_named_type,
    is_input_type,
    type_from_ast,
    visit,
)

from core.ids import decode
from core.principal import Principal


class SeveralOrganizations(Exception):
    """ids of several organizations in one operation"""


@dataclass(frozen=True, slots=True, kw_only=True)
class IdSites:
    """Where ids stand in one operation: those written in it, and the types of its variables."""

    literals: tuple[str, ...]
    variables: tuple[tuple[str, GraphQLInputType], ...]


def id_sites(schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode) -> IdSites:
    """Find the ids of a valid operation and the fragments it uses; the same for every request, so worth keeping."""
    literals = _Literals(TypeInfo(schema))
    for part in _parts(document, operation):
        visit(part, TypeInfoVisitor(literals.types, literals))
    variables: list[tuple[str, GraphQLInputType]] = []
    for definition in operation.variable_definitions or ():
        kind = type_from_ast(schema, definition.type)
        if kind is not None and is_input_type(kind) and _may_hold_ids(kind, frozenset()):
            variables.append((definition.variable.name.value, kind))
    return IdSites(literals=tuple(literals.found), variables=tuple(variables))


def entered(sites: IdSites, variables: Mapping[str, Any], principal: Principal) -> UUID:
    """Decide the organization entered: the one that the ids name and the caller may enter, else the caller's own.

    Raises:
        SeveralOrganizations: the ids name several that the caller may enter.
    """
    given = list(sites.literals)
    for name, kind in sites.variables:
        _collect_ids(variables.get(name), kind, given)
    claimed = {parsed.org_id for text in set(given) if (parsed := decode(text)) is not None}
    if not claimed - {principal.org_id}:
        return principal.org_id
    allowed = sorted(org_id for org_id in claimed if principal.may_enter(org_id))
    if len(allowed) > 1:
        raise SeveralOrganizations(
            f"this operation has ids of {len(allowed)} organizations: send one operation for each organization"
        )
    return allowed[0] if allowed else principal.org_id


class _Literals(Visitor):
    """Collects every id written out in an operation, defaults of variables included."""

    def __init__(self, types: TypeInfo) -> None:
        super().__init__()
        self.types = types
        self.found: list[str] = []

    def enter_string_value(self, node: StringValueNode, *_: Any) -> None:
        self._take(node)

    def enter_int_value(self, node: IntValueNode, *_: Any) -> None:
        self._take(node)

    def _take(self, node: StringValueNode | IntValueNode) -> None:
        kind = self.types.get_input_type()
        if kind is not None and get_named_type(kind) is GraphQLID:
            self.found.append(node.value)


def _parts(document: DocumentNode, operation: OperationDefinitionNode) -> list[Node]:
    """Give the operation and the fragments that it reaches."""
    fragments = {node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)}
    parts: list[Node] = [operation]
    reached: set[str] = set()
    for part in parts:
        for name in _spreads(part):
            if name in fragments and name not in reached:
                reached.add(name)
                parts.append(fragments[name])
    return parts


def _spreads(part: Node) -> list[str]:
    names: list[str] = []

    class Spreads(Visitor):
        def enter_fragment_spread(self, node: FragmentSpreadNode, *_: Any) -> None:
            names.append(node.name.value)

    visit(part, Spreads())
    return names


def _may_hold_ids(kind: GraphQLInputType, seen: frozenset[str]) -> bool:
    named = get_named_type(kind)
    if isinstance(named, GraphQLInputObjectType) and named.name not in seen:
        inner = seen | {named.name}
        return any(_may_hold_ids(field.type, inner) for field in named.fields.values())
    return named is GraphQLID


def _collect_ids(value: Any, kind: GraphQLInputType, found: list[str]) -> None:
    """Walk a variable's value by its type; a value of another shape is left for coercion to refuse."""
    if isinstance(kind, GraphQLNonNull):
        kind = kind.of_type
    if kind is GraphQLID:
        if isinstance(value, str | int) and not isinstance(value, bool):
            found.append(str(value))
    elif isinstance(kind, GraphQLList):
        for item in value if isinstance(value, list) else [value]:
            _collect_ids(item, kind.of_type, found)
    elif isinstance(kind, GraphQLInputObjectType) and isinstance(value, Mapping):
        for name, field in kind.fields.items():
            _collect_ids(value.get(name), field.type, found)
