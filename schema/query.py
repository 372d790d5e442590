"""Where reading starts."""

from datetime import datetime
from typing import Annotated

import strawberry

from engine import batched
from schema.access import CORRESPONDENCE, EVERYONE, only, readable
from schema.audit import AuditRecord, RecordFilter, RecordOrder
from schema.checkpoints import AtSize, AuditCheckpoint, AuditConsistencyProof, FromSize
from schema.consent import ConsentState
from schema.conversation import Conversation
from schema.eligibility import EligibilityDecision, EligibilityDiff, EligibilityRule
from schema.eligibility_report import EligibilityReport
from schema.location import Location
from schema.message import Message, MessagesFilter
from schema.moments import AsOf, KnownAt
from schema.node import CrossOrg, Node
from schema.number import UserPhoneNumber
from schema.org import Org
from schema.pages import After, Before, Connection, First, Last
from schema.scalars import PhoneNumber
from schema.sending import SendCheckInput, SendDecision
from schema.user import User, UserOrderBy, UsersFilter
from schema.viewer import Viewer
from schema.what_if import WhatIf

Id = Annotated[strawberry.ID, strawberry.argument(description="Its global id.")]
LogOrgId = Annotated[strawberry.ID, strawberry.argument(description="The organization whose log it is.")]
UserId = Annotated[strawberry.ID, strawberry.argument(description="Which user.")]
OrgId = Annotated[
    strawberry.ID | None, strawberry.argument(description="The organization to look in; absent: the caller's own.")
]


