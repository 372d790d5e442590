"""Campaigns: their brand, what carriers say of them, their numbers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Unpack

from core.storage import numbers
from core.storage.rows import CampaignRow
from engine import Info, Registry
from resolvers import visibility
from resolvers.lists import PageArguments, Paging, of_each
from resolvers.references import resolve_held

registry = Registry()


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignCarrier:
    """What one carrier says about a campaign, and since when (UTC)."""

    graphql_type: ClassVar[str] = "CampaignCarrier"

    carrier: str
    status: str
    since: datetime


@registry.bind("Campaign.org")
async def campaign_org(parents: Sequence[CampaignRow], info: Info) -> list[Any]:
    """Find the organization."""
    return await resolve_held(info, "Org", [each.org_id for each in parents])


@registry.bind("Campaign.brand")
async def campaign_brand(parents: Sequence[CampaignRow], info: Info) -> list[Any]:
    """Find the brand."""
    return await resolve_held(info, "Brand", [each.brand_id for each in parents])


@registry.bind("Campaign.carriers")
def carriers(parents: Sequence[CampaignRow], info: Info) -> list[list[CampaignCarrier]]:
    """Give what the row holds."""
    return [
        [
            CampaignCarrier(carrier=said["carrier"], status=said["status"], since=datetime.fromisoformat(said["since"]))
            for said in each.carriers
        ]
        for each in parents
    ]


@registry.bind("Campaign.numbers")
async def campaign_numbers(parents: Sequence[CampaignRow], info: Info, **asked: Unpack[PageArguments]) -> list[Any]:
    """Give a page of each campaign's numbers, the oldest first: those that the caller may see."""
    paging = Paging(**asked)
    where = visibility.people(info.context)
    ids = [each.id for each in parents]
    return await of_each(info, numbers.NUMBERS, numbers.BY_ID, paging, where, by="campaign_id", parents=ids)
