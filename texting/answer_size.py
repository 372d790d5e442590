"""How large an answer may become, worked out before anything is read: a small document can ask for a great deal.

Each field counts once for every object that it may be asked of, and a connection has as many as its page may hold.
Fields that are answered once, such as those of a fragment spread twice, count once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    InlineFragmentNode,
    IntValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    VariableNode,
)

from core.storage.pages import PAGE_SIZE, PAGE_SIZE_MAX

VALUES_MAX = 200_000
"""Values in one answer."""

_PAGE_ARGUMENTS = ("first", "last")
_PAGES = frozenset({"edges", "nodes"})


class AnswerTooLarge(GraphQLError):
    """the answer might have more values than anybody needs at once"""

    def __init__(self, limit: int) -> None:
        super().__init__(
            f"the answer might have more than {limit} values (TEXTING_COST_LIMIT): ask for smaller pages (`first`), "
            "for fewer lists inside lists, or in several requests"
        )


def check_size(
    operation: OperationDefinitionNode,
    fragments: Mapping[str, FragmentDefinitionNode],
    variables: Mapping[str, Any],
    limit: int = VALUES_MAX,
) -> int:
    """Count the values that an operation may answer.

    Raises:
        AnswerTooLarge: there are more than `limit`; counting stopped there.
    """
    defaults = {each.variable.name.value: each.default_value for each in operation.variable_definitions or ()}
    return _Count(fragments, variables, defaults, limit).of([operation.selection_set], 1, PAGE_SIZE)


class _Count:
    """Counts the values of one operation, until there are too many."""

    def __init__(
        self,
        fragments: Mapping[str, FragmentDefinitionNode],
        variables: Mapping[str, Any],
        defaults: Mapping[str, Any],
        limit: int,
    ) -> None:
        self._fragments = fragments
        self._variables = variables
        self._defaults = defaults
        self._limit = limit
        self._total = 0

    def of(self, sets: Sequence[SelectionSetNode], objects: int, page: int) -> int:
        """Add the fields of a selection; `page`: how many objects its `edges` have, where it is a connection's."""
        for nodes in self._fields(sets).values():
            self._total += objects
            if self._total > self._limit:
                raise AnswerTooLarge(self._limit)
            below = [node.selection_set for node in nodes if node.selection_set is not None]
            if below:
                times = page if nodes[0].name.value in _PAGES else 1
                self.of(below, objects * times, self._page(nodes[0]))
        return self._total

    def _fields(self, sets: Iterable[SelectionSetNode]) -> dict[str, list[FieldNode]]:
        found: dict[str, list[FieldNode]] = {}
        seen: set[str] = set()
        left = list(sets)
        while left:
            for selection in left.pop().selections:
                if isinstance(selection, FieldNode):
                    name = selection.alias or selection.name
                    found.setdefault(name.value, []).append(selection)
                elif isinstance(selection, InlineFragmentNode):
                    left.append(selection.selection_set)
                elif isinstance(selection, FragmentSpreadNode) and selection.name.value not in seen:
                    seen.add(selection.name.value)
                    left.append(self._fragments[selection.name.value].selection_set)
        return found

    def _page(self, field: FieldNode) -> int:
        """Give how many objects a page of this field may hold; what is no page size is refused later."""
        for argument in field.arguments or ():
            if argument.name.value in _PAGE_ARGUMENTS:
                size = self._integer(argument.value)
                if size is not None:
                    return min(max(size, 1), PAGE_SIZE_MAX)
        return PAGE_SIZE

    def _integer(self, value: Any) -> int | None:
        if isinstance(value, VariableNode):
            name = value.name.value
            if name in self._variables:
                # Null is no size, whatever the default; JSON's 7.0 is an Int like 7.
                given = self._variables[name]
                return PAGE_SIZE_MAX if isinstance(given, float) else given if isinstance(given, int) else None
            value = self._defaults.get(name)
        if isinstance(value, IntValueNode):
            return int(value.value) if len(value.value) < 10 else PAGE_SIZE_MAX  # noqa: PLR2004 - digits of an Int
        return None
