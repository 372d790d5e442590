"""Why mutations do nothing: versions, states, faulty inputs, whoever may not text; and what each refusal shows."""

from typing import Any

import asyncpg
import pytest

from core.commands.toggles import USER_ACTIONS
from core.commands.transaction import Store
from core.principal import Role
from resolvers.mutations.asked import Asked as AskedInput
from tests.acceptance.asking import Asker
from tests.acceptance.mutating import (
    INPUTS,
    PEER,
    Input,
    Stage,
    contents,
    document,
    input_fields,
    mutations,
    new_key,
    new_stage,
)
from tests.integration.worlds import new_email, new_number

_BLOCKER = (
    "ruleId status level subject { __typename id } message observed required blockedBy withheld observedAt "
    "citation { sourceId text } remediation { kind owner summary mutation variables waitingSince }"
)
NOT_ELIGIBLE = f"... on NotEligible {{ blockers {{ {_BLOCKER} }} }}"


@pytest.fixture
async def stage(store: Store, worker_pool: asyncpg.Pool) -> Stage:
    return await new_stage(store, worker_pool)


async def answered(ask: Asker, stage: Stage, name: str, selection: str = "", /, **input: Any) -> dict[str, Any]:
    """What a mutation answers to somebody who may call it."""
    asked = await ask(stage.caller(name), document(name, selection), input=input)
    return asked[name]  # type: ignore[no-any-return]


async def done(ask: Asker, stage: Stage, name: str, /, **input: Any) -> None:
    """Carry out a mutation."""
    found = await answered(ask, stage, name, **input)
    assert "code" not in found, found


VERSIONED = {
    "setOrgTexting": "Org",
    "setLocationTexting": "Location",
    "setUserTexting": "User",
    "updateOrg": "Org",
    "setOrgEntitlements": "Org",
    "updateLocation": "Location",
    "updateUser": "User",
    "deactivateUser": "User",
}
"""Mutations that take `expectedVersion`, and what has the version."""


def test_every_mutation_with_a_version_is_tried() -> None:
    assert {name for name in mutations() if "expectedVersion" in input_fields(name)} == set(VERSIONED)


@pytest.mark.parametrize("name", VERSIONED)
async def test_another_version_is_refused_with_the_object_as_it_is(
    name: str, stage: Stage, ask: Asker, admin: asyncpg.Connection
) -> None:
    before = await contents(admin, stage.org_id)
    shown = (
        "current { __typename id ... on Org { version name } ... on Location { version name }"
        " ... on User { version displayName } }"
    )
    input = {**INPUTS[name](stage), "expectedVersion": 99}
    found = await answered(ask, stage, name, f"... on VersionConflict {{ {shown} }}", **input)
    assert (found["__typename"], found["code"]) == ("VersionConflict", "VERSION_CONFLICT")
    assert found["current"]["__typename"] == VERSIONED[name]
    assert found["current"]["id"] == next(value for key, value in input.items() if key.endswith("Id"))
    assert found["current"]["version"] == found["currentVersion"]
    assert await contents(admin, stage.org_id) == before
    kinds = await admin.fetch("SELECT kind FROM audit.record WHERE request_id = $1", found["trackingId"])
    assert [row["kind"] for row in kinds] == ["FAILURE"]
    right = await answered(ask, stage, name, **{**input, "expectedVersion": found["currentVersion"]})
    assert "code" not in right, right


@pytest.mark.parametrize("name", ["setLocationTexting", "setUserTexting", "updateUser"])
async def test_whoever_does_not_reach_it_learns_no_version(name: str, stage: Stage, ask: Asker) -> None:
    elsewhere = stage.world.location_admin(stage.world.location_ids[1])
    input = {**INPUTS[name](stage), "expectedVersion": 99}
    found = (await ask(elsewhere, document(name, "... on VersionConflict { current { id } }"), input=input))[name]
    assert found["__typename"] == "NotAllowed"
    assert Role.LOCATION_ADMIN not in found["requiredRoles"]


