"""Who sees what: each role, each type of object, whichever way leads to it; what is not visible is not there."""

from collections.abc import Mapping
from typing import Any

import asyncpg
import pytest

from core.principal import Grant, Role
from schema.access import STAFF, WHOLE_ORG
from tests.acceptance.asking import Asker
from tests.acceptance.directories import Directory, directory, person

NODES = "query($ids: [ID!]!) { nodes(ids: $ids) { id } }"
LISTS = """query($org: ID!) { org(id: $org) {
  id
  locations { totalCount edges { node { id users { totalCount edges { node { id } } } } } }
  users { totalCount edges { node { id location { id name } phoneNumbers { id owner { id displayName } } } } }
  phoneNumbers { totalCount edges { node { id owner { id displayName location { name } } } } }
  campaigns { totalCount edges { node { id numbers { totalCount edges { node { id } } } } } }
} }"""
ROLES = list(Role)


@pytest.fixture
async def acme(pool: asyncpg.Pool) -> Directory:
    return await directory(pool)


def objects(acme: Directory) -> dict[str, str]:
    """Everything that has an id, by a name."""
    numbers = {f"number {at}": acme.gid("UserPhoneNumber", id) for at, id in enumerate(acme.primaries)}
    more = {f"alternate {at}": acme.gid("UserPhoneNumber", id) for at, id in enumerate(acme.alternates)}
    return {
        "org": acme.gid("Org"),
        **{f"location {at}": acme.gid("Location", id) for at, id in enumerate(acme.locations)},
        **{f"user {at}": acme.gid("User", id) for at, id in enumerate(acme.users)},
        **numbers,
        **more,
        "spare": acme.gid("UserPhoneNumber", acme.spare),
        "brand": acme.gid("Brand", acme.brand),
        "campaign": acme.gid("Campaign", acme.campaign),
    }


def seen_by(role: Role, acme: Directory) -> set[str]:
    """What design says that a role sees: the names of `objects`."""
    if role in WHOLE_ORG:
        return set(objects(acme))
    mine = {"org", "location 0", "user 0", "number 0", "alternate 0"}
    if role is Role.LOCATION_ADMIN:
        return mine | {"user 1", "number 1", "alternate 1", "brand", "campaign"}
    return mine


def listed(connection: Mapping[str, Any]) -> set[str]:
    """The ids on a page that holds the whole list."""
    ids = [edge["node"]["id"] for edge in connection["edges"]]
    assert connection["totalCount"] == len(ids) == len(set(ids))
    return set(ids)


@pytest.mark.parametrize("role", ROLES)
async def test_by_its_id_a_role_sees_what_it_may(ask: Asker, acme: Directory, role: Role):
    every = objects(acme)
    answer = await ask(acme.person(role), NODES, ids=list(every.values()))
    found = {node["id"] for node in answer["nodes"] if node is not None}
    assert found == {every[name] for name in seen_by(role, acme)}


@pytest.mark.parametrize("role", ROLES)
async def test_each_way_in_sees_what_nodes_see(ask: Asker, acme: Directory, role: Role):
    every, seen = objects(acme), seen_by(role, acme)
    for name, field in {"location": "location", "user": "user"}.items():
        for at in range(2 if name == "location" else 4):
            document = f"query($id: ID!) {{ {field}(id: $id) {{ id }} }}"
            found = (await ask(acme.person(role), document, id=every[f"{name} {at}"]))[field]
            assert found == ({"id": every[f"{name} {at}"]} if f"{name} {at}" in seen else None)
    for at in range(4):
        document = "query($email: String!) { user(email: $email) { id } }"
        arguments = {"email": f"person00{at}@example.com"}
        if role is Role.PROVIDER_ADMIN:
            document = "query($email: String!, $org: ID) { user(email: $email, orgId: $org) { id } }"
            arguments["org"] = acme.gid("Org")
        found = (await ask(acme.person(role), document, **arguments))["user"]
        assert found == ({"id": every[f"user {at}"]} if f"user {at}" in seen else None)


@pytest.mark.parametrize("role", ROLES)
async def test_a_role_finds_the_numbers_it_may_by_themselves(ask: Asker, acme: Directory, role: Role):
    document = "query($ids: [ID!]!) { nodes(ids: $ids) { ... on UserPhoneNumber { id phoneNumber } } }"
    every = {name: id for name, id in objects(acme).items() if name.startswith(("number", "alternate", "spare"))}
    written = (await ask(acme.admin, document, ids=list(every.values())))["nodes"]
    for name, number in zip(every, written, strict=True):
        document = "query($n: PhoneNumber!, $org: ID) { phoneNumber(phoneNumber: $n, orgId: $org) { id } }"
        answer = await ask(acme.person(role), document, n=number["phoneNumber"], org=acme.gid("Org"))
        assert answer["phoneNumber"] == ({"id": every[name]} if name in seen_by(role, acme) else None)


@pytest.mark.parametrize("role", ROLES)
async def test_in_lists_a_role_sees_what_it_may_and_what_that_refers_to(ask: Asker, acme: Directory, role: Role):
    every, seen = objects(acme), seen_by(role, acme)
    org = (await ask(acme.person(role), LISTS, org=acme.gid("Org")))["org"]

    def visible(*kinds: str) -> set[str]:
        return {every[name] for name in seen if name.split()[0] in kinds}

    assert listed(org["locations"]) == visible("location")
    assert listed(org["users"]) == visible("user")
    assert listed(org["phoneNumbers"]) == visible("number", "alternate", "spare")
    assert listed(org["campaigns"]) == visible("campaign")
    of_locations = [listed(edge["node"]["users"]) for edge in org["locations"]["edges"]]
    assert set().union(*of_locations) == visible("user")
    for edge in org["campaigns"]["edges"]:
        assert listed(edge["node"]["numbers"]) == visible("number")
    for edge in org["users"]["edges"]:
        user = edge["node"]
        assert user["location"]["name"] in {"New York", "Boston"}
        assert {number["owner"]["id"] for number in user["phoneNumbers"]} == {user["id"]}
        assert len(user["phoneNumbers"]) == 2


