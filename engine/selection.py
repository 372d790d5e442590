"""Which fields a piece of a document selects, without looking at any value."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    SelectionNode,
    SelectionSetNode,
    VariableNode,
)
from graphql.language import ValueNode


def children(
    parents: Iterable[FieldNode], fragments: Mapping[str, FragmentDefinitionNode], variables: Mapping[str, Any]
) -> dict[str, list[FieldNode]]:
    """Direct children by field name (not alias) of the given field nodes, on any runtime type, conditions decided."""
    found: dict[str, list[FieldNode]] = {}
    for parent in parents:
        if parent.selection_set is not None:
            for field in _fields(parent.selection_set, fragments, variables, set()):
                found.setdefault(field.name.value, []).append(field)
    return found


def included(selection: SelectionNode, variables: Mapping[str, Any]) -> bool:
    """Whether `@skip` and `@include` leave the selection in."""
    for directive in selection.directives or ():
        name = directive.name.value
        if name in {"skip", "include"} and directive.arguments:
            condition = _condition(directive.arguments[0].value, variables)
            if condition is (name == "skip"):
                return False
    return True


def _condition(node: ValueNode, variables: Mapping[str, Any]) -> bool:
    if isinstance(node, VariableNode):
        return bool(variables.get(node.name.value))
    return bool(getattr(node, "value", False))


def _fields(
    selections: SelectionSetNode,
    fragments: Mapping[str, FragmentDefinitionNode],
    variables: Mapping[str, Any],
    seen: set[str],
) -> Iterator[FieldNode]:
    for selection in selections.selections:
        if not included(selection, variables):
            continue
        if isinstance(selection, FieldNode):
            yield selection
        elif isinstance(selection, InlineFragmentNode):
            yield from _fields(selection.selection_set, fragments, variables, seen)
        elif isinstance(selection, FragmentSpreadNode) and selection.name.value not in seen:
            seen.add(selection.name.value)
            fragment = fragments.get(selection.name.value)
            if fragment is not None:
                yield from _fields(fragment.selection_set, fragments, variables, seen)
