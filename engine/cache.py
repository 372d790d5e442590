"""Compiled operations, kept: bounded by how many there are and by how large each may grow."""

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

from engine.directive import selections_of
from engine.plan import Plan

OPERATIONS_KEPT = 512
"""Operations that are kept; the least recently used goes first."""

PLANS_KEPT = 8
"""Plans of one operation: one for each combination of the variables that `@skip` and `@include` read."""

FIELDS_KEPT = 4_000
"""Response keys of one plan, some 1.5 kB each with their code; what grows beyond is compiled anew each time."""


class _Operation:
    """One operation: what its plans depend on, and those there are."""

    __slots__ = ("conditions", "node", "plans", "schema")

    def __init__(self, schema: GraphQLSchema, node: OperationDefinitionNode, conditions: tuple[str, ...]) -> None:
        # Both are held, so that their identities are not given to others.
        self.schema = schema
        self.node = node
        self.conditions = conditions
        self.plans: OrderedDict[tuple[Any, ...], Plan] = OrderedDict()


class PlanCache:
    """Plans by the identity of schema and operation: whoever keeps parsed documents finds their plans again."""

    def __init__(self, operations: int = OPERATIONS_KEPT) -> None:
        self._kept: OrderedDict[tuple[int, int], _Operation] = OrderedDict()
        self._limit = operations

    def __len__(self) -> int:
        """How many operations are kept."""
        return len(self._kept)

    def find(
        self,
        schema: GraphQLSchema,
        node: OperationDefinitionNode,
        fragments: Mapping[str, FragmentDefinitionNode],
        variables: Mapping[str, Any],
    ) -> Plan:
        """The operation's plan for these variables; a new and empty one where there is none or it grew too large."""
        key = (id(schema), id(node))
        operation = self._kept.get(key)
        if operation is None:
            if any(fragment.variable_definitions for fragment in fragments.values()):
                # A fragment's own arguments are decided when its fields are collected, for one execution.
                return Plan()
            operation = self._kept[key] = _Operation(schema, node, _conditions(node, fragments))
            if len(self._kept) > self._limit:
                self._kept.popitem(last=False)
        else:
            self._kept.move_to_end(key)
        return _plan(operation, tuple(variables.get(name) for name in operation.conditions))


def _plan(operation: _Operation, decided: tuple[Any, ...]) -> Plan:
    plan = operation.plans.get(decided)
    if plan is None or plan.fields > FIELDS_KEPT:
        plan = operation.plans[decided] = Plan()
        if len(operation.plans) > PLANS_KEPT:
            operation.plans.popitem(last=False)
    else:
        operation.plans.move_to_end(decided)
    return plan


def _conditions(node: OperationDefinitionNode, fragments: Mapping[str, FragmentDefinitionNode]) -> tuple[str, ...]:
    """The names of the variables that decide which fields are selected."""
    names: dict[str, None] = {}
    for selection in selections_of(node, *fragments.values()):
        for directive in selection.directives or ():
            if directive.name.value in ("skip", "include"):
                found = [argument.value for argument in directive.arguments or ()]
                names.update((value.name.value, None) for value in found if isinstance(value, VariableNode))
    return tuple(names)
