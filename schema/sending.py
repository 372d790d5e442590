"""May this message go: the send rules, and the decision they make."""

from datetime import datetime

import strawberry

from engine import batched
from schema.access import CORRESPONDENCE, readable
from schema.eligibility import EligibilityDecision, RuleResult
from schema.enums import Encoding, Outcome


@strawberry.type(description="Whether a certain message may go, and every reason (L4 to L6).")
@readable(CORRESPONDENCE, rows="as the sender")
class SendDecision:
    """Whether a certain message may go, and every reason."""

    outcome: Outcome = strawberry.field(description="What all send rules together say; only ALLOWED goes.")

    @batched(description="The first rule, in document order, that gives the outcome; null only when ALLOWED.")
    def decided_by(self) -> RuleResult | None: ...

    @batched(description="Every send rule in document order, passed or not.")
    def rules(self) -> list[RuleResult]: ...

    segments: int = strawberry.field(description="How many segments the text takes; limits count these (L5).")
    encoding: Encoding = strawberry.field(description="The character set the text needs.")
    next_allowed_at: datetime | None = strawberry.field(
        description="When it may be tried again; null when it may go now, or when time does not help."
    )

    @batched(description="Whether the sender may text at all; null when the sender is not the caller's to read.")
    def eligibility(self) -> EligibilityDecision | None: ...

    policy_version: str = strawberry.field(description="The version of the policy it was decided under.")


@strawberry.input(description="A message to be checked: nothing is sent and nothing recorded.")
class SendCheckInput:
    """A message to be checked."""

    user_id: strawberry.ID = strawberry.field(description="Who would send it.")
    to: str = strawberry.field(
        description="The recipient's number, as typed; what it is not fit for becomes a rule's result."
    )
    body: str = strawberry.field(description="The text.")
    media_urls: list[str] | None = strawberry.field(
        default=strawberry.UNSET, description="Attachments; any at all is denied (L4)."
    )
