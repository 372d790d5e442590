"""Brands and campaigns (P6): by id, by organization, and in pages."""

from core.storage.listing import Listing
from core.storage.pages import Order
from core.storage.rows import BrandRow, CampaignRow
from core.storage.selecting import columns
from core.storage.tables import Brands, Campaigns

BY_ID = Order(name="campaigns.id", keys=("id",))

BRANDS = Listing(
    row=BrandRow,
    table=columns(Brands),
    columns=(
        "org_id",
        "id",
        "legal_name",
        "website",
        "registration",
        "identity",
        "score",
        "feedback",
        "since",
    ),
)

CAMPAIGNS = Listing(
    row=CampaignRow,
    table=columns(Campaigns),
    columns=(
        "org_id",
        "id",
        "brand_id",
        "use_case",
        "description",
        "sample_messages",
        "status",
        "since",
        "carriers",
    ),
)
