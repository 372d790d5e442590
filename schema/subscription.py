"""What is told as it happens. Every event has a cursor: `after` resumes behind it, without a gap."""

from typing import Annotated

import strawberry

from engine import batched
from schema.access import CORRESPONDENCE, EVERYONE, only, readable
from schema.audit import ROWS, AuditRecord, RecordFilter
from schema.message import Message, MessageStatusChange
from schema.query import LogOrgId, OrgId

After = Annotated[
    str | None,
    strawberry.argument(
        description="Begin behind the event with this cursor, so that nothing is missed after a lost connection; "
        "absent: with what happens from now on."
    ),
]


@strawberry.type(description="A step in a message's life.")
@readable(CORRESPONDENCE, rows="as the message")
class MessageEvent:
    """A step in a message's life."""

    cursor: str = strawberry.field(description="Its place: what `after` takes.")
    message: Message = strawberry.field(description="The message as it is now.")
    change: MessageStatusChange = strawberry.field(description="What happened to it.")


@strawberry.type(description="A record that got its place in the log.")
@readable(EVERYONE, rows="as the record")
class AuditRecordEvent:
    """A record that got its place in the log."""

    cursor: str = strawberry.field(
        description="Its place: what `after` takes, here and in `auditRecords` ordered by LEAF_INDEX."
    )
    record: AuditRecord = strawberry.field(description="The record, sealed.")


@strawberry.type(
    description="What is told as it happens, over WebSocket (graphql-transport-ws) or as an event stream (SSE). Events "
    "come in the order of the audit log, within a second of what they tell."
)
@readable(EVERYONE, rows="as each field says")
class Subscription:
    """What is told as it happens."""

    @batched(
        description="Messages that come in, and every change of a message's status (U4). USER: one's own; others: "
        "every one of the organization, or those of one user.",
        **only(CORRESPONDENCE),
    )
    def message_events(
        self,
        org_id: OrgId,
        user_id: Annotated[
            strawberry.ID | None, strawberry.argument(description="Only messages of this user; absent: of all.")
        ],
        after: After,
    ) -> MessageEvent: ...

    @batched(description=f"Records as they are sealed, in leaf order. {ROWS}.", **only(EVERYONE))
    def audit_record_sealed(self, org_id: LogOrgId, filter: RecordFilter, after: After) -> AuditRecordEvent: ...
