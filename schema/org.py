"""An organization and what was sold to it."""

from datetime import datetime

import strawberry

from engine import batched
from schema.access import EVERYONE, STAFF, WHOLE_ORG, only, readable
from schema.consent import ConsentEvent, RecipientFilter
from schema.enums import CustomerType
from schema.node import Node
from schema.number import NumberFilter
from schema.pages import After, Before, Connection, First, Last
from schema.references import (
    BrandRef,
    CampaignRef,
    EffectiveSettingRef,
    ExportRef,
    LocationRef,
    UserPhoneNumberRef,
    UserRef,
)
from schema.user import UserOrderBy, UsersFilter


@strawberry.type(description="The calling plan an organization bought (P1).")
@readable(WHOLE_ORG, rows="as the organization")
class CallingPlan:
    """The calling plan an organization bought (P1)."""

    provider: str = strawberry.field(description="Who provides the plan; business texting needs Cisco's (P1).")
    countries: list[str] = strawberry.field(
        description="The countries it covers, in ISO 3166-1 alpha-2, such as `US`; US or CA is needed (P1)."
    )


@strawberry.type(description="An add-on an organization bought (P6).")
@readable(WHOLE_ORG, rows="as the organization")
class License:
    """An add-on an organization bought (P6)."""

    id: strawberry.ID = strawberry.field(description="The licence's id; it cannot be looked up with `node`.")
    name: str = strawberry.field(description="What it is called.")
    total_units: int = strawberry.field(description="How many units were bought; none means not licensed (P6).")
    consumed_units: int = strawberry.field(description="How many units are in use: users whose texting is on.")
    suspended: bool = strawberry.field(description="Whether it is suspended; a suspended add-on does not count (P6).")


@strawberry.type(description="An organization: the customer, and the border that no operation crosses.")
@readable(EVERYONE, rows="an organization that the caller has a grant for")
class Org(Node):
    """An organization: the customer, and the border that no operation crosses."""

    name: str = strawberry.field(description="What it is called.")
    customer_type: CustomerType = strawberry.field(description="How it was sold to (P2).")

    @batched(description="The calling plan it bought (P1); null where none is recorded.", **only(WHOLE_ORG))
    def calling_plan(self) -> CallingPlan | None: ...

    @batched(description="The business-texting add-on it bought (P6); null where none is recorded.", **only(WHOLE_ORG))
    def texting_add_on(self) -> License | None: ...

    @batched(
        description="Whether it declares to text protected health information, which is not supported (B7). Null: "
        "never declared, which is not the same as no.",
        **only(WHOLE_ORG),
    )
    def handles_phi(self) -> bool | None: ...

    @batched(description="Whether it is in healthcare (B7); null: never declared.", **only(WHOLE_ORG))
    def healthcare(self) -> bool | None: ...

    texting_enabled: bool = strawberry.field(
        description="The organization's own stored switch (O1, O2); not what holds for a user, which is `eligibility`."
    )
    created_at: datetime = strawberry.field(description="When it was created here.")
    version: int = strawberry.field(description="Raised by each change; send it as `expectedVersion`.")

    @batched(description="The brand registered for it (P6); null when it has registered none.", **only(STAFF))
    def brand(self) -> BrandRef | None: ...

    @batched(description="Its campaigns (P6), the oldest first.")
    def campaigns(self, first: First, after: After, last: Last, before: Before) -> Connection[CampaignRef]: ...

    @batched(description="Its locations, the oldest first.")
    def locations(self, first: First, after: After, last: Last, before: Before) -> Connection[LocationRef]: ...

    @batched(description="Its users, the oldest first unless ordered otherwise.")
    def users(
        self, filter: UsersFilter, order_by: UserOrderBy, first: First, after: After, last: Last, before: Before
    ) -> Connection[UserRef]: ...

    @batched(description="Its numbers, held by somebody or not, the oldest first.")
    def phone_numbers(
        self, filter: NumberFilter, first: First, after: After, last: Last, before: Before
    ) -> Connection[UserPhoneNumberRef]: ...

    @batched(description="What its settings amount to at the organization's level, one for each key.")
    def effective_settings(self) -> list[EffectiveSettingRef]: ...

    @batched(description="The ledger of opt-outs and opt-ins, the newest first.")
    def consent_events(
        self, recipient: RecipientFilter, first: First, after: After, last: Last, before: Before
    ) -> Connection[ConsentEvent]: ...

    @batched(description="What was asked to be taken out of its log, the newest first.")
    def exports(self, first: First, after: After, last: Last, before: Before) -> Connection[ExportRef]: ...
