"""A message: one text, in or out, and what became of it."""

from datetime import datetime
from typing import Annotated

import strawberry

from engine import batched
from schema.access import BODIES, CORRESPONDENCE, only, readable
from schema.eligibility import Remediation
from schema.enums import BodyState, Direction, Encoding, FailureLayer, MessageStatus
from schema.inputs import optional
from schema.node import Node
from schema.pages import After, Before, Connection, First, Last
from schema.references import AuditRecordRef, SendDecisionRef, UserRef
from schema.scalars import PhoneNumber


@strawberry.input(description="Which messages: all conditions that are given must hold. Null counts as not given.")
class MessageFilter:
    """Which messages."""

    user_id: strawberry.ID | None = optional("Only messages of this user.")
    peer: PhoneNumber | None = optional("Only messages to or from this number outside.")
    direction: Direction | None = optional("Only messages that went this way.")
    status: list[MessageStatus] | None = optional("Only messages in one of these states.")
    failure_layer: FailureLayer | None = optional("Only messages that failed on this side.")
    created_from: datetime | None = optional("Only messages created at this time or later.")
    created_to: datetime | None = optional("Only messages created before this time.")


MessagesFilter = Annotated[MessageFilter | None, strawberry.argument(description="Which messages; all when absent.")]


@strawberry.type(description="Why a message failed, in one vocabulary for all carriers.")
@readable(CORRESPONDENCE, rows="as the message")
class MessageFailure:
    """Why a message failed."""

    layer: FailureLayer = strawberry.field(description="Whose side it failed on (L6).")
    canonical_code: str = strawberry.field(description="Our code, the same for every carrier.")
    carrier_code: str | None = strawberry.field(
        description="The carrier's own code, as it came; null where it gave none."
    )
    carrier: str | None = strawberry.field(description="The carrier that said so; null where none did.")
    retryable: bool = strawberry.field(description="Whether sending the same text again may succeed.")
    message: str = strawberry.field(description="What happened, in words.")

    @batched(description="What would help, and who can do it; null when nothing would.")
    def remediation(self) -> Remediation | None: ...


@strawberry.type(description="One step in the life of a message.")
@readable(CORRESPONDENCE, rows="as the message")
class MessageStatusChange:
    """One step in the life of a message."""

    status: MessageStatus = strawberry.field(description="The state it reached.")
    occurred_at: datetime = strawberry.field(description="When it reached it.")

    @batched(description="Why it failed; null when it did not.")
    def failure(self) -> MessageFailure | None: ...


@strawberry.type(description="One text, sent or received by a user.")
@readable(CORRESPONDENCE, rows="USER: one's own; others: every one of the organization")
class Message(Node):
    """One text, sent or received by a user."""

    @batched(description="The user who sent or received it.")
    def user(self) -> UserRef: ...

    direction: Direction = strawberry.field(description="Which way it went.")
    from_number: PhoneNumber = strawberry.field(
        name="from", description="The sender's number; of an inbound message it may be a short code."
    )
    to_number: PhoneNumber = strawberry.field(name="to", description="The recipient's number.")

    @batched(
        description="The text; null unless `bodyState` is AVAILABLE. Selecting another person's body writes a record "
        "of that reading.",
        **only(BODIES),
    )
    def body(self) -> str | None: ...

    @batched(description="Whether the text can be shown to the caller.")
    def body_state(self) -> BodyState: ...

    status: MessageStatus = strawberry.field(description="How far it has come.")
    failure_layer: FailureLayer | None = strawberry.field(
        description="Whose side it failed on; null when it did not fail."
    )

    @batched(description="Why our own rules stopped it (L6); set when BLOCKED.")
    def decision(self) -> SendDecisionRef | None: ...

    @batched(description="Why it did not arrive (L6); set when UNDELIVERED, FAILED or EXPIRED.")
    def failure(self) -> MessageFailure | None: ...

    segments: int = strawberry.field(description="How many segments it takes; limits count these (L5).")
    encoding: Encoding = strawberry.field(description="The character set it needs.")
    created_at: datetime = strawberry.field(description="When it was accepted or received.")

    expires_at: datetime = strawberry.field(
        description="Until when it is kept: 400 days unless set otherwise (L1). Legal holds are apart, and so is the "
        "status EXPIRED."
    )

    @batched(description="Every step of its life, the oldest first, reports that came out of order included.")
    def status_history(self) -> list[MessageStatusChange]: ...

    @batched(description="The audit records about it, the newest first.")
    def audit_records(self, first: First, after: After, last: Last, before: Before) -> Connection[AuditRecordRef]: ...
