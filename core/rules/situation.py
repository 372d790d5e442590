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

    def with_(
        self,
        *,
        org: OrgFacts | None = None,
        campaigns: tuple[CampaignFacts, ...] | None = None,
        location: LocationFacts | None = None,
        user: UserFacts | None = None,
        number: NumberFacts | None = None,
        switches: Switches | None = None,
    ) -> "Situation":
        """Give the same with other facts of some levels; a search does this often, and `replace` takes its time."""
        return Situation(
            org=self.org if org is None else org,
            campaigns=self.campaigns if campaigns is None else campaigns,
            location=self.location if location is None else location,
            user=self.user if user is None else user,
            number=self.number if number is None else number,
            switches=self.switches if switches is None else switches,
        )
