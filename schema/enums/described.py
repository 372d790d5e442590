"""Making a closed set of the domain a GraphQL enum without touching the domain's module."""

from enum import StrEnum

import strawberry
from strawberry.types.enum import StrawberryEnumDefinition


def describe(members: type[StrEnum], description: str, **values: str) -> None:
    """Make a closed set a GraphQL enum; ValueError unless every member, and nothing else, is described."""
    if set(values) != set(members.__members__):
        raise ValueError(f"enum `{members.__name__}`: describe each member once and nothing else")
    strawberry.enum(members, description=description)
    definition: StrawberryEnumDefinition = members.__strawberry_definition__  # type: ignore[attr-defined]
    for value in definition.values:
        value.description = values[value.name]
