"""What one document may hold: how deep it goes, how often it repeats a name. Looked at once a document."""

from __future__ import annotations

from collections import Counter
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
    """Most levels of fields in fields; most aliases, directives and pairs of equal names written in one document."""

    depth: int = 30
    aliases: int = 100
    directives: int = 50
    equal_pairs: int = 30_000


def check_repeats(tree: DocumentNode, limits: DocumentLimits) -> list[GraphQLError]:
    """Give an error when a document that was parsed, and not yet validated, repeats names too often.

    Validation compares each two fields of one name that may meet in an answer, and each two fragments
    (GraphQL October 2021 §5.3.2): this is the most that it could compare.
    """
    # One key for all fragments: no field is called so.
    written: Counter[str] = Counter()
    waiting = [n.selection_set for n in tree.definitions if hasattr(n, "selection_set")]
    while waiting:
        for node in waiting.pop().selections:
            if isinstance(node, FieldNode):
                written[(node.alias or node.name).value] += 1
            elif isinstance(node, FragmentSpreadNode):
                written["..."] += 1
            if (inner := getattr(node, "selection_set", None)) is not None:
                waiting.append(inner)
    pairs = sum(count * (count - 1) // 2 for count in written.values())
    found = ("pairs of fields of one name, or of fragments", pairs, limits.equal_pairs, "TEXTING_EQUAL_PAIR_LIMIT")
    return _exceeded([found])


def check_document(tree: DocumentNode, limits: DocumentLimits) -> list[GraphQLError]:
    """Give an error for each limit that a valid document exceeds, saying what it has and what it may."""
    counts = _Counts(tree)
    found = (
        ("levels of fields in fields", counts.depth, limits.depth, "TEXTING_DEPTH_LIMIT"),
        ("aliases", counts.aliases, limits.aliases, "TEXTING_ALIAS_LIMIT"),
        ("directives", counts.directives, limits.directives, "TEXTING_DIRECTIVE_LIMIT"),
    )
    return _exceeded(found)


def _exceeded(found: Iterable[tuple[str, int, int, str]]) -> list[GraphQLError]:
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
