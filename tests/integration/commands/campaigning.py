"""Handing in campaigns and saying what the registry and carriers answered."""

from uuid import UUID

from audit.actions import Action
from core.commands.brands import BrandStatusChange, NewBrand, record_brand_status, register_brand
from core.commands.campaigns import CampaignStatusChange, NewCampaign, record_campaign_status, submit_campaign
from core.commands.refusals import Refusal
from core.commands.transaction import Answer, Store
from core.principal import Role
from core.rules.enums import BrandStatus, CampaignStatus
from tests.integration.worlds import PROVIDER, answer, member, new_org, refusal

OURS = NewCampaign(use_case="CUSTOMER_CARE", description="Answers\nto customers", sample_messages=("Hello", "Bye"))
REVIEWED = (CampaignStatus.REGISTRY_REVIEW, CampaignStatus.CARRIER_REVIEW)
PATHS = {
    CampaignStatus.SUBMITTED: (),
    CampaignStatus.REGISTRY_REVIEW: REVIEWED[:1],
    CampaignStatus.REGISTRY_REJECTED: (CampaignStatus.REGISTRY_REVIEW, CampaignStatus.REGISTRY_REJECTED),
    CampaignStatus.CARRIER_REVIEW: REVIEWED,
    CampaignStatus.ACTIVE: (*REVIEWED, CampaignStatus.ACTIVE),
    CampaignStatus.SUSPENDED: (*REVIEWED, CampaignStatus.ACTIVE, CampaignStatus.SUSPENDED),
    CampaignStatus.EXPIRED: (*REVIEWED, CampaignStatus.ACTIVE, CampaignStatus.EXPIRED),
    CampaignStatus.DEACTIVATED: (CampaignStatus.DEACTIVATED,),
}
"""How a campaign gets where it stands; DRAFT is reserved."""


async def branded(store: Store, *statuses: BrandStatus) -> tuple[UUID, UUID]:
    """An organization with a brand that went through these statuses."""
    org_id = await new_org(store)
    brand = NewBrand(legal_name="Example Inc.")
    made = await answer(store, org_id, PROVIDER, lambda tx: register_brand(tx, brand))
    brand_id = UUID(str(made.refs["brand_ref"]))
    for status in statuses:
        change = BrandStatusChange(brand_id=brand_id, registration=status)
        await answer(store, org_id, PROVIDER, lambda tx, change=change: record_brand_status(tx, change))
    return org_id, brand_id


async def submit(store: Store, org_id: UUID, wanted: NewCampaign = OURS) -> Answer:
    admin = member(org_id, Role.ORG_ADMIN)
    return await answer(store, org_id, admin, lambda tx: submit_campaign(tx, wanted), action=Action.CAMPAIGN_SUBMIT)


async def say(store: Store, org_id: UUID, campaign_id: UUID, **told: object) -> Answer:
    change = CampaignStatusChange(campaign_id=campaign_id, **told)  # type: ignore[arg-type]
    return await answer(store, org_id, PROVIDER, lambda tx: record_campaign_status(tx, change))


async def refuse(store: Store, org_id: UUID, campaign_id: UUID, **told: object) -> Refusal:
    change = CampaignStatusChange(campaign_id=campaign_id, **told)  # type: ignore[arg-type]
    return await refusal(store, org_id, PROVIDER, lambda tx: record_campaign_status(tx, change))


async def campaign_at(store: Store, org_id: UUID, status: CampaignStatus = CampaignStatus.SUBMITTED) -> UUID:
    """A campaign that stands there."""
    campaign_id = UUID(str((await submit(store, org_id)).refs["campaign_ref"]))
    for step in PATHS[status]:
        await say(store, org_id, campaign_id, status=step)
    return campaign_id
