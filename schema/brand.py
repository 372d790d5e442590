"""The brand an organization registered with the 10DLC registry."""

from datetime import datetime

import strawberry

from engine import batched
from schema.access import STAFF, readable
from schema.enums import BrandFeedback, BrandIdentity, BrandStatus
from schema.node import Node
from schema.references import OrgRef


@strawberry.type(description="Who an organization is to the 10DLC registry: the brand it texts as (P6).")
@readable(STAFF, rows="of the organization")
class Brand(Node):
    """Who an organization is to the 10DLC registry."""

    @batched(description="The organization that registered it.")
    def org(self) -> OrgRef: ...

    legal_name: str = strawberry.field(description="The legal name it was registered with.")
    website: str | None = strawberry.field(description="Its website; null where none was given.")
    registration: BrandStatus = strawberry.field(description="Where its registration stands; APPROVED is needed (P6).")
    identity: BrandIdentity = strawberry.field(description="How far the registry has verified who it is.")
    score: int | None = strawberry.field(description="The registry's score, which sets daily limits; null: none given.")
    feedback: list[BrandFeedback] = strawberry.field(
        description="What the registry could not match; empty when all did."
    )
    since: datetime = strawberry.field(description="Since when the registration stands where it does.")
