"""What a setting amounts to, and why: every level's value and which one wins."""

from datetime import datetime

import strawberry

from engine import batched
from schema.access import EVERYONE, readable
from schema.enums import Level, SettingKey, SettingState
from schema.node import Node
from schema.pages import After, Before, Connection, First, Last
from schema.references import AuditRecordRef
from schema.scalars import JSON


@strawberry.type(description="Where an effective value comes from.")
@readable(EVERYONE, rows="as the setting")
class SettingSource:
    """Where an effective value comes from."""

    level: Level = strawberry.field(description="The level that set it; SYSTEM is the provider's default.")

    @batched(description="The organization, location or user that set it; null for the default.")
    def entity(self) -> Node | None: ...

    set_at: datetime | None = strawberry.field(description="When it was set; null for the default.")
    set_by: str | None = strawberry.field(description="Who set it; null for the default.")

    @batched(description="The record of that change; null for the default, or when it is not the caller's to read.")
    def audit_record(self) -> AuditRecordRef | None: ...


@strawberry.type(description="What one level says about a setting, and why it does or does not win.")
@readable(EVERYONE, rows="as the setting")
class SettingLevelValue:
    """What one level says about a setting."""

    level: Level = strawberry.field(description="The level.")

    @batched(description="The organization, location or user of this level; null for the default.")
    def entity(self) -> Node | None: ...

    value: JSON | None = strawberry.field(description="What it says; null: it says nothing, so the level above holds.")
    wins: bool = strawberry.field(description="Whether this is the level that holds.")

    @batched(description="Why it does not win, in words; null for the one that does.")
    def why_not(self) -> str | None: ...

    locked: bool = strawberry.field(description="Whether it keeps lower levels from overriding it.")


@strawberry.type(description="What a setting amounts to for an organization, a location or a user, and why (O3, U3).")
@readable(EVERYONE, rows="as the organization, location or user")
class EffectiveSetting(Node):
    """What a setting amounts to, and why."""

    key: SettingKey = strawberry.field(description="Which setting.")
    value: JSON = strawberry.field(description="What holds: true or false for a switch, else a number.")
    state: SettingState = strawberry.field(description="How that came about.")

    @batched(description="Where the value comes from.")
    def source(self) -> SettingSource: ...

    @batched(description="What every level says, the strongest first, and why all but one of them lose.")
    def chain(self) -> list[SettingLevelValue]: ...

    inherited_value: JSON = strawberry.field(
        description="What would hold without this level's own value; for the topmost level, the default."
    )
    override_is_redundant: bool = strawberry.field(
        description="Whether this level's own value says what would be inherited anyway; legal, and often a leftover."
    )

    @batched(description="The records of the changes to this setting, the newest first.")
    def history(self, first: First, after: After, last: Last, before: Before) -> Connection[AuditRecordRef]: ...

    @batched(description="The value as a Boolean; null for settings that are not switches.")
    def enabled(self) -> bool | None: ...
