"""The stored facts of an organization, a location, a user: what decides, and the switch that each level keeps."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from core.rules.eligibility import Subject
from core.rules.enums import Level, TextingMode
from core.rules.facts import CampaignFacts, LocationFacts, NumberFacts, OrgFacts, UserFacts
from core.rules.impact import Switches
from core.rules.settings import LevelValue, switch_of, texting_levels
from core.rules.situation import Situation, Whom


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredSwitch:
    """The switch that one level stores. `enabled` `None` = inherit. `set_by` is a subject; `audit_id` its record."""

    level: Level
    entity_id: UUID
    enabled: bool | None
    set_at: datetime | None
    set_by: str | None
    audit_id: UUID | None


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
        return texting_levels(org_enabled=self.switch.enabled)


@dataclass(frozen=True, slots=True, kw_only=True)
class LocationState:
    """A location's facts."""

    location_id: UUID
    facts: LocationFacts
    mode: TextingMode
    switch: StoredSwitch

    def levels(self, org: OrgState) -> tuple[LevelValue[bool], ...]:
        """Give the levels of the location's texting setting, for `core.rules.settings.resolve`."""
        return texting_levels(org_enabled=org.switch.enabled, location_mode=self.mode)


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

    def levels(self, org: OrgState) -> tuple[LevelValue[bool], ...]:
        """Give the levels of the user's texting setting, for `core.rules.settings.resolve`."""
        return texting_levels(org_enabled=org.switch.enabled, location_mode=self.location.mode, user_mode=self.mode)

    def subject(self, org: OrgState) -> Subject:
        """Give what `core.rules.eligibility.decide` reads; subjects of one organization share its values."""
        return Subject(
            org=org.facts,
            campaigns=org.campaigns,
            location=self.location.facts,
            user=self.facts,
            number=self.number,
            switch=switch_of(org_enabled=org.switch.enabled, location_mode=self.location.mode, user_mode=self.mode),
        )

    def situation(self, org: OrgState) -> Situation:
        """Give the same with the stored switches, for what-ifs and fixes."""
        return Situation(
            org=org.facts,
            campaigns=org.campaigns,
            location=self.location.facts,
            user=self.facts,
            number=self.number,
            switches=Switches(org_enabled=org.switch.enabled, location_mode=self.location.mode, user_mode=self.mode),
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
