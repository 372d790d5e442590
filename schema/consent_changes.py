"""Adding to the consent ledger: input and answers."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import strawberry

from core.principal import Role
from engine import batched
from schema.access import readable
from schema.enums import ConsentAction, ConsentBasis, ConsentScope
from schema.inputs import IDEMPOTENCY_KEY, REASON, optional
from schema.recorded import Recorded
from schema.references import ConsentEventRef, ConsentStateRef
from schema.refusals import IdempotencyConflict, InvalidInput, NotAllowed, NotFound


@strawberry.input(description="An entry for the consent ledger.")
class RecordConsentInput:
    """An entry for the consent ledger."""

    org_id: strawberry.ID = strawberry.field(description="Whose ledger.")
    subject: str = strawberry.field(description="The recipient's number: whose wish it is.")
    scope: ConsentScope = strawberry.field(description="How far it reaches.")
    sender: str | None = optional("Our number it is about; required for NUMBER_PAIR and SENDER_NUMBER.")
    campaign_id: strawberry.ID | None = optional("The campaign it is about; required for CAMPAIGN.")
    action: ConsentAction = strawberry.field(description="What was asked for.")
    basis: ConsentBasis = strawberry.field(description="How it was said.")
    occurred_at: datetime | None = optional(
        "When it was said, which starts the ten business days; absent or null: now."
    )
    evidence: str | None = optional("What shows it, such as the words that were said.")
    reason: str | None = optional(REASON)
    idempotency_key: str | None = optional(IDEMPOTENCY_KEY)


@strawberry.type(description="The entry was added.")
@readable(frozenset({Role.ORG_ADMIN, Role.COMPLIANCE_OFFICER}), rows="the caller's own change")
class ConsentRecorded(Recorded):
    """The entry was added."""

    event_ref: strawberry.Private[UUID]

    @batched(description="The entry.")
    def event(self) -> ConsentEventRef: ...

    @batched(description="What the ledger amounts to now for the recipient, at the entry's scope.")
    def state(self) -> ConsentStateRef: ...


RecordConsentResult = Annotated[
    ConsentRecorded | NotFound | NotAllowed | InvalidInput | IdempotencyConflict,
    strawberry.union("RecordConsentResult", description="The entry added, or why not."),
]
