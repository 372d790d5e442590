"""Creating and changing organizations: inputs and answers."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import strawberry

from core.principal import Role
from engine import batched
from schema.access import EVERYONE, readable
from schema.enums import CustomerType
from schema.inputs import EFFECTIVE_FROM, EXPECTED_VERSION, IDEMPOTENCY_KEY, REASON, optional
from schema.recorded import Recorded
from schema.references import OrgRef
from schema.refusals import IdempotencyConflict, InvalidInput, NotAllowed, NotFound, VersionConflict

ROWS = "the caller's own change"


@strawberry.input(description="A calling plan (P1); replaces the one before.")
class CallingPlanInput:
    """A calling plan (P1)."""

    provider: str = strawberry.field(description="Who provides the plan; business texting needs Cisco's (P1).")
    countries: list[str] = strawberry.field(description="The countries it covers, in ISO 3166-1 alpha-2, such as `US`.")


@strawberry.input(description="An add-on (P6).")
class LicenseInput:
    """An add-on (P6)."""

    total_units: int = strawberry.field(description="How many units were bought; 0 means not licensed.")
    suspended: bool | None = optional("Whether it is suspended; absent: as it is, and not when new.")


@strawberry.input(description="A new organization.")
class CreateOrgInput:
    """A new organization."""

    name: str = strawberry.field(description="What it is called.")
    customer_type: CustomerType = strawberry.field(description="How it was sold to (P2).")
    calling_plan: CallingPlanInput | None = optional("The calling plan it bought (P1).")
    texting_add_on: LicenseInput | None = optional("The business-texting add-on it bought (P6).")
    handles_phi: bool | None = optional("Whether it declares to text protected health information (B7).")
    healthcare: bool | None = optional("Whether it is in healthcare (B7).")
    texting_enabled: bool | None = strawberry.field(
        default=False, description="Its stored switch (O1); off unless said otherwise."
    )
    reason: str | None = optional(REASON)
    idempotency_key: str | None = optional(IDEMPOTENCY_KEY)


@strawberry.input(
    description="An organization's name and what it declares of itself. Absent: unchanged; null: cleared."
)
class UpdateOrgInput:
    """An organization's name and what it declares of itself."""

    org_id: strawberry.ID = strawberry.field(description="Which organization.")
    name: str | None = optional("What it is called; cannot be cleared.")
    handles_phi: bool | None = optional(
        "Whether it declares to text protected health information; null: undeclared (B7)."
    )
    healthcare: bool | None = optional("Whether it is in healthcare; null: undeclared (B7).")
    reason: str | None = optional(REASON)
    expected_version: int | None = optional(EXPECTED_VERSION)
    effective_from: datetime | None = optional(EFFECTIVE_FROM)
    idempotency_key: str | None = optional(IDEMPOTENCY_KEY)


@strawberry.input(description="What was sold to an organization. Absent: unchanged; null: cleared.")
class SetOrgEntitlementsInput:
    """What was sold to an organization."""

    org_id: strawberry.ID = strawberry.field(description="Which organization.")
    customer_type: CustomerType | None = optional("How it was sold to (P2); cannot be cleared.")
    calling_plan: CallingPlanInput | None = optional("The calling plan it bought (P1); null: none.")
    texting_add_on: LicenseInput | None = optional("The business-texting add-on it bought (P6); null: none.")
    reason: str = strawberry.field(description=REASON)
    expected_version: int | None = optional(EXPECTED_VERSION)
    effective_from: datetime | None = optional(EFFECTIVE_FROM)
    idempotency_key: str | None = optional(IDEMPOTENCY_KEY)


@strawberry.type(description="An organization that was changed.")
@readable(EVERYONE, rows=ROWS)
class OrgChange(Recorded):
    """An organization that was changed; not a type of the API, its heirs are."""

    org_ref: strawberry.Private[UUID]

    @batched(description="The organization as it is now.")
    def org(self) -> OrgRef: ...


@strawberry.type(description="The organization was created.")
@readable(frozenset({Role.PROVIDER_ADMIN}), rows=ROWS)
class OrgCreated(OrgChange):
    """The organization was created."""


@strawberry.type(description="The organization was changed.")
@readable(frozenset({Role.PROVIDER_ADMIN, Role.ORG_ADMIN}), rows=ROWS)
class OrgUpdated(OrgChange):
    """The organization was changed."""


CreateOrgResult = Annotated[
    OrgCreated | NotAllowed | InvalidInput | IdempotencyConflict,
    strawberry.union("CreateOrgResult", description="The organization created, or why not."),
]
UpdateOrgResult = Annotated[
    OrgUpdated | NotFound | NotAllowed | VersionConflict | InvalidInput | IdempotencyConflict,
    strawberry.union("UpdateOrgResult", description="The organization changed, or why not."),
]
