"""The directory: organizations, locations, users, numbers, brands and campaigns, and what they refer to."""

from uuid import uuid4

import asyncpg
import pytest

from core.ids import encode
from core.principal import Role
from tests.acceptance.asking import Asker
from tests.acceptance.directories import Directory, change, directory

WIDE = """
query Wide($org: ID!, $first: Int!) {
  org(id: $org) {
    name
    brand { legalName org { name } }
    campaigns { edges { node { description brand { legalName } carriers { carrier } numbers(first: $first) {
      edges { node { phoneNumber owner { displayName } } }
    } } } }
    locations { edges { node { name org { name } effectiveSettings { value chain { entity { id } } }
      users(first: $first) { totalCount edges { node { displayName } } }
    } } }
    users(first: $first) { totalCount edges { node {
      displayName
      org { name }
      location { name }
      phoneNumbers { phoneNumber owner { displayName } campaignAssignment { campaign { useCase } } }
      primaryNumber { phoneNumber }
      effectiveSettings {
        value source { entity { ... on Org { name } } } chain { entity { ... on Location { name } } }
      }
    } } }
    phoneNumbers(first: $first) { edges { node { phoneNumber owner { location { name } } } } }
  }
}
"""


@pytest.fixture
async def acme(pool: asyncpg.Pool) -> Directory:
    return await directory(pool)


async def test_an_organization_says_what_was_sold_to_it(ask: Asker, acme: Directory):
    answer = await ask(
        acme.admin,
        """query($id: ID!) { org(id: $id) {
          id name customerType callingPlan { provider countries } handlesPhi healthcare textingEnabled version createdAt
          textingAddOn { name totalUnits consumedUnits suspended }
        } }""",
        id=acme.gid("Org"),
    )
    assert answer["org"] == {
        "id": acme.gid("Org"),
        "name": acme.name,
        "customerType": "ENTERPRISE",
        "callingPlan": {"provider": "Cisco", "countries": ["US", "CA"]},
        "handlesPhi": False,
        "healthcare": None,
        "textingEnabled": False,
        "version": 1,
        "createdAt": "2026-03-03T12:00:00.000Z",
        "textingAddOn": {
            "name": "Business texting",
            "totalUnits": 100,
            "consumedUnits": 0,
            "suspended": False,
        },
    }


async def test_units_in_use_are_the_active_users_whose_texting_is_on(ask: Asker, pool: asyncpg.Pool):
    acme = await directory(pool, texting_enabled=True)
    await change(pool, acme, "users", acme.users[0], texting="OFF")
    await change(pool, acme, "users", acme.users[1], status="DEACTIVATED")
    document = "query($id: ID!) { org(id: $id) { textingAddOn { consumedUnits } } }"
    answer = await ask(acme.admin, document, id=acme.gid("Org"))
    assert answer["org"]["textingAddOn"] == {"consumedUnits": 2}


async def test_what_was_never_recorded_is_null(ask: Asker, pool: asyncpg.Pool):
    nothing = {"calling_plan_provider": None, "calling_plan_countries": None, "add_on_units": None}
    acme = await directory(pool, **nothing)
    document = "query($id: ID!) { org(id: $id) { callingPlan { provider } textingAddOn { totalUnits consumedUnits } } }"
    answer = await ask(acme.admin, document, id=acme.gid("Org"))
    assert answer["org"] == {"callingPlan": None, "textingAddOn": None}


async def test_a_location_says_where_it_is(ask: Asker, acme: Directory):
    answer = await ask(
        acme.admin,
        """query($id: ID!) { location(id: $id) {
          id name timeZone pstnConnectionType texting version org { id name }
          address { country region city line1 postalCode }
        } }""",
        id=acme.gid("Location", acme.locations[1]),
    )
    assert answer["location"] == {
        "id": acme.gid("Location", acme.locations[1]),
        "name": "Boston",
        "timeZone": "America/New_York",
        "pstnConnectionType": "CISCO_PSTN",
        "texting": "INHERIT",
        "version": 1,
        "org": {"id": acme.gid("Org"), "name": acme.name},
        "address": {"country": "US", "region": "MA", "city": "Boston", "line1": None, "postalCode": "02108"},
    }


