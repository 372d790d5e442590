"""What if a fact were another: asked over the API, decided by the same rules, and nothing written."""

from __future__ import annotations

from typing import Any

import asyncpg
import pytest

from core.decision_ids import read_detail
from core.ids import decode
from core.principal import Role
from core.rules.rule_ids import RuleId
from tests.acceptance.asking import Asker
from tests.acceptance.directories import Directory, change, directory
from tests.unit.rules.test_what_if import PASSES

ONE = """query($id: ID!, $whatIf: [FactOverride!]) { eligibility(userId: $id, whatIf: $whatIf) {
  id outcome simulated rules { ruleId status observed observedAt } denials { ruleId } } }"""
MANY = """query($n: Int!, $whatIf: [FactOverride!]) { users(first: $n) { edges { node {
  id eligibility(whatIf: $whatIf) { id outcome simulated } } } } }"""
AGAIN = """query($ids: [ID!]!) { nodes(ids: $ids) { id ... on EligibilityDecision { outcome simulated } } }"""
OLD_APP = {"ruleId": "CLIENT_VERSION_MIN", "value": "42.9"}
NO_ADD_ON = {"ruleId": "ORG_ADDON_LICENSED", "value": 0}


@pytest.fixture
async def acme(pool: asyncpg.Pool) -> Directory:
    return await directory(pool, texting_enabled=True)


async def one(ask: Asker, acme: Directory, *supposed: dict[str, Any], at: int = 0) -> Any:
    return (await ask(acme.admin, ONE, id=acme.gid("User", acme.users[at]), whatIf=list(supposed)))["eligibility"]


async def test_supposing_nothing_is_the_plain_call(ask: Asker, acme: Directory):
    plain = (await ask(acme.admin, ONE, id=acme.gid("User", acme.users[0])))["eligibility"]
    assert await one(ask, acme) == plain
    assert (plain["outcome"], plain["simulated"]) == ("ALLOWED", False)
    nothing = (await ask(acme.admin, ONE, id=acme.gid("User", acme.users[0]), whatIf=None))["eligibility"]
    assert nothing == plain


async def test_what_is_supposed_is_decided_on_and_said_to_be_supposed(ask: Asker, acme: Directory):
    supposed = await one(ask, acme, OLD_APP, NO_ADD_ON)
    assert (supposed["outcome"], supposed["simulated"]) == ("DENIED", True)
    assert [each["ruleId"] for each in supposed["denials"]] == ["ORG_ADDON_LICENSED", "CLIENT_VERSION_MIN"]
    seen = {each["ruleId"]: each for each in supposed["rules"]}
    assert (seen["CLIENT_VERSION_MIN"]["observed"], seen["ORG_ADDON_LICENSED"]["observed"]) == ("42.9", 0)
    assert seen["CLIENT_VERSION_MIN"]["observedAt"] is None


async def test_its_id_is_another_and_the_same_for_the_same_facts_in_any_order(ask: Asker, acme: Directory):
    ids = [
        (await one(ask, acme, *supposed))["id"]
        for supposed in ((), (OLD_APP,), (NO_ADD_ON,), (OLD_APP, NO_ADD_ON), (NO_ADD_ON, OLD_APP))
    ]
    assert len(set(ids)) == 4
    assert ids[3] == ids[4]
    # Also where the value supposed is the real one.
    same = await one(ask, acme, {"ruleId": "CLIENT_VERSION_MIN", "value": "42.12"})
    assert (same["outcome"], same["id"] in ids) == ("ALLOWED", False)
    parsed = decode(same["id"])
    assert parsed is not None
    detail = read_detail(parsed.detail or "")
    assert detail is not None
    assert [(each.rule_id, each.value) for each in detail.overrides] == [("CLIENT_VERSION_MIN", "42.12")]


async def test_its_id_is_enough_to_make_it_again(ask: Asker, acme: Directory):
    made = [await one(ask, acme, *supposed) for supposed in ((), (OLD_APP,), (NO_ADD_ON, OLD_APP))]
    found = await ask(acme.admin, AGAIN, ids=[each["id"] for each in made])
    assert found["nodes"] == [{name: each[name] for name in ("id", "outcome", "simulated")} for each in made]
    many = await ask(acme.admin, AGAIN, ids=[made[1]["id"], made[2]["id"]] * 20)
    assert many.statements == found.statements


async def test_many_are_supposed_like_one(ask: Asker, acme: Directory, pool: asyncpg.Pool):
    await change(pool, acme, "users", acme.users[1], app_version="42.9")
    supposed = {"ruleId": "LOCATION_COUNTRY_US_CA", "value": "DE", "entityId": acme.gid("Location", acme.locations[1])}
    answer = await ask(acme.admin, MANY, n=100, whatIf=[supposed])
    found = {edge["node"]["id"]: edge["node"]["eligibility"] for edge in answer["users"]["edges"]}
    outcomes = [found[acme.gid("User", id)]["outcome"] for id in acme.users]
    assert outcomes == ["ALLOWED", "DENIED", "DENIED", "DENIED"]
    assert (await one(ask, acme, supposed, at=2))["id"] == found[acme.gid("User", acme.users[2])]["id"]


