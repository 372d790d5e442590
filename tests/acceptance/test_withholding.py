"""Facts that a caller may not see: decided on all the same, and told by nothing that is answered."""

from typing import Any

import asyncpg
import pytest

from core.principal import Role
from core.rules.rule_ids import RuleId
from schema.access import STAFF, WHOLE_ORG
from tests.acceptance.asking import Asker
from tests.acceptance.correspondence import PEER
from tests.acceptance.directories import Directory, change, directory

RESULT = """ruleId status level observed required message blockedBy withheld observedAt subject { id }
citation { sourceId } remediation { kind owner summary mutation variables waitingSince }"""
RULES = f"query($id: ID!) {{ eligibility(userId: $id) {{ decidedBy {{ ruleId }} rules {{ {RESULT} }} }} }}"
CHECK = f"""query($id: ID!, $to: String!) {{ sendCheck(input: {{ userId: $id, to: $to, body: "hello" }}) {{
  rules {{ {RESULT} }} eligibility {{ rules {{ {RESULT} }} }} }} }}"""

SOLD = {RuleId.ORG_CALLING_PLAN_US_CA, RuleId.ORG_ADDON_LICENSED, RuleId.ORG_NOT_HIPAA}
REGISTERED = {RuleId.ORG_BRAND_REGISTERED, RuleId.ORG_CAMPAIGN_ACTIVE, RuleId.NUMBER_CAMPAIGN_ASSIGNED}

ALIKE: dict[str, list[tuple[str, dict[str, Any]]]] = {
    "plan": [
        ("orgs", {"calling_plan_provider": "Other"}),
        ("orgs", {"calling_plan_countries": ["GB"]}),
        ("orgs", {"calling_plan_countries": []}),
    ],
    "add-on": [("orgs", {"add_on_units": 0}), ("orgs", {"add_on_suspended": True})],
    "health": [("orgs", {"handles_phi": False}), ("orgs", {"handles_phi": None})],
    "brand fails": [("brands", {"registration": "FAILED"}), ("brands", {"registration": "SUSPENDED"})],
    "brand waits": [("brands", {"registration": "PENDING"}), ("brands", {"registration": "IN_REVIEW"})],
    "campaign fails": [
        ("campaigns", {"status": status}) for status in ("REGISTRY_REJECTED", "EXPIRED", "SUSPENDED", "DEACTIVATED")
    ],
    "campaign waits": [("campaigns", {"status": status}) for status in ("SUBMITTED", "CARRIER_REVIEW")],
    "assignment fails": [
        ("phone_numbers", {"assignment_status": "FAILED_ASSIGNMENT"}),
        ("phone_numbers", {"assignment_status": "PENDING_UNASSIGNMENT"}),
    ],
}
"""Facts that differ and give the same status of each rule."""


@pytest.fixture
async def acme(pool: asyncpg.Pool) -> Directory:
    return await directory(pool, texting_enabled=True)


async def asked(
    ask: Asker, pool: asyncpg.Pool, role: Role, document: str, facts: str, **more: Any
) -> list[dict[str, Any]]:
    """What one role is told of organizations that differ in such facts, their ids made the same."""
    found = []
    for table, columns in ALIKE[facts]:
        made = await directory(pool, texting_enabled=True, name="Acme")
        row = {"brands": made.brand, "campaigns": made.campaign, "phone_numbers": made.primaries[0]}
        await change(pool, made, table, row.get(table, made.org_id), **columns)
        answer = await ask(made.person(role), document, id=made.gid("User", made.users[0]), **more)
        assert not answer.errors
        told = str(answer.data)
        for name, gid in made.one_of_each().items():
            told = told.replace(gid, name)
        found.append(told)
    return found


def withheld(role: Role) -> set[str]:
    """The rules whose facts a role may not see, by what `schema.access` says of them."""
    return (set() if role in WHOLE_ORG else {*SOLD}) | (set() if role in STAFF else {*REGISTERED})


@pytest.mark.parametrize("role", list(Role))
async def test_each_role_sees_the_facts_that_it_may_read_elsewhere(ask: Asker, acme: Directory, role: Role):
    found = (await ask(acme.person(role), RULES, id=acme.gid("User", acme.users[0])))["eligibility"]
    hidden = {rule["ruleId"]: rule for rule in found["rules"] if rule["withheld"]}
    assert set(hidden) == withheld(role)
    assert {rule["observed"] for rule in hidden.values()} <= {None}
    assert all(rule["observed"] is not None for rule in found["rules"] if not rule["withheld"])


@pytest.mark.parametrize("facts", list(ALIKE))
async def test_what_is_hidden_from_a_user_makes_no_difference(ask: Asker, pool: asyncpg.Pool, facts: str):
    assert len(set(await asked(ask, pool, Role.USER, RULES, facts))) == 1
    assert len(set(await asked(ask, pool, Role.ORG_ADMIN, RULES, facts))) == len(ALIKE[facts])


@pytest.mark.parametrize("facts", list(ALIKE))
async def test_nor_does_it_in_a_decision_about_a_message(ask: Asker, pool: asyncpg.Pool, facts: str):
    assert len(set(await asked(ask, pool, Role.USER, CHECK, facts, to=PEER))) == 1
    assert len(set(await asked(ask, pool, Role.ORG_ADMIN, CHECK, facts, to=PEER))) == len(ALIKE[facts])


@pytest.mark.parametrize("facts", ["plan", "add-on", "health"])
async def test_what_is_sold_makes_no_difference_to_an_administrator_of_locations(
    ask: Asker, pool: asyncpg.Pool, facts: str
):
    assert len(set(await asked(ask, pool, Role.LOCATION_ADMIN, RULES, facts))) == 1


async def test_a_user_is_told_whom_to_ask(ask: Asker, acme: Directory, pool: asyncpg.Pool):
    await change(pool, acme, "orgs", acme.org_id, add_on_units=0)
    found = (await ask(acme.person(Role.USER), RULES, id=acme.gid("User", acme.users[0])))["eligibility"]
    rule = next(rule for rule in found["rules"] if rule["ruleId"] == "ORG_ADDON_LICENSED")
    assert rule["message"] == "The organization holds the business-texting add-on to its calling plan."
    assert rule["remediation"] == {
        "kind": "PARTNER_ORDER",
        "owner": "PROVIDER_ADMIN",
        "summary": "Ask an administrator of the organization, who can see what was found and what to do.",
        "mutation": None,
        "variables": None,
        "waitingSince": None,
    }
