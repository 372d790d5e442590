"""Whether users may text, asked: the same answer as the rules give, with every reason, for one as for many."""

from dataclasses import replace
from datetime import datetime
from typing import Any

import asyncpg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.commands.brands import BrandStatusChange, record_brand_status
from core.commands.toggles import set_user_texting
from core.commands.transaction import Store
from core.ids import encode
from core.principal import Role
from core.rules.default_policy import DEFAULT_POLICY
from core.rules.eligibility import RULES, Subject, decide
from core.rules.enums import (
    AssignmentStatus,
    BrandStatus,
    CampaignStatus,
    CustomerType,
    NumberSource,
    NumberState,
    PstnConnectionType,
    TextingMode,
    UserStatus,
)
from core.rules.facts import CampaignFacts, LocationFacts, NumberFacts, OrgFacts, UserFacts
from core.rules.settings import switch_of
from core.rules.words import catalogue
from core.rules.words.catalogue import render
from tests.acceptance.asking import Asker
from tests.acceptance.directories import Directory, change, directory
from tests.integration.worlds import PROVIDER, new_world

RESULT = "ruleId status level observed required message blockedBy withheld"
DECISION = f"""
outcome eligible prerequisites enabled policyVersion policyDigest simulated
decidedBy {{ ruleId }} rules {{ {RESULT} }} denials {{ ruleId }} rootCauses {{ ruleId }}
"""
ONE = f"query($id: ID!) {{ eligibility(userId: $id) {{ {DECISION} }} }}"
MANY = f"query($n: Int!) {{ users(first: $n) {{ edges {{ node {{ id eligibility {{ {DECISION} }} }} }} }} }}"
DATED = """query($n: Int!) { users(first: $n) { edges { node { eligibility {
  id user { id displayName } asOf rules { subject { id } observedAt citation { sourceId }
  remediation { kind owner summary mutation variables waitingSince } }
} } } } }"""


@pytest.fixture
async def acme(pool: asyncpg.Pool) -> Directory:
    return await directory(pool, texting_enabled=True)


def said_of(subject: Subject) -> dict[str, Any]:
    """What the API should say of a decision."""
    made = decide(subject, DEFAULT_POLICY)
    ids = {name: [each.rule_id for each in getattr(made, name)] for name in ("denials", "root_causes")}
    return {
        "outcome": made.outcome,
        "eligible": made.eligible,
        "prerequisites": made.prerequisites,
        "enabled": made.enabled,
        "policyVersion": DEFAULT_POLICY.version,
        "policyDigest": DEFAULT_POLICY.digest,
        "simulated": False,
        "decidedBy": None if made.decided_by is None else {"ruleId": made.decided_by.rule_id},
        "denials": [{"ruleId": id} for id in ids["denials"]],
        "rootCauses": [{"ruleId": id} for id in ids["root_causes"]],
        "rules": [
            {
                "ruleId": each.rule_id,
                "status": each.status,
                "level": each.level,
                "observed": list(each.observed) if isinstance(each.observed, tuple) else each.observed,
                "required": list(each.required) if isinstance(each.required, tuple) else each.required,
                "message": render(each.message),
                "blockedBy": list(each.blocked_by),
                "withheld": False,
            }
            for each in made.rules
        ],
    }


def maybe(values: Any) -> Any:
    return st.none() | st.sampled_from(values)


