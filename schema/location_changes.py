"""Creating and changing locations: inputs and answers."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import strawberry

from core.principal import Role
from engine import batched
from schema.access import EVERYONE, readable
from schema.enums import PstnConnectionType
from schema.inputs import EFFECTIVE_FROM, EXPECTED_VERSION, IDEMPOTENCY_KEY, REASON, optional
from schema.recorded import Recorded
from schema.references import LocationRef
from schema.refusals import IdempotencyConflict, InvalidInput, NotAllowed, NotFound, VersionConflict

ROWS = "the caller's own change"


@strawberry.input(description="A postal address; replaces the whole address before.")
class AddressInput:
    """A postal address."""

    country: str = strawberry.field(
        description="ISO 3166-1 alpha-2, such as `US`; business texting needs US or CA (P3)."
    )
    region: str | None = optional("State or province.")
    city: str | None = optional("City.")
    line1: str | None = optional("Street and house number.")
    postal_code: str | None = optional("Postal code.")


@strawberry.input(description="A new location.")
class CreateLocationInput:
    """A new location."""

    org_id: strawberry.ID = strawberry.field(description="The organization it belongs to.")
    name: str = strawberry.field(description="What it is called.")
    address: AddressInput = strawberry.field(description="Where it is.")
    time_zone: str = strawberry.field(description="Its IANA time zone, such as `America/New_York`.")
    pstn_connection_type: PstnConnectionType = strawberry.field(
        description="How it reaches the telephone network; business texting needs CISCO_PSTN (P5)."
    )
    reason: str | None = optional(REASON)
    idempotency_key: str | None = optional(IDEMPOTENCY_KEY)


@strawberry.input(description="Changes of a location. Absent: unchanged.")
class UpdateLocationInput:
    """Changes of a location."""

    location_id: strawberry.ID = strawberry.field(description="Which location.")
    name: str | None = optional("What it is called; cannot be cleared.")
    address: AddressInput | None = optional("Where it is: the whole address; cannot be cleared.")
    time_zone: str | None = optional("Its IANA time zone; cannot be cleared.")
    pstn_connection_type: PstnConnectionType | None = optional(
        "How it reaches the telephone network (P5); cannot be cleared."
    )
    reason: str | None = optional(REASON)
    expected_version: int | None = optional(EXPECTED_VERSION)
    effective_from: datetime | None = optional(EFFECTIVE_FROM)
    idempotency_key: str | None = optional(IDEMPOTENCY_KEY)


@strawberry.type(description="A location that was changed.")
@readable(EVERYONE, rows=ROWS)
class LocationChange(Recorded):
    """A location that was changed; not a type of the API, its heirs are."""

    location_ref: strawberry.Private[UUID]

    @batched(description="The location as it is now.")
    def location(self) -> LocationRef: ...


@strawberry.type(description="The location was created.")
@readable(frozenset({Role.PROVIDER_ADMIN, Role.ORG_ADMIN}), rows=ROWS)
class LocationCreated(LocationChange):
    """The location was created."""


@strawberry.type(description="The location was changed.")
@readable(frozenset({Role.PROVIDER_ADMIN, Role.ORG_ADMIN}), rows=ROWS)
class LocationUpdated(LocationChange):
    """The location was changed."""


CreateLocationResult = Annotated[
    LocationCreated | NotFound | NotAllowed | InvalidInput | IdempotencyConflict,
    strawberry.union("CreateLocationResult", description="The location created, or why not."),
]
UpdateLocationResult = Annotated[
    LocationUpdated | NotFound | NotAllowed | VersionConflict | InvalidInput | IdempotencyConflict,
    strawberry.union("UpdateLocationResult", description="The location changed, or why not."),
]
