"""Decisions are made under the policy in force: of another time the one of then, now the newest that has begun."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import pytest

from core.commands.transaction import Store
from core.ids import encode
from core.rules.default_policy import DEFAULT_POLICY
from core.rules.policy import Policy
from core.rules.versions import AppVersion
from core.storage import policies
from tests.acceptance.asking import Asker
from tests.acceptance.test_histories import old_world
from tests.integration.worlds import World
from texting import policing
from texting.policing import PolicyInForce

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


async def test_a_policy_is_gone_by_once_it_has_begun(store: Store, stricter: Policy):
    running, other = replace(store), replace(store)
    both = PolicyInForce(running, other)
    await both.look(BEFORE)
    assert running.policy is DEFAULT_POLICY
    await both.look(AFTER)
    assert (running.policy, other.policy) == (stricter, stricter)


async def test_the_program_looks_again_and_again(store: Store, stricter: Policy, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(policing, "EVERY_S", 0.01)
    running = replace(store)
    looking = asyncio.create_task(PolicyInForce(running).run())
    async with asyncio.timeout(30):
        while running.policy.version != stricter.version:  # noqa: ASYNC110 - nothing tells of it but the store
            await asyncio.sleep(0.01)
    looking.cancel()
    await asyncio.gather(looking, return_exceptions=True)
