"""Who may text, of many users at once, as numbers."""

from datetime import datetime
from typing import Annotated

import strawberry

from engine import batched
from schema.access import EVERYONE, readable
from schema.enums import Outcome, RuleStatus
from schema.references import LocationRef

ROWS = "as the report"


@strawberry.type(description="How many users have the same outcome.")
@readable(EVERYONE, rows=ROWS)
class OutcomeCount:
    """How many users have the same outcome."""

    prerequisites: Outcome = strawberry.field(description="What the prerequisites alone say.")
    enabled: bool = strawberry.field(
        description="What the setting alone says. Eligible but off: `prerequisites` is ALLOWED and this is false."
    )
    outcome: Outcome = strawberry.field(description="Both together.")
    count: int = strawberry.field(description="How many users.")


@strawberry.type(description="For how many users a rule has the same result.")
@readable(EVERYONE, rows=ROWS)
class RuleCount:
    """For how many users a rule has the same result."""

    rule_id: str = strawberry.field(description="Which rule.")
    status: RuleStatus = strawberry.field(description="Which result.")
    count: int = strawberry.field(description="How many users.")
    as_root_cause: int = strawberry.field(
        description="For how many of them it fails and no other failing rule implies that: where to begin."
    )


@strawberry.type(description="How many users of a location have the same outcome.")
@readable(EVERYONE, rows=ROWS)
class LocationCount:
    """How many users of a location have the same outcome."""

    @batched(description="Which location.")
    def location(self) -> LocationRef: ...

    outcome: Outcome = strawberry.field(description="Which outcome.")
    count: int = strawberry.field(description="How many users.")


@strawberry.type(
    description="Who may text, of many users at once, as numbers: the sum of what `eligibility` says of each of them."
)
@readable(EVERYONE, rows="of the users whom the caller sees")
class EligibilityReport:
    """Who may text, of many users at once, as numbers."""

    total: int = strawberry.field(description="How many users were counted.")
    computed_at: datetime = strawberry.field(description="When.")
    by_outcome: list[OutcomeCount] = strawberry.field(description="By outcome; only those that occur.")
    by_rule: list[RuleCount] = strawberry.field(
        description="By rule, in document order, and result; only those that occur."
    )

    @batched(description="By location, those made first first; only the outcomes that occur.")
    def by_location(
        self, first: Annotated[int | None, strawberry.argument(description="How many locations, at most 100.")] = 50
    ) -> list[LocationCount]: ...
