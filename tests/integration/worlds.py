"""Organizations that are ready to text, made through the real commands, with everything their tests ask about."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from uuid import UUID, uuid4

from audit.actions import Action
from core.commands.attempt import Attempt
from core.commands.brands import BrandStatusChange, NewBrand, record_brand_status, register_brand
from core.commands.campaigns import CampaignStatusChange, NewCampaign, record_campaign_status, submit_campaign
from core.commands.entitlements import CallingPlan, License
from core.commands.locations import Address, NewLocation, create_location
from core.commands.number_assignment import AssignmentStatusChange, record_assignment
from core.commands.orgs import CreateOrg, create_org
from core.commands.refusals import Refusal
from core.commands.toggles import set_org_texting
from core.commands.transaction import Answer, Store, Transaction, perform
from core.commands.users import NewNumber, NewUser, create_user
from core.ids import SYSTEM_ORG_ID
from core.principal import Grant, Principal, Role
from core.rules.enums import (
    AssignmentStatus,
    BrandStatus,
    CampaignStatus,
    CustomerType,
    NumberSource,
    PhoneNumberType,
    PstnConnectionType,
)

Change = Callable[[Transaction], Awaitable[Answer]]

PROVIDER = Principal(subject="provider", name="Priya", org_id=SYSTEM_ORG_ID, grants=(Grant(role=Role.PROVIDER_ADMIN),))

_numbered = count(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A user who may text: with a primary number that is ASSIGNED to the world's campaign."""

    user_id: UUID
    number_id: UUID
    number: str
    principal: Principal


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """One organization, its texting switched on."""

    store: Store
    org_id: UUID
    location_ids: tuple[UUID, ...]
    brand_id: UUID
    campaign_id: UUID
    people: tuple[Person, ...]

    @property
    def provider(self) -> Principal:
        return PROVIDER

    @property
    def org_admin(self) -> Principal:
        return member(self.org_id, Role.ORG_ADMIN)

    @property
    def location_id(self) -> UUID:
        return self.location_ids[0]

    def location_admin(self, location_id: UUID) -> Principal:
        return member(self.org_id, Role.LOCATION_ADMIN, location_id=location_id)

    def user(self, user_id: UUID) -> Principal:
        return member(self.org_id, Role.USER, user_id=user_id)

    async def answer(self, principal: Principal, change: Change, **said: object) -> Answer:
        """What a change answers that is carried out."""
        return await answer(self.store, self.org_id, principal, change, **said)

    async def refusal(self, principal: Principal, change: Change, **said: object) -> Refusal:
        """What a change answers that is refused."""
        return await refusal(self.store, self.org_id, principal, change, **said)


def new_number() -> str:
    """A valid US number that nobody in this session has."""
    return f"+1415{2_000_000 + next(_numbered)}"


def new_email() -> str:
    """An e-mail that nobody in this session has."""
    return f"person{next(_numbered)}@example.com"


def member(org_id: UUID, role: Role, *, location_id: UUID | None = None, user_id: UUID | None = None) -> Principal:
    """Somebody with one role in an organization."""
    grant = Grant(role=role, org_id=org_id, location_id=location_id, user_id=user_id)
    subject = f"{role.lower()}-{user_id or location_id or org_id}"
    return Principal(subject=subject, name=role.title(), org_id=org_id, grants=(grant,))


def attempt(org_id: UUID, principal: Principal, **said: object) -> Attempt:
    """An attempt of somebody who is allowed it; `said` replaces its fields."""
    told: dict[str, object] = {
        "principal": principal,
        "org_id": org_id,
        "operation": "test",
        "action": Action.ORG_UPDATE,
        "allowed_roles": tuple(principal.roles_in(org_id)),
        "now": datetime.now(UTC),
        "tracking_id": f"test-{uuid4()}",
        "target_type": "Org",
        "target_id": org_id,
    }
    return Attempt(**{**told, **said})  # type: ignore[arg-type]


async def answer(store: Store, org_id: UUID, principal: Principal, change: Change, **said: object) -> Answer:
    """What a change answers that is carried out."""
    found = await perform(store, attempt(org_id, principal, **said), change)
    assert isinstance(found, Answer), found
    return found


async def refusal(store: Store, org_id: UUID, principal: Principal, change: Change, **said: object) -> Refusal:
    """What a change answers that is refused."""
    found = await perform(store, attempt(org_id, principal, **said), change)
    assert isinstance(found, Refusal), found
    return found


async def new_org(store: Store, **told: object) -> UUID:
    """An organization with everything that is sold, and nothing in it."""
    wanted = {
        "name": f"Org {next(_numbered)}",
        "customer_type": CustomerType.ENTERPRISE,
        "calling_plan": CallingPlan(provider="CISCO", countries=("US",)),
        "texting_add_on": License(total_units=1_000),
        "handles_phi": False,
        "healthcare": False,
        **told,
    }
    made = await answer(store, SYSTEM_ORG_ID, PROVIDER, lambda tx: create_org(tx, CreateOrg(**wanted)))  # type: ignore[arg-type]
    return UUID(str(made.refs["org_ref"]))


