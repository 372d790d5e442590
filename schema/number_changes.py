"""Adding, assigning and changing numbers: inputs and answers."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import strawberry

from core.principal import Role
from engine import batched
from schema.access import readable
from schema.enums import AssignmentStatus, NumberSource, NumberState, PhoneNumberType
from schema.inputs import EFFECTIVE_FROM, EVIDENCE, IDEMPOTENCY_KEY, REASON, optional
from schema.recorded import Recorded
from schema.references import UserPhoneNumberRef
from schema.refusals import IdempotencyConflict, InvalidInput, NotAllowed, NotFound, WrongState
from schema.scalars import JSON

ROWS = "the caller's own change"


@strawberry.input(description="Numbers that enter an organization's inventory, with their source (P3).")
class AddPhoneNumbersInput:
    """Numbers that enter an organization's inventory."""

    org_id: strawberry.ID = strawberry.field(description="Whose inventory.")
    assigned_by: NumberSource = strawberry.field(description="Who assigned them (P3).")
    phone_numbers: list[str] = strawberry.field(description="The numbers, in E.164.")
    reason: str | None = optional(REASON)
    idempotency_key: str | None = optional(IDEMPOTENCY_KEY)


@strawberry.input(description="Changes of a number. Absent: unchanged.")
class UpdatePhoneNumberInput:
    """Changes of a number."""

    phone_number_id: strawberry.ID = strawberry.field(description="Which number.")
    state: NumberState | None = optional("Whether it is in service; cannot be cleared.")
    assigned_by: NumberSource | None = optional("Who assigned it (P3); cannot be cleared.")
    reason: str | None = optional(REASON)
    effective_from: datetime | None = optional(EFFECTIVE_FROM)
    idempotency_key: str | None = optional(IDEMPOTENCY_KEY)


@strawberry.input(description="Who holds a number.")
class AssignPhoneNumberInput:
    """Who holds a number."""

    phone_number_id: strawberry.ID = strawberry.field(description="Which number.")
    user_id: strawberry.ID | None = optional("Who holds it from now on; null: nobody. Absent: unchanged.")
    type: PhoneNumberType | None = optional("What it is to the holder; cannot be cleared. Absent: unchanged.")
    reason: str | None = optional(REASON)
    effective_from: datetime | None = optional(EFFECTIVE_FROM)
    idempotency_key: str | None = optional(IDEMPOTENCY_KEY)


@strawberry.input(description="Which campaign a number shall be of (P6).")
class AssignCampaignNumberInput:
    """Which campaign a number shall be of (P6)."""

    phone_number_id: strawberry.ID = strawberry.field(description="Which number.")
    campaign_id: strawberry.ID | None = optional(
        "The campaign, which it then waits to be assigned to; null: none any more."
    )
    reason: str | None = optional(REASON)
    idempotency_key: str | None = optional(IDEMPOTENCY_KEY)


@strawberry.input(description="What the registry answered about a number and a campaign (P6).")
class RecordNumberAssignmentInput:
    """What the registry answered about a number and a campaign (P6)."""

    phone_number_id: strawberry.ID = strawberry.field(description="Which number.")
    campaign_id: strawberry.ID = strawberry.field(description="Which campaign.")
    status: AssignmentStatus = strawberry.field(description="Where the assignment stands now.")
    evidence: JSON | None = optional(EVIDENCE)
    reason: str | None = optional(REASON)
    effective_from: datetime | None = optional(EFFECTIVE_FROM)
    idempotency_key: str | None = optional(IDEMPOTENCY_KEY)


@strawberry.type(description="The number was changed.")
@readable(frozenset({Role.PROVIDER_ADMIN, Role.ORG_ADMIN}), rows=ROWS)
class PhoneNumberUpdated(Recorded):
    """The number was changed."""

    number_ref: strawberry.Private[UUID]

    @batched(description="The number as it is now.")
    def phone_number(self) -> UserPhoneNumberRef: ...


@strawberry.type(description="The numbers were added.")
@readable(frozenset({Role.PROVIDER_ADMIN}), rows=ROWS)
class PhoneNumbersAdded(Recorded):
    """The numbers were added."""

    number_refs: strawberry.Private[tuple[UUID, ...]]

    @batched(description="The numbers, in the order of the input.")
    def phone_numbers(self) -> list[UserPhoneNumberRef]: ...


PhoneNumberResult = Annotated[
    PhoneNumberUpdated | NotFound | NotAllowed | WrongState | InvalidInput | IdempotencyConflict,
    strawberry.union("PhoneNumberResult", description="The number changed, or why not."),
]
PhoneNumbersResult = Annotated[
    PhoneNumbersAdded | NotFound | NotAllowed | InvalidInput | IdempotencyConflict,
    strawberry.union("PhoneNumbersResult", description="The numbers added, or why not."),
]
