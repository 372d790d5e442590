"""Messages and conversations: who finds which, what became of them, and whose conversations one number is in."""

from datetime import timedelta
from typing import Any

import asyncpg
import pytest

from core.ids import uuid7
from core.principal import Grant, Role
from core.rules.carrier_errors import CarrierCode
from core.rules.enums import Direction, MessageStatus
from schema.access import CORRESPONDENCE, WHOLE_ORG
from tests.acceptance.asking import Asker
from tests.acceptance.correspondence import PEER, failure, message, step, wish
from tests.acceptance.directories import SINCE, Directory, directory, person

OTHER_PEER = "+16502530000"
ONE = "query($id: ID!) { message(id: $id) { id direction from to status failureLayer segments encoding user { id } } }"
LIST = """query($org: ID, $filter: MessageFilter) { messages(orgId: $org, filter: $filter) {
  totalCount edges { node { id } } } }"""
OF_USERS = """query($n: Int!, $filter: MessageFilter) { users(first: $n) { edges { node {
  id messages(filter: $filter) { totalCount edges { node { id } } }
  conversations(first: 10) { edges { node { id peer user { id } lastMessage { id } consent { optedOut }
    messages(first: 10) { totalCount edges { node { id status } } } } } } } } } }"""
THREAD = """query($u: ID!, $p: PhoneNumber!) { conversation(userId: $u, peer: $p) { id peer
  user { id } lastMessage { id } consent { optedOut } messages(last: 30) { edges { node { id } } } } }"""
FATE = """query($id: ID!) { message(id: $id) {
  failure { layer canonicalCode carrierCode carrier retryable message remediation { kind owner summary ruleId } }
  statusHistory { status occurredAt failure { canonicalCode } } } }"""


@pytest.fixture
async def acme(pool: asyncpg.Pool) -> Directory:
    return await directory(pool)


def ids_of(connection: dict[str, Any]) -> list[str]:
    return [edge["node"]["id"] for edge in connection["edges"]]


async def test_a_message_is_as_it_was_written(ask: Asker, acme: Directory, pool: asyncpg.Pool):
    sent = await message(pool, acme, body="ñ" * 161)
    came = await message(pool, acme, direction=Direction.INBOUND, peer="12345", statuses=(MessageStatus.RECEIVED,))
    user = {"id": acme.gid("User", acme.users[0])}
    told = (await ask(acme.admin, ONE, id=acme.gid("Message", sent)))["message"]
    assert told == {
        "id": acme.gid("Message", sent),
        "direction": "OUTBOUND",
        "from": "+12125550100",
        "to": PEER,
        "status": "QUEUED",
        "failureLayer": None,
        "segments": 2,
        "encoding": "GSM7",
        "user": user,
    }
    told = (await ask(acme.admin, ONE, id=acme.gid("Message", came)))["message"]
    assert (told["direction"], told["from"], told["to"], told["status"]) == (
        "INBOUND",
        "12345",
        "+12125550100",
        "RECEIVED",
    )


