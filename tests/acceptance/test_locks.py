"""A level that is locked: what is below it may not turn texting on, and does not count while the lock holds."""

from datetime import UTC, datetime
from typing import Any

import pytest

from core.commands.transaction import Store
from core.ids import encode
from core.principal import Principal, Role
from tests.acceptance.asking import Asker
from tests.integration.worlds import World, member, new_email, new_world

ANSWER = """{ __typename ... on TextingSet {
    dryRun impact { turnedOn turnedOff unchanged keptByOverride } auditRecord { id }
  }
  ... on SettingLocked { code message lockedBy { level setAt setBy entity { id } auditRecord { action } } }
  ... on NotAllowed { requiredRoles } ... on Refusal { code } }"""
ORG = f"mutation($input: SetOrgTextingInput!) {{ answer: setOrgTexting(input: $input) {ANSWER} }}"
LOCATION = f"mutation($input: SetLocationTextingInput!) {{ answer: setLocationTexting(input: $input) {ANSWER} }}"
USER = f"mutation($input: SetUserTextingInput!) {{ answer: setUserTexting(input: $input) {ANSWER} }}"
SETTING = """query($id: ID!) { user(id: $id) {
  effectiveSetting(key: BUSINESS_TEXTING) {
    value state inheritedValue overrideIsRedundant source { level } chain { level value wins whyNot locked }
  } eligibility { outcome rules { ruleId status message remediation { mutation variables } } } } }"""


@pytest.fixture
async def world(store: Store) -> World:
    return await new_world(store, people=3)


def gid(world: World, at: int = 0) -> str:
    return encode("User", world.org_id, world.people[at].user_id)


async def org_to(ask: Asker, world: World, **said: Any) -> dict[str, Any]:
    given = {"orgId": encode("Org", world.org_id, world.org_id), **said}
    return (await ask(world.org_admin, ORG, input=given))["answer"]


async def location_to(ask: Asker, world: World, who: Principal | None = None, **said: Any) -> dict[str, Any]:
    given = {"locationId": encode("Location", world.org_id, world.location_id), **said}
    return (await ask(who or world.org_admin, LOCATION, input=given))["answer"]


async def user_to(ask: Asker, world: World, mode: str, at: int = 0) -> dict[str, Any]:
    return (await ask(world.org_admin, USER, input={"userId": gid(world, at), "mode": mode}))["answer"]


async def setting(ask: Asker, world: World, at: int = 0) -> dict[str, Any]:
    return (await ask(world.org_admin, SETTING, id=gid(world, at)))["user"]


async def test_an_override_does_not_count_while_a_level_above_is_locked(ask: Asker, world: World):
    await user_to(ask, world, "OFF")
    assert (await setting(ask, world))["effectiveSetting"]["state"] == "OVERRIDDEN"
    await org_to(ask, world, enabled=True, locked=True)
    found = await setting(ask, world)
    effective = found["effectiveSetting"]
    assert (effective["value"], effective["state"], effective["source"]) == (True, "LOCKED", {"level": "ORG"})
    assert (effective["inheritedValue"], effective["overrideIsRedundant"]) == (True, False)
    chain = {link["level"]: link for link in effective["chain"]}
    assert {level: link["locked"] for level, link in chain.items()} == {
        "USER": False, "LOCATION": False, "ORG": True, "SYSTEM": False,
    }  # fmt: skip
    assert chain["USER"]["whyNot"] == "The organization's setting is locked, so the user's value does not count."
    assert chain["ORG"]["wins"]
    assert found["eligibility"]["outcome"] == "ALLOWED"


async def test_turning_on_below_a_lock_is_refused_and_says_who_locked_it(ask: Asker, world: World):
    before = datetime.now(UTC)
    await org_to(ask, world, enabled=False, locked=True)
    for refused in (await user_to(ask, world, "ON"), await location_to(ask, world, mode="ON")):
        assert (refused["__typename"], refused["code"]) == ("SettingLocked", "SETTING_LOCKED")
        lock = refused["lockedBy"]
        assert (lock["level"], lock["setBy"]) == ("ORG", world.org_admin.subject)
        assert datetime.fromisoformat(lock["setAt"]).timestamp() > before.timestamp() - 0.001
        assert lock["entity"] == {"id": encode("Org", world.org_id, world.org_id)}
    found = await setting(ask, world)
    rule = next(each for each in found["eligibility"]["rules"] if each["ruleId"] == "EFFECTIVE_SETTING_ENABLED")
    assert rule["message"] == "Business texting is off, and the organization's setting is locked."
    assert rule["remediation"]["mutation"] == "setOrgTexting"