async def test_a_user_says_where_and_with_which_numbers(ask: Asker, acme: Directory):
    answer = await ask(
        acme.admin,
        """query($id: ID!) { user(id: $id) {
          id displayName email status appVersion appVersionSeenAt texting version createdAt
          org { id } location { name } phoneNumbers { id type } primaryNumber { id }
        } }""",
        id=acme.gid("User", acme.users[0]),
    )
    assert answer["user"] == {
        "id": acme.gid("User", acme.users[0]),
        "displayName": "Person 004",
        "email": "Person000@Example.com",
        "status": "ACTIVE",
        "appVersion": "42.12",
        "appVersionSeenAt": "2026-03-03T12:00:00.000Z",
        "texting": "INHERIT",
        "version": 1,
        "createdAt": "2026-03-03T12:00:00.000Z",
        "org": {"id": acme.gid("Org")},
        "location": {"name": "New York"},
        "phoneNumbers": [
            {"id": acme.gid("UserPhoneNumber", acme.primaries[0]), "type": "PRIMARY"},
            {"id": acme.gid("UserPhoneNumber", acme.alternates[0]), "type": "ALTERNATE"},
        ],
        "primaryNumber": {"id": acme.gid("UserPhoneNumber", acme.primaries[0])},
    }


async def test_a_primary_number_out_of_service_is_held_but_not_texted_with(
    ask: Asker, pool: asyncpg.Pool, acme: Directory
):
    await change(pool, acme, "phone_numbers", acme.primaries[0], state="INACTIVE")
    document = "query($id: ID!) { user(id: $id) { primaryNumber { id } phoneNumbers { state } } }"
    answer = await ask(acme.admin, document, id=acme.gid("User", acme.users[0]))
    assert answer["user"] == {"primaryNumber": None, "phoneNumbers": [{"state": "INACTIVE"}, {"state": "ACTIVE"}]}


@pytest.mark.parametrize("email", ["Person001@Example.com", " person001@EXAMPLE.com "])
async def test_a_user_is_found_by_e_mail_however_it_is_written(ask: Asker, acme: Directory, email: str):
    answer = await ask(acme.admin, "query($email: String!) { user(email: $email) { id } }", email=email)
    assert answer["user"] == {"id": acme.gid("User", acme.users[1])}


@pytest.mark.parametrize("arguments", ["", "(id: null)", '(id: "x", email: "x")'])
async def test_a_user_is_asked_for_by_exactly_one_of_id_and_e_mail(ask: Asker, acme: Directory, arguments: str):
    answer = await ask(acme.admin, f"{{ user{arguments} {{ id }} }}")
    assert answer.data == {"user": None}
    assert answer.failed == {"user": "BAD_USER_INPUT"}


async def test_an_e_mail_is_looked_up_in_one_organization_only(ask: Asker, pool: asyncpg.Pool, acme: Directory):
    other = await directory(pool)
    document = 'query($org: ID) { user(email: "person000@example.com", orgId: $org) { id } }'
    provider = acme.person(Role.PROVIDER_ADMIN)
    assert (await ask(acme.admin, document, org=other.gid("Org")))["user"] is None
    assert (await ask(acme.admin, document, org=acme.gid("Org")))["user"] == {"id": acme.gid("User", acme.users[0])}
    assert (await ask(provider, document, org=other.gid("Org")))["user"] == {"id": other.gid("User", other.users[0])}
    assert (await ask(provider, document))["user"] is None


async def test_a_number_says_who_holds_it_and_which_campaign_it_is_in(ask: Asker, acme: Directory):
    found = await ask(
        acme.admin,
        "query($id: ID!) { user(id: $id) { primaryNumber { phoneNumber } } }",
        id=acme.gid("User", acme.users[0]),
    )
    answer = await ask(
        acme.admin,
        """query($number: PhoneNumber!) { phoneNumber(phoneNumber: $number) {
          id type assignedBy region valid state tollFreeNumber owner { displayName }
          campaignAssignment { status since campaign { id useCase } }
        } }""",
        number=found["user"]["primaryNumber"]["phoneNumber"],
    )
    assert answer["phoneNumber"] == {
        "id": acme.gid("UserPhoneNumber", acme.primaries[0]),
        "type": "PRIMARY",
        "assignedBy": "CISCO_CALLING_PLAN",
        "region": "US",
        "valid": True,
        "state": "ACTIVE",
        "tollFreeNumber": False,
        "owner": {"displayName": "Person 004"},
        "campaignAssignment": {
            "status": "ASSIGNED",
            "since": "2026-03-03T12:00:00.000Z",
            "campaign": {"id": acme.gid("Campaign", acme.campaign), "useCase": "CUSTOMER_CARE"},
        },
    }


async def test_a_number_of_another_organization_is_not_found(ask: Asker, pool: asyncpg.Pool, acme: Directory):
    other = await directory(pool)
    document = "query($org: ID!) { org(id: $org) { phoneNumbers(first: 1) { edges { node { phoneNumber } } } } }"
    theirs = (await ask(other.admin, document, org=other.gid("Org")))["org"]["phoneNumbers"]["edges"][0]["node"]
    document = "query($n: PhoneNumber!, $org: ID) { phoneNumber(phoneNumber: $n, orgId: $org) { id } }"
    for org in (None, acme.gid("Org"), other.gid("Org")):
        answer = await ask(acme.admin, document, n=theirs["phoneNumber"], org=org)
        assert answer["phoneNumber"] is None
    assert (await ask(other.admin, document, n=theirs["phoneNumber"], org=other.gid("Org")))["phoneNumber"]