@pytest.mark.parametrize("role", ROLES)
async def test_nothing_of_another_organization_is_there(ask: Asker, pool: asyncpg.Pool, acme: Directory, role: Role):
    other = await directory(pool)
    theirs = objects(other)
    here = acme.person(role) if role is not Role.PROVIDER_ADMIN else acme.admin
    answer = await ask(here, NODES, ids=[*theirs.values(), acme.gid("Org")])
    assert answer["nodes"] == [*([None] * len(theirs)), {"id": acme.gid("Org")}]
    for name in ("org", "location 0", "user 0"):
        field = name.split()[0]
        answer = await ask(here, f"query($id: ID!) {{ {field}(id: $id) {{ id }} }}", id=theirs[name])
        assert answer[field] is None


@pytest.mark.parametrize("role", ROLES)
async def test_a_claim_of_another_organizations_object_in_ones_own_finds_nothing(
    ask: Asker, pool: asyncpg.Pool, acme: Directory, role: Role
):
    other = await directory(pool)
    forged = {
        "Location": other.locations[0],
        "User": other.users[0],
        "UserPhoneNumber": other.primaries[0],
        "Brand": other.brand,
        "Campaign": other.campaign,
    }
    answer = await ask(acme.person(role), NODES, ids=[acme.gid(name, id) for name, id in forged.items()])
    assert answer["nodes"] == [None] * len(forged)


@pytest.mark.parametrize("role", ROLES)
async def test_what_is_sold_and_registered_is_told_to_those_who_may_read_it(ask: Asker, acme: Directory, role: Role):
    document = """query($org: ID!) { org(id: $org) {
      name textingEnabled callingPlan { provider } textingAddOn { totalUnits } handlesPhi brand { legalName }
      users(first: 1) { edges { node { primaryNumber { id campaignAssignment { status } } } } }
    } }"""
    answer = await ask(acme.person(role), document, org=acme.gid("Org"))
    org = answer.data["org"]
    assert (org["name"], org["textingEnabled"]) == (acme.name, False)
    whole, staff = role in WHOLE_ORG, role in STAFF
    assert org["callingPlan"] == ({"provider": "Cisco"} if whole else None)
    assert org["textingAddOn"] == ({"totalUnits": 100} if whole else None)
    assert org["handlesPhi"] == (False if whole else None)
    assert org["brand"] == ({"legalName": f"{acme.name} LLC"} if staff else None)
    number = org["users"]["edges"][0]["node"]["primaryNumber"]
    assert number["campaignAssignment"] == ({"status": "ASSIGNED"} if staff else None)
    sold = [] if whole else ["org.callingPlan", "org.handlesPhi", "org.textingAddOn"]
    registered = [] if staff else ["org.brand", "org.users.edges.0.node.primaryNumber.campaignAssignment"]
    assert answer.failed == dict.fromkeys([*sold, *registered], "FORBIDDEN")


async def test_several_grants_add_up(ask: Asker, acme: Directory):
    somebody = person(
        Grant(role=Role.USER, org_id=acme.org_id, user_id=acme.users[0]),
        Grant(role=Role.LOCATION_ADMIN, org_id=acme.org_id, location_id=acme.locations[1]),
        home=acme.org_id,
    )
    every = objects(acme)
    org = (await ask(somebody, LISTS, org=acme.gid("Org")))["org"]
    assert listed(org["locations"]) == {every["location 0"], every["location 1"]}
    assert listed(org["users"]) == {every["user 0"], every["user 2"], every["user 3"]}
    users = [listed(edge["node"]["users"]) for edge in org["locations"]["edges"]]
    assert users == [{every["user 0"]}, {every["user 2"], every["user 3"]}]


async def test_a_filter_finds_nothing_that_may_not_be_read(ask: Asker, acme: Directory):
    user, manager = acme.person(Role.USER), acme.person(Role.LOCATION_ADMIN)
    document = "query($id: ID) { users(filter: {locationId: $id}) { totalCount } }"
    assert (await ask(manager, document, id=acme.gid("Location", acme.locations[1])))["users"] == {"totalCount": 0}
    assert (await ask(user, document, id=acme.gid("Location", acme.locations[0])))["users"] == {"totalCount": 1}
    document = """query($org: ID!, $filter: PhoneNumberFilter) {
      org(id: $org) { phoneNumbers(filter: $filter) { totalCount } }
    }"""
    by_campaign = {"campaignId": acme.gid("Campaign", acme.campaign)}
    numbers = await ask(user, document, org=acme.gid("Org"), filter=by_campaign)
    assert numbers["org"]["phoneNumbers"] == {"totalCount": 0}
    numbers = await ask(manager, document, org=acme.gid("Org"), filter=by_campaign)
    assert numbers["org"]["phoneNumbers"] == {"totalCount": 2}
    numbers = await ask(user, document, org=acme.gid("Org"), filter={"ownerId": acme.gid("User", acme.users[1])})
    assert numbers["org"]["phoneNumbers"] == {"totalCount": 0}