async def test_an_organization_without_a_standing_brand_names_what_blocks_it(stage: Stage, ask: Asker) -> None:
    await done(ask, stage, "recordBrandStatus", brandId=stage["brand"], registration="SUSPENDED")
    found = await answered(ask, stage, "setOrgTexting", NOT_ELIGIBLE, orgId=stage["org"], enabled=True)
    assert (found["__typename"], found["code"]) == ("NotEligible", "NOT_ELIGIBLE")
    brand = next(each for each in found["blockers"] if each["ruleId"] == "ORG_BRAND_REGISTERED")
    assert (brand["status"], brand["level"]) == ("FAIL", "ORG")
    assert brand["subject"] == {"__typename": "Org", "id": stage["org"]}
    assert (brand["observed"], brand["withheld"]) == ("SUSPENDED", False)
    assert brand["citation"]["sourceId"] == "P6"
    assert brand["observedAt"] is not None
    assert brand["remediation"]["summary"]
    off = await answered(ask, stage, "setOrgTexting", orgId=stage["org"], enabled=False)
    assert off["__typename"] == "TextingSet"


async def test_a_location_outside_the_territory_names_itself(stage: Stage, ask: Asker) -> None:
    await done(ask, stage, "updateLocation", locationId=stage["location"], address={"country": "DE"})
    for name, target in (("setLocationTexting", "location"), ("setUserTexting", "user")):
        input = {**INPUTS[name](stage), "mode": "ON"}
        found = await answered(ask, stage, name, NOT_ELIGIBLE, **input)
        assert found["__typename"] == "NotEligible", target
        (blocker,) = found["blockers"]
        assert (blocker["level"], blocker["observed"]) == ("LOCATION", "DE")
        assert blocker["subject"] == {"__typename": "Location", "id": stage["location"]}


async def test_of_many_users_each_that_stands_in_the_way_is_named(stage: Stage, ask: Asker) -> None:
    await done(ask, stage, "updateLocation", locationId=stage["other location"], address={"country": "DE"})
    await done(ask, stage, "updateUser", userId=stage["other"], locationId=stage["other location"])
    selection = "... on UsersRefused { refusals { userId user { id displayName } code message } }"
    found = await answered(ask, stage, "setUsersTexting", selection, userIds=[stage["user"], stage["other"]], mode="ON")
    assert (found["__typename"], found["code"]) == ("UsersRefused", "USERS_REFUSED")
    (refused,) = found["refusals"]
    assert (refused["userId"], refused["user"]["id"]) == (stage["other"], stage["other"])
    assert refused["code"] == "NOT_ELIGIBLE"
    assert refused["message"]


async def test_a_text_that_may_not_go_shows_the_decision_and_its_record(
    stage: Stage, ask: Asker, admin: asyncpg.Connection
) -> None:
    await done(
        ask, stage, "recordConsent", orgId=stage["org"], subject=PEER, scope="ORG", action="OPT_OUT", basis="VOICE"
    )
    before = await contents(admin, stage.org_id)
    selection = (
        f"... on SendDenied {{ decision {{ outcome decidedBy {{ {_BLOCKER} }} rules {{ ruleId status }} segments "
        "nextAllowedAt policyVersion } eligibility { outcome user { id } rules { ruleId status } } "
        "auditRecord { id kind outcome rule requestId } }"
    )
    for role in (Role.USER, Role.PROVIDER_ADMIN):
        asked = await ask(
            stage.person(role), document("sendMessage", selection), input={**INPUTS["sendMessage"](stage)}
        )
        found = asked["sendMessage"]
        assert (found["__typename"], found["code"]) == ("SendDenied", "SEND_DENIED")
        decision = found["decision"]
        assert (decision["outcome"], decision["decidedBy"]["status"]) == ("DENIED", "FAIL")
        failing = [each["ruleId"] for each in decision["rules"] if each["status"] == "FAIL"]
        assert decision["decidedBy"]["ruleId"] == failing[0]
        assert found["eligibility"]["outcome"] == "ALLOWED"
        assert found["eligibility"]["user"]["id"] == stage["user"]
        record = found["auditRecord"]
        assert (record["kind"], record["outcome"], record["rule"]) == ("DENIAL", "DENIED", failing[0])
        assert record["requestId"] == found["trackingId"]
    assert await contents(admin, stage.org_id) == before


