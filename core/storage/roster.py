"""All users, numbers, locations and campaigns of an organization, whole: what a file is compared with."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlmodel import SQLModel

from core.storage.fetching import Fetch
from core.storage.rows import CampaignRow, LocationRow, PhoneNumberRow, UserRow
from core.storage.selecting import columns, org_id
from core.storage.statements import Statement, compiled
from core.storage.tables import Campaigns, Locations, PhoneNumbers, Users


def _all(table: type[SQLModel], *names: str) -> Statement:
    of = columns(table)
    return compiled(select(*(of[name] for name in names)).where(of.org_id == org_id()).order_by(of.id))


USERS = _all(Users, "id", "email_key", "display_name", "location_id", "status", "app_version", "primary_number_id")
NUMBERS = _all(
    PhoneNumbers, "id", "phone_number", "type", "owner_id", "assigned_by", "campaign_id", "assignment_status"
)
LOCATIONS = _all(
    Locations,
    "id",
    "name",
    "country",
    "region",
    "city",
    "line1",
    "postal_code",
    "time_zone",
    "pstn_connection_type",
)
CAMPAIGNS = _all(Campaigns, "id", "use_case", "status")


async def load_users(fetch: Fetch, org: UUID) -> Sequence[UserRow]:
    """Read every user, tombstones too, in one statement."""
    return await fetch(USERS, row=UserRow, org_id=org)


async def load_numbers(fetch: Fetch, org: UUID) -> Sequence[PhoneNumberRow]:
    """Read the whole inventory, in one statement."""
    return await fetch(NUMBERS, row=PhoneNumberRow, org_id=org)


async def load_locations(fetch: Fetch, org: UUID) -> Sequence[LocationRow]:
    """Read every location, in one statement."""
    return await fetch(LOCATIONS, row=LocationRow, org_id=org)


async def load_campaigns(fetch: Fetch, org: UUID) -> Sequence[CampaignRow]:
    """Read every campaign, in one statement."""
    return await fetch(CAMPAIGNS, row=CampaignRow, org_id=org)