stored = st.fixed_dictionaries(
    {
        "customer_type": st.sampled_from(CustomerType),
        "calling_plan_provider": st.sampled_from((None, "Cisco", "Other")),
        "calling_plan_countries": st.sampled_from((None, [], ["US"], ["GB", "CA"])),
        "add_on_units": st.sampled_from((None, 0, 5)),
        "handles_phi": st.sampled_from((None, True, False)),
        "healthcare": st.sampled_from((None, True, False)),
        "texting_enabled": st.booleans(),
        "registration": st.sampled_from(BrandStatus),
        "campaign": st.sampled_from(CampaignStatus),
        "country": st.sampled_from(("US", "PR", "DE")),
        "pstn_connection_type": st.sampled_from(PstnConnectionType),
        "location_texting": st.sampled_from(TextingMode),
        "status": st.sampled_from((UserStatus.ACTIVE, UserStatus.DEACTIVATED)),
        "app_version": maybe(("42.9", " 42.12 ", "43.1", "nonsense")),
        "user_texting": st.sampled_from(TextingMode),
        "state": st.sampled_from(NumberState),
        "assigned_by": st.sampled_from(NumberSource),
        "region": maybe(("US", "JM")),
        "valid": st.booleans(),
        "assignment_status": maybe(AssignmentStatus),
    }
)
"""The stored facts of an organization, a location, a user and the primary number."""


@given(drawn=stored)
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_what_is_asked_is_what_the_rules_decide(ask: Asker, acme: Directory, pool: asyncpg.Pool, drawn: Any):
    assigned = drawn["assignment_status"]
    sold = ("customer_type", "calling_plan_provider", "calling_plan_countries", "add_on_units")
    await change(
        pool,
        acme,
        "orgs",
        acme.org_id,
        **{name: drawn[name] for name in (*sold, "handles_phi", "healthcare", "texting_enabled")},
    )
    await change(pool, acme, "brands", acme.brand, registration=drawn["registration"])
    await change(pool, acme, "campaigns", acme.campaign, status=drawn["campaign"])
    location = {name: drawn[name] for name in ("country", "pstn_connection_type")}
    await change(pool, acme, "locations", acme.locations[0], texting=drawn["location_texting"], **location)
    user = {name: drawn[name] for name in ("status", "app_version")}
    await change(pool, acme, "users", acme.users[0], texting=drawn["user_texting"], **user)
    number = {name: drawn[name] for name in ("state", "assigned_by", "region", "valid", "assignment_status")}
    campaign_id = acme.campaign if assigned is not None else None
    await change(pool, acme, "phone_numbers", acme.primaries[0], campaign_id=campaign_id, **number)
    countries = drawn["calling_plan_countries"]
    subject = Subject(
        org=OrgFacts(
            **{name: drawn[name] for name in ("customer_type", "calling_plan_provider", "add_on_units")},
            calling_plan_countries=None if countries is None else tuple(countries),
            add_on_suspended=False,
            handles_phi=drawn["handles_phi"],
            healthcare=drawn["healthcare"],
            brand_status=drawn["registration"],
        ),
        campaigns=(CampaignFacts(id=acme.campaign, status=drawn["campaign"]),),
        location=LocationFacts(**location),
        user=UserFacts(**user),
        number=NumberFacts(**number, type="PRIMARY", campaign_id=campaign_id),
        switch=switch_of(
            org_enabled=drawn["texting_enabled"] or None,
            location_mode=drawn["location_texting"],
            user_mode=drawn["user_texting"],
        ),
    )
    answer = await ask(acme.admin, ONE, id=acme.gid("User", acme.users[0]))
    assert answer["eligibility"] == said_of(subject)


async def test_many_are_decided_like_one(ask: Asker, acme: Directory, pool: asyncpg.Pool):
    await change(pool, acme, "users", acme.users[1], app_version="42.9")
    await change(pool, acme, "locations", acme.locations[1], country="DE")
    edges = (await ask(acme.admin, MANY, n=100))["users"]["edges"]
    assert len({edge["node"]["eligibility"]["outcome"] for edge in edges}) == 2
    for edge in edges:
        one = await ask(acme.admin, ONE, id=edge["node"]["id"])
        assert one["eligibility"] == edge["node"]["eligibility"]


@pytest.mark.parametrize(("document", "statements"), [(MANY, 4), (DATED, 6)])
async def test_fifty_cost_as_many_statements_as_five(ask: Asker, pool: asyncpg.Pool, document: str, statements: int):
    crowd = await directory(pool, users=25)
    for many in (5, 50):
        answer = await ask(crowd.admin, document, n=many)
        assert len(answer["users"]["edges"]) == many
        assert answer.statements == statements


