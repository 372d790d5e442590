"""Phone numbers: one by itself, its holder, its campaign."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from core.storage import numbers
from core.storage.listing import fetch_where
from core.storage.rows import PhoneNumberRow
from engine import Info, Registry
from resolvers import visibility
from resolvers.context import RequestContext
from resolvers.global_ids import enters
from resolvers.references import resolve_held

registry = Registry()


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignAssignment:
    """Where the assignment of a number to a campaign stands. `audit_id`: the record that put it there."""

    graphql_type: ClassVar[str] = "CampaignAssignment"

    campaign_id: UUID
    status: str
    since: datetime
    audit_id: UUID | None


@registry.bind("Query.phone_number")
async def phone_number(
    parents: Sequence[None], info: Info, *, phone_number: str, org_id: str | None
) -> list[PhoneNumberRow | None]:
    """Find a number of the organization entered."""
    context: RequestContext = info.context
    rows: list[PhoneNumberRow] = []
    if enters(context, org_id):
        where = visibility.people(context) & numbers.is_number(phone_number)
        rows = await fetch_where(context.db.fetch, numbers.NUMBERS, org=context.org_id, where=where)
    return [rows[0] if rows else None] * len(parents)


@registry.bind("UserPhoneNumber.owner", reads=("owner_id",))
async def owner(parents: Sequence[PhoneNumberRow], info: Info) -> list[Any]:
    """Find the holder: whoever sees a number sees who holds it."""
    return await resolve_held(info, "User", [each.owner_id for each in parents])


@registry.bind(
    "UserPhoneNumber.campaign_assignment",
    reads=("campaign_id", "assignment_status", "assignment_since", "assignment_audit_id"),
)
def campaign_assignment(parents: Sequence[PhoneNumberRow], info: Info) -> list[CampaignAssignment | None]:
    """Give what the row holds."""
    return [_assignment(each) for each in parents]


@registry.bind("CampaignAssignment.campaign")
async def campaign(parents: Sequence[CampaignAssignment], info: Info) -> list[Any]:
    """Find the campaign."""
    return await resolve_held(info, "Campaign", [each.campaign_id for each in parents])


def _assignment(number: PhoneNumberRow) -> CampaignAssignment | None:
    if number.campaign_id is None or number.assignment_status is None:
        return None
    return CampaignAssignment(
        campaign_id=number.campaign_id,
        status=number.assignment_status,
        since=number.assignment_since,
        audit_id=number.assignment_audit_id,
    )
