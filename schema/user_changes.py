"""Creating and changing users: inputs and answers."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import strawberry

from core.principal import Role
from engine import batched
from schema.access import EVERYONE, readable
from schema.enums import NumberSource, PhoneNumberType, TextingMode
from schema.inputs import EFFECTIVE_FROM, EXPECTED_VERSION, IDEMPOTENCY_KEY, REASON, optional
from schema.recorded import Recorded
from schema.references import UserRef
from schema.refusals import IdempotencyConflict, InvalidInput, NotAllowed, NotFound, VersionConflict

ROWS = "the caller's own change"


@strawberry.input(description="A number that enters the inventory together with its holder.")
class UserPhoneNumberInput:
    """A number that enters the inventory together with its holder."""

    phone_number: str = strawberry.field(description="The number, in E.164 or as dialled in the location's country.")
    type: PhoneNumberType = strawberry.field(description="What it is to the user; only PRIMARY counts (P3).")
    assigned_by: NumberSource = strawberry.field(description="Who assigned it (P3).")
    campaign_id: strawberry.ID | None = optional("The campaign to assign it to; it starts PENDING_ASSIGNMENT (P6).")


@strawberry.input(description="A new user.")
class CreateUserInput:
    """A new user."""

    location_id: strawberry.ID = strawberry.field(description="The location the user is in.")
    display_name: str = strawberry.field(description="The user's name.")
    email: str = strawberry.field(description="The user's e-mail; one user an e-mail within an organization.")
    phone_numbers: list[UserPhoneNumberInput] | None = optional("The user's numbers; providers only.")
    app_version: str | None = optional("The version of the Webex app, if known (P4).")
    texting: TextingMode | None = strawberry.field(
        default=TextingMode.INHERIT, description="The user's stored switch (U3); INHERIT unless said otherwise."
    )
    reason: str | None = optional(REASON)
    idempotency_key: str | None = optional(IDEMPOTENCY_KEY)


@strawberry.input(description="Changes of a user. Absent: unchanged.")
class UpdateUserInput:
    """Changes of a user."""

    user_id: strawberry.ID = strawberry.field(description="Which user.")
    location_id: strawberry.ID | None = optional("The location the user moves to; cannot be cleared.")
    display_name: str | None = optional("The user's name; cannot be cleared.")
    email: str | None = optional("The user's e-mail; cannot be cleared.")
    reason: str | None = optional(REASON)
    expected_version: int | None = optional(EXPECTED_VERSION)
    effective_from: datetime | None = optional(EFFECTIVE_FROM)
    idempotency_key: str | None = optional(IDEMPOTENCY_KEY)


@strawberry.input(description="What a user's app says of itself (P4).")
class ReportAppVersionInput:
    """What a user's app says of itself (P4)."""

    user_id: strawberry.ID = strawberry.field(description="Whose app.")
    app_version: str = strawberry.field(description="Its version, such as `42.12`; kept as reported, readable or not.")
    seen_at: datetime | None = optional("When it was seen, not in the future; absent or null: now.")


@strawberry.input(description="A user who leaves.")
class DeactivateUserInput:
    """A user who leaves."""

    user_id: strawberry.ID = strawberry.field(description="Which user.")
    reason: str = strawberry.field(description=REASON)
    expected_version: int | None = optional(EXPECTED_VERSION)
    idempotency_key: str | None = optional(IDEMPOTENCY_KEY)


@strawberry.type(description="A user that was changed.")
@readable(EVERYONE, rows=ROWS)
class UserChange(Recorded):
    """A user that was changed; not a type of the API, its heirs are."""

    user_ref: strawberry.Private[UUID]

    @batched(description="The user as it is now.")
    def user(self) -> UserRef: ...


@strawberry.type(description="The user was created.")
@readable(frozenset({Role.PROVIDER_ADMIN, Role.ORG_ADMIN}), rows=ROWS)
class UserCreated(UserChange):
    """The user was created."""


@strawberry.type(description="The user was changed.")
@readable(frozenset({Role.ORG_ADMIN, Role.LOCATION_ADMIN, Role.USER}), rows=ROWS)
class UserUpdated(UserChange):
    """The user was changed."""


CreateUserResult = Annotated[
    UserCreated | NotFound | NotAllowed | InvalidInput | IdempotencyConflict,
    strawberry.union("CreateUserResult", description="The user created, or why not."),
]
UpdateUserResult = Annotated[
    UserUpdated | NotFound | NotAllowed | VersionConflict | InvalidInput | IdempotencyConflict,
    strawberry.union("UpdateUserResult", description="The user changed, or why not."),
]
