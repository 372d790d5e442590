"""Consent: the ledger of opt-outs and opt-ins, and what it amounts to."""

from datetime import datetime
from typing import Annotated

import strawberry

from engine import batched
from schema.access import CORRESPONDENCE, WHOLE_ORG, only, readable
from schema.enums import ConsentAction, ConsentBasis, ConsentScope
from schema.node import Node
from schema.references import AuditRecordRef, CampaignRef, ConsentEventRef, MessageRef
from schema.scalars import PhoneNumber

RecipientFilter = Annotated[
    PhoneNumber | None, strawberry.argument(description="Only entries about this number outside; all when absent.")
]


@strawberry.type(description="One entry of the consent ledger. Entries are added, never changed.")
@readable(CORRESPONDENCE, rows="USER: those that decide one's own conversations; others: every one of the organization")
class ConsentEvent(Node):
    """One entry of the consent ledger."""

    recipient: PhoneNumber | None = strawberry.field(description="Whose wish it is; null after erasure.")
    scope: ConsentScope = strawberry.field(description="How far it reaches.")
    sender: PhoneNumber | None = strawberry.field(
        description="Our number it is about; set for NUMBER_PAIR and SENDER_NUMBER."
    )

    @batched(description="The campaign it is about; set for CAMPAIGN.", **only(WHOLE_ORG))
    def campaign(self) -> CampaignRef | None: ...

    action: ConsentAction = strawberry.field(description="What was asked for.")
    basis: ConsentBasis = strawberry.field(description="How it was said.")

    @batched(
        description="What shows it: a note, or the raw message to those who may read bodies; null where there is none.",
        **only(WHOLE_ORG),
    )
    def evidence(self) -> str | None: ...

    @batched(description="The message that said it; null when it was said otherwise, or is not the caller's to read.")
    def message(self) -> MessageRef | None: ...

    occurred_at: datetime = strawberry.field(description="When it was said.")
    recorded_at: datetime = strawberry.field(description="When it entered the ledger.")
    due_by: datetime | None = strawberry.field(
        description="Until when it must be honoured: ten business days after it was said (47 CFR 64.1200(a)(10)); null "
        "for an opt-in."
    )
    honored_at: datetime | None = strawberry.field(description="Since when it is honoured; null: not yet.")

    @batched(description="The record of its entry; null when it is not the caller's to read.")
    def audit_record(self) -> AuditRecordRef | None: ...


@strawberry.type(description="Whether a number outside may be texted: what the ledger amounts to.")
@readable(CORRESPONDENCE, rows="as the conversation or question")
class ConsentState:
    """What the ledger amounts to."""

    opted_out: bool = strawberry.field(description="Whether an opt-out is in force.")

    @batched(description="The entry that decides; null when there is none.")
    def decided_by(self) -> ConsentEventRef | None: ...

    since: datetime | None = strawberry.field(description="Since when it is so; null when no entry decides.")
