"""Facts of every kind, and a user for whom every rule passes."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from hypothesis import strategies as st

from core.rules.eligibility import Subject
from core.rules.enums import (
    AssignmentStatus,
    BrandStatus,
    CampaignStatus,
    CustomerType,
    Level,
    NumberSource,
    NumberState,
    PhoneNumberType,
    PstnConnectionType,
    TextingMode,
    UserStatus,
)
from core.rules.facts import CampaignFacts, LocationFacts, NumberFacts, OrgFacts, SwitchFacts, UserFacts
from core.rules.impact import Switches
from core.rules.situation import Situation

CAMPAIGN_IDS = tuple(UUID(int=number) for number in range(1, 4))

ORG = OrgFacts(
    customer_type=CustomerType.ENTERPRISE,
    calling_plan_provider="CISCO",
    calling_plan_countries=("US",),
    add_on_units=10,
    add_on_suspended=False,
    handles_phi=False,
    healthcare=False,
    brand_status=BrandStatus.APPROVED,
)
CAMPAIGNS = (CampaignFacts(id=CAMPAIGN_IDS[0], status=CampaignStatus.ACTIVE),)
LOCATION = LocationFacts(country="US", pstn_connection_type=PstnConnectionType.CISCO_PSTN)
USER = UserFacts(status=UserStatus.ACTIVE, app_version="42.12")
NUMBER = NumberFacts(
    type=PhoneNumberType.PRIMARY,
    state=NumberState.ACTIVE,
    assigned_by=NumberSource.CISCO_CALLING_PLAN,
    region="US",
    valid=True,
    campaign_id=CAMPAIGN_IDS[0],
    assignment_status=AssignmentStatus.ASSIGNED,
)
ON = SwitchFacts(enabled=True, level=Level.ORG)
PASSING = Subject(org=ORG, campaigns=CAMPAIGNS, location=LOCATION, user=USER, number=NUMBER, switch=ON)


def passing(**changes: Any) -> Subject:
    """A user for whom every rule passes, but for the facts given as `level=dict(fact=value)` or `level=facts`."""
    levels = {
        name: replace(getattr(PASSING, name), **change) if isinstance(change, dict) else change
        for name, change in changes.items()
    }
    return replace(PASSING, **levels)


def _maybe(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | values


orgs = st.builds(
    OrgFacts,
    customer_type=_maybe(st.sampled_from(CustomerType)),
    calling_plan_provider=st.sampled_from((None, "", "CISCO", "Cisco Calling Plan", "Other")),
    calling_plan_countries=st.sampled_from((None, (), ("US",), ("GB", "CA"), ("GB",))),
    add_on_units=st.sampled_from((None, 0, 1, 500)),
    add_on_suspended=_maybe(st.booleans()),
    handles_phi=_maybe(st.booleans()),
    healthcare=_maybe(st.booleans()),
    brand_status=_maybe(st.sampled_from(BrandStatus)),
)
campaign_lists = st.lists(
    st.builds(CampaignFacts, id=st.sampled_from(CAMPAIGN_IDS), status=st.sampled_from(CampaignStatus)),
    max_size=3,
    unique_by=lambda campaign: campaign.id,
).map(tuple)
locations = st.builds(
    LocationFacts,
    country=st.sampled_from((None, "US", "CA", "PR", "DE")),
    pstn_connection_type=_maybe(st.sampled_from(PstnConnectionType)),
)
users = st.builds(
    UserFacts,
    status=_maybe(st.sampled_from(UserStatus)),
    app_version=st.sampled_from((None, "", "42.9", " 42.12 ", "43", "nonsense")),
)
numbers = _maybe(
    st.builds(
        NumberFacts,
        type=_maybe(st.sampled_from(PhoneNumberType)),
        state=_maybe(st.sampled_from(NumberState)),
        assigned_by=_maybe(st.sampled_from(NumberSource)),
        region=st.sampled_from((None, "US", "CA", "JM")),
        valid=_maybe(st.booleans()),
        campaign_id=_maybe(st.sampled_from(CAMPAIGN_IDS)),
        assignment_status=_maybe(st.sampled_from(AssignmentStatus)),
    )
)
switches = st.builds(
    SwitchFacts,
    enabled=st.booleans(),
    level=st.sampled_from((Level.SYSTEM, Level.ORG, Level.LOCATION, Level.USER)),
    locked_by=st.sampled_from((None, Level.ORG, Level.LOCATION)),
)
anyone = st.builds(
    Subject,
    org=orgs,
    campaigns=campaign_lists,
    location=locations,
    user=users,
    number=numbers,
    switch=switches,
)
subjects = st.one_of(
    anyone,
    st.builds(
        lambda stranger, names: replace(PASSING, **{name: getattr(stranger, name) for name in names}),
        anyone,
        st.sets(st.sampled_from(("org", "campaigns", "location", "user", "number", "switch")), max_size=3),
    ),
)
"""Half of them have only some levels at random, so that every outcome is common."""

modes = st.sampled_from(TextingMode)
stored_switches = st.builds(
    Switches,
    org_enabled=st.sampled_from((None, False, True)),
    location_mode=modes,
    user_mode=modes,
    org_locked=st.booleans(),
    location_locked=st.booleans(),
)


def situation_of(subject: Subject, switches: Switches) -> Situation:
    """What a subject's facts are, with these switches in place of its own."""
    return Situation(
        org=subject.org,
        campaigns=subject.campaigns,
        location=subject.location,
        user=subject.user,
        number=subject.number,
        switches=switches,
    )


SWITCHED_ON = Switches(org_enabled=True, location_mode=TextingMode.INHERIT, user_mode=TextingMode.INHERIT)
PASSING_SITUATION = situation_of(PASSING, SWITCHED_ON)
situations = st.builds(situation_of, subjects, stored_switches)
