"""Any object by its global id; what is not found is null, whyever."""

import base64
from uuid import uuid4

import asyncpg
import pytest

from core.ids import encode
from core.principal import Role
from tests.acceptance.asking import Asker
from tests.acceptance.directories import Directory, directory

NODES = "query($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }"
NODE = "query($id: ID!) { node(id: $id) { __typename id } }"
TYPES = ("Org", "Location", "User", "UserPhoneNumber", "Brand", "Campaign")


@pytest.fixture
async def acme(pool: asyncpg.Pool) -> Directory:
    return await directory(pool)


@pytest.mark.parametrize("type_name", TYPES)
async def test_an_object_is_found_again_by_its_id(ask: Asker, acme: Directory, type_name: str):
    id = acme.one_of_each()[type_name]
    answer = await ask(acme.admin, NODE, id=id)
    assert answer["node"] == {"__typename": type_name, "id": id}
    assert answer.statements == 1


async def test_objects_come_in_the_order_of_their_ids_and_twice_when_named_twice(ask: Asker, acme: Directory):
    ids = [acme.gid("User", acme.users[1]), *acme.one_of_each().values(), acme.gid("User", acme.users[1])]
    answer = await ask(acme.admin, NODES, ids=ids)
    assert [node["id"] for node in answer["nodes"]] == ids
    assert answer.statements == len(TYPES)


async def test_one_bad_id_is_one_null(ask: Asker, pool: asyncpg.Pool, acme: Directory):
    other = await directory(pool)
    good = acme.gid("User", acme.users[0])
    bad = [
        "",
        "nonsense",
        "é",
        "=" * 50,
        "A" * 401,
        acme.gid("User", uuid4()),
        acme.gid("User", acme.locations[0]),
        acme.gid("Location", acme.users[0]),
        acme.gid("License", acme.org_id),
        acme.gid("Nothing", acme.users[0]),
        acme.gid("user", acme.users[0]),
        other.gid("User", other.users[0]),
        other.gid("User", acme.users[0]),
        encode("Org", uuid4(), uuid4()),
        encode("User", acme.org_id, acme.users[0], "detail"),
        base64.urlsafe_b64encode(f"User:{acme.users[0]}".encode()).decode(),
        base64.urlsafe_b64encode(f"Org:{acme.org_id}:{acme.org_id}".encode()).decode(),
        encode("EligibilityDecision", acme.org_id, acme.users[0], "7f"),
    ]
    answer = await ask(acme.admin, NODES, ids=[good, *bad, good])
    assert answer["nodes"] == [
        {"__typename": "User", "id": good},
        *([None] * len(bad)),
        {"__typename": "User", "id": good},
    ]
    for id in bad:
        assert (await ask(acme.admin, NODE, id=id))["node"] is None


async def test_an_id_that_is_not_ours_costs_no_more_than_one_of_nobody(ask: Asker, acme: Directory):
    unknown = await ask(acme.admin, NODE, id=acme.gid("User", uuid4()))
    hidden = await ask(acme.person(Role.USER), NODE, id=acme.gid("User", acme.users[1]))
    assert unknown["node"] is None
    assert hidden["node"] is None
    assert unknown.statements == hidden.statements == 1


async def test_a_padded_id_and_one_in_plain_base64_name_the_same(ask: Asker, acme: Directory):
    id = acme.gid("User", acme.users[0])
    padded = base64.standard_b64encode(f"User:{acme.org_id}:{acme.users[0]}".encode()).decode()
    assert (await ask(acme.admin, NODE, id=padded))["node"]["id"] == id


@pytest.mark.parametrize(
    ("webex", "type_name"), [("PEOPLE", "User"), ("LOCATION", "Location"), ("ORGANIZATION", "Org")]
)
async def test_a_webex_id_is_taken_to_be_of_the_callers_own_organization(
    ask: Asker, pool: asyncpg.Pool, acme: Directory, webex: str, type_name: str
):
    other = await directory(pool)
    for made, found in ((acme, True), (other, False)):
        own = {"User": made.users[0], "Location": made.locations[0], "Org": made.org_id}[type_name]
        text = base64.b64encode(f"ciscospark://us/{webex}/{own}".encode()).decode()
        node = (await ask(acme.admin, NODE, id=text))["node"]
        assert node == ({"__typename": type_name, "id": made.gid(type_name, own)} if found else None)


async def test_at_most_a_hundred_ids_are_asked_for_at_once(ask: Asker, acme: Directory):
    ids = [acme.gid("User", uuid4()) for _ in range(101)]
    assert (await ask(acme.admin, NODES, ids=ids[:100]))["nodes"] == [None] * 100
    answer = await ask(acme.admin, NODES, ids=ids)
    assert answer.data is None
    assert answer.failed == {"nodes": "BAD_USER_INPUT"}
    assert answer.statements == 0


async def test_no_ids_are_no_objects(ask: Asker, acme: Directory):
    answer = await ask(acme.admin, NODES, ids=[])
    assert answer["nodes"] == []
    assert answer.statements == 0


async def test_a_node_answers_what_its_type_answers(ask: Asker, acme: Directory):
    answer = await ask(
        acme.admin,
        """query($id: ID!) { node(id: $id) {
          ... on User { displayName location { name users { totalCount } } } ... on Brand { legalName }
        } }""",
        id=acme.gid("User", acme.users[0]),
    )
    assert answer["node"] == {"displayName": "Person 004", "location": {"name": "New York", "users": {"totalCount": 2}}}


async def test_ids_of_two_organizations_with_grants_are_refused_before_anything_is_read(
    ask: Asker, pool: asyncpg.Pool, acme: Directory
):
    other = await directory(pool)
    provider = acme.person(Role.PROVIDER_ADMIN)
    answer = await ask(provider, NODES, ids=[acme.gid("Org"), other.gid("Org")])
    assert answer.data is None
    assert answer.codes == ["ONE_ORG_PER_OPERATION"]
