"""Compiled operations, kept: bounded by how many there are and by the bytes they take."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

from graphql import (
    FragmentDefinitionNode,
    GraphQLSchema,
    OperationDefinitionNode,
    VariableNode,
)

from engine.completion import assembled
from engine.directive import directives_used, selections_of
from engine.plan import Plan, Weight

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


class _Operation:
    """One operation: what its plans depend on, and those there are."""

    __slots__ = ("characters", "conditions", "directives", "node", "plans", "schema")

    def __init__(
        self, schema: GraphQLSchema, node: OperationDefinitionNode, fragments: Mapping[str, FragmentDefinitionNode]
    ) -> None:
        # Both are held, so that their identities are not given to others.
        self.schema = schema
        self.node = node
        self.conditions = _conditions(node, fragments)
        self.directives = frozenset(directives_used(node, *fragments.values()))
        self.characters = len(node.loc.source.body) if node.loc is not None else 0
        self.plans: OrderedDict[tuple[Any, ...], Plan] = OrderedDict()


class PlanCache:
    """Plans by the identity of schema and operation: whoever keeps parsed documents finds their plans again."""

    def __init__(self, operations: int = OPERATIONS_KEPT, bytes_kept: int = BYTES_KEPT) -> None:
        self._kept: OrderedDict[tuple[int, int], _Operation] = OrderedDict()
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

    def find(
        self,
        schema: GraphQLSchema,
        node: OperationDefinitionNode,
        fragments: Mapping[str, FragmentDefinitionNode],
        variables: Mapping[str, Any],
    ) -> Plan:
        """The operation's plan for these variables; a new and empty one where there is none."""
        key = (id(schema), id(node))
        operation = self._kept.get(key)
        if operation is None:
            if any(fragment.variable_definitions for fragment in fragments.values()):
                # A fragment's own arguments are decided when its fields are collected, for one execution.
                return Plan(assembled, frozenset(directives_used(node, *fragments.values())))
            operation = self._kept[key] = _Operation(schema, node, fragments)
            self._characters += operation.characters
        else:
            self._kept.move_to_end(key)
        plan = self._plan(operation, tuple(variables.get(name) for name in operation.conditions))
        while self._kept and (len(self._kept) > self._operations_max or self.bytes > self._bytes_max):
            self._forget(self._kept.popitem(last=False)[1])
        return plan

    def _plan(self, operation: _Operation, decided: tuple[Any, ...]) -> Plan:
        plan = operation.plans.get(decided)
        if plan is None:
            plan = operation.plans[decided] = Plan(assembled, operation.directives, self._weight)
            if len(operation.plans) > PLANS_KEPT:
                operation.plans.popitem(last=False)[1].leave()
        else:
            operation.plans.move_to_end(decided)
        return plan

    def _forget(self, operation: _Operation) -> None:
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
