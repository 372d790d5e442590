"""Handing in brands and campaigns, and recording what the registry and carriers answered (P6)."""

from audit.actions import Action
from core.commands import brands, campaigns
from core.commands.absent import ABSENT
from core.commands.brands import BrandStatusChange, NewBrand
from core.commands.campaigns import CampaignStatusChange, NewCampaign
from resolvers.mutations.asked import Asked, or_absent, or_none
from resolvers.mutations.performing import Change, Mutations
from schema.registrations import (
    RecordBrandStatusInput,
    RecordCampaignStatusInput,
    RegisterBrandInput,
    SubmitCampaignInput,
)

registry = Mutations()


@registry.change("register_brand", Action.BRAND_REGISTER)
def register_brand(asked: Asked, input: RegisterBrandInput) -> Change:
    """Hand in a brand."""
    wanted = NewBrand(legal_name=input.legal_name, tax_id=or_absent(input.tax_id), website=or_absent(input.website))
    return Change(action=Action.BRAND_REGISTER, command=lambda tx: brands.register_brand(tx, wanted))


@registry.change("record_brand_status", Action.BRAND_STATUS_RECORD)
def record_brand_status(asked: Asked, input: RecordBrandStatusInput) -> Change:
    """Record what the registry answered about a brand."""
    feedback = or_absent(input.feedback)
    wanted = BrandStatusChange(
        brand_id=asked.id("brand_id"),
        registration=or_absent(input.registration),
        identity=or_absent(input.identity),
        score=or_absent(input.score),
        feedback=tuple(feedback) if isinstance(feedback, list) else feedback,
        evidence=or_absent(input.evidence),
        effective_from=or_none(input.effective_from),
    )
    return Change(action=Action.BRAND_STATUS_RECORD, command=lambda tx: brands.record_brand_status(tx, wanted))


@registry.change("submit_campaign", Action.CAMPAIGN_SUBMIT)
def submit_campaign(asked: Asked, input: SubmitCampaignInput) -> Change:
    """Hand in a campaign."""
    wanted = NewCampaign(
        use_case=input.use_case, description=input.description, sample_messages=tuple(input.sample_messages)
    )
    return Change(action=Action.CAMPAIGN_SUBMIT, command=lambda tx: campaigns.submit_campaign(tx, wanted))


@registry.change("record_campaign_status", Action.CAMPAIGN_STATUS_RECORD, Action.CAMPAIGN_CARRIER_RECORD)
def record_campaign_status(asked: Asked, input: RecordCampaignStatusInput) -> Change:
    """Record what the registry or a carrier answered about a campaign."""
    carrier = or_absent(input.carrier)
    wanted = CampaignStatusChange(
        campaign_id=asked.id("campaign_id"),
        status=or_absent(input.status),
        carrier=carrier,
        carrier_status=or_absent(input.carrier_status),
        evidence=or_absent(input.evidence),
        effective_from=or_none(input.effective_from),
    )
    is_registry = carrier is None or carrier is ABSENT
    return Change(
        action=Action.CAMPAIGN_STATUS_RECORD if is_registry else Action.CAMPAIGN_CARRIER_RECORD,
        command=lambda tx: campaigns.record_campaign_status(tx, wanted),
    )