@pytest.mark.parametrize("role", list(Role))
async def test_it_is_told_of_whom_the_caller_sees(ask: Asker, acme: Directory, role: Role):
    seen = {Role.USER: 1, Role.LOCATION_ADMIN: 2}.get(role, 4)
    found = [
        (await ask(acme.person(role), "query($id: ID!) { eligibility(userId: $id) { eligible } }", id=gid))[
            "eligibility"
        ]
        for gid in (acme.gid("User", user) for user in acme.users)
    ]
    assert [each is not None for each in found] == [True] * seen + [False] * (4 - seen)


async def test_of_nobody_it_tells_nothing(ask: Asker, acme: Directory, pool: asyncpg.Pool):
    other = await directory(pool)
    for id in (other.gid("User", other.users[0]), acme.gid("Location", acme.locations[0]), acme.gid("User"), "x"):
        assert (await ask(acme.admin, ONE, id=id))["eligibility"] is None


async def test_each_rule_names_whom_it_looked_at(ask: Asker, acme: Directory):
    document = "query($id: ID!) { eligibility(userId: $id) { user { id } rules { level subject { __typename id } } } }"
    expected = {
        "ORG": ("Org", acme.gid("Org")),
        "LOCATION": ("Location", acme.gid("Location", acme.locations[0])),
        "USER": ("User", acme.gid("User", acme.users[0])),
        "NUMBER": ("UserPhoneNumber", acme.gid("UserPhoneNumber", acme.primaries[0])),
    }
    found = (await ask(acme.person(Role.USER), document, id=acme.gid("User", acme.users[0])))["eligibility"]
    assert found["user"]["id"] == expected["USER"][1]
    for rule in found["rules"]:
        assert (rule["subject"]["__typename"], rule["subject"]["id"]) == expected[rule["level"]]


async def test_a_language_is_asked_for_or_the_callers(ask: Asker, acme: Directory, monkeypatch: pytest.MonkeyPatch):
    words = {"USER_ACTIVE.PASS": "Ja."}
    english = catalogue.catalogue("en")
    monkeypatch.setattr(catalogue, "languages", lambda: frozenset({"en", "xx"}))
    monkeypatch.setattr(catalogue, "catalogue", lambda tag: words if tag == "xx" else english)
    document = """query($id: ID!, $language: String) {
      eligibility(userId: $id) { rules { ruleId message(language: $language) } } }"""

    async def said(speaker: Asker, **given: Any) -> str:
        found = (await speaker(acme.admin, document, id=acme.gid("User", acme.users[0]), **given))["eligibility"]
        return next(rule["message"] for rule in found["rules"] if rule["ruleId"] == "USER_ACTIVE")

    assert await said(ask) == await said(ask, language="fr") == english["USER_ACTIVE.PASS"]
    assert await said(ask, language="xx-CA") == "Ja."
    assert await said(replace(ask, language="xx")) == "Ja."
    assert await said(replace(ask, language="xx"), language="en") == english["USER_ACTIVE.PASS"]


async def test_a_decision_keeps_its_id_until_a_fact_changes(ask: Asker, store: Store):
    world = await new_world(store)
    user_id = world.people[0].user_id
    gid = encode("User", world.org_id, user_id)
    document = "query($id: ID!) { eligibility(userId: $id) { id outcome asOf knownAt evaluatedAt } }"
    again = "query($id: ID!) { node(id: $id) { __typename id ... on EligibilityDecision { outcome } } }"
    first, second = [(await ask(world.org_admin, document, id=gid))["eligibility"] for _ in range(2)]
    assert first["id"] == second["id"]
    assert first["asOf"] == first["knownAt"] == first["evaluatedAt"] < second["asOf"]
    found = (await ask(world.org_admin, again, id=first["id"]))["node"]
    assert found == {"__typename": "EligibilityDecision", "id": first["id"], "outcome": "ALLOWED"}
    stranger = world.user(world.org_id)
    assert (await ask(stranger, again, id=first["id"]))["node"] is None
    await world.answer(world.org_admin, lambda tx: set_user_texting(tx, user_id, mode=TextingMode.OFF))
    changed = (await ask(world.org_admin, document, id=gid))["eligibility"]
    assert (changed["outcome"], changed["id"] == first["id"]) == ("DENIED", False)
    assert (await ask(world.org_admin, again, id=first["id"]))["node"] == found


