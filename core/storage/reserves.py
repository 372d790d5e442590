"""What an organization has that could help somebody who cannot text, one statement each."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from core.rules.enums import AssignmentStatus, NumberSource, NumberState, PstnConnectionType, TextingMode
from core.rules.facts import LocationFacts, NumberFacts
from core.rules.policy import Policy
from core.storage.facts import number_facts
from core.storage.fetching import Fetch
from core.storage.selecting import any_text, columns, inlined, org_id
from core.storage.statements import compiled
from core.storage.tables import Locations, PhoneNumbers

_numbers, _locations = columns(PhoneNumbers), columns(Locations)
_FACTS = ("type", "state", "assigned_by", "region", "valid", "campaign_id", "assignment_status")


@dataclass(frozen=True, slots=True, kw_only=True)
class SpareNumber:
    """A number that nobody holds and that anybody could text with, once it is of a campaign."""

    id: UUID
    facts: NumberFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenLocation:
    """A location where texting works."""

    id: UUID
    facts: LocationFacts
    mode: TextingMode
    locked: bool


# One that is of a campaign already comes first.
SPARE_NUMBER = compiled(
    select(_numbers.id, *(_numbers[name] for name in _FACTS))
    .where(
        _numbers.org_id == org_id(),
        _numbers.owner_id.is_(None),
        _numbers.state == inlined(NumberState.ACTIVE),
        _numbers.assigned_by == inlined(NumberSource.CISCO_CALLING_PLAN),
        _numbers.valid,
        _numbers.region == any_text("regions"),
    )
    .order_by(_numbers.assignment_status.is_distinct_from(inlined(AssignmentStatus.ASSIGNED)), _numbers.id)
    .limit(inlined(1))
)
# One that is not switched off comes first.
OPEN_LOCATION = compiled(
    select(_locations.id, _locations.country, _locations.texting, _locations.texting_locked)
    .where(
        _locations.org_id == org_id(),
        _locations.pstn_connection_type == inlined(PstnConnectionType.CISCO_PSTN),
        _locations.country == any_text("countries"),
        ~_locations.texting_locked,
    )
    .order_by(_locations.texting == inlined(TextingMode.OFF), _locations.id)
    .limit(inlined(1))
)


async def spare_number(fetch: Fetch, org: UUID, policy: Policy) -> SpareNumber | None:
    """Find a number of the inventory that is fit for texting."""
    rows = await fetch(SPARE_NUMBER, org_id=org, regions=list(policy.territory.value))
    return SpareNumber(id=rows[0]["id"], facts=number_facts(rows[0])) if rows else None


async def open_location(fetch: Fetch, org: UUID, policy: Policy) -> OpenLocation | None:
    """Find a location in the territory that is configured with Cisco PSTN."""
    rows = await fetch(OPEN_LOCATION, org_id=org, countries=list(policy.territory.value))
    if not rows:
        return None
    facts = LocationFacts(country=rows[0]["country"], pstn_connection_type=PstnConnectionType.CISCO_PSTN)
    mode, locked = TextingMode(rows[0]["texting"]), rows[0]["texting_locked"]
    return OpenLocation(id=rows[0]["id"], facts=facts, mode=mode, locked=locked)
