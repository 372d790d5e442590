"""What eligibility and the settings read, for many users at once, in a fixed number of statements.

`load` runs three: the organization with its brand, its campaigns, and the users with their locations and numbers.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import and_, select, true

from core.rules.eligibility import Subject
from core.rules.enums import (
    AssignmentStatus,
    BrandStatus,
    CampaignStatus,
    CustomerType,
    Level,
    NumberSource,
    NumberState,
    PhoneNumberType,
    PstnConnectionType,
    TextingMode,
    UserStatus,
)
from core.rules.facts import CampaignFacts, LocationFacts, NumberFacts, OrgFacts, UserFacts
from core.rules.settings import mode_value, switch_of
from core.storage.fetching import Fetch
from core.storage.selecting import any_id, columns, inlined, org_id
from core.storage.statements import Statement, compiled
from core.storage.states import Facts, LocationState, OrgState, StoredSwitch, UserState, org_value
from core.storage.tables import Brands, Campaigns, Locations, Orgs, PhoneNumbers, Users

__all__ = [
    "Facts",
    "LocationState",
    "OrgState",
    "StoredSwitch",
    "UserState",
    "load",
    "load_locations",
    "load_numbers",
    "load_org",
    "load_subjects",
    "load_users",
    "number_facts",
]

_orgs, _brands, _campaigns = columns(Orgs), columns(Brands), columns(Campaigns)
_locations, _users, _numbers = columns(Locations), columns(Users), columns(PhoneNumbers)
_SWITCH = ("texting_set_at", "texting_set_by", "texting_audit_id")
OF_USER = ("status", "app_version", "texting")
OF_LOCATION = ("country", "pstn_connection_type", "texting", "texting_locked")
OF_NUMBER = ("type", "state", "assigned_by", "region", "valid", "campaign_id", "assignment_status")


def _org() -> Statement:
    names = (
        "customer_type",
        "calling_plan_provider",
        "calling_plan_countries",
        "add_on_units",
        "add_on_suspended",
        "handles_phi",
        "healthcare",
        "texting_enabled",
        "texting_locked",
        *_SWITCH,
    )
    brand = (_brands.id.label("brand_id"), _brands.registration)
    return compiled(
        select(*(_orgs[name] for name in names), *brand)
        .select_from(Orgs)
        .outerjoin(Brands, _brands.org_id == _orgs.org_id)
        .where(_orgs.org_id == org_id())
    )


def _of_location(*more: str) -> list[Any]:
    return [_locations[name].label(f"location_{name}") for name in (*OF_LOCATION, *more)]


def _users_with_numbers(*switch: str) -> Statement:
    number = (
        select(_numbers.id, *(_numbers[name] for name in OF_NUMBER))
        .where(_numbers.org_id == _users.org_id, _numbers.owner_id == _users.id)
        .order_by(_numbers.type != inlined(PhoneNumberType.PRIMARY), _numbers.id)
        .limit(inlined(1))
        .lateral("number")
    )
    names = ("id", "location_id", *OF_USER, *switch)
    return compiled(
        select(
            *(_users[name] for name in names),
            *_of_location(*switch),
            number.c.id.label("number_id"),
            *(number.c[name] for name in OF_NUMBER),
        )
        .select_from(Users)
        .join(Locations, and_(_locations.org_id == _users.org_id, _locations.id == _users.location_id))
        .outerjoin(number, true())
        .where(_users.org_id == org_id(), _users.id == any_id("user_ids"))
    )


ORG = _org()
CAMPAIGNS = compiled(
    select(_campaigns.id, _campaigns.status).where(_campaigns.org_id == org_id()).order_by(_campaigns.id)
)
LOCATIONS = compiled(
    select(_locations.id, *_of_location(*_SWITCH)).where(
        _locations.org_id == org_id(), _locations.id == any_id("location_ids")
    )
)
USERS = _users_with_numbers(*_SWITCH)
SUBJECTS = _users_with_numbers()
NUMBERS = compiled(
    select(_numbers.id, *(_numbers[name] for name in OF_NUMBER)).where(
        _numbers.org_id == org_id(), _numbers.id == any_id("number_ids")
    )
)


async def load(fetch: Fetch, org_id: UUID, user_ids: Sequence[UUID]) -> Facts | None:
    """Read all that decides for these users; unknown ids are left out, `None` when there is no such organization."""
    org = await load_org(fetch, org_id)
    if org is None:
        return None
    return Facts(org=org, users=await load_users(fetch, org_id, user_ids))


async def load_org(fetch: Fetch, org_id: UUID) -> OrgState | None:
    """Read an organization's facts and its campaigns' statuses, in two statements."""
    rows = await fetch(ORG, org_id=org_id)
    if not rows:
        return None
    campaigns = await fetch(CAMPAIGNS, org_id=org_id)
    return org_state(org_id, rows[0], campaigns)


async def load_locations(fetch: Fetch, org_id: UUID, location_ids: Sequence[UUID]) -> dict[UUID, LocationState]:
    """Read the facts of locations, by id, in one statement."""
    rows = await fetch(LOCATIONS, org_id=org_id, location_ids=list(location_ids))
    return {row["id"]: _location_state(row["id"], row) for row in rows}


async def load_users(fetch: Fetch, org_id: UUID, user_ids: Sequence[UUID]) -> dict[UUID, UserState]:
    """Read the facts of users, of their locations and numbers, by user id, in one statement."""
    rows = await fetch(USERS, org_id=org_id, user_ids=list(user_ids))
    locations: dict[UUID, LocationState] = {}
    users = {}
    for row in rows:
        location = locations.get(row["location_id"])
        if location is None:
            location = locations[row["location_id"]] = _location_state(row["location_id"], row)
        users[row["id"]] = _user_state(row, location)
    return users


async def load_subjects(fetch: Fetch, org: OrgState, user_ids: Sequence[UUID]) -> dict[UUID, Subject]:
    """Read what is decided on and nothing of where it is stored, by user id, in one statement.

    Users of equal facts, the number apart, share one subject.
    """
    made: dict[tuple[Any, ...], Subject] = {}
    found = {}
    for row in await fetch(SUBJECTS, org_id=org.org_id, user_ids=list(user_ids)):
        key = (row["number_id"] is None, *(row[name] for name in _DECIDING))
        subject = made.get(key)
        if subject is None:
            subject = made[key] = subject_of(org, row, has_number=row["number_id"] is not None)
        found[row["id"]] = subject
    return found


_DECIDING = ("location_id", *OF_USER, *OF_NUMBER)


def subject_of(org: OrgState, row: Any, *, has_number: bool) -> Subject:
    """Give what is decided on, from a row of the user with the location and the number."""
    mode, user_mode = TextingMode(row["location_texting"]), TextingMode(row["texting"])
    return Subject(
        org=org.facts,
        campaigns=org.campaigns,
        location=_location_facts(row),
        user=_user_facts(row),
        number=number_facts(row) if has_number else None,
        switch=switch_of(
            org_enabled=org.switch.enabled,
            location_mode=mode,
            user_mode=user_mode,
            org_locked=org.switch.locked,
            location_locked=row["location_texting_locked"],
        ),
    )


async def load_numbers(fetch: Fetch, org_id: UUID, number_ids: Sequence[UUID]) -> dict[UUID, NumberFacts]:
    """Read the facts of numbers, by id, in one statement."""
    rows = await fetch(NUMBERS, org_id=org_id, number_ids=list(number_ids))
    return {row["id"]: number_facts(row) for row in rows}


def number_facts(row: Any) -> NumberFacts:
    """Read a number's facts from a row, stored or about to be."""
    assignment = row["assignment_status"]
    return NumberFacts(
        type=PhoneNumberType(row["type"]),
        state=NumberState(row["state"]),
        assigned_by=NumberSource(row["assigned_by"]),
        region=row["region"],
        valid=row["valid"],
        campaign_id=row["campaign_id"],
        assignment_status=None if assignment is None else AssignmentStatus(assignment),
    )


