"""What a decision reads, with the switches behind its setting: what can be supposed otherwise, or made otherwise."""

from dataclasses import dataclass
from uuid import UUID

from core.rules.eligibility import Subject
from core.rules.facts import CampaignFacts, LocationFacts, NumberFacts, OrgFacts, UserFacts
from core.rules.impact import Switches


@dataclass(frozen=True, slots=True, kw_only=True)
class Whom:
    """The entities whose facts a decision reads; `number_id` `None`: the user has no number."""

    org_id: UUID
    location_id: UUID
    user_id: UUID
    number_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """The facts of one decision. It names nobody, so that equal situations are explained once."""

    org: OrgFacts
    campaigns: tuple[CampaignFacts, ...]
    location: LocationFacts
    user: UserFacts
    number: NumberFacts | None
    switches: Switches

    @property
    def subject(self) -> Subject:
        """What `core.rules.eligibility.decide` reads of it."""
        return Subject(
            org=self.org,
            campaigns=self.campaigns,
            location=self.location,
            user=self.user,
            number=self.number,
            switch=self.switches.resolved(),
        )
