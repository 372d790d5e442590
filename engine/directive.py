"""Which directives a document uses."""

from __future__ import annotations

from collections.abc import Iterator

from graphql import ExecutableDefinitionNode, FieldNode, InlineFragmentNode, SelectionNode


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
