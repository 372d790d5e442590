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


def check_written(tree: DocumentNode, limits: DocumentLimits) -> list[GraphQLError]:
    """Give an error for each limit that a document exceeds as it is written, before it is validated.

    Validation says something of each directive that it does not know, and compares each two fields of one name that
    may meet in an answer, and each two fragments (GraphQL October 2021 §5.3.2): the pairs are the most that it could
    compare.
    """
    # One key for all fragments: no field is called so.
    written: Counter[str] = Counter()
    aliases = directives = 0
    definitions = [n for n in tree.definitions if isinstance(n, OperationDefinitionNode | FragmentDefinitionNode)]
    variables = [variable for n in definitions for variable in n.variable_definitions or ()]
    for node in (*definitions, *variables):
        directives += len(node.directives or ())
    waiting = [n.selection_set for n in definitions]
    while waiting:
        for selection in waiting.pop().selections:
            directives += len(selection.directives or ())
            if isinstance(selection, FieldNode):
                aliases += selection.alias is not None
                written[(selection.alias or selection.name).value] += 1
            elif isinstance(selection, FragmentSpreadNode):
                written["..."] += 1
            if (inner := getattr(selection, "selection_set", None)) is not None:
                waiting.append(inner)
    pairs = sum(count * (count - 1) // 2 for count in written.values())
    return _exceeded(
        ("aliases", aliases, limits.aliases, "TEXTING_ALIAS_LIMIT"),
        ("directives", directives, limits.directives, "TEXTING_DIRECTIVE_LIMIT"),
        ("pairs of fields of one name, or of fragments", pairs, limits.equal_pairs, "TEXTING_EQUAL_PAIR_LIMIT"),
    )


def check_depth(tree: DocumentNode, limits: DocumentLimits) -> list[GraphQLError]:
    """Give an error when a valid document is nested too deeply, saying how deep it is and how deep it may be."""
    depth = _Depths(tree).deepest
    return _exceeded(("levels of fields in fields", depth, limits.depth, "TEXTING_DEPTH_LIMIT"))


def _exceeded(*found: tuple[str, int, int, str]) -> list[GraphQLError]:
    return [
        GraphQLError(f"the document has {count} {what}, and may have {most} ({setting}): ask in several operations")
        for what, count, most, setting in found
        if count > most
    ]


class _Depths:
    """How deep one document's operations are. Fragments lead nowhere in circles: it was validated."""

    def __init__(self, tree: DocumentNode) -> None:
        self._fragments = {n.name.value: n for n in tree.definitions if isinstance(n, FragmentDefinitionNode)}
        self._depths: dict[str, int] = {}
        operations = (n for n in tree.definitions if isinstance(n, OperationDefinitionNode))
        self.deepest = max((self._depth(n.selection_set) for n in operations), default=0)

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
