"""A record names the decision that allowed or denied what it tells of, and the decision is made again from that."""

from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from core.commands.brands import BrandStatusChange, record_brand_status
from core.commands.entitlements import License, SetEntitlements
from core.commands.orgs import set_entitlements
from core.commands.transaction import Store
from core.ids import encode
from core.principal import Role
from core.rules.default_policy import DEFAULT_POLICY
from core.rules.enums import BrandStatus
from tests.acceptance.asking import Asker
from tests.integration.audit.sealed import seal_all, verify
from tests.integration.worlds import PROVIDER, World, member, new_world

ELIGIBILITY = """query($id: ID!) { eligibility(userId: $id) {
  id outcome rules { ruleId status observed required } rootCauses { ruleId } policyVersion } }"""
RECORDS = """query($action: String!) { auditRecords(filter: {action: $action}, first: 5) { edges { node {
  outcome rule policyVersion decision {
    id outcome rules { ruleId status observed required } rootCauses { ruleId } policyVersion
  } } } } }"""
SWITCH = """mutation($input: SetUserTextingInput!) { setUserTexting(input: $input) { __typename } }"""
SWITCH_MANY = """mutation($input: SetUsersTextingInput!) { setUsersTexting(input: $input) { __typename } }"""
SWITCH_ORG = """mutation($input: SetOrgTextingInput!) { setOrgTexting(input: $input) { __typename } }"""
SEND = """mutation($input: SendMessageInput!) { sendMessage(input: $input) {
  __typename ... on SendDenied { eligibility { id } } } }"""


@pytest.fixture
async def world(store: Store) -> World:
    return await new_world(store, people=3)


def gid(world: World, at: int = 0) -> str:
    return encode("User", world.org_id, world.people[at].user_id)


async def decided(ask: Asker, world: World, at: int = 0) -> dict[str, Any]:
    return (await ask(world.org_admin, ELIGIBILITY, id=gid(world, at)))["eligibility"]


async def recorded(ask: Asker, world: World, action: str) -> list[dict[str, Any]]:
    answer = await ask(member(world.org_id, Role.AUDITOR), RECORDS, action=action)
    return [edge["node"] for edge in answer["auditRecords"]["edges"]]


async def suspend_brand(world: World, status: BrandStatus = BrandStatus.SUSPENDED) -> None:
    change = BrandStatusChange(brand_id=world.brand_id, registration=status)
    await world.answer(PROVIDER, lambda tx: record_brand_status(tx, change))


async def test_a_user_switched_on_names_the_decision_that_allowed_it(ask: Asker, world: World):
    before = await decided(ask, world)
    assert (await ask(world.org_admin, SWITCH, input={"userId": gid(world), "mode": "ON"}))["setUserTexting"]
    [record] = await recorded(ask, world, "user:texting:enable")
    assert (record["outcome"], record["decision"], record["policyVersion"]) == (
        "ALLOWED", before, DEFAULT_POLICY.version,
    )  # fmt: skip


async def test_switching_off_takes_no_decision(ask: Asker, world: World):
    await ask(world.org_admin, SWITCH, input={"userId": gid(world), "mode": "OFF"})
    assert [each["decision"] for each in await recorded(ask, world, "user:texting:disable")] == [None]


async def test_a_refused_switch_names_the_decision_that_denied_it_whatever_comes_later(ask: Asker, world: World):
    await suspend_brand(world)
    before = await decided(ask, world)
    refused = await ask(world.org_admin, SWITCH, input={"userId": gid(world), "mode": "ON"})
    assert refused["setUserTexting"] == {"__typename": "NotEligible"}
    await suspend_brand(world, BrandStatus.APPROVED)
    assert (await decided(ask, world))["outcome"] == "ALLOWED"
    [record] = await recorded(ask, world, "user:texting:enable")
    assert (record["outcome"], record["rule"], record["decision"]) == ("DENIED", "ORG_BRAND_REGISTERED", before)
    assert record["policyVersion"] == DEFAULT_POLICY.version


async def test_a_refused_switch_of_the_organization_is_about_nobody_and_names_its_policy(ask: Asker, world: World):
    await suspend_brand(world)
    await ask(world.org_admin, SWITCH_ORG, input={"orgId": encode("Org", world.org_id, world.org_id), "enabled": True})
    denied = [each for each in await recorded(ask, world, "org:texting:enable") if each["outcome"] == "DENIED"]
    assert [(each["decision"], each["policyVersion"]) for each in denied] == [(None, DEFAULT_POLICY.version)]


async def test_each_of_many_users_names_a_decision_of_their_own(ask: Asker, world: World):
    before = [await decided(ask, world, at) for at in range(3)]
    users = [gid(world, at) for at in range(3)]
    await ask(world.org_admin, SWITCH_MANY, input={"userIds": users, "mode": "ON"})
    found = await recorded(ask, world, "user:texting:enable")
    assert sorted(each["decision"]["id"] for each in found) == sorted(each["id"] for each in before)
    assert len({each["id"] for each in before}) == 3


async def test_sends_and_denied_sends_name_the_decision_about_the_sender(
    ask: Asker, world: World, worker_pool: asyncpg.Pool, admin: asyncpg.Connection
):
    sender = world.people[0].principal
    allowed = await decided(ask, world)
    first = {"userId": gid(world), "to": "+16502530000", "body": "Hello", "idempotencyKey": "1"}
    assert (await ask(sender, SEND, input=first))["sendMessage"] == {"__typename": "MessageAccepted"}
    sold = SetEntitlements(texting_add_on=License(total_units=0))
    await world.answer(PROVIDER, lambda tx: set_entitlements(tx, sold))
    denied = await decided(ask, world)
    refused = (await ask(sender, SEND, input={**first, "idempotencyKey": "2"}))["sendMessage"]
    assert refused == {"__typename": "SendDenied", "eligibility": {"id": denied["id"]}}
    found = await recorded(ask, world, "message:send")
    assert [(each["outcome"], each["decision"]) for each in found] == [("DENIED", denied), ("ALLOWED", allowed)]
    assert {each["policyVersion"] for each in found} == {DEFAULT_POLICY.version}
    await seal_all(worker_pool, world.org_id, uuid4())
    written = await admin.fetch("SELECT id FROM audit.record WHERE org_id = $1", world.org_id)
    await verify(admin, world.org_id, {row["id"] for row in written})


async def test_a_page_of_records_costs_as_many_statements_as_one(ask: Asker, world: World):
    for mode in ("ON", "OFF", "ON", "INHERIT", "ON"):
        await ask(world.org_admin, SWITCH, input={"userId": gid(world), "mode": mode})
    auditor = member(world.org_id, Role.AUDITOR)
    few = await ask(auditor, RECORDS.replace("first: 5", "first: 1"), action="user:texting:enable")
    many = await ask(auditor, RECORDS, action="user:texting:enable")
    assert len({edge["node"]["decision"]["id"] for edge in many["auditRecords"]["edges"]}) == 3
    assert many.statements <= few.statements + 3
