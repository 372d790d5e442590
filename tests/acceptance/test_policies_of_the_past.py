"""Decisions are made under the policy in force: of another time the one of then, now the newest that has begun."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import pytest

from core.commands import signing_anew
from core.commands.signing_anew import sign_all_anew, sign_anew
from core.commands.transaction import Store
from core.ids import encode
from core.rules.default_policy import DEFAULT_POLICY
from core.rules.policy import Policy
from core.rules.versions import AppVersion
from core.storage import policies
from tests.acceptance.asking import Asker
from tests.acceptance.test_eligibility_report import REPORT, SINGLES, summed, told
from tests.acceptance.test_histories import old_world
from tests.integration.commands.conftest import stored
from tests.integration.commands.desk import Look
from tests.integration.commands.people import check_people
from tests.integration.worlds import World, new_world
from texting import policing
from texting.policing import PolicyInForce

__all__ = ["stored"]

NOW = datetime.now(UTC)
BEFORE, AFTER = (NOW - timedelta(days=days) for days in (150, 50))
DECISION = "id outcome policyVersion policyDigest rules { ruleId status required }"


@pytest.fixture
async def stricter(pool: asyncpg.Pool, admin: asyncpg.Connection) -> AsyncIterator[Policy]:
    """A policy that wants version 44, in force for 100 days; the server still goes by the one before."""
    version = AppVersion.parse("44")
    assert version is not None
    least = replace(DEFAULT_POLICY.min_app_version, version="min_app_version/stricter", value=version)
    since = (NOW - timedelta(days=100)).date()
    made = replace(DEFAULT_POLICY, version="stricter", effective_from=since, min_app_version=least)
    await policies.seed(pool, made)
    yield made
    await admin.execute("DELETE FROM texting.policies WHERE version = 'stricter'")


@pytest.fixture
async def world(store: Store, admin: asyncpg.Connection) -> World:
    return await old_world(store, admin)


async def asked(ask: Asker, world: World, field: str, **given: Any) -> Any:
    gid = encode("User", world.org_id, world.people[0].user_id)
    return (await ask(world.org_admin, field, id=gid, **given)).data


async def then(ask: Asker, world: World, at: datetime) -> dict[str, Any]:
    document = f"query($id: ID!, $at: DateTime) {{ found: eligibility(userId: $id, asOf: $at) {{ {DECISION} }} }}"
    return (await asked(ask, world, document, at=at.isoformat()))["found"]


async def test_the_policy_in_force_then_decides_and_decides_again(ask: Asker, world: World, stricter: Policy):
    before, after = await then(ask, world, BEFORE), await then(ask, world, AFTER)
    assert (before["outcome"], before["policyVersion"]) == ("ALLOWED", DEFAULT_POLICY.version)
    assert (after["outcome"], after["policyVersion"]) == ("DENIED", "stricter")
    assert after["policyDigest"] == stricter.digest
    assert before["id"] != after["id"]
    document = f"query($ids: [ID!]!) {{ found: nodes(ids: $ids) {{ ... on EligibilityDecision {{ {DECISION} }} }} }}"
    found = (await ask(world.org_admin, document, ids=[before["id"], after["id"]]))["found"]
    assert found == [before, after]


async def test_a_change_of_policy_is_a_change_of_its_rule_that_no_record_caused(
    ask: Asker, world: World, stricter: Policy
):
    document = """query($id: ID!, $from: DateTime!, $to: DateTime!) {
      found: eligibilityDiff(userId: $id, from: $from, to: $to) {
        changes { ruleId before { required status } after { required status } causedBy { id } } } }"""
    moments = {"from": BEFORE.isoformat(), "to": AFTER.isoformat()}
    [change] = (await asked(ask, world, document, **moments))["found"]["changes"]
    assert change == {
        "ruleId": "CLIENT_VERSION_MIN",
        "before": {"required": "42.12", "status": "PASS"},
        "after": {"required": "44.0", "status": "FAIL"},
        "causedBy": [],
    }


async def test_the_catalogue_of_the_policy_that_a_decision_names_is_there(ask: Asker, world: World, stricter: Policy):
    document = "query($v: String) { eligibilityRules(policyVersion: $v) { policyVersion } }"
    found = (await ask(world.org_admin, document, v="stricter"))["eligibilityRules"]
    assert {each["policyVersion"] for each in found} == {"stricter"}


async def now(ask: Asker, world: World) -> dict[str, Any]:
    document = f"query($id: ID!) {{ found: eligibility(userId: $id) {{ {DECISION} }} }}"
    return (await asked(ask, world, document))["found"]


async def test_a_policy_that_is_stored_meanwhile_is_gone_by_from_the_next_look_on(
    ask: Asker, store: Store, world: World, stricter: Policy
):
    running = replace(ask, store=replace(store))
    before = await now(running, world)
    assert (before["outcome"], before["policyVersion"]) == ("ALLOWED", DEFAULT_POLICY.version)
    await PolicyInForce(running.store).look(NOW)
    after = await now(running, world)
    assert (after["outcome"], after["policyVersion"], after["policyDigest"]) == ("DENIED", "stricter", stricter.digest)
    assert after == await then(running, world, datetime.now(UTC))
    # What is changed from now on says that it was decided under it.
    document = """mutation($id: ID!) { found: setUserTexting(input: {userId: $id, mode: ON}) {
      ... on TextingSet { auditRecord { policyVersion } } } }"""
    changed = await asked(running, world, document)
    assert changed["found"]["auditRecord"] == {"policyVersion": "stricter"}


async def test_reports_count_what_the_new_policy_decides(ask: Asker, store: Store, world: World, stricter: Policy):
    running = replace(ask, store=replace(store, policy=stricter))
    org = encode("Org", world.org_id, world.org_id)
    singles = (await running(world.org_admin, SINGLES, org=org))["users"]["edges"]
    expected = summed([edge["node"] for edge in singles])
    assert told((await running(world.org_admin, REPORT, org=org))["eligibilityReport"]) != expected
    assert await sign_anew(store.pool, stricter, world.org_id) == len(singles)
    assert told((await running(world.org_admin, REPORT, org=org))["eligibilityReport"]) == expected
    assert await sign_anew(store.pool, stricter, world.org_id) == 0


async def test_all_that_is_signed_is_signed_anew_in_every_organization(
    store: Store, stored: Look, admin: asyncpg.Connection
):
    worlds = [await new_world(store, people=3, locations=2) for _ in range(2)]
    for table in ("locations", "phone_numbers", "users"):
        await admin.execute(
            f"UPDATE texting.{table} SET signature = 'of another policy' WHERE org_id = ANY ($1)",
            [each.org_id for each in worlds],
        )
    assert await sign_all_anew(store.pool, DEFAULT_POLICY) >= 2 * (2 + 3 + 3)
    for each in worlds:
        await check_people(stored(each.org_id))
        await stored(each.org_id).check_signatures()


async def test_more_than_are_looked_at_together_are_signed(
    store: Store, stored: Look, admin: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(signing_anew, "AT_ONCE", 2)
    world = await new_world(store, people=5)
    await admin.execute("UPDATE texting.users SET signature = '' WHERE org_id = $1", world.org_id)
    assert await sign_anew(store.pool, DEFAULT_POLICY, world.org_id) == 5
    await check_people(stored(world.org_id))


async def test_a_policy_is_gone_by_once_it_has_begun(store: Store, stricter: Policy):
    running, other = replace(store), replace(store)
    assert await PolicyInForce(running).were_several(NOW)
    both = PolicyInForce(running, other)
    await both.look(BEFORE)
    assert running.policy is DEFAULT_POLICY
    await both.look(AFTER)
    assert (running.policy, other.policy) == (stricter, stricter)


async def test_where_there_was_never_another_policy_nothing_is_signed_at_the_start(store: Store):
    assert not await PolicyInForce(store).were_several(NOW)


async def test_the_program_looks_again_and_again_and_signs_when_it_starts_and_finds_another(
    store: Store, stricter: Policy, monkeypatch: pytest.MonkeyPatch
):
    signed: asyncio.Queue[str] = asyncio.Queue()

    async def sign(_pool: asyncpg.Pool, policy: Policy) -> int:
        signed.put_nowait(policy.version)
        return 0

    monkeypatch.setattr(policing, "EVERY_S", 0.01)
    monkeypatch.setattr(policing, "SETTLED_S", 0.01)
    # Signing goes over every organization, those of other tests too.
    monkeypatch.setattr(policing, "sign_all_anew", sign)
    running = replace(store)
    looking = asyncio.create_task(PolicyInForce(running).run())
    async with asyncio.timeout(30):
        versions = [await signed.get() for _ in range(3)]
    looking.cancel()
    await asyncio.gather(looking, return_exceptions=True)
    # At the start, when another is found, and once what began under the former one is over.
    assert versions == [DEFAULT_POLICY.version, "stricter", "stricter"]
    assert running.policy == stricter