def org_state(org_id: UUID, row: Any, campaigns: Sequence[Any]) -> OrgState:
    """Give an organization's facts, from its row with the brand and the rows of its campaigns."""
    countries = row["calling_plan_countries"]
    facts = OrgFacts(
        customer_type=CustomerType(row["customer_type"]),
        calling_plan_provider=row["calling_plan_provider"],
        calling_plan_countries=None if countries is None else tuple(countries),
        add_on_units=row["add_on_units"],
        add_on_suspended=row["add_on_suspended"],
        handles_phi=row["handles_phi"],
        healthcare=row["healthcare"],
        brand_status=None if row["registration"] is None else BrandStatus(row["registration"]),
    )
    enabled = org_value(enabled=row["texting_enabled"], set_at=row["texting_set_at"])
    return OrgState(
        org_id=org_id,
        brand_id=row["brand_id"],
        facts=facts,
        campaigns=tuple(CampaignFacts(id=each["id"], status=CampaignStatus(each["status"])) for each in campaigns),
        switch=_switch(Level.ORG, org_id, row, enabled=enabled, locked=row["texting_locked"]),
    )


def _location_facts(row: Any) -> LocationFacts:
    connection = PstnConnectionType(row["location_pstn_connection_type"])
    return LocationFacts(country=row["location_country"], pstn_connection_type=connection)


def _user_facts(row: Any) -> UserFacts:
    return UserFacts(status=UserStatus(row["status"]), app_version=row["app_version"])


def _location_state(location_id: UUID, row: Any) -> LocationState:
    mode = TextingMode(row["location_texting"])
    return LocationState(
        location_id=location_id,
        facts=_location_facts(row),
        mode=mode,
        switch=_switch(
            Level.LOCATION,
            location_id,
            row,
            enabled=mode_value(mode),
            locked=row["location_texting_locked"],
            prefix="location_",
        ),
    )


def _user_state(row: Any, location: LocationState) -> UserState:
    mode = TextingMode(row["texting"])
    return UserState(
        user_id=row["id"],
        facts=_user_facts(row),
        location=location,
        number_id=row["number_id"],
        number=None if row["number_id"] is None else number_facts(row),
        mode=mode,
        switch=_switch(Level.USER, row["id"], row, enabled=mode_value(mode)),
    )


def _switch(
    level: Level, entity_id: UUID, row: Any, *, enabled: bool | None, locked: bool = False, prefix: str = ""
) -> StoredSwitch:
    return StoredSwitch(
        level=level,
        entity_id=entity_id,
        enabled=enabled,
        set_at=row[prefix + "texting_set_at"],
        set_by=row[prefix + "texting_set_by"],
        audit_id=row[prefix + "texting_audit_id"],
        locked=locked,
    )