@pytest.mark.parametrize("role", list(Role))
async def test_each_way_to_a_message_shows_what_a_role_may_see(
    ask: Asker, acme: Directory, pool: asyncpg.Pool, role: Role
):
    written = [await message(pool, acme, user=user) for user in (0, 1, 2)]
    seen = [acme.gid("Message", id) for id in (written if role in WHOLE_ORG else written[: role is Role.USER])]
    caller = acme.person(role)
    found = (await ask(caller, LIST))["messages"] if role is not Role.PROVIDER_ADMIN else None
    if found is not None:
        assert (ids_of(found), found["totalCount"]) == (seen, len(seen))
    of_org = (await ask(caller, LIST, org=acme.gid("Org")))["messages"]
    assert ids_of(of_org) == seen
    every = [acme.gid("Message", id) for id in written]
    nodes = (await ask(caller, "query($ids: [ID!]!) { nodes(ids: $ids) { id } }", ids=every))["nodes"]
    assert [node["id"] for node in nodes if node] == seen
    for id in every:
        one = await ask(caller, "query($id: ID!) { message(id: $id) { id } }", id=id)
        assert one.data == {"message": {"id": id} if id in seen else None}
        assert one.codes == ([] if role in CORRESPONDENCE else ["FORBIDDEN"])
    document = """query($org: ID!, $n: Int!) { org(id: $org) { users(first: $n) { edges { node {
      messages { edges { node { id } } } conversations { edges { node { lastMessage { id } } } } } } } } }"""
    users = (await ask(caller, document, org=acme.gid("Org"), n=10))["org"]["users"]["edges"]
    assert [id for edge in users for id in ids_of(edge["node"]["messages"])] == seen
    last = [each["node"]["lastMessage"]["id"] for edge in users for each in edge["node"]["conversations"]["edges"]]
    assert last == seen


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ({}, [0, 1, 2, 3]),
        ({"peer": OTHER_PEER}, [1]),
        ({"direction": "INBOUND"}, [2]),
        ({"status": ["FAILED", "RECEIVED"]}, [2, 3]),
        ({"status": []}, []),
        ({"failureLayer": "CARRIER"}, [3]),
        ({"userId": "second"}, [2]),
        ({"userId": "nobody"}, []),
        ({"createdFrom": "2099-01-01T00:00:00Z"}, []),
        ({"createdTo": "2099-01-01T00:00:00Z", "direction": "OUTBOUND"}, [0, 1, 3]),
    ],
)
async def test_each_filter_finds_only_the_messages_it_names(
    ask: Asker, acme: Directory, pool: asyncpg.Pool, wanted: dict[str, Any], expected: list[int]
):
    written = [
        await message(pool, acme),
        await message(pool, acme, peer=OTHER_PEER),
        await message(pool, acme, user=1, direction=Direction.INBOUND, statuses=(MessageStatus.RECEIVED,)),
        await message(pool, acme, status="FAILED", failure_layer="CARRIER", failure=failure()),
    ]
    people = {"second": acme.gid("User", acme.users[1]), "nobody": acme.gid("User", uuid7())}
    filter = {name: people.get(str(value), value) for name, value in wanted.items()}
    found = (await ask(acme.admin, LIST, filter=filter))["messages"]
    assert ids_of(found) == [acme.gid("Message", written[at]) for at in expected]


async def test_of_another_organization_there_are_no_messages(ask: Asker, acme: Directory, pool: asyncpg.Pool):
    other = await directory(pool)
    theirs = await message(pool, other)
    assert (await ask(acme.admin, LIST, org=other.gid("Org")))["messages"] == {"totalCount": 0, "edges": []}
    assert (await ask(acme.admin, ONE, id=other.gid("Message", theirs)))["message"] is None


async def test_why_a_message_failed_and_what_would_help(ask: Asker, acme: Directory, pool: asyncpg.Pool):
    failed = await message(pool, acme, status="UNDELIVERED", failure_layer="CARRIER", failure=failure())
    told = (await ask(acme.admin, FATE, id=acme.gid("Message", failed)))["message"]["failure"]
    assert told == {
        "layer": "CARRIER",
        "canonicalCode": "LANDLINE",
        "carrierCode": "30006",
        "carrier": "sandbox",
        "retryable": False,
        "message": "The recipient's number cannot receive texts.",
        "remediation": {
            "kind": "USER_ACTION",
            "owner": "USER",
            "summary": "Use the recipient's mobile number.",
            "ruleId": "LANDLINE",
        },
    }
    final = failure(CarrierCode.RECIPIENT_OPTED_OUT, carrier_code=None)
    stopped = await message(pool, acme, status="FAILED", failure_layer="CARRIER", failure=final)
    told = (await ask(acme.admin, FATE, id=acme.gid("Message", stopped)))["message"]["failure"]
    assert (told["carrierCode"], told["remediation"]) == (None, None)


async def test_a_history_has_every_step_in_the_order_it_happened(ask: Asker, acme: Directory, pool: asyncpg.Pool):
    sent = await message(pool, acme)
    later = SINCE + timedelta(minutes=5)
    await step(pool, acme, sent, MessageStatus.UNDELIVERED, occurred_at=later, failure=failure())
    await step(pool, acme, sent, MessageStatus.SENT, occurred_at=SINCE + timedelta(minutes=1), applied=False)
    told = (await ask(acme.admin, FATE, id=acme.gid("Message", sent)))["message"]
    assert told["failure"] is None
    steps = told["statusHistory"]
    assert [each["status"] for each in steps] == ["ACCEPTED", "QUEUED", "SENT", "UNDELIVERED"]
    assert steps[-1] == {
        "status": "UNDELIVERED",
        "occurredAt": "2026-03-03T12:05:00.000Z",
        "failure": {"canonicalCode": "LANDLINE"},
    }
    assert [each["failure"] for each in steps[:-1]] == [None] * 3


