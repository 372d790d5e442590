"""What an organization has that could help somebody who cannot text, in one statement."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import exists, func, literal_column, select, true

from core.rules.enums import (
    AssignmentStatus,
    CampaignStatus,
    NumberSource,
    NumberState,
    PstnConnectionType,
    TextingMode,
)
from core.rules.facts import LocationFacts
from core.rules.fix_changes import Reserve
from core.rules.policy import Policy
from core.rules.rule_ids import RuleId
from core.rules.states import CAMPAIGN, OCCUPYING, is_terminal
from core.storage.facts import OF_NUMBER, number_facts
from core.storage.fetching import Fetch
from core.storage.selecting import any_text, boolean, columns, inlined, integer, org_id
from core.storage.statements import compiled
from core.storage.tables import Campaigns, Locations, Orgs, PhoneNumbers

_orgs, _campaigns = columns(Orgs), columns(Campaigns)
_numbers, _locations = columns(PhoneNumbers), columns(Locations)
_OF_NUMBER = frozenset({RuleId.USER_PRIMARY_TN_PRESENT, RuleId.USER_TN_FROM_CALLING_PLAN, RuleId.USER_TN_COUNTRY_US_CA})
_OF_LOCATION = frozenset({RuleId.LOCATION_COUNTRY_US_CA, RuleId.LOCATION_PSTN_CISCO})
_OF_CAMPAIGN = _OF_NUMBER | {RuleId.ORG_CAMPAIGN_ACTIVE, RuleId.NUMBER_CAMPAIGN_ASSIGNED}
_WANTS = {"wants_number": _OF_NUMBER, "wants_location": _OF_LOCATION, "wants_room": _OF_CAMPAIGN}
"""What is looked for, and the rules that it could help."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredReserve:
    """What could help, and the ids of it."""

    facts: Reserve
    number_id: UUID | None = None
    location_id: UUID | None = None


NOTHING = StoredReserve(facts=Reserve())


def _number() -> Any:
    """Write a number that nobody holds and that anybody could text with; one that is of a campaign comes first."""
    return (
        select(_numbers.id, *(_numbers[name] for name in OF_NUMBER))
        .where(
            boolean("wants_number"),
            _numbers.org_id == org_id(),
            _numbers.owner_id.is_(None),
            _numbers.state == inlined(NumberState.ACTIVE),
            _numbers.assigned_by == inlined(NumberSource.CISCO_CALLING_PLAN),
            _numbers.valid,
            _numbers.region == any_text("territory"),
        )
        .order_by(_numbers.assignment_status.is_distinct_from(inlined(AssignmentStatus.ASSIGNED)), _numbers.id)
        .limit(inlined(1))
        .lateral("number")
    )


def _location() -> Any:
    """Write a location where texting works; one that is not switched off comes first."""
    return (
        select(_locations.id, _locations.country, _locations.texting, _locations.texting_locked)
        .where(
            boolean("wants_location"),
            _locations.org_id == org_id(),
            _locations.pstn_connection_type == inlined(PstnConnectionType.CISCO_PSTN),
            _locations.country == any_text("territory"),
            ~_locations.texting_locked,
        )
        .order_by(_locations.texting == inlined(TextingMode.OFF), _locations.id)
        .limit(inlined(1))
        .lateral("location")
    )


def _full() -> Any:
    """Write the campaigns that are not over and have as many numbers as one takes; `before_full` is one less."""
    last: Any = (
        select(literal_column("1"))
        .where(
            _numbers.org_id == _campaigns.org_id,
            _numbers.campaign_id == _campaigns.id,
            _numbers.assignment_status.in_([inlined(status) for status in OCCUPYING]),
        )
        .offset(integer("before_full"))
    )
    over = [inlined(status) for status in CampaignStatus if is_terminal(CAMPAIGN, status)]
    full = select(_campaigns.id).where(
        boolean("wants_room"), _campaigns.org_id == org_id(), _campaigns.status.not_in(over), exists(last)
    )
    return func.array(full.scalar_subquery()).label("full")


def _reserve() -> Any:
    number, location = _number(), _location()
    return (
        select(
            number.c.id.label("number_id"),
            *(number.c[name] for name in OF_NUMBER),
            location.c.id.label("location_id"),
            location.c.country,
            location.c.texting,
            location.c.texting_locked,
            _full(),
        )
        .select_from(Orgs)
        .outerjoin(number, true())
        .outerjoin(location, true())
        .where(_orgs.org_id == org_id())
    )


RESERVE = compiled(_reserve())


async def load(fetch: Fetch, org: UUID, policy: Policy, lacking: Collection[str]) -> StoredReserve:
    """Find what could help where these rules do not hold; nothing is read for others."""
    return await _load(fetch, org, policy, {wants for wants, rules in _WANTS.items() if not rules.isdisjoint(lacking)})


async def full_campaigns(fetch: Fetch, org: UUID, policy: Policy, lacking: Collection[str]) -> frozenset[UUID]:
    """Find the campaigns that take no more numbers, where that matters to these rules."""
    wanted = set() if _OF_CAMPAIGN.isdisjoint(lacking) else {"wants_room"}
    return (await _load(fetch, org, policy, wanted)).facts.full


async def _load(fetch: Fetch, org: UUID, policy: Policy, wanted: Collection[str]) -> StoredReserve:
    if not wanted:
        return NOTHING
    wants = {name: name in wanted for name in _WANTS}
    before_full, territory = policy.campaign_numbers_max.value - 1, list(policy.territory.value)
    rows = await fetch(RESERVE, org_id=org, territory=territory, before_full=before_full, **wants)
    return _stored(rows[0]) if rows else NOTHING


def _stored(row: Any) -> StoredReserve:
    held = Reserve(number=None if row["number_id"] is None else number_facts(row), full=frozenset(row["full"]))
    if row["location_id"] is not None:
        held = Reserve(
            number=held.number,
            full=held.full,
            location=LocationFacts(country=row["country"], pstn_connection_type=PstnConnectionType.CISCO_PSTN),
            location_mode=TextingMode(row["texting"]),
            location_locked=row["texting_locked"],
        )
    return StoredReserve(facts=held, number_id=row["number_id"], location_id=row["location_id"])
