"""Which directives and variables a document uses."""

from __future__ import annotations

from collections.abc import Iterator

from graphql import (
    ExecutableDefinitionNode,
    FieldNode,
    InlineFragmentNode,
    ListValueNode,
    ObjectValueNode,
    SelectionNode,
    VariableNode,
)
from graphql.language import ValueNode


def directives_used(*definitions: ExecutableDefinitionNode) -> set[str]:
    """Names of the directives anywhere in the definitions' selections."""
    names: set[str] = set()
    for selection in selections_of(*definitions):
        for directive in selection.directives or ():
            names.add(directive.name.value)
    return names


def selections_of(*definitions: ExecutableDefinitionNode) -> Iterator[SelectionNode]:
    """Every field, spread and inline fragment of the definitions."""
    waiting = [definition.selection_set for definition in definitions]
    while waiting:
        for selection in waiting.pop().selections:
            yield selection
            if isinstance(selection, FieldNode | InlineFragmentNode) and selection.selection_set is not None:
                waiting.append(selection.selection_set)


def holds_variable(value: ValueNode) -> bool:
    """Whether a value written in a document is a variable or has one in it."""
    if isinstance(value, ListValueNode):
        return any(holds_variable(item) for item in value.values)
    if isinstance(value, ObjectValueNode):
        return any(holds_variable(field.value) for field in value.fields)
    return isinstance(value, VariableNode)
