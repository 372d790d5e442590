"""A location: where users are, and how it reaches the telephone network."""

import strawberry

from engine import batched
from schema.access import EVERYONE, readable
from schema.enums import PstnConnectionType, TextingMode
from schema.node import Node
from schema.pages import After, Before, Connection, First, Last
from schema.references import EffectiveSettingRef, OrgRef, UserRef
from schema.user import UserOrderBy, UsersFilter


@strawberry.type(description="A postal address.")
@readable(EVERYONE, rows="as the location")
class Address:
    """A postal address."""

    country: str = strawberry.field(
        description="ISO 3166-1 alpha-2, such as `US`; business texting needs US or CA (P3)."
    )
    region: str | None = strawberry.field(description="State or province; null where none is recorded.")
    city: str | None = strawberry.field(description="City; null where none is recorded.")
    line1: str | None = strawberry.field(description="Street and house number; null where none is recorded.")
    postal_code: str | None = strawberry.field(description="Postal code; null where none is recorded.")


@strawberry.type(description="A location of an organization. Its country and its telephone connection decide (P3, P5).")
@readable(EVERYONE, rows="USER: one's own; LOCATION_ADMIN: those administered; others: every one of the organization")
class Location(Node):
    """A location of an organization."""

    @batched(description="The organization it belongs to.")
    def org(self) -> OrgRef: ...

    name: str = strawberry.field(description="What it is called.")

    @batched(description="Where it is.")
    def address(self) -> Address: ...

    time_zone: str = strawberry.field(description="Its IANA time zone, such as `America/New_York`.")
    pstn_connection_type: PstnConnectionType = strawberry.field(
        description="How it reaches the telephone network; business texting needs CISCO_PSTN (P5)."
    )
    texting: TextingMode = strawberry.field(
        description="The location's own stored switch; not what holds for a user. Our extension: without it the "
        "organization's switch holds (O2)."
    )

    @batched(description="What its settings amount to at the location's level, one for each key.")
    def effective_settings(self) -> list[EffectiveSettingRef]: ...

    version: int = strawberry.field(description="Raised by each change; send it as `expectedVersion`.")

    @batched(description="The users of this location, the oldest first unless ordered otherwise.")
    def users(
        self, filter: UsersFilter, order_by: UserOrderBy, first: First, after: After, last: Last, before: Before
    ) -> Connection[UserRef]: ...
