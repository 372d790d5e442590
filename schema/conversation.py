"""A conversation: a user's messages with one number outside."""

import strawberry

from engine import batched
from schema.access import CORRESPONDENCE, readable
from schema.node import Node
from schema.pages import After, Before, Connection, First, Last
from schema.references import ConsentStateRef, MessageRef, UserRef
from schema.scalars import PhoneNumber


@strawberry.type(description="A user's messages with one number outside.")
@readable(CORRESPONDENCE, rows="USER: one's own; others: every one of the organization")
class Conversation(Node):
    """A user's messages with one number outside."""

    @batched(description="The user.")
    def user(self) -> UserRef: ...

    peer: PhoneNumber = strawberry.field(description="The number outside.")

    @batched(description="The newest message; null before the first.")
    def last_message(self) -> MessageRef | None: ...

    @batched(description="Whether the number outside may be texted from the user's number.")
    def consent(self) -> ConsentStateRef: ...

    @batched(description="Its messages, the oldest first.")
    def messages(self, first: First, after: After, last: Last, before: Before) -> Connection[MessageRef]: ...