@strawberry.type(
    description="Where reading starts. One operation enters one organization: that of its ids or `orgId`, else the "
    "caller's own."
)
@readable(EVERYONE, rows="as each field says")
class Query:
    """Where reading starts."""

    @batched(
        description="Any object by its global id; null when there is none, or when it is not the caller's to know of.",
        **only(EVERYONE),
    )
    def node(self, id: Id) -> Node | None: ...

    @batched(
        description="Many objects by their global ids, in that order; null in place of each not found.",
        **only(EVERYONE),
    )
    def nodes(
        self, ids: Annotated[list[strawberry.ID], strawberry.argument(description="Their global ids, at most 100.")]
    ) -> list[Node | None]: ...

    @batched(description="The caller.", directives=(CrossOrg(),), **only(EVERYONE))
    def viewer(self) -> Viewer: ...

    @batched(description="An organization; null when it is not found.", **only(EVERYONE))
    def org(self, id: Id) -> Org | None: ...

    @batched(
        description="The organizations that the caller may enter, by name.", directives=(CrossOrg(),), **only(EVERYONE)
    )
    def orgs(
        self,
        first: First,
        after: After,
        last: Last,
        before: Before,
        search: Annotated[
            str | None, strawberry.argument(description="Only those whose name begins with this; case does not matter.")
        ],
    ) -> Connection[Org]: ...

    @batched(description="A location; null when it is not found.", **only(EVERYONE))
    def location(self, id: Id) -> Location | None: ...

    @batched(
        description="A user by exactly one of id and e-mail; null when not found. An e-mail is looked up in one "
        "organization only.",
        **only(EVERYONE),
    )
    def user(
        self,
        id: Annotated[strawberry.ID | None, strawberry.argument(description="The user's global id.")],
        email: Annotated[str | None, strawberry.argument(description="The user's e-mail; case does not matter.")],
        org_id: OrgId,
    ) -> User | None: ...

    @batched(description="The users of an organization, the oldest first unless ordered otherwise.", **only(EVERYONE))
    def users(
        self,
        org_id: OrgId,
        filter: UsersFilter,
        order_by: UserOrderBy,
        first: First,
        after: After,
        last: Last,
        before: Before,
    ) -> Connection[User]: ...

    @batched(description="A number of the inventory, and so who holds it; null when it is not found.", **only(EVERYONE))
    def phone_number(
        self,
        phone_number: Annotated[PhoneNumber, strawberry.argument(description="The number, in E.164.")],
        org_id: OrgId,
    ) -> UserPhoneNumber | None: ...

    @batched(
        description="Whether a user may text, now or at another time, with every rule that decided it; null when the "
        "user is not found.",
        **only(EVERYONE),
    )
    def eligibility(
        self, user_id: UserId, as_of: AsOf, known_at: KnownAt, what_if: WhatIf
    ) -> EligibilityDecision | None: ...

    @batched(
        description="Who may text, as numbers. As things are now: from what is stored, for any number of users; with "
        "`asOf`, `knownAt` or `whatIf` for at most 5,000, else the error REPORT_TOO_LARGE. The filter is of now.",
        **only(EVERYONE),
    )
    def eligibility_report(
        self, org_id: OrgId, filter: UsersFilter, as_of: AsOf, known_at: KnownAt, what_if: WhatIf
    ) -> EligibilityReport | None: ...

    @batched(
        description="What became of a user's decision between two times, and which records made it so; null when the "
        "user is not found.",
        **only(EVERYONE),
    )
    def eligibility_diff(
        self,
        user_id: UserId,
        from_time: Annotated[datetime, strawberry.argument(name="from", description="The earlier time.")],
        to_time: Annotated[datetime, strawberry.argument(name="to", description="The later time.")],
        known_at: KnownAt,
    ) -> EligibilityDiff | None: ...

    @batched(description="The catalogue of eligibility rules, in document order.", **only(EVERYONE))
    def eligibility_rules(
        self,
        policy_version: Annotated[
            str | None,
            strawberry.argument(description="The version an old decision names; absent: the one in force now."),
        ],
    ) -> list[EligibilityRule]: ...

    @batched(
        description="Whether a message could go now, with every rule; sends and records nothing. Null when the user is "
        "not found.",
        **only(CORRESPONDENCE),
    )
    def send_check(
        self, input: Annotated[SendCheckInput, strawberry.argument(description="The message.")]
    ) -> SendDecision | None: ...

    @batched(description="A message; null when it is not found.", **only(CORRESPONDENCE))
    def message(self, id: Id) -> Message | None: ...

    @batched(description="The messages of an organization, the oldest first.", **only(EVERYONE))
    def messages(
        self, org_id: OrgId, filter: MessagesFilter, first: First, after: After, last: Last, before: Before
    ) -> Connection[Message]: ...

    @batched(
        description="A user's messages with one number outside; null when the user is not found.",
        **only(CORRESPONDENCE),
    )
    def conversation(
        self, user_id: UserId, peer: Annotated[PhoneNumber, strawberry.argument(description="The number outside.")]
    ) -> Conversation | None: ...

    @batched(
        description="Whether this sender may text this recipient: what the ledger says, and the entry that decides.",
        **only(CORRESPONDENCE),
    )
    def consent(
        self,
        recipient: Annotated[PhoneNumber, strawberry.argument(description="The number outside.")],
        sender: Annotated[
            PhoneNumber | None,
            strawberry.argument(description="Our number; absent: entries about single numbers do not count."),
        ],
        campaign_id: Annotated[
            strawberry.ID | None, strawberry.argument(description="The campaign; absent: the sender's.")
        ],
        org_id: OrgId,
        as_of: Annotated[
            datetime | None, strawberry.argument(description="As the ledger stood at this moment; absent: now.")
        ],
    ) -> ConsentState | None: ...

    @batched(description="An audit record; null when it is not found.", **only(EVERYONE))
    def audit_record(self, id: Id) -> AuditRecord | None: ...

    @batched(
        description="The audit records of an organization, the newest first. Those who may not read the log find what "
        "they did themselves.",
        **only(EVERYONE),
    )
    def audit_records(
        self,
        org_id: OrgId,
        filter: RecordFilter,
        order_by: RecordOrder,
        first: First,
        after: After,
        last: Last,
        before: Before,
    ) -> Connection[AuditRecord]: ...

    @batched(
        description="A signed state of an organization's log; null when it is not found, or nothing is signed yet.",
        **only(EVERYONE),
    )
    def audit_checkpoint(self, org_id: LogOrgId, size: AtSize) -> AuditCheckpoint | None: ...

    @batched(
        description="That an organization's log only grew since a state that the caller holds; null when the "
        "organization is not found.",
        **only(EVERYONE),
    )
    def audit_consistency(
        self, org_id: LogOrgId, from_size: FromSize, to_size: AtSize
    ) -> AuditConsistencyProof | None: ...