async def test_off_and_inherit_are_possible_below_a_lock_and_wait_for_its_end(ask: Asker, world: World):
    await org_to(ask, world, enabled=True, locked=True)
    off = await user_to(ask, world, "OFF")
    assert (off["__typename"], off["impact"]["unchanged"], off["impact"]["turnedOff"]) == ("TextingSet", 1, 0)
    assert (await setting(ask, world))["effectiveSetting"]["value"] is True
    assert (await user_to(ask, world, "INHERIT", 1))["__typename"] == "TextingSet"
    unlocked = await org_to(ask, world, enabled=True, locked=False)
    assert unlocked["impact"] == {"turnedOn": 0, "turnedOff": 1, "unchanged": 2, "keptByOverride": 0}
    assert (await setting(ask, world))["effectiveSetting"]["value"] is False


async def test_a_dry_run_tells_what_a_lock_would_do(ask: Asker, world: World):
    await user_to(ask, world, "OFF")
    asked = await org_to(ask, world, enabled=True, locked=True, dryRun=True)
    assert asked["impact"] == {"turnedOn": 1, "turnedOff": 0, "unchanged": 2, "keptByOverride": 0}
    assert (await setting(ask, world))["effectiveSetting"]["value"] is False
    without = await org_to(ask, world, enabled=True, dryRun=True)
    assert without["impact"] == {"turnedOn": 0, "turnedOff": 0, "unchanged": 2, "keptByOverride": 1}


async def test_null_and_nothing_leave_the_lock_as_it_is(ask: Asker, world: World):
    await org_to(ask, world, enabled=False, locked=True)
    for said in ({}, {"locked": None}):
        await org_to(ask, world, enabled=True, **said)
        assert (await user_to(ask, world, "ON"))["__typename"] == "SettingLocked"
    await org_to(ask, world, enabled=True, locked=False)
    assert (await user_to(ask, world, "ON"))["__typename"] == "TextingSet"


async def test_a_location_is_locked_by_the_organizations_administrators_alone(ask: Asker, world: World):
    own = world.location_admin(world.location_id)
    refused = await location_to(ask, world, own, mode="OFF", locked=True)
    assert (refused["__typename"], refused["requiredRoles"]) == ("NotAllowed", ["PROVIDER_ADMIN", "ORG_ADMIN"])
    assert (await location_to(ask, world, mode="OFF", locked=True))["__typename"] == "TextingSet"
    assert (await location_to(ask, world, own, mode="ON"))["__typename"] == "TextingSet"
    refused = await user_to(ask, world, "ON")
    assert (refused["__typename"], refused["lockedBy"]["level"]) == ("SettingLocked", "LOCATION")
    chain = (await setting(ask, world))["effectiveSetting"]["chain"]
    assert [link["locked"] for link in chain] == [False, True, False, False]


async def test_many_users_and_new_ones_meet_the_lock_too(ask: Asker, world: World):
    await org_to(ask, world, enabled=False, locked=True)
    many = """mutation($input: SetUsersTextingInput!) { setUsersTexting(input: $input) {
      ... on UsersRefused { refusals { code } } } }"""
    users = [gid(world, at) for at in range(2)]
    refused = (await ask(world.org_admin, many, input={"userIds": users, "mode": "ON"}))["setUsersTexting"]
    assert refused["refusals"] == [{"code": "SETTING_LOCKED"}] * 2
    new = """mutation($input: CreateUserInput!) { createUser(input: $input) {
      ... on InvalidInput { problems { path code } } } }"""
    place = encode("Location", world.org_id, world.location_id)
    given = {"locationId": place, "displayName": "Ana", "email": new_email(), "texting": "ON"}
    refused = (await ask(world.org_admin, new, input=given))["createUser"]
    assert refused["problems"] == [{"path": ["texting"], "code": "SETTING_LOCKED"}]


