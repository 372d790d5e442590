"""What one document may hold: how deep it goes, how many aliases and directives it has. Looked at once a document."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    OperationDefinitionNode,
    SelectionSetNode,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentLimits:
    """Most levels of fields in fields, and most aliases and directives written in one document."""

    depth: int = 30
    aliases: int = 100
    directives: int = 50


def check_document(tree: DocumentNode, limits: DocumentLimits) -> list[GraphQLError]:
    """Give an error for each limit that a valid document exceeds, saying what it has and what it may."""
    counts = _Counts(tree)
    found = (
        ("levels of fields in fields", counts.depth, limits.depth, "TEXTING_DEPTH_LIMIT"),
        ("aliases", counts.aliases, limits.aliases, "TEXTING_ALIAS_LIMIT"),
        ("directives", counts.directives, limits.directives, "TEXTING_DIRECTIVE_LIMIT"),
    )
    return [
        GraphQLError(f"the document has {count} {what}, and may have {most} ({setting}): ask in several operations")
        for what, count, most, setting in found
        if count > most
    ]


class _Counts:
    """One document's counts. Fragments lead nowhere in circles: it was validated."""

    def __init__(self, tree: DocumentNode) -> None:
        self._fragments = {n.name.value: n for n in tree.definitions if isinstance(n, FragmentDefinitionNode)}
        self._depths: dict[str, int] = {}
        self.aliases = self.directives = 0
        for definition in tree.definitions:
            if isinstance(definition, OperationDefinitionNode | FragmentDefinitionNode):
                self.directives += len(definition.directives or ())
                self._count(definition.selection_set)
        operations = (n for n in tree.definitions if isinstance(n, OperationDefinitionNode))
        self.depth = max((self._depth(n.selection_set) for n in operations), default=0)

    def _count(self, selections: SelectionSetNode) -> None:
        for node in selections.selections:
            self.directives += len(node.directives or ())
            if isinstance(node, FieldNode):
                self.aliases += node.alias is not None
            if (inner := getattr(node, "selection_set", None)) is not None:
                self._count(inner)

    def _depth(self, selections: SelectionSetNode) -> int:
        return max(self._depths_of(selections), default=0)

    def _depths_of(self, selections: SelectionSetNode) -> Iterable[int]:
        for node in selections.selections:
            if isinstance(node, FragmentSpreadNode):
                name = node.name.value
                if name not in self._depths:
                    self._depths[name] = self._depth(self._fragments[name].selection_set)
                yield self._depths[name]
            elif isinstance(node, FieldNode):
                yield 1 + (self._depth(node.selection_set) if node.selection_set is not None else 0)
            else:
                yield self._depth(node.selection_set)  # type: ignore[attr-defined] # an inline fragment
