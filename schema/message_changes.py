"""Sending a message: input and answers."""

from typing import Annotated
from uuid import UUID

import strawberry

from core.principal import Role
from engine import batched
from schema.access import readable
from schema.inputs import optional
from schema.recorded import Recorded
from schema.references import EligibilityDecisionRef, MessageRef, SendDecisionRef
from schema.refusals import IdempotencyConflict, InvalidInput, NotAllowed, NotFound, Refusal

ROWS = "the caller's own attempt"
SENDERS = frozenset({Role.USER, Role.PROVIDER_ADMIN})


@strawberry.input(description="A message to be sent.")
class SendMessageInput:
    """A message to be sent."""

    user_id: strawberry.ID = strawberry.field(description="Who sends it; a provider may send on a user's behalf.")
    to: str = strawberry.field(description="The recipient's number, in E.164 or as dialled in the sender's country.")
    body: str = strawberry.field(description="The text, at most 1,600 characters.")
    media_urls: list[str] | None = optional("Attachments; any at all is denied (L4).")
    idempotency_key: str = strawberry.field(
        description="A key of the caller's choice, kept 7 days: the same key and input again give the same message. "
        "Required, because a text cannot be taken back."
    )


@strawberry.type(description="The message was accepted and will be sent.")
@readable(SENDERS, rows=ROWS)
class MessageAccepted(Recorded):
    """The message was accepted and will be sent."""

    message_ref: strawberry.Private[UUID]

    @batched(description="The message.")
    def accepted_message(self) -> MessageRef: ...


@strawberry.type(description="The message may not go; nothing was sent, and the attempt was recorded.")
@readable(SENDERS, rows=ROWS)
class SendDenied(Refusal, Recorded):
    """The message may not go."""

    send_decision: strawberry.Private[object]
    sender_ref: strawberry.Private[UUID]

    @batched(description="Every send rule, and which of them denied it.")
    def decision(self) -> SendDecisionRef: ...

    @batched(description="Whether the sender may text at all; null when that was not the caller's to know.")
    def eligibility(self) -> EligibilityDecisionRef | None: ...


SendMessageResult = Annotated[
    MessageAccepted | SendDenied | NotFound | NotAllowed | IdempotencyConflict | InvalidInput,
    strawberry.union("SendMessageResult", description="The message accepted, or why not."),
]