async def test_a_lock_leaves_a_record_of_its_own(ask: Asker, world: World):
    await org_to(ask, world, enabled=True, locked=True)
    await org_to(ask, world, enabled=False, locked=False)
    document = """query { auditRecords(filter: {targetType: "Org"}, first: 4) { edges { node {
      action before after correlationId } } } }"""
    answer = await ask(member(world.org_id, Role.AUDITOR), document)
    found = [edge["node"] for edge in answer["auditRecords"]["edges"]]
    together = {each.pop("correlationId") for each in found[:2]}
    assert len(together) == 1
    assert together != {None}
    assert found[2].pop("correlationId") is None
    alone = {"action": "org:texting:lock", "before": {"locked": False}, "after": {"locked": True}}
    assert found[2] == alone
    assert sorted((each["action"], str(each["after"])) for each in found[:2]) == [
        ("org:texting:disable", "{'textingEnabled': False}"),
        ("org:texting:unlock", "{'locked': False}"),
    ]
    history = """query($id: ID!) { org(id: $id) { effectiveSettings { key history { edges { node { action } } } } } }"""
    told = (await ask(member(world.org_id, Role.AUDITOR), history, id=encode("Org", world.org_id, world.org_id)))["org"]
    actions = [edge["node"]["action"] for edge in told["effectiveSettings"][0]["history"]["edges"]]
    assert {"org:texting:lock", "org:texting:unlock"} < set(actions)


async def test_a_lock_of_the_past_counts_then_and_is_named_as_what_changed(ask: Asker, world: World):
    await user_to(ask, world, "ON")
    await org_to(ask, world, enabled=False)
    since = datetime.now(UTC)
    record = (await org_to(ask, world, enabled=False, locked=True))["auditRecord"]
    document = """query($id: ID!, $from: DateTime!, $to: DateTime!) {
      eligibilityDiff(userId: $id, from: $from, to: $to) {
        before { outcome } after { id outcome } changes { ruleId causedBy { id } } } }"""
    asked = {"id": gid(world), "from": since.isoformat(), "to": datetime.now(UTC).isoformat()}
    found = (await ask(member(world.org_id, Role.AUDITOR), document, **asked))["eligibilityDiff"]
    assert (found["before"]["outcome"], found["after"]["outcome"]) == ("ALLOWED", "DENIED")
    assert found["changes"] == [{"ruleId": "EFFECTIVE_SETTING_ENABLED", "causedBy": [record]}]
    await org_to(ask, world, enabled=False, locked=False)
    again = "query($id: ID!) { node(id: $id) { ... on EligibilityDecision { outcome } } }"
    assert (await ask(world.org_admin, again, id=found["after"]["id"]))["node"] == {"outcome": "DENIED"}


@pytest.mark.parametrize("locked", ["org", "location", "both", "none"])
@pytest.mark.parametrize("enabled", [True, False])
async def test_reports_filters_and_licences_count_as_single_answers_do(
    ask: Asker, world: World, locked: str, enabled: bool
):
    for at, mode in enumerate(("ON", "OFF", "INHERIT")):
        await user_to(ask, world, mode, at)
    await location_to(ask, world, mode="OFF" if enabled else "ON", locked=locked in {"location", "both"})
    await org_to(ask, world, enabled=enabled, locked=locked in {"org", "both"})
    single = [await setting(ask, world, at) for at in range(3)]
    on = sum(each["effectiveSetting"]["value"] for each in single)
    assert on == sum(each["eligibility"]["outcome"] == "ALLOWED" for each in single)
    org = encode("Org", world.org_id, world.org_id)
    document = """query($org: ID!) {
      org(id: $org) { textingAddOn { consumedUnits } }
      users(first: 5) { edges { node { eligibility { outcome } } } }
      eligibilityReport(orgId: $org) { byOutcome { enabled count } }
      on: users(filter: {enabled: true}) { totalCount }
      redundant: users(filter: {overrideIsRedundant: true}) { totalCount } }"""
    answer = await ask(world.org_admin, document, org=org)
    assert answer["org"]["textingAddOn"]["consumedUnits"] == on
    assert sum(each["count"] for each in answer["eligibilityReport"]["byOutcome"] if each["enabled"]) == on
    assert answer["on"]["totalCount"] == on
    alone = [edge["node"]["eligibility"]["outcome"] for edge in answer["users"]["edges"]]
    assert alone == [each["eligibility"]["outcome"] for each in single]
    redundant = sum(each["effectiveSetting"]["overrideIsRedundant"] for each in single)
    assert answer["redundant"]["totalCount"] == redundant