async def test_a_spare_number_has_nobody_and_no_campaign(ask: Asker, acme: Directory):
    answer = await ask(
        acme.admin,
        """query($org: ID!) { org(id: $org) { phoneNumbers(filter: {unassigned: true}) { edges { node {
          id owner { id } campaignAssignment { status }
        } } } } }""",
        org=acme.gid("Org"),
    )
    spare = {"id": acme.gid("UserPhoneNumber", acme.spare), "owner": None, "campaignAssignment": None}
    assert [edge["node"] for edge in answer["org"]["phoneNumbers"]["edges"]] == [spare]


async def test_registration_is_the_brand_its_campaigns_and_their_numbers(ask: Asker, acme: Directory):
    answer = await ask(
        acme.admin,
        """query($org: ID!) { org(id: $org) {
          brand { id legalName website registration identity score feedback since org { id } }
          campaigns { edges { node {
            id useCase description sampleMessages status since org { id } brand { id }
            carriers { carrier status since }
            numbers(first: 2) { totalCount edges { node { id } } }
          } } }
        } }""",
        org=acme.gid("Org"),
    )
    since = "2026-03-03T12:00:00.000Z"
    assert answer["org"]["brand"] == {
        "id": acme.gid("Brand", acme.brand),
        "legalName": f"{acme.name} LLC",
        "website": "https://example.com",
        "registration": "APPROVED",
        "identity": "VERIFIED",
        "score": 80,
        "feedback": ["TAX_ID"],
        "since": since,
        "org": {"id": acme.gid("Org")},
    }
    (campaign,) = (edge["node"] for edge in answer["org"]["campaigns"]["edges"])
    assert campaign == {
        "id": acme.gid("Campaign", acme.campaign),
        "useCase": "CUSTOMER_CARE",
        "description": "Appointments",
        "sampleMessages": ["See you at ten."],
        "status": "ACTIVE",
        "since": since,
        "org": {"id": acme.gid("Org")},
        "brand": {"id": acme.gid("Brand", acme.brand)},
        "carriers": [{"carrier": "att", "status": "APPROVED", "since": "2026-03-02T08:00:00.000Z"}],
        "numbers": {
            "totalCount": 4,
            "edges": [{"node": {"id": acme.gid("UserPhoneNumber", id)}} for id in acme.primaries[:2]],
        },
    }


async def test_an_organization_without_a_grant_is_not_found_and_has_no_users(
    ask: Asker, pool: asyncpg.Pool, acme: Directory
):
    other = await directory(pool)
    document = "query($org: ID!) { org(id: $org) { id } users(orgId: $org) { totalCount edges { node { id } } } }"
    answer = await ask(acme.admin, document, org=other.gid("Org"))
    assert answer["org"] is None
    assert answer["users"] == {"totalCount": 0, "edges": []}


@pytest.mark.parametrize("named", ["unknown", "user", "elsewhere", "nonsense"])
@pytest.mark.parametrize(
    ("listed", "field"),
    [("users", "locationId"), ("phoneNumbers", "ownerId"), ("phoneNumbers", "campaignId")],
)
async def test_an_id_in_a_filter_that_names_nothing_there_leaves_nothing(
    ask: Asker, pool: asyncpg.Pool, acme: Directory, named: str, listed: str, field: str
):
    type_name = {"locationId": "Location", "ownerId": "User", "campaignId": "Campaign"}[field]
    wrong = {
        "unknown": acme.gid(type_name, uuid4()),
        "user": acme.gid("Brand", acme.users[0]),
        "elsewhere": encode(type_name, uuid4(), acme.locations[0]),
        "nonsense": "nonsense",
    }[named]
    document = (
        f"query($org: ID!, $id: ID) {{ org(id: $org) {{ {listed}(filter: {{{field}: $id}}) {{ totalCount }} }} }}"
    )
    answer = await ask(acme.admin, document, org=acme.gid("Org"), id=wrong)
    assert answer["org"][listed] == {"totalCount": 0}
    assert (await ask(acme.admin, document, org=acme.gid("Org"), id=None))["org"][listed]["totalCount"] > 0


