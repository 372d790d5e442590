"""Compiled operations, kept: bounded by how many there are and by the bytes they take."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

from graphql import (
    DocumentNode,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLID,
    GraphQLNamedType,
    GraphQLSchema,
    GraphQLString,
    OperationDefinitionNode,
    VariableNode,
    get_nullable_type,
)
from graphql.execution.executor import Executor
from graphql.execution.get_variable_signature import GraphQLVariableSignature, get_variable_signature
from graphql.execution.values import VariableValues, VariableValueSource, get_variable_values

from engine.directive import directives_used, selections_of
from engine.plan import Plan, Weight
from engine.together import assembled

OPERATIONS_KEPT = 512
"""Operations that are kept; the least recently used goes first."""

PLANS_KEPT = 8
"""Plans of one operation: one for each combination of the variables that `@skip` and `@include` read."""

BYTES_KEPT = 64_000_000
"""What all plans and the documents they hold may take, by the two measures below; the least recently used go first."""

BYTES_A_FIELD = 2_000
"""A response key of a plan with its code, as measured."""

BYTES_A_CHARACTER = 100
"""A document's syntax tree, a character of its text, as measured."""


class Operation:
    """One operation of a document: what every execution of it needs again, what its plans depend on, and the plans."""

    __slots__ = (
        "characters",
        "conditions",
        "directives",
        "document",
        "fragment_definitions",
        "fragments",
        "node",
        "plans",
        "propagates_errors",
        "schema",
        "signatures",
    )

    def __init__(self, schema: GraphQLSchema, document: DocumentNode, built: Executor[Any]) -> None:
        # Both are held, so that their identities are not given to others.
        self.schema = schema
        self.document = document
        self.node = node = built.operation
        self.fragment_definitions = built.fragment_definitions
        self.fragments = built.fragments
        self.propagates_errors = built.error_propagation
        self.signatures = _plain_signatures(built)
        self.conditions = _conditions(node, self.fragment_definitions)
        self.directives = frozenset(directives_used(node, *self.fragment_definitions.values()))
        self.characters = len(node.loc.source.body) if node.loc is not None else 0
        self.plans: OrderedDict[tuple[Any, ...], Plan] = OrderedDict()

    def variables(
        self, given: Mapping[str, Any], max_errors: int, *, hide_suggestions: bool
    ) -> VariableValues | list[GraphQLError]:
        """The coerced values, or why there are none. Texts given for texts and ids are what they are."""
        sources: dict[str, VariableValueSource] = {}
        coerced: dict[str, Any] = {}
        for name, signature in self.signatures.items():
            value = given.get(name)
            if value.__class__ is not str:
                break
            sources[name] = VariableValueSource(signature, value)
            coerced[name] = value
        definitions = self.node.variable_definitions or ()
        if len(coerced) == len(definitions):
            return VariableValues(sources, coerced)
        return get_variable_values(self.schema, definitions, dict(given), max_errors, hide_suggestions)


class PlanCache:
    """Plans by the identity of schema and operation: whoever keeps parsed documents finds their plans again."""

    def __init__(self, operations: int = OPERATIONS_KEPT, bytes_kept: int = BYTES_KEPT) -> None:
        self._kept: OrderedDict[tuple[int, int, str | None], Operation] = OrderedDict()
        self._operations_max = operations
        self._bytes_max = bytes_kept
        self._weight = Weight()
        self._characters = 0

    def __len__(self) -> int:
        """How many operations are kept."""
        return len(self._kept)

    @property
    def bytes(self) -> int:
        """What the plans and their documents take, about."""
        return self._weight.fields * BYTES_A_FIELD + self._characters * BYTES_A_CHARACTER

    def operation(self, schema: GraphQLSchema, document: DocumentNode, name: str | None) -> Operation | None:
        """The operation that a document has by that name, where it is known."""
        key = (id(schema), id(document), name)
        found = self._kept.get(key)
        if found is not None:
            self._kept.move_to_end(key)
        return found

    def keep(
        self, schema: GraphQLSchema, document: DocumentNode, name: str | None, built: Executor[Any]
    ) -> Operation | None:
        """Remember the operation that an executor was built for.

        None where fragments have arguments of their own: they are decided when fields are collected, each time.
        """
        if any(fragment.variable_definitions for fragment in built.fragment_definitions.values()):
            return None
        kept = self._kept[id(schema), id(document), name] = Operation(schema, document, built)
        self._characters += kept.characters
        return kept

    def find(self, operation: Operation, variables: Mapping[str, Any]) -> Plan:
        """The operation's plan for these variables; a new and empty one where there is none."""
        conditions = operation.conditions
        plan = self._plan(operation, tuple(variables.get(name) for name in conditions) if conditions else ())
        while self._kept and (len(self._kept) > self._operations_max or self.bytes > self._bytes_max):
            self._forget(self._kept.popitem(last=False)[1])
        return plan

    def _plan(self, operation: Operation, decided: tuple[Any, ...]) -> Plan:
        plan = operation.plans.get(decided)
        if plan is None:
            plan = operation.plans[decided] = Plan(assembled, operation.directives, self._weight)
            if len(operation.plans) > PLANS_KEPT:
                operation.plans.popitem(last=False)[1].leave()
        else:
            operation.plans.move_to_end(decided)
        return plan

    def _forget(self, operation: Operation) -> None:
        self._characters -= operation.characters
        for plan in operation.plans.values():
            plan.leave()


def _conditions(node: OperationDefinitionNode, fragments: Mapping[str, FragmentDefinitionNode]) -> tuple[str, ...]:
    """The names of the variables that decide which fields are selected."""
    names: dict[str, None] = {}
    for selection in selections_of(node, *fragments.values()):
        for directive in selection.directives or ():
            if directive.name.value in ("skip", "include"):
                found = [argument.value for argument in directive.arguments or ()]
                names.update((value.name.value, None) for value in found if isinstance(value, VariableNode))
    return tuple(names)


def _plain_signatures(built: Executor[Any]) -> dict[str, GraphQLVariableSignature]:
    """The signatures of variables that take a text as it is; none unless all of the operation's do."""
    found: dict[str, GraphQLVariableSignature] = {}
    for definition in built.operation.variable_definitions or ():
        signature = get_variable_signature(built.schema, definition)
        if isinstance(signature, GraphQLError):
            return {}
        type_ = get_nullable_type(signature.type)
        # The names of the specified scalars are theirs alone.
        if not isinstance(type_, GraphQLNamedType) or type_.name not in (GraphQLString.name, GraphQLID.name):
            return {}
        found[signature.name] = signature
    return found
