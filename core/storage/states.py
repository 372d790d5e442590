"""The stored facts of an organization, a location, a user: what decides, and the switch that each level keeps."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from core.rules.eligibility import Subject
from core.rules.enums import Level, TextingMode
from core.rules.facts import CampaignFacts, LocationFacts, NumberFacts, OrgFacts, UserFacts
from core.rules.impact import Switches
from core.rules.settings import LevelValue, texting_levels
from core.rules.situation import Situation, Whom


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredSwitch:
    """The switch that one level stores. `enabled` `None` = inherit. `set_by` is a subject; `audit_id` its record.

    `locked`: lower levels may not override it.
    """

    level: Level
    entity_id: UUID
    enabled: bool | None
    set_at: datetime | None
    set_by: str | None
    audit_id: UUID | None
    locked: bool = False


def org_value(*, enabled: bool, set_at: datetime | None) -> bool | None:
    """Give what an organization's switch says; `None` when nobody ever set it: that stores the same `false` as off."""
    return enabled if enabled or set_at is not None else None


@dataclass(frozen=True, slots=True, kw_only=True)
class OrgState:
    """An organization's facts. `brand_id` `None` = no brand is registered; campaigns are in order of their ids."""

    org_id: UUID
    brand_id: UUID | None
    facts: OrgFacts
    campaigns: tuple[CampaignFacts, ...]
    switch: StoredSwitch

    def levels(self) -> tuple[LevelValue[bool], ...]:
        """Give the levels of the organization's texting setting, for `core.rules.settings.resolve`."""
        return texting_levels(org_enabled=self.switch.enabled, org_locked=self.switch.locked)

    def switches(self, location_mode: TextingMode, user_mode: TextingMode, *, location_locked: bool) -> Switches:
        """Give the switches that the value of a user comes from, of a location and a user with those modes."""
        return Switches(
            org_enabled=self.switch.enabled,
            location_mode=location_mode,
            user_mode=user_mode,
            org_locked=self.switch.locked,
            location_locked=location_locked,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class LocationState:
    """A location's facts."""

    location_id: UUID
    facts: LocationFacts
    mode: TextingMode
    switch: StoredSwitch

    def switches(self, org: OrgState, user_mode: TextingMode) -> Switches:
        """Give the switches that the value of a user there comes from, who has that mode."""
        return org.switches(self.mode, user_mode, location_locked=self.switch.locked)

    def levels(self, org: OrgState) -> tuple[LevelValue[bool], ...]:
        """Give the levels of the location's texting setting, for `core.rules.settings.resolve`."""
        return self.switches(org, TextingMode.INHERIT).levels()[:-1]


@dataclass(frozen=True, slots=True, kw_only=True)
class UserState:
    """The facts of a user, of the user's location and of the primary number, or of another when there is no primary."""

    user_id: UUID
    facts: UserFacts
    location: LocationState
    number_id: UUID | None
    number: NumberFacts | None
    mode: TextingMode
    switch: StoredSwitch

    def switches(self, org: OrgState) -> Switches:
        """Give the switches that the user's value comes from."""
        return self.location.switches(org, self.mode)

    def levels(self, org: OrgState) -> tuple[LevelValue[bool], ...]:
        """Give the levels of the user's texting setting, for `core.rules.settings.resolve`."""
        return self.switches(org).levels()

    def subject(self, org: OrgState) -> Subject:
        """Give what `core.rules.eligibility.decide` reads; subjects of one organization share its values."""
        return Subject(
            org=org.facts,
            campaigns=org.campaigns,
            location=self.location.facts,
            user=self.facts,
            number=self.number,
            switch=self.switches(org).resolved(),
        )

    def situation(self, org: OrgState) -> Situation:
        """Give the same with the stored switches, for what-ifs and fixes."""
        return Situation(
            org=org.facts,
            campaigns=org.campaigns,
            location=self.location.facts,
            user=self.facts,
            number=self.number,
            switches=self.switches(org),
        )

    def whom(self, org: OrgState) -> Whom:
        """Give the entities whose facts these are."""
        return Whom(
            org_id=org.org_id,
            location_id=self.location.location_id,
            user_id=self.user_id,
            number_id=self.number_id,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """One organization and some of its users, by id."""

    org: OrgState
    users: Mapping[UUID, UserState]
