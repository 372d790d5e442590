"""Registering brands and campaigns, and what the registry and carriers answered: inputs and answers."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import strawberry

from core.principal import Role
from engine import batched
from schema.access import readable
from schema.enums import BrandFeedback, BrandIdentity, BrandStatus, CampaignStatus, CarrierStatus
from schema.inputs import EFFECTIVE_FROM, EVIDENCE, IDEMPOTENCY_KEY, REASON, optional
from schema.recorded import Recorded
from schema.references import BrandRef, CampaignRef
from schema.refusals import IdempotencyConflict, InvalidInput, NotAllowed, NotFound, WrongState
from schema.scalars import JSON

ROWS = "the caller's own change"
REGISTRARS = frozenset({Role.PROVIDER_ADMIN, Role.ORG_ADMIN})


@strawberry.input(description="A brand to be registered (P6).")
class RegisterBrandInput:
    """A brand to be registered (P6)."""

    org_id: strawberry.ID = strawberry.field(description="The organization it is of.")
    legal_name: str = strawberry.field(description="Its legal name.")
    tax_id: str | None = optional("Its tax number, such as an EIN; handed on, never answered.")
    website: str | None = optional("Its website.")
    reason: str | None = optional(REASON)
    idempotency_key: str | None = optional(IDEMPOTENCY_KEY)


@strawberry.input(description="A campaign to be registered (P6).")
class SubmitCampaignInput:
    """A campaign to be registered (P6)."""

    org_id: strawberry.ID = strawberry.field(description="The organization it is of; its brand must be registered.")
    use_case: str = strawberry.field(description="The registry's use case, such as `CUSTOMER_CARE`; never changes.")
    description: str = strawberry.field(description="What it is about, in words.")
    sample_messages: list[str] = strawberry.field(description="Examples of its messages.")
    reason: str | None = optional(REASON)
    idempotency_key: str | None = optional(IDEMPOTENCY_KEY)


@strawberry.input(description="What the registry answered about a brand. Absent: unchanged; null: cleared.")
class RecordBrandStatusInput:
    """What the registry answered about a brand."""

    brand_id: strawberry.ID = strawberry.field(description="Which brand.")
    registration: BrandStatus | None = optional("Where its registration stands now; cannot be cleared.")
    identity: BrandIdentity | None = optional("How far it is verified now; cannot be cleared.")
    score: int | None = optional("The registry's score; null: none given.")
    feedback: list[BrandFeedback] | None = optional("What the registry could not match; null: nothing.")
    evidence: JSON | None = optional(EVIDENCE)
    reason: str | None = optional(REASON)
    effective_from: datetime | None = optional(EFFECTIVE_FROM)
    idempotency_key: str | None = optional(IDEMPOTENCY_KEY)


@strawberry.input(
    description="What was answered about a campaign. With a carrier: that carrier's answer; without: the registry's."
)
class RecordCampaignStatusInput:
    """What was answered about a campaign."""

    campaign_id: strawberry.ID = strawberry.field(description="Which campaign.")
    status: CampaignStatus | None = optional("The registry's answer: where the campaign stands now.")
    carrier: str | None = optional("The carrier that answered.")
    carrier_status: CarrierStatus | None = optional("That carrier's answer.")
    evidence: JSON | None = optional(EVIDENCE)
    reason: str | None = optional(REASON)
    effective_from: datetime | None = optional(EFFECTIVE_FROM)
    idempotency_key: str | None = optional(IDEMPOTENCY_KEY)


@strawberry.type(description="The brand was registered, or its answer recorded.")
@readable(REGISTRARS, rows=ROWS)
class BrandRegistered(Recorded):
    """The brand was registered, or its answer recorded."""

    brand_ref: strawberry.Private[UUID]

    @batched(description="The brand as it is now.")
    def brand(self) -> BrandRef: ...


@strawberry.type(description="The campaign was handed in, or its answer recorded.")
@readable(REGISTRARS, rows=ROWS)
class CampaignSubmitted(Recorded):
    """The campaign was handed in, or its answer recorded."""

    campaign_ref: strawberry.Private[UUID]

    @batched(description="The campaign as it is now.")
    def campaign(self) -> CampaignRef: ...


RegisterBrandResult = Annotated[
    BrandRegistered | NotFound | NotAllowed | WrongState | InvalidInput | IdempotencyConflict,
    strawberry.union("RegisterBrandResult", description="The brand registered or changed, or why not."),
]
SubmitCampaignResult = Annotated[
    CampaignSubmitted | NotFound | NotAllowed | WrongState | InvalidInput | IdempotencyConflict,
    strawberry.union("SubmitCampaignResult", description="The campaign handed in or changed, or why not."),
]
