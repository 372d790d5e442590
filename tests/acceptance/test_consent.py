"""The consent ledger, asked: what it amounts to for one pair of numbers, for many, then and now."""

from datetime import timedelta
from typing import Any

import asyncpg
import pytest

from core.ids import uuid7
from core.principal import Role
from core.rules.enums import ConsentAction, ConsentBasis, ConsentScope
from schema.access import CORRESPONDENCE, WHOLE_ORG
from tests.acceptance.asking import Asker
from tests.acceptance.correspondence import PEER, message, wish
from tests.acceptance.directories import SINCE, Directory, directory

ASK = """query($r: PhoneNumber!, $s: PhoneNumber, $c: ID, $o: ID, $at: DateTime) {
  consent(recipient: $r, sender: $s, campaignId: $c, orgId: $o, asOf: $at) {
    optedOut since decidedBy { id scope action } } }"""
LEDGER = """query($org: ID!, $r: PhoneNumber) { org(id: $org) { consentEvents(recipient: $r) { totalCount edges { node {
  id recipient scope sender campaign { id } action basis evidence message { id } occurredAt recordedAt dueBy honoredAt
  auditRecord { id } } } } } }"""
SEEN = """query($org: ID!) { org(id: $org) { consentEvents { edges { node { id } } } } }"""
STATES = """query($n: Int!) { users(first: $n) { edges { node { conversations { edges { node {
  consent { optedOut since decidedBy { id } } } } } } } } }"""


@pytest.fixture
async def acme(pool: asyncpg.Pool) -> Directory:
    return await directory(pool)


async def number_of(admin: asyncpg.Connection, number_id: Any) -> str:
    found: str = await admin.fetchval("SELECT phone_number FROM texting.phone_numbers WHERE id = $1", number_id)
    return found


async def opted_out(ask: Asker, acme: Directory, role: Role = Role.ORG_ADMIN, **asked: Any) -> bool | None:
    found = (await ask(acme.person(role), ASK, r=PEER, **asked))["consent"]
    return None if found is None else found["optedOut"]


async def test_nothing_said_is_no_opt_out(ask: Asker, acme: Directory):
    found = (await ask(acme.admin, ASK, r=PEER))["consent"]
    assert found == {"optedOut": False, "since": None, "decidedBy": None}


async def test_the_entry_that_decides_is_named(ask: Asker, acme: Directory, pool: asyncpg.Pool):
    entry = await wish(pool, acme)
    found = (await ask(acme.admin, ASK, r=PEER, c=acme.gid("Campaign", acme.campaign)))["consent"]
    assert found == {
        "optedOut": True,
        "since": "2026-03-03T12:00:00.000Z",
        "decidedBy": {"id": acme.gid("ConsentEvent", entry), "scope": "CAMPAIGN", "action": "OPT_OUT"},
    }
    node = await ask(acme.admin, "query($id: ID!) { node(id: $id) { id } }", id=found["decidedBy"]["id"])
    assert node["node"] == {"id": found["decidedBy"]["id"]}


@pytest.mark.parametrize(
    ("scope", "of_number", "of_campaign", "of_nothing"),
    [
        (ConsentScope.NUMBER_PAIR, True, False, False),
        (ConsentScope.SENDER_NUMBER, True, False, False),
        (ConsentScope.CAMPAIGN, True, True, False),
        (ConsentScope.ORG, True, True, True),
    ],
)
async def test_a_campaign_that_is_not_given_is_the_sender_s(
    ask: Asker,
    acme: Directory,
    pool: asyncpg.Pool,
    admin: asyncpg.Connection,
    scope: ConsentScope,
    of_number: bool,
    of_campaign: bool,
    of_nothing: bool,
):
    number = await number_of(admin, acme.primaries[0])
    is_of_number = scope in (ConsentScope.NUMBER_PAIR, ConsentScope.SENDER_NUMBER)
    about = {
        "sender": number if is_of_number else None,
        "campaign_id": acme.campaign if scope is ConsentScope.CAMPAIGN else None,
    }
    await wish(pool, acme, scope=scope, **about)
    assert await opted_out(ask, acme, s=number) is of_number
    assert await opted_out(ask, acme, c=acme.gid("Campaign", acme.campaign)) is of_campaign
    assert await opted_out(ask, acme) is of_nothing
    assert await opted_out(ask, acme, s=await number_of(admin, acme.spare)) is (scope is ConsentScope.ORG)


async def test_it_is_asked_as_of_another_time(ask: Asker, acme: Directory, pool: asyncpg.Pool):
    await wish(pool, acme, scope="ORG", campaign_id=None)
    later = SINCE + timedelta(days=2)
    lifted = {"action": ConsentAction.OPT_IN, "occurred_at": later, "recorded_at": later}
    await wish(pool, acme, scope="ORG", campaign_id=None, **lifted)
    asked = {"2026-03-03T11:59:59Z": False, "2026-03-03T12:00:00Z": True, "2026-03-05T12:00:00Z": False}
    for moment, expected in asked.items():
        assert await opted_out(ask, acme, at=moment) is expected
    assert await opted_out(ask, acme) is False