@pytest.mark.parametrize(
    ("filter", "found"),
    [
        ({}, [0, 1, 2, 3]),
        ({"search": "pérson 001"}, [3]),
        ({"search": "PERSON"}, [0, 1, 2, 3]),
        ({"search": "person002@"}, [2]),
        ({"search": "erson"}, []),
        ({"texting": "ON"}, [1]),
        ({"texting": None, "status": None, "search": None}, [0, 1, 2, 3]),
        ({"status": "DEACTIVATED"}, [2]),
        ({"overrideIsRedundant": True}, [1]),
        ({"overrideIsRedundant": False}, [0, 2, 3]),
        ({"overrideIsRedundant": False, "texting": "ON"}, []),
    ],
)
async def test_users_are_filtered(ask: Asker, pool: asyncpg.Pool, filter: dict[str, object], found: list[int]):
    acme = await directory(pool, texting_enabled=True)
    await change(pool, acme, "users", acme.users[1], texting="ON")
    await change(pool, acme, "users", acme.users[2], status="DEACTIVATED")
    await change(pool, acme, "users", acme.users[3], texting="OFF")
    document = "query($filter: UserFilter) { users(filter: $filter) { totalCount edges { node { id } } } }"
    answer = await ask(acme.admin, document, filter=filter)
    assert [edge["node"]["id"] for edge in answer["users"]["edges"]] == [
        acme.gid("User", acme.users[at]) for at in found
    ]
    assert answer["users"]["totalCount"] == len(found)


async def test_users_are_filtered_by_location(ask: Asker, acme: Directory):
    document = "query($id: ID) { users(filter: {locationId: $id}) { edges { node { id } } } }"
    answer = await ask(acme.admin, document, id=acme.gid("Location", acme.locations[1]))
    found = [edge["node"]["id"] for edge in answer["users"]["edges"]]
    assert found == [acme.gid("User", id) for id in acme.users[2:]]


@pytest.mark.parametrize(
    ("order", "found"),
    [
        ("{field: CREATED_AT, direction: ASC}", [0, 1, 2, 3]),
        ("{field: CREATED_AT, direction: DESC}", [3, 2, 1, 0]),
        ("{field: DISPLAY_NAME, direction: ASC}", [3, 2, 1, 0]),
        ("{field: DISPLAY_NAME, direction: DESC}", [0, 1, 2, 3]),
    ],
)
async def test_users_come_in_the_order_asked_for(ask: Asker, acme: Directory, order: str, found: list[int]):
    answer = await ask(acme.admin, f"{{ users(orderBy: {order}) {{ edges {{ node {{ id }} }} }} }}")
    assert [edge["node"]["id"] for edge in answer["users"]["edges"]] == [
        acme.gid("User", acme.users[at]) for at in found
    ]


@pytest.mark.parametrize(
    ("filter", "count"),
    [
        ({"unassigned": False}, 8),
        ({"assignedBy": "LOCAL_GATEWAY"}, 1),
        ({"state": "INACTIVE"}, 1),
        ({"state": "ACTIVE", "unassigned": True}, 1),
    ],
)
async def test_numbers_are_filtered(
    ask: Asker, pool: asyncpg.Pool, acme: Directory, filter: dict[str, object], count: int
):
    await change(pool, acme, "phone_numbers", acme.alternates[0], state="INACTIVE", assigned_by="LOCAL_GATEWAY")
    numbers = "phoneNumbers(filter: $filter) { totalCount }"
    document = f"query($org: ID!, $filter: PhoneNumberFilter) {{ org(id: $org) {{ {numbers} }} }}"
    answer = await ask(acme.admin, document, org=acme.gid("Org"), filter=filter)
    assert answer["org"]["phoneNumbers"] == {"totalCount": count}


async def test_as_many_statements_are_run_for_fifty_users_as_for_five(ask: Asker, pool: asyncpg.Pool):
    few, many = await directory(pool, users=3), await directory(pool, users=25)
    five = await ask(few.admin, WIDE, org=few.gid("Org"), first=5)
    fifty = await ask(many.admin, WIDE, org=many.gid("Org"), first=50)
    assert len(five["org"]["users"]["edges"]) == 5
    assert len(fifty["org"]["users"]["edges"]) == 50
    assert five.statements == fifty.statements
    # One for each field and level that reads: what a row or an id says already is not read again.
    assert five.statements == 26


async def test_ids_that_a_row_holds_are_not_read_again(ask: Asker, acme: Directory):
    document = """query($id: ID!) { user(id: $id) {
      org { __typename id } location { id } phoneNumbers { owner { id } campaignAssignment { campaign { id } } }
    } }"""
    answer = await ask(acme.admin, document, id=acme.gid("User", acme.users[0]))
    assert answer["user"]["org"] == {"__typename": "Org", "id": acme.gid("Org")}
    assert answer["user"]["location"] == {"id": acme.gid("Location", acme.locations[0])}
    assert answer.statements == 2
