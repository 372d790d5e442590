"""A server that does not show its schema: whoever asks for it is told so once, wherever it stands."""

from __future__ import annotations

from typing import Any

from graphql import FieldNode, GraphQLError, ValidationRule

_ASKS = frozenset({"__schema", "__type"})


class NoIntrospection(ValidationRule):
    """Refuses the two fields by which a schema is asked for; `__typename` tells nothing of it."""

    def enter_field(self, node: FieldNode, *_: Any) -> None:
        """Look at a field of any selection."""
        if node.name.value in _ASKS:
            message = "the schema is not told here (TEXTING_INTROSPECTION): ask the people who run this service for it"
            self.report_error(GraphQLError(message, node))
