"""What a batched function may know about the request and about what was selected below its field."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from graphql import FieldNode, FragmentDefinitionNode, OperationType

from engine.selection import children


@dataclass(frozen=True, slots=True, kw_only=True)
class Info:
    """One batch of one field: the same for all its parents.

    context: the value given as `context_value` to the schema's execution.
    root_value: the value given as `root_value`.
    field_name: the field's GraphQL name.
    parent_type: the GraphQL name of the parents' object type.
    path: response names from the operation's root to this field, without list indices.
    metadata: the declaration's `metadata`.
    variables: the operation's coerced variables.
    operation: query or mutation.
    """

    context: Any
    root_value: Any
    field_name: str
    parent_type: str
    path: tuple[str, ...]
    metadata: Mapping[Any, Any]
    variables: Mapping[str, Any]
    operation: OperationType
    nodes: Sequence[FieldNode] = field(repr=False)
    fragments: Mapping[str, FragmentDefinitionNode] = field(repr=False)

    def selected(self, *path: str) -> frozenset[str]:
        """GraphQL names of the direct children selected anywhere in the batch; with a path, of that descendant.

        Fragments are followed, aliases undone and `@skip` and `@include` decided; children of every possible runtime
        type count. `info.selected("edges", "node")` names the fields wanted of a connection's nodes.
        """
        nodes: Sequence[FieldNode] = self.nodes
        for name in path:
            nodes = children(nodes, self.fragments, self.variables).get(name, ())
        return frozenset(children(nodes, self.fragments, self.variables))

    def selects(self, path: str) -> bool:
        """Whether a child, or a descendant with a dotted path such as `edges.node.name`, is selected in the batch."""
        *parents, name = path.split(".")
        return name in self.selected(*parents)


Guard = Callable[[Info], Exception | None]
