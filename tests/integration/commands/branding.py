"""Handing in brands and saying what the registry answered."""

from uuid import UUID

from audit.actions import Action
from core.commands.brands import BrandStatusChange, NewBrand, record_brand_status, register_brand
from core.commands.refusals import Refusal
from core.commands.transaction import Answer, Store
from core.principal import Role
from core.rules.enums import BrandStatus
from tests.integration.worlds import PROVIDER, answer, member, refusal

TAX_ID = "12-3456789"
BRAND_OF_OURS = NewBrand(legal_name="Example Inc.", tax_id=TAX_ID, website="https://example.com")
PATHS = {
    BrandStatus.PENDING: (),
    BrandStatus.IN_REVIEW: (BrandStatus.IN_REVIEW,),
    BrandStatus.APPROVED: (BrandStatus.APPROVED,),
    BrandStatus.SUSPENDED: (BrandStatus.APPROVED, BrandStatus.SUSPENDED),
    BrandStatus.FAILED: (BrandStatus.FAILED,),
}
"""How a brand gets where it stands."""


async def register(store: Store, org_id: UUID, wanted: NewBrand = BRAND_OF_OURS) -> Answer:
    admin = member(org_id, Role.ORG_ADMIN)
    return await answer(store, org_id, admin, lambda tx: register_brand(tx, wanted), action=Action.BRAND_REGISTER)


async def say(store: Store, org_id: UUID, brand_id: UUID, **told: object) -> Answer:
    change = BrandStatusChange(brand_id=brand_id, **told)  # type: ignore[arg-type]
    return await answer(store, org_id, PROVIDER, lambda tx: record_brand_status(tx, change))


async def refuse(store: Store, org_id: UUID, brand_id: UUID, **told: object) -> Refusal:
    change = BrandStatusChange(brand_id=brand_id, **told)  # type: ignore[arg-type]
    return await refusal(store, org_id, PROVIDER, lambda tx: record_brand_status(tx, change))


async def brand_at(store: Store, org_id: UUID, status: BrandStatus) -> UUID:
    """A brand that stands there."""
    brand_id = UUID(str((await register(store, org_id)).refs["brand_ref"]))
    for step in PATHS[status]:
        await say(store, org_id, brand_id, registration=step)
    return brand_id
