"""Answers about the schema alone: the same for whoever may ask, until the program ends, so each is written once."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import orjson
from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
)

if TYPE_CHECKING:
    from texting.documents import Operation

BYTES_KEPT = 4_000_000
"""What all answers that are kept may take, the least recently used going first: the whole schema's is some 400 kB."""


class SchemaAnswers:
    """The data of operations that ask about nothing but the schema, as JSON."""

    def __init__(self, bytes_kept: int = BYTES_KEPT) -> None:
        """Begin with none."""
        self._bytes_left = bytes_kept
        # The node is held, so that its identity is not given to another.
        self._kept: OrderedDict[int, tuple[OperationDefinitionNode, bytes]] = OrderedDict()

    def get(self, operation: Operation) -> orjson.Fragment | None:
        """Give the answer's data, if it was written before."""
        found = self._kept.get(id(operation.node))
        if found is None:
            return None
        self._kept.move_to_end(id(operation.node))
        return orjson.Fragment(found[1])

    def keep(self, operation: Operation, data: Any) -> None:
        """Write the data of an answer that nothing changes."""
        if not operation.is_about_schema or id(operation.node) in self._kept:
            return
        written = orjson.dumps(data)
        self._kept[id(operation.node)] = (operation.node, written)
        self._bytes_left -= len(written)
        while self._bytes_left < 0:
            self._bytes_left += len(self._kept.popitem(last=False)[1][1])


def is_about_schema(node: OperationDefinitionNode, fragments: Mapping[str, FragmentDefinitionNode]) -> bool:
    """Say whether a valid operation asks about nothing but the schema, and always the same."""
    if node.operation is not OperationType.QUERY or node.variable_definitions:
        return False
    left: list[SelectionSetNode] = [node.selection_set]
    while left:
        for selection in left.pop().selections:
            if isinstance(selection, FieldNode):
                if not selection.name.value.startswith("__"):
                    return False
            elif isinstance(selection, FragmentSpreadNode):
                left.append(fragments[selection.name.value].selection_set)
            else:
                left.append(selection.selection_set)  # type: ignore[attr-defined] # an inline fragment
    return True
