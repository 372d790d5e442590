"""Anything with a global id, and the directive of fields outside one organization."""

import strawberry
from strawberry.schema_directive import Location

from schema.access import EVERYONE, readable

GLOBAL_ID = "The global id. Keep it and send it back; it names the type and the organization."


@strawberry.interface(description="An object with a global id, which `node(id)` finds again.")
@readable(EVERYONE, rows="as the type of the object")
class Node:
    """The interface of everything that has an id of its own."""

    global_id: strawberry.ID = strawberry.field(name="id", description=GLOBAL_ID)


@strawberry.schema_directive(
    locations=[Location.FIELD_DEFINITION],
    name="crossOrg",
    description=(
        "This field may be selected when no single organization is chosen. It answers only directory fields of each "
        "organization: the scalars of Org, no lists."
    ),
)
class CrossOrg:
    """Marks the fields that stand outside the one organization an operation enters."""