async def test_a_thousand_facts_cost_no_statement_more(ask: Asker, pool: asyncpg.Pool):
    crowd = await directory(pool, users=25, texting_enabled=True)
    plain = await ask(crowd.admin, MANY, n=50)
    supposed = await ask(crowd.admin, MANY, n=50, whatIf=[OLD_APP, NO_ADD_ON])
    assert supposed.statements == plain.statements


async def test_a_what_if_writes_nothing(ask: Asker, acme: Directory, pool: asyncpg.Pool):
    async def everything() -> list[Any]:
        tables = await pool.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'texting' ORDER BY 1")
        async with pool.acquire() as connection, connection.transaction():
            await connection.execute(f"SET LOCAL texting.org_id = '{acme.org_id}'")
            may = "SELECT has_table_privilege(format('texting.%I', $1::text), 'SELECT')"
            return [
                await connection.fetchval(f"SELECT count(*) FROM texting.{each['tablename']}")
                for each in tables
                if await connection.fetchval(may, each["tablename"])
            ]

    before = await everything()
    for rule_id, value in PASSES.items():
        await one(ask, acme, {"ruleId": rule_id, "value": value})
    assert await everything() == before


@pytest.mark.parametrize("rule_id", list(RuleId))
async def test_every_fact_can_be_supposed_for_its_entity(ask: Asker, acme: Directory, rule_id: RuleId):
    entities = {
        "ORG": acme.gid("Org"),
        "LOCATION": acme.gid("Location", acme.locations[0]),
        "NUMBER": acme.gid("UserPhoneNumber", acme.primaries[0]),
        "USER": acme.gid("User", acme.users[0]),
    }
    level = "NUMBER" if rule_id.startswith(("NUMBER", "USER_TN")) else rule_id.partition("_")[0]
    entity = acme.gid("Campaign", acme.campaign) if rule_id is RuleId.ORG_CAMPAIGN_ACTIVE else entities.get(level)
    named = {"entityId": entity or entities["USER"]}
    found = await one(ask, acme, {"ruleId": rule_id, "value": PASSES[rule_id], **named})
    assert (found["outcome"], found["simulated"]) == ("ALLOWED", True)


REFUSED: list[tuple[list[dict[str, Any]], str]] = [
    (
        [{"ruleId": "NO_RULE", "value": 1}],
        "`whatIf[0]` names `NO_RULE`, which is no rule: give one of `ORG_CALLING_PLAN_US_CA`",
    ),
    ([OLD_APP, {"ruleId": "USER_ACTIVE", "value": "GONE"}], "`whatIf[1]` gives `USER_ACTIVE` the value `GONE`: give"),
    ([{**OLD_APP, "entityId": "x"}], "`whatIf[0]` has the `entityId` `x`"),
    ([OLD_APP, OLD_APP], "`whatIf[1]` supposes a fact that is supposed already"),
    ([NO_ADD_ON] * 21, "`whatIf` supposes 21 facts: give at most 20"),
    ([{"ruleId": "DEST_VALID", "value": "x"}], "`whatIf[0]` names `DEST_VALID`, which is no rule"),
]


@pytest.mark.parametrize(("supposed", "said"), REFUSED)
async def test_what_cannot_be_supposed_is_named_with_what_can(
    ask: Asker, acme: Directory, supposed: list[dict[str, Any]], said: str
):
    for document, given in ((ONE, {"id": acme.gid("User", acme.users[0])}), (MANY, {"n": 5})):
        answer = await ask(acme.admin, document, whatIf=supposed, **given)
        assert set(answer.codes) == {"BAD_USER_INPUT"}
        assert answer.errors[0]["message"].startswith(said)


async def test_a_fact_that_is_not_read_is_refused_whosever_it_is(ask: Asker, acme: Directory, pool: asyncpg.Pool):
    strangers = [acme.gid("User", acme.users[1]), acme.gid("Location", acme.locations[1]), acme.gid("User", acme.spare)]
    said = set()
    for entity in strangers:
        supposed = [{**OLD_APP, "entityId": entity}]
        answer = await ask(acme.admin, ONE, id=acme.gid("User", acme.users[0]), whatIf=supposed)
        assert answer.codes == ["BAD_USER_INPUT"]
        said.add(answer.errors[0]["message"])
    assert len(said) == 1


async def test_what_may_not_be_seen_may_not_be_supposed(ask: Asker, acme: Directory):
    user = acme.person(Role.USER)
    gid = acme.gid("User", acme.users[0])
    answer = await ask(user, ONE, id=gid, whatIf=[NO_ADD_ON])
    assert answer.codes == ["BAD_USER_INPUT"]
    assert "not the caller's to read" in answer.errors[0]["message"]
    assert (await ask(user, ONE, id=gid, whatIf=[OLD_APP]))["eligibility"]["outcome"] == "DENIED"
    of_admin = await one(ask, acme, NO_ADD_ON)
    assert (await ask(user, AGAIN, ids=[of_admin["id"]]))["nodes"] == [None]


async def test_of_nobody_nothing_is_supposed(ask: Asker, acme: Directory):
    assert (await ask(acme.admin, ONE, id=acme.gid("User", acme.spare), whatIf=[OLD_APP]))["eligibility"] is None
