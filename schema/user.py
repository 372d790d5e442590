"""A user: who may text, once everything holds."""

from datetime import datetime
from typing import Annotated

import strawberry

from engine import batched
from schema.access import EVERYONE, readable
from schema.enums import OrderDirection, Outcome, SettingKey, TextingMode, UserOrderField, UserStatus
from schema.inputs import optional
from schema.message import MessagesFilter
from schema.moments import AsOf, KnownAt
from schema.node import Node
from schema.pages import After, Before, Connection, First, Last
from schema.references import (
    ConversationRef,
    EffectiveSettingRef,
    EligibilityDecisionRef,
    LocationRef,
    MessageRef,
    OrgRef,
    UserPhoneNumberRef,
)
from schema.scalars import AppVersion
from schema.what_if import WhatIf


@strawberry.input(description="Which users: all conditions that are given must hold. Null counts as not given.")
class UserFilter:
    """Which users."""

    location_id: strawberry.ID | None = optional("Only users of this location.")
    search: str | None = optional("Only users whose name or e-mail begins with this; case and accents do not matter.")
    texting: TextingMode | None = optional("Only users whose own stored switch is this.")
    enabled: bool | None = optional("Only users for whom the effective setting says this.")
    prerequisites: list[Outcome] | None = optional("Only users for whom the prerequisites alone say one of these.")
    outcome: list[Outcome] | None = optional("Only users with one of these outcomes.")
    failing_rule: list[str] | None = optional(
        "Only users for whom at least one of these rules fails, such as `CLIENT_VERSION_MIN`."
    )
    override_is_redundant: bool | None = optional(
        "True: only users whose override says what they would inherit anyway. False: only the others."
    )
    status: UserStatus | None = optional("Only users in this status.")


@strawberry.input(description="The order of users.")
class UserOrder:
    """The order of users."""

    field: UserOrderField = strawberry.field(description="What to order by.")
    direction: OrderDirection = strawberry.field(description="Which end comes first.")


UsersFilter = Annotated[UserFilter | None, strawberry.argument(description="Which users; all when absent.")]
UserOrderBy = Annotated[UserOrder | None, strawberry.argument(description="The order; the oldest first when absent.")]


@strawberry.type(
    description="A user of an organization. Stays as a tombstone after deactivation and erasure, so that kept messages "
    "and records still have their user."
)
@readable(EVERYONE, rows="USER: oneself; LOCATION_ADMIN: those of the locations administered; others: every one")
class User(Node):
    """A user of an organization."""

    @batched(description="The organization the user belongs to.")
    def org(self) -> OrgRef: ...

    @batched(description="The location the user is in; its country and connection decide (P3, P5).")
    def location(self) -> LocationRef: ...

    display_name: str = strawberry.field(description="The user's name; 'Erased user' after erasure.")
    email: str | None = strawberry.field(description="The user's e-mail; null after erasure.")
    status: UserStatus = strawberry.field(description="Whether the user is still with the organization (U1).")

    @batched(description="The numbers the user holds, the primary one first.")
    def phone_numbers(self) -> list[UserPhoneNumberRef]: ...

    @batched(description="The number the user texts with: the primary one in service (P3); null when there is none.")
    def primary_number(self) -> UserPhoneNumberRef | None: ...

    app_version: AppVersion | None = strawberry.field(
        description="The version of the Webex app last reported; 42.12 is needed (P4). Null: never reported."
    )
    app_version_seen_at: datetime | None = strawberry.field(
        description="When the app version was last reported; null: never."
    )
    texting: TextingMode = strawberry.field(
        description="The user's own stored switch (U3); what it amounts to is `effectiveSetting`."
    )

    @batched(description="What the user's settings amount to, one for each key, with where each comes from.")
    def effective_settings(self) -> list[EffectiveSettingRef]: ...

    @batched(description="What one setting amounts to for the user, with where it comes from (O3, U3).")
    def effective_setting(
        self, key: Annotated[SettingKey, strawberry.argument(description="Which setting.")]
    ) -> EffectiveSettingRef: ...

    @batched(description="Whether the user may text, now or at another time, with every rule that decided it.")
    def eligibility(self, as_of: AsOf, known_at: KnownAt, what_if: WhatIf) -> EligibilityDecisionRef: ...

    @batched(description="The user's conversations, the one with the newest message first.")
    def conversations(self, first: First, after: After, last: Last, before: Before) -> Connection[ConversationRef]: ...

    @batched(description="The user's messages, the oldest first.")
    def messages(
        self, filter: MessagesFilter, first: First, after: After, last: Last, before: Before
    ) -> Connection[MessageRef]: ...

    version: int = strawberry.field(
        description="Raised by administrators' changes only, not by what the app reports; send it as `expectedVersion`."
    )
    created_at: datetime = strawberry.field(description="When the user was created here.")
