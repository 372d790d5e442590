"""Switching texting on and off: inputs and answers."""

from typing import Annotated
from uuid import UUID

import strawberry

from core.principal import Role
from engine import batched
from schema.access import readable
from schema.enums import TextingMode
from schema.inputs import DRY_RUN, EXPECTED_VERSION, IDEMPOTENCY_KEY, REASON, optional
from schema.pages import After, Before, Connection, First, Last
from schema.references import AuditRecordRef, LocationRef, OrgRef, UserRef
from schema.refusals import (
    IdempotencyConflict,
    InvalidInput,
    NotAllowed,
    NotEligible,
    NotFound,
    SettingLocked,
    UsersRefused,
    VersionConflict,
)

ROWS = "the caller's own change"
SWITCHERS = frozenset({Role.ORG_ADMIN, Role.LOCATION_ADMIN})


@strawberry.input(description="An organization's switch (O1, O2).")
class SetOrgTextingInput:
    """An organization's switch (O1, O2)."""

    org_id: strawberry.ID = strawberry.field(description="Which organization.")
    enabled: bool = strawberry.field(description="True: on for everybody without an override. False: off.")
    locked: bool | None = optional(
        "True: no lower level may override it. False: they may. Null: the lock stays as it is."
    )
    reason: str | None = optional(REASON)
    expected_version: int | None = optional(EXPECTED_VERSION)
    dry_run: bool | None = strawberry.field(default=False, description=DRY_RUN)
    idempotency_key: str | None = optional(IDEMPOTENCY_KEY)


@strawberry.input(description="A location's switch. Our extension between organization and user (O2).")
class SetLocationTextingInput:
    """A location's switch."""

    location_id: strawberry.ID = strawberry.field(description="Which location.")
    mode: TextingMode = strawberry.field(description="What the location says.")
    locked: bool | None = optional(
        "True: the location's users may not override it. False: they may. Null: the lock stays as it is. Locking takes "
        "an administrator of the organization."
    )
    reason: str | None = optional(REASON)
    expected_version: int | None = optional(EXPECTED_VERSION)
    dry_run: bool | None = strawberry.field(default=False, description=DRY_RUN)
    idempotency_key: str | None = optional(IDEMPOTENCY_KEY)


@strawberry.input(description="A user's switch (O3, O4, U3).")
class SetUserTextingInput:
    """A user's switch (O3, O4, U3)."""

    user_id: strawberry.ID = strawberry.field(description="Which user.")
    mode: TextingMode = strawberry.field(
        description="INHERIT: use what the levels above say (U3a); else override (U3b)."
    )
    reason: str | None = optional(REASON)
    expected_version: int | None = optional(EXPECTED_VERSION)
    dry_run: bool | None = strawberry.field(default=False, description=DRY_RUN)
    idempotency_key: str | None = optional(IDEMPOTENCY_KEY)


@strawberry.input(description="The switch of many users at once: all of them or none (O4).")
class SetUsersTextingInput:
    """The switch of many users at once."""

    user_ids: list[strawberry.ID] = strawberry.field(description="Which users, at most 1,000, of one organization.")
    mode: TextingMode = strawberry.field(
        description="INHERIT: use what the levels above say (U3a); else override (U3b)."
    )
    reason: str | None = optional(REASON)
    dry_run: bool | None = strawberry.field(default=False, description=DRY_RUN)
    idempotency_key: str | None = optional(IDEMPOTENCY_KEY)


@strawberry.type(description="What a switch does to users.")
@readable(SWITCHERS, rows=ROWS)
class SettingImpact:
    """What a switch does to users."""

    turned_on: int = strawberry.field(description="How many users it turns on.")
    turned_off: int = strawberry.field(description="How many users it turns off.")
    unchanged: int = strawberry.field(description="How many users had it so already.")
    kept_by_override: int = strawberry.field(
        description="How many users keep what they have because of an override (O3)."
    )
    still_blocked: int = strawberry.field(
        description="Of those turned on, how many cannot text yet because a prerequisite does not hold."
    )


@strawberry.type(description="The switch was set, or, in a dry run, would be.")
@readable(SWITCHERS, rows=ROWS)
class TextingSet:
    """The switch was set, or, in a dry run, would be."""

    org_ref: strawberry.Private[UUID | None] = None
    location_ref: strawberry.Private[UUID | None] = None
    user_ref: strawberry.Private[UUID | None] = None
    record_ref: strawberry.Private[UUID | None] = None

    @batched(description="The organization as it is now; null when a location or user was switched.")
    def org(self) -> OrgRef | None: ...

    @batched(description="The location as it is now; null when an organization or user was switched.")
    def location(self) -> LocationRef | None: ...

    @batched(description="The user as it is now; null when an organization or location was switched.")
    def user(self) -> UserRef | None: ...

    impact: SettingImpact = strawberry.field(description="What it does to users.")

    @batched(description="The record of the change; null in a dry run.")
    def audit_record(self) -> AuditRecordRef | None: ...

    dry_run: bool = strawberry.field(description="True: nothing was changed, this is what would happen.")


@strawberry.type(description="The switch of every user was set, or, in a dry run, would be.")
@readable(SWITCHERS, rows=ROWS)
class UsersTextingSet:
    """The switch of every user was set, or, in a dry run, would be."""

    user_refs: strawberry.Private[tuple[UUID, ...]]
    record_refs: strawberry.Private[tuple[UUID, ...]]

    @batched(description="The users as they are now, in the order of the input.")
    def users(self) -> list[UserRef]: ...

    impact: SettingImpact = strawberry.field(description="What it does to the users.")

    @batched(description="The records of the change, one for each user; none in a dry run.")
    def audit_records(self, first: First, after: After, last: Last, before: Before) -> Connection[AuditRecordRef]: ...

    dry_run: bool = strawberry.field(description="True: nothing was changed, this is what would happen.")


SetTextingResult = Annotated[
    TextingSet
    | NotFound
    | NotAllowed
    | VersionConflict
    | InvalidInput
    | IdempotencyConflict
    | NotEligible
    | SettingLocked,
    strawberry.union("SetTextingResult", description="What the switch does, or why it was not set."),
]
SetUsersTextingResult = Annotated[
    UsersTextingSet | UsersRefused | NotAllowed | InvalidInput | IdempotencyConflict,
    strawberry.union("SetUsersTextingResult", description="What the switch does to all of them, or why none was set."),
]
