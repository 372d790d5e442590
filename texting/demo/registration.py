"""The demo's 10DLC registrations (P6): brands and campaigns in every state that one meets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from uuid import UUID

from audit.actions import Action
from core.commands import brands, campaigns
from core.commands.brands import BrandStatusChange, NewBrand
from core.commands.campaigns import CampaignStatusChange, NewCampaign
from core.rules.enums import BrandIdentity, BrandStatus, CampaignStatus, CarrierStatus
from texting.demo.maker import Maker, Step

CARE, ORDERS, REMINDERS, OFFERS, SURVEY = "care", "orders", "reminders", "offers", "survey"
"""The first two are active; the others are suspended, in a carrier's review, and rejected."""

_STATUS = CampaignStatus
_REVIEWED = (_STATUS.REGISTRY_REVIEW, _STATUS.CARRIER_REVIEW)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Campaign:
    """A campaign to make, and what the registry and the carriers answer, in order."""

    wanted: NewCampaign
    statuses: Sequence[CampaignStatus]
    carriers: Sequence[tuple[str, CarrierStatus]] = ()


_CAMPAIGNS = {
    CARE: _Campaign(
        wanted=NewCampaign(
            use_case="CUSTOMER_CARE",
            description="Answers to customers who wrote to us or asked to be called back",
            sample_messages=("Hi Sam, your tent is repaired and ready to pick up. Reply STOP to opt out.",),
        ),
        statuses=(*_REVIEWED, _STATUS.ACTIVE),
        carriers=(("AT&T", CarrierStatus.APPROVED), ("T-Mobile", CarrierStatus.APPROVED)),
    ),
    ORDERS: _Campaign(
        wanted=NewCampaign(
            use_case="DELIVERY_NOTIFICATION",
            description="News of orders and repairs to the customers who placed them",
            sample_messages=("Your order 1042 left our Toronto store today. Reply STOP to opt out.",),
        ),
        statuses=(*_REVIEWED, _STATUS.ACTIVE),
        carriers=(("AT&T", CarrierStatus.APPROVED),),
    ),
    REMINDERS: _Campaign(
        wanted=NewCampaign(
            use_case="ACCOUNT_NOTIFICATION",
            description="Reminders of workshops that customers booked",
            sample_messages=("Your map-reading class is tomorrow at 6. Reply STOP to opt out.",),
        ),
        statuses=(*_REVIEWED, _STATUS.ACTIVE, _STATUS.SUSPENDED),
        carriers=(("T-Mobile", CarrierStatus.SUSPENDED),),
    ),
    OFFERS: _Campaign(
        wanted=NewCampaign(
            use_case="MARKETING",
            description="Seasonal offers to customers who signed up for them",
            sample_messages=("Winter boots are 20% off until Sunday. Reply STOP to opt out.",),
        ),
        statuses=_REVIEWED,
        carriers=(("AT&T", CarrierStatus.APPROVED), ("T-Mobile", CarrierStatus.PENDING)),
    ),
    SURVEY: _Campaign(
        wanted=NewCampaign(
            use_case="POLLING_VOTING",
            description="One question after a purchase",
            sample_messages=("How was your visit, 1 to 5? Reply STOP to opt out.",),
        ),
        statuses=(_STATUS.REGISTRY_REVIEW, _STATUS.REGISTRY_REJECTED),
    ),
}


async def register(maker: Maker) -> dict[str, UUID]:
    """Have the brand approved and the campaigns answered; give the campaigns' ids by name."""
    brand_id = await _hand_in(
        maker, NewBrand(legal_name="Harbor & Pine Outfitters Inc.", website="https://harborpine.example")
    )
    await _answer(maker, brand_id, registration=BrandStatus.IN_REVIEW)
    await _answer(maker, brand_id, registration=BrandStatus.APPROVED, identity=BrandIdentity.VETTED_VERIFIED, score=82)
    return {name: await _submit(maker, name, campaign) for name, campaign in _CAMPAIGNS.items()}


async def begin(maker: Maker) -> None:
    """Hand in a brand that stays in review."""
    brand_id = await _hand_in(maker, NewBrand(legal_name="Lakeside Dental Group LLC"))
    await _answer(maker, brand_id, registration=BrandStatus.IN_REVIEW, identity=BrandIdentity.SELF_DECLARED)


async def _hand_in(maker: Maker, wanted: NewBrand) -> UUID:
    step = Step(name="brand", action=Action.BRAND_REGISTER, type="Org", id=maker.org_id)
    made = await maker.change(maker.admin, step, lambda tx: brands.register_brand(tx, wanted))
    return UUID(made["brand_ref"])


async def _answer(maker: Maker, brand_id: UUID, *, registration: BrandStatus, **more: object) -> None:
    change = BrandStatusChange(brand_id=brand_id, registration=registration, **more)  # type: ignore[arg-type] # its fields
    step = Step(name=f"brand {registration}", action=Action.BRAND_STATUS_RECORD, type="Brand", id=brand_id)
    await maker.change(
        maker.provider, step, lambda tx: brands.record_brand_status(tx, change), reason="the registry's answer"
    )


async def _submit(maker: Maker, name: str, campaign: _Campaign) -> UUID:
    step = Step(name=f"campaign {name}", action=Action.CAMPAIGN_SUBMIT, type="Org", id=maker.org_id)
    made = await maker.change(maker.admin, step, lambda tx: campaigns.submit_campaign(tx, campaign.wanted))
    campaign_id = UUID(made["campaign_ref"])
    changes = [
        *(CampaignStatusChange(campaign_id=campaign_id, status=status) for status in campaign.statuses),
        *(
            CampaignStatusChange(campaign_id=campaign_id, carrier=carrier, carrier_status=status)
            for carrier, status in campaign.carriers
        ),
    ]
    for at, change in enumerate(changes):
        of_registry = at < len(campaign.statuses)
        step = Step(
            name=f"campaign {name}, answer {at}",
            action=Action.CAMPAIGN_STATUS_RECORD if of_registry else Action.CAMPAIGN_CARRIER_RECORD,
            type="Campaign",
            id=campaign_id,
        )
        await maker.change(
            maker.provider,
            step,
            partial(campaigns.record_campaign_status, wanted=change),
            reason="the registry's answer" if of_registry else "the carrier's answer",
        )
    return campaign_id