async def test_the_way_out_is_a_mutation_that_can_be_sent(ask: Asker, store: Store):
    world = await new_world(store)
    user_id = world.people[0].user_id
    gid = encode("User", world.org_id, user_id)
    await world.answer(world.org_admin, lambda tx: set_user_texting(tx, user_id, mode=TextingMode.OFF))
    document = """query($id: ID!) { eligibility(userId: $id) {
      outcome decidedBy { ruleId remediation { kind owner summary mutation variables waitingSince } } } }"""
    found = (await ask(world.org_admin, document, id=gid))["eligibility"]
    fix = found["decidedBy"]["remediation"]
    assert (fix["kind"], fix["owner"], fix["mutation"]) == ("ADMIN_ACTION", "ORG_ADMIN", "setUserTexting")
    assert fix["variables"] == {"userId": gid, "mode": "ON"}
    sent = "mutation($input: SetUserTextingInput!) { setUserTexting(input: $input) { __typename } }"
    assert (await ask(world.org_admin, sent, input=fix["variables"]))["setUserTexting"]["__typename"] == "TextingSet"
    assert (await ask(world.org_admin, document, id=gid))["eligibility"] == {"outcome": "ALLOWED", "decidedBy": None}


async def test_what_waits_says_since_when_and_every_fact_when_it_was_recorded(ask: Asker, store: Store):
    world = await new_world(store)
    suspended = BrandStatusChange(brand_id=world.brand_id, registration=BrandStatus.SUSPENDED)
    before = datetime.now().astimezone()
    await world.answer(PROVIDER, lambda tx: record_brand_status(tx, suspended))
    document = """query($id: ID!) { eligibility(userId: $id) { rules {
      ruleId observedAt remediation { kind waitingSince } } } }"""
    gid = encode("User", world.org_id, world.people[0].user_id)
    rules = {rule["ruleId"]: rule for rule in (await ask(world.org_admin, document, id=gid))["eligibility"]["rules"]}
    brand = rules.pop("ORG_BRAND_REGISTERED")
    assert brand["remediation"]["kind"] == "CARRIER_WAIT"
    assert datetime.fromisoformat(brand["remediation"]["waitingSince"]).timestamp() > before.timestamp() - 0.001
    assert brand["observedAt"] >= brand["remediation"]["waitingSince"]
    assert {rule["observedAt"] is None for rule in rules.values()} == {False}
    assert max(rule["observedAt"] for rule in rules.values()) < brand["observedAt"]


async def test_the_catalogue_names_each_rule_its_sentence_and_its_policy(ask: Asker, acme: Directory):
    document = """query($v: String) { eligibilityRules(policyVersion: $v) {
      ruleId level summary policyVersion citation { sourceId text } } }"""
    found = (await ask(acme.person(Role.USER), document))["eligibilityRules"]
    assert [rule["ruleId"] for rule in found] == [rule.rule_id for rule in RULES]
    assert {rule["policyVersion"] for rule in found} == {DEFAULT_POLICY.version}
    assert [rule["citation"]["sourceId"] for rule in found] == [rule.source_id for rule in RULES]
    assert all(rule["summary"] and rule["citation"]["text"] for rule in found)
    assert (await ask(acme.admin, document, v=DEFAULT_POLICY.version))["eligibilityRules"] == found
    refused = await ask(acme.admin, document, v="1999-01")
    assert refused.codes == ["BAD_USER_INPUT"]
    assert "`1999-01`" in refused.errors[0]["message"]