async def test_conversations_come_with_the_newest_message_first(ask: Asker, acme: Directory, pool: asyncpg.Pool):
    first = await message(pool, acme)
    second = await message(pool, acme, peer=OTHER_PEER)
    third = await message(pool, acme, direction=Direction.INBOUND, statuses=(MessageStatus.RECEIVED,))
    await wish(pool, acme, campaign_id=acme.campaign)
    edges = (await ask(acme.person(Role.USER), OF_USERS, n=1))["users"]["edges"]
    threads = [edge["node"] for edge in edges[0]["node"]["conversations"]["edges"]]
    assert [thread["peer"] for thread in threads] == [PEER, OTHER_PEER]
    assert [thread["lastMessage"]["id"] for thread in threads] == [acme.gid("Message", id) for id in (third, second)]
    assert [ids_of(thread["messages"]) for thread in threads] == [
        [acme.gid("Message", first), acme.gid("Message", third)],
        [acme.gid("Message", second)],
    ]
    assert [thread["consent"]["optedOut"] for thread in threads] == [True, False]
    assert {thread["user"]["id"] for thread in threads} == {acme.gid("User", acme.users[0])}
    one = (await ask(acme.person(Role.USER), THREAD, u=acme.gid("User", acme.users[0]), p=PEER))["conversation"]
    assert one["id"] == threads[0]["id"]
    node = await ask(acme.admin, "query($id: ID!) { node(id: $id) { id } }", id=one["id"])
    assert node["node"] == {"id": one["id"]}


async def test_a_conversation_is_there_before_its_first_message(ask: Asker, acme: Directory, pool: asyncpg.Pool):
    user = acme.gid("User", acme.users[0])
    await wish(pool, acme, scope="ORG", campaign_id=None)
    found = [(await ask(acme.person(Role.USER), THREAD, u=user, p=PEER))["conversation"] for _ in range(2)]
    assert found[0] == found[1]
    begun = found[0].pop("id")
    assert found[0] == {
        "peer": PEER,
        "user": {"id": user},
        "lastMessage": None,
        "consent": {"optedOut": True},
        "messages": {"edges": []},
    }
    assert (await ask(acme.admin, "query($id: ID!) { node(id: $id) { id } }", id=begun))["node"] is None
    other = (await ask(acme.person(Role.USER), THREAD, u=user, p=OTHER_PEER))["conversation"]
    assert other["id"] != begun


async def test_of_whom_one_does_not_see_there_is_no_conversation(ask: Asker, acme: Directory, pool: asyncpg.Pool):
    await message(pool, acme, user=1)
    both = person(
        Grant(role=Role.LOCATION_ADMIN, org_id=acme.org_id, location_id=acme.locations[0]),
        Grant(role=Role.USER, org_id=acme.org_id, user_id=acme.users[0]),
        home=acme.org_id,
    )
    for caller in (acme.person(Role.USER), both):
        assert (await ask(caller, THREAD, u=acme.gid("User", acme.users[1]), p=PEER))["conversation"] is None
    for id in (acme.gid("User", uuid7()), acme.gid("Org"), "x"):
        assert (await ask(acme.admin, THREAD, u=id, p=PEER))["conversation"] is None


@pytest.mark.parametrize(("document", "statements"), [(OF_USERS, 8), (LIST, 2)])
async def test_fifty_cost_as_many_statements_as_five(ask: Asker, pool: asyncpg.Pool, document: str, statements: int):
    crowd = await directory(pool, users=25)
    for user in range(50):
        await message(pool, crowd, user=user)
    for many in (5, 50):
        answer = await ask(crowd.admin, document, **({"n": many} if "$n" in document else {}))
        assert answer.statements == statements
        assert len(next(iter((answer.data or {}).values()))["edges"]) == (many if "$n" in document else 50)