async def test_a_user_sends_for_nobody_else(stage: Stage, ask: Asker) -> None:
    input = {**INPUTS["sendMessage"](stage), "userId": stage["other"]}
    found = (await ask(stage.person(Role.USER), document("sendMessage"), input=input))["sendMessage"]
    assert (found["__typename"], found["requiredRoles"]) == ("NotAllowed", ["PROVIDER_ADMIN"])
    report = {"userId": stage["other"], "appVersion": "44.1"}
    found = (await ask(stage.person(Role.USER), document("reportAppVersion"), input=report))["reportAppVersion"]
    assert found["__typename"] == "NotAllowed"


@pytest.mark.parametrize(
    ("name", "input", "state"),
    [
        ("registerBrand", {"orgId": "org", "legalName": "Another"}, "APPROVED"),
        ("assignCampaignNumber", {"phoneNumberId": "number", "campaignId": "campaign"}, "ASSIGNED"),
        ("recordCampaignStatus", {"campaignId": "campaign", "status": "SUBMITTED"}, "ACTIVE"),
        (
            "recordNumberAssignment",
            {"phoneNumberId": "number", "campaignId": "campaign", "status": "PENDING_ASSIGNMENT"},
            "ASSIGNED",
        ),
    ],
)
async def test_a_state_that_does_not_allow_it_is_named(
    name: str, input: Input, state: str, stage: Stage, ask: Asker
) -> None:
    named = {key: stage[value] if key.endswith("Id") else value for key, value in input.items()}
    found = await answered(ask, stage, name, **named)
    assert (found["__typename"], found["code"], found["state"]) == ("WrongState", "WRONG_STATE", state)


async def test_numbers_with_a_new_user_are_the_providers(stage: Stage, ask: Asker) -> None:
    number = {"phoneNumber": new_number(), "type": "PRIMARY", "assignedBy": "CISCO_CALLING_PLAN"}
    input = {**INPUTS["createUser"](stage), "email": new_email(), "phoneNumbers": [number]}
    admin = stage.person(Role.ORG_ADMIN)
    found = (await ask(admin, document("createUser"), input=input))["createUser"]
    assert (found["__typename"], found["requiredRoles"]) == ("NotAllowed", ["PROVIDER_ADMIN"])
    selection = "... on UserCreated { user { primaryNumber { phoneNumber } } }"
    provider = stage.person(Role.PROVIDER_ADMIN)
    made = (await ask(provider, document("createUser", selection), input=input))["createUser"]
    assert made["user"]["primaryNumber"]["phoneNumber"] == number["phoneNumber"]


async def test_an_empty_key_is_no_key(stage: Stage, ask: Asker) -> None:
    input = {**INPUTS["sendMessage"](stage), "idempotencyKey": ""}
    found = await answered(ask, stage, "sendMessage", **input)
    assert (found["__typename"], found["problems"][0]["path"]) == ("InvalidInput", ["idempotencyKey"])
    again = await answered(ask, stage, "sendMessage", **{**input, "idempotencyKey": new_key()})
    assert again["__typename"] == "MessageAccepted"


async def test_an_input_that_crashes_the_program_while_it_is_read_leaves_a_record(
    stage: Stage, ask: Asker, admin: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = await contents(admin, stage.org_id)

    def crash(*_: object) -> None:
        raise ZeroDivisionError("read badly")

    monkeypatch.setattr(AskedInput, "id", crash)
    with pytest.raises(ZeroDivisionError, match="read badly"):
        await answered(ask, stage, "setUserTexting", "", **INPUTS["setUserTexting"](stage))
    assert await contents(admin, stage.org_id) == before
    made = await admin.fetchrow("SELECT * FROM audit.record WHERE org_id = $1 ORDER BY id DESC LIMIT 1", stage.org_id)
    assert (made["kind"], made["outcome"], made["target_type"]) == ("FAILURE", "FAILED", "User")
    assert made["action"] in USER_ACTIONS.values()
    assert b'"status_code":"INTERNAL"' in made["entry"]
