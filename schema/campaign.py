"""A campaign: what an organization texts about, as registered."""

from datetime import datetime

import strawberry

from engine import batched
from schema.access import STAFF, readable
from schema.enums import CampaignStatus, CarrierStatus
from schema.node import Node
from schema.pages import After, Before, Connection, First, Last
from schema.references import BrandRef, OrgRef, UserPhoneNumberRef


@strawberry.type(description="What one carrier says about a campaign.")
@readable(STAFF, rows="as the campaign")
class CampaignCarrier:
    """What one carrier says about a campaign."""

    carrier: str = strawberry.field(description="The carrier's name.")
    status: CarrierStatus = strawberry.field(description="Its answer.")
    since: datetime = strawberry.field(description="Since when that is its answer.")


@strawberry.type(description="What an organization texts about, as registered with the 10DLC registry (P6).")
@readable(STAFF, rows="of the organization")
class Campaign(Node):
    """What an organization texts about, as registered."""

    @batched(description="The organization that registered it.")
    def org(self) -> OrgRef: ...

    @batched(description="The brand it belongs to; never changes.")
    def brand(self) -> BrandRef: ...

    use_case: str = strawberry.field(description="The registered use case; never changes.")
    description: str = strawberry.field(description="What it is about, in words.")
    sample_messages: list[str] = strawberry.field(description="Examples of its messages, as registered.")
    status: CampaignStatus = strawberry.field(description="Where its registration stands; ACTIVE is needed (P6).")
    since: datetime = strawberry.field(description="Since when it stands there.")

    @batched(description="The carriers' answers, one for each carrier that gave one.")
    def carriers(self) -> list[CampaignCarrier]: ...

    @batched(description="The numbers assigned to it, whatever the assignment's status.")
    def numbers(self, first: First, after: After, last: Last, before: Before) -> Connection[UserPhoneNumberRef]: ...
