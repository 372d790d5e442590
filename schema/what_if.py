"""What-if: facts supposed instead of read."""

from typing import Annotated

import strawberry

from schema.inputs import optional
from schema.scalars import JSON


@strawberry.input(description="A fact supposed instead of read: the rule and the entity name the fact.")
class FactOverride:
    """A fact supposed instead of read."""

    rule_id: str = strawberry.field(description="The rule that reads the fact, such as `ORG_ADDON_LICENSED`.")
    entity_id: strawberry.ID | None = optional(
        "Whose fact: an organization, location, user, number or campaign; absent: whichever the user's decision reads."
    )
    value: JSON = strawberry.field(
        description="What to suppose, as `observed` shows it, such as `42.12`, `CISCO_PSTN` or `5`; `NONE`: nothing "
        "is recorded. Where a rule reads several facts, an object names them: `{totalUnits: 5, suspended: false}`."
    )


WhatIf = Annotated[
    list[FactOverride] | None,
    strawberry.argument(description="Facts to suppose, at most 20; nothing is written. Absent or empty: none."),
]
