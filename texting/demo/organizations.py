"""The demo's organizations: one with a pilot under way, one that waits for the registry, one that bought nothing.

The first has everything that texting needs, and every reason for which one person cannot text; its switch is off, but
Boston's is on, and so are some people's. Texts to fictional numbers show what carriers and recipients answer.
"""

from __future__ import annotations

from functools import partial
from uuid import UUID

from audit.actions import Action
from core.commands import locations, orgs, users
from core.commands.entitlements import CallingPlan, License
from core.commands.locations import Address, NewLocation
from core.commands.orgs import CreateOrg
from core.commands.transaction import Store
from core.commands.users import NewNumber, NewUser
from core.ids import SYSTEM_ORG_ID
from core.rules.enums import CustomerType, NumberSource, PhoneNumberType, PstnConnectionType
from texting.demo import conversations, registration, staff
from texting.demo.maker import Maker, Step
from texting.demo.people import APP_VERSION

READY, WAITING, PROSPECT = "Harbor & Pine Outfitters", "Lakeside Dental Group", "Corner Coffee"
COUNT = 3
"""The last one is made in one step, so that the demo is whole when it is there."""

_PLAN = CallingPlan(provider="Cisco", countries=("US", "CA"))


async def make(store: Store) -> None:
    """Make the organizations, or go on with what an earlier start made of them. Raises `DemoRefused`."""
    await _ready(store)
    await _waiting(store)
    await _create(
        store, CreateOrg(name=PROSPECT, customer_type=CustomerType.TRIAL, calling_plan=None, texting_add_on=None)
    )


async def _ready(store: Store) -> None:
    org_id = await _create(
        store,
        CreateOrg(
            name=READY,
            customer_type=CustomerType.ENTERPRISE,
            calling_plan=_PLAN,
            texting_add_on=License(total_units=100),
            handles_phi=False,
            healthcare=False,
        ),
    )
    maker = Maker(store, org_id)
    campaign_ids = await registration.register(maker)
    await staff.hire(maker, campaign_ids)
    await conversations.hold(maker)


async def _waiting(store: Store) -> None:
    """A healthcare organization that has not said whether it handles health information, whose brand is in review."""
    org_id = await _create(
        store,
        CreateOrg(
            name=WAITING,
            customer_type=CustomerType.ENTERPRISE,
            calling_plan=_PLAN,
            texting_add_on=License(total_units=10),
            healthcare=True,
        ),
    )
    maker = Maker(store, org_id)
    await registration.begin(maker)
    clinic = NewLocation(
        name="Madison",
        address=Address(country="US", region="WI", city="Madison", line1="8 Lake Street"),
        time_zone="America/Chicago",
        pstn_connection_type=PstnConnectionType.CISCO_PSTN,
    )
    made = await maker.change(
        maker.admin,
        Step(name="location", action=Action.LOCATION_CREATE, type="Org", id=org_id),
        lambda tx: locations.create_location(tx, clinic),
    )
    location_id = UUID(made["location_ref"])
    for at, name in enumerate(("Mira Holt", "Noah Reyes", "Orla Quinn", "Piet Rossi")):
        user = NewUser(
            location_id=location_id,
            display_name=name,
            email=f"{name.lower().replace(' ', '.')}@lakesidedental.example",
            phone_numbers=(
                NewNumber(
                    phone_number=f"+19205550{160 + at}",
                    type=PhoneNumberType.PRIMARY,
                    assigned_by=NumberSource.CISCO_CALLING_PLAN,
                ),
            ),
            app_version=APP_VERSION,
        )
        await maker.change(
            maker.provider,
            Step(name=f"user {name}", action=Action.USER_CREATE, type="Location", id=location_id),
            partial(users.create_user, wanted=user),
        )


async def _create(store: Store, wanted: CreateOrg) -> UUID:
    maker = Maker(store, SYSTEM_ORG_ID)
    step = Step(name=f"organization {wanted.name}", action=Action.ORG_CREATE, type="Org", id=SYSTEM_ORG_ID)
    made = await maker.change(maker.provider, step, lambda tx: orgs.create_org(tx, wanted), reason="contract signed")
    return UUID(made["org_ref"])