@pytest.mark.parametrize("role", list(Role))
async def test_a_role_asks_about_what_it_may_see(
    ask: Asker, acme: Directory, pool: asyncpg.Pool, admin: asyncpg.Connection, role: Role
):
    await wish(pool, acme, scope="ORG", campaign_id=None)
    own, other = [await number_of(admin, id) for id in acme.primaries[:2]]
    answer = await ask(acme.person(role), ASK, r=PEER, s=own, o=acme.gid("Org"))
    if role not in CORRESPONDENCE:
        assert answer.codes == ["FORBIDDEN"]
        return
    assert answer["consent"]["optedOut"] is True
    # The entry is a user's to see once there is a conversation.
    assert (answer["consent"]["decidedBy"] is None) == (role is Role.USER)
    await message(pool, acme)
    again = (await ask(acme.person(role), ASK, r=PEER, s=own, o=acme.gid("Org")))["consent"]
    assert again["decidedBy"]["scope"] == "ORG"
    may_ask_all = role in WHOLE_ORG
    for asked in ({"s": other}, {"s": "+12125550199"}, {"c": acme.gid("Campaign", acme.campaign)}):
        found = (await ask(acme.person(role), ASK, r=PEER, o=acme.gid("Org"), **asked))["consent"]
        assert (found is not None) == may_ask_all
    own_campaign = {"s": own, "c": acme.gid("Campaign", acme.campaign)}
    assert (await ask(acme.person(role), ASK, r=PEER, o=acme.gid("Org"), **own_campaign))["consent"] is not None


async def test_of_another_organization_nothing_is_told(ask: Asker, acme: Directory, pool: asyncpg.Pool):
    other = await directory(pool)
    await wish(pool, other, scope="ORG", campaign_id=None)
    assert await opted_out(ask, acme, o=other.gid("Org")) is None
    ids = (other.gid("Campaign", other.campaign), acme.gid("Campaign", uuid7()), acme.gid("User", acme.users[0]), "x")
    for id in ids:
        assert await opted_out(ask, acme, c=id) is None


@pytest.mark.parametrize("role", list(Role))
async def test_the_ledger_is_shown_to_those_who_may_see_it(
    ask: Asker, acme: Directory, pool: asyncpg.Pool, admin: asyncpg.Connection, role: Role
):
    own, other = [await number_of(admin, id) for id in acme.primaries[:2]]
    await message(pool, acme)
    pair = {"scope": "NUMBER_PAIR", "campaign_id": None}
    entries = {
        "own": await wish(pool, acme, **pair, sender=own),
        "campaign": await wish(pool, acme),
        "org": await wish(pool, acme, scope="ORG", campaign_id=None),
        "another's": await wish(pool, acme, **pair, sender=other),
        "stranger": await wish(pool, acme, recipient="+16502530000", scope="ORG", campaign_id=None),
    }
    seen = {Role.USER: ["own", "campaign", "org"], Role.LOCATION_ADMIN: []}.get(role, list(entries))
    expected = [acme.gid("ConsentEvent", entries[name]) for name in reversed(seen)]
    edges = (await ask(acme.person(role), SEEN, org=acme.gid("Org")))["org"]["consentEvents"]["edges"]
    assert [edge["node"]["id"] for edge in edges] == expected


async def test_an_entry_tells_all_that_was_kept(ask: Asker, acme: Directory, pool: asyncpg.Pool):
    said = await message(pool, acme)
    entry = await wish(pool, acme, message_id=said, due_by=SINCE + timedelta(days=14), honored_at=SINCE)
    await wish(pool, acme, recipient="+16502530000")
    answer = await ask(acme.person(Role.COMPLIANCE_OFFICER), LEDGER, org=acme.gid("Org"), r=PEER)
    found = answer["org"]["consentEvents"]
    assert found["totalCount"] == 1
    assert found["edges"][0]["node"] == {
        "id": acme.gid("ConsentEvent", entry),
        "recipient": PEER,
        "scope": "CAMPAIGN",
        "sender": None,
        "campaign": {"id": acme.gid("Campaign", acme.campaign)},
        "action": "OPT_OUT",
        "basis": "KEYWORD",
        "evidence": "STOP",
        "message": {"id": acme.gid("Message", said)},
        "occurredAt": "2026-03-03T12:00:00.000Z",
        "recordedAt": "2026-03-03T12:00:00.000Z",
        "dueBy": "2026-03-17T12:00:00.000Z",
        "honoredAt": "2026-03-03T12:00:00.000Z",
        "auditRecord": None,
    }


async def test_a_raw_message_is_evidence_for_those_who_read_bodies_and_a_note_for_all(
    ask: Asker, acme: Directory, pool: asyncpg.Pool
):
    await wish(pool, acme, evidence="STOP")
    await wish(pool, acme, basis=ConsentBasis.VOICE, evidence="call 17")
    document = "query($org: ID!) { org(id: $org) { consentEvents { edges { node { evidence } } } } }"
    for role in Role:
        answer = await ask(acme.person(role), document, org=acme.gid("Org"))
        assert answer.data is not None
        shown = [edge["node"]["evidence"] for edge in answer.data["org"]["consentEvents"]["edges"]]
        everything = ["call 17", "STOP" if role is Role.COMPLIANCE_OFFICER else None]
        assert shown == (everything if role in WHOLE_ORG else [])


async def test_fifty_conversations_cost_as_many_statements_as_five(ask: Asker, pool: asyncpg.Pool):
    crowd = await directory(pool, users=25)
    for user in range(50):
        await message(pool, crowd, user=user, peer=f"+1415555{user:04}")
        await wish(pool, crowd, recipient=f"+1415555{user:04}", scope="ORG", campaign_id=None)
    for many in (5, 50):
        answer = await ask(crowd.admin, STATES, n=many)
        users = [edge["node"] for edge in answer["users"]["edges"]]
        states = [each["node"]["consent"] for user in users for each in user["conversations"]["edges"]]
        assert ([state["optedOut"] for state in states], answer.statements) == ([True] * many, 4)