async def new_location(store: Store, org_id: UUID, **told: object) -> UUID:
    """A location where texting works."""
    wanted = {
        "name": f"Location {next(_numbered)}",
        "address": Address(country="US", region="CA"),
        "time_zone": "America/Los_Angeles",
        "pstn_connection_type": PstnConnectionType.CISCO_PSTN,
        **told,
    }
    made = await answer(store, org_id, PROVIDER, lambda tx: create_location(tx, NewLocation(**wanted)))  # type: ignore[arg-type]
    return UUID(str(made.refs["location_ref"]))


async def new_person(store: Store, org_id: UUID, location_id: UUID, campaign_id: UUID, **told: object) -> Person:
    """A user who may text."""
    number = new_number()
    held = NewNumber(
        phone_number=number,
        type=PhoneNumberType.PRIMARY,
        assigned_by=NumberSource.CISCO_CALLING_PLAN,
        campaign_id=campaign_id,
    )
    wanted = {
        "location_id": location_id,
        "display_name": f"Person {next(_numbered)}",
        "email": new_email(),
        "app_version": "43.1",
        "phone_numbers": (held,),
        **told,
    }
    made = await answer(store, org_id, PROVIDER, lambda tx: create_user(tx, NewUser(**wanted)))  # type: ignore[arg-type]
    user_id = UUID(str(made.refs["user_ref"]))
    number_id = await _number_of(store, org_id, user_id)
    assigned = AssignmentStatusChange(number_id=number_id, campaign_id=campaign_id, status=AssignmentStatus.ASSIGNED)
    await answer(store, org_id, PROVIDER, lambda tx: record_assignment(tx, assigned))
    principal = member(org_id, Role.USER, user_id=user_id)
    return Person(user_id=user_id, number_id=number_id, number=number, principal=principal)


async def registered(store: Store, org_id: UUID) -> tuple[UUID, UUID]:
    """A brand that is APPROVED and a campaign that is ACTIVE, by their ids."""

    admin = member(org_id, Role.ORG_ADMIN)
    brand = NewBrand(legal_name="Example Inc.", tax_id="12-3456789", website="https://example.com")
    made = await answer(store, org_id, admin, lambda tx: register_brand(tx, brand))
    brand_id = UUID(str(made.refs["brand_ref"]))
    approved = BrandStatusChange(brand_id=brand_id, registration=BrandStatus.APPROVED)
    await answer(store, org_id, PROVIDER, lambda tx: record_brand_status(tx, approved))
    campaign = NewCampaign(use_case="CUSTOMER_CARE", description="Answers to customers", sample_messages=("Hello",))
    made = await answer(store, org_id, admin, lambda tx: submit_campaign(tx, campaign))
    campaign_id = UUID(str(made.refs["campaign_ref"]))
    for status in (CampaignStatus.REGISTRY_REVIEW, CampaignStatus.CARRIER_REVIEW, CampaignStatus.ACTIVE):
        await _record_campaign(store, org_id, campaign_id, status)
    return brand_id, campaign_id


async def new_world(store: Store, *, people: int = 1, locations: int = 1, enabled: bool = True) -> World:
    """An organization that may text, with so many users who may, all in its first location."""
    org_id = await new_org(store)
    location_ids = tuple([await new_location(store, org_id) for _ in range(locations)])
    brand_id, campaign_id = await registered(store, org_id)
    made = [await new_person(store, org_id, location_ids[0], campaign_id) for _ in range(people)]
    if enabled:
        admin = member(org_id, Role.ORG_ADMIN)
        await answer(store, org_id, admin, lambda tx: set_org_texting(tx, enabled=True))
    return World(
        store=store,
        org_id=org_id,
        location_ids=location_ids,
        brand_id=brand_id,
        campaign_id=campaign_id,
        people=tuple(made),
    )


async def _record_campaign(store: Store, org_id: UUID, campaign_id: UUID, status: CampaignStatus) -> None:

    change = CampaignStatusChange(campaign_id=campaign_id, status=status)
    await answer(store, org_id, PROVIDER, lambda tx: record_campaign_status(tx, change))


async def _number_of(store: Store, org_id: UUID, user_id: UUID) -> UUID:
    async with store.pool.acquire() as connection, connection.transaction():
        await connection.execute(f"SET LOCAL texting.org_id = '{org_id}'")
        found = await connection.fetchval("SELECT primary_number_id FROM texting.users WHERE id = $1", user_id)
    assert isinstance(found, UUID)
    return found
