"""A phone number of the inventory: its source, its holder, its campaign."""

from datetime import datetime
from typing import Annotated

import strawberry

from engine import batched
from schema.access import EVERYONE, STAFF, only, readable
from schema.enums import AssignmentStatus, NumberSource, NumberState, PhoneNumberType
from schema.inputs import optional
from schema.node import Node
from schema.references import AuditRecordRef, CampaignRef, UserRef
from schema.scalars import PhoneNumber


@strawberry.input(description="Which numbers: all conditions that are given must hold. Null counts as not given.")
class PhoneNumberFilter:
    """Which numbers."""

    owner_id: strawberry.ID | None = optional("Only numbers that this user holds.")
    unassigned: bool | None = optional("True: only numbers that nobody holds. False: only numbers that somebody holds.")
    state: NumberState | None = optional("Only numbers in this state.")
    assigned_by: NumberSource | None = optional("Only numbers from this source (P3).")
    campaign_id: strawberry.ID | None = optional("Only numbers of this campaign, whatever the assignment's status.")


NumberFilter = Annotated[PhoneNumberFilter | None, strawberry.argument(description="Which numbers; all when absent.")]


@strawberry.type(description="Where the assignment of a number to a campaign stands (P6).")
@readable(STAFF, rows="as the number")
class CampaignAssignment:
    """Where the assignment of a number to a campaign stands (P6)."""

    @batched(description="The campaign.")
    def campaign(self) -> CampaignRef: ...

    status: AssignmentStatus = strawberry.field(description="Where the assignment stands.")
    since: datetime = strawberry.field(description="Since when it stands there.")

    @batched(description="The record of the change that put it there; null when it is not the caller's to read.")
    def audit_record(self) -> AuditRecordRef | None: ...


@strawberry.type(
    description="A phone number: the unit of the inventory, the subject of the rules at level NUMBER, the owner of a "
    "campaign assignment."
)
@readable(EVERYONE, rows="USER: one's own; LOCATION_ADMIN: of users in the locations administered; others: every one")
class UserPhoneNumber(Node):
    """A phone number of the inventory."""

    phone_number: PhoneNumber = strawberry.field(description="The number itself, in E.164.")
    type: PhoneNumberType = strawberry.field(description="What it is to its holder; only PRIMARY counts (P3).")
    assigned_by: NumberSource = strawberry.field(description="Who assigned it; the Cisco Calling Plan must have (P3).")
    region: str | None = strawberry.field(
        description="The country the number belongs to, in ISO 3166-1 alpha-2; null where numbering plans do not tell."
    )
    valid: bool = strawberry.field(description="Whether it is a number that its country's numbering plan can assign.")

    @batched(description="Its assignment to a campaign (P6); null when there is none.", **only(STAFF))
    def campaign_assignment(self) -> CampaignAssignment | None: ...

    state: NumberState = strawberry.field(description="Whether it is in service.")

    toll_free_number: bool = strawberry.field(description="Whether it is a toll-free number.")

    @batched(description="Who holds it; null: in the inventory, with nobody.")
    def owner(self) -> UserRef | None: ...
