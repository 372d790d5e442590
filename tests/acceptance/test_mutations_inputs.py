"""Inputs of every sort: what cannot be kept is refused with its place, absent leaves things, null clears them."""

from typing import Any

import asyncpg
import pytest

from core.principal import Role
from tests.acceptance.asking import Asker
from tests.acceptance.mutating import INPUTS, Input, Stage, contents, document, new_stage, store_of
from tests.integration.worlds import new_number


@pytest.fixture(scope="module")
async def stage(pool: asyncpg.Pool, worker_pool: asyncpg.Pool) -> Stage:
    return await new_stage(store_of(pool), worker_pool)


async def answered(ask: Asker, stage: Stage, name: str, selection: str = "", /, **input: Any) -> dict[str, Any]:
    """What a mutation answers to somebody who may call it."""
    asked = await ask(stage.caller(name), document(name, selection), input={**INPUTS[name](stage), **input})
    return asked[name]  # type: ignore[no-any-return]


def nested(depth: int) -> Any:
    value: Any = "bottom"
    for _ in range(depth):
        value = [value]
    return value


WITH_EVIDENCE = ["recordBrandStatus", "recordCampaignStatus", "recordNumberAssignment"]


@pytest.mark.parametrize("name", WITH_EVIDENCE)
@pytest.mark.parametrize(
    ("evidence", "path"),
    [
        (1.5, []),
        ({"scores": [1, {"of": 2.5}]}, ["scores", "1", "of"]),
        ({"a": "x\0y"}, ["a"]),
        ({"a": 2**53}, ["a"]),
        ({"a": -(10**400)}, ["a"]),
        ({"é": 1}, []),
        ({"_sd": []}, []),
        ({"a/b~c": [0.5]}, ["a/b~c", "0"]),
        ("x" * 20_000, []),
        (["\ud800"], []),
    ],
)
async def test_evidence_that_no_log_can_keep_is_refused_with_its_place(
    name: str, evidence: Any, path: list[str], stage: Stage, ask: Asker, admin: asyncpg.Connection
) -> None:
    before = await contents(admin, stage.org_id)
    found = await answered(ask, stage, name, evidence=evidence, **_keyed(name))
    assert (found["__typename"], found["code"]) == ("InvalidInput", "INVALID_INPUT")
    (problem,) = found["problems"]
    assert problem["path"][: len(path) + 1] == ["evidence", *path]
    assert problem["message"]
    assert await contents(admin, stage.org_id) == before


@pytest.mark.parametrize("name", WITH_EVIDENCE)
async def test_evidence_nested_without_end_is_refused(name: str, stage: Stage, ask: Asker) -> None:
    found = await answered(ask, stage, name, evidence=nested(900), **_keyed(name))
    assert (found["__typename"], found["problems"][0]["path"][0]) == ("InvalidInput", "evidence")


def _keyed(name: str) -> Input:
    """A key, so that the input's digest is made too."""
    return {"idempotencyKey": f"evidence of {name}"}


@pytest.mark.parametrize("literal", ["1.5", "1e3", "123456789012345678901234567890", "{a: [1.0]}"])
async def test_evidence_written_out_is_judged_alike(literal: str, stage: Stage, ask: Asker) -> None:
    text = (
        f"mutation($id: ID!) {{ recordBrandStatus(input: {{ brandId: $id, evidence: {literal} }})"
        " { __typename ... on InvalidInput { problems { path code } } } }"
    )
    found = (await ask(stage.person(Role.PROVIDER_ADMIN), text, id=stage["brand"]))["recordBrandStatus"]
    assert (found["__typename"], found["problems"][0]["path"][0]) == ("InvalidInput", "evidence")


async def test_evidence_is_kept_with_the_record(stage: Stage, ask: Asker) -> None:
    evidence = {"ref": 7, "notes": ["ok", None, True], "nested": {"a": []}}
    text = document("recordBrandStatus", "... on BrandRegistered { auditRecord { after } }")
    input = {"brandId": stage["brand"], "identity": "VERIFIED", "evidence": evidence}
    found = (await ask(stage.person(Role.PROVIDER_ADMIN), text, input=input))["recordBrandStatus"]
    assert found["auditRecord"]["after"]["evidence"] == evidence


@pytest.mark.parametrize(
    ("name", "input", "path"),
    [
        ("createOrg", {"name": "a\0b"}, ["name"]),
        ("createOrg", {"name": " "}, ["name"]),
        ("createOrg", {"name": "x" * 300}, ["name"]),
        ("createOrg", {"callingPlan": {"provider": "", "countries": ["US"]}}, ["callingPlan", "provider"]),
        (
            "createOrg",
            {"callingPlan": {"provider": "Cisco", "countries": ["US", "??"]}},
            ["callingPlan", "countries", "1"],
        ),
        ("createOrg", {"textingAddOn": {"totalUnits": -1}}, ["textingAddOn", "totalUnits"]),
        ("createLocation", {"timeZone": "Nowhere"}, ["timeZone"]),
        ("createLocation", {"address": {"country": "USA"}}, ["address", "country"]),
        ("createUser", {"email": "nobody"}, ["email"]),
        ("createUser", {"displayName": "\x07"}, ["displayName"]),
        ("updateUser", {"displayName": None}, ["displayName"]),
        ("updateUser", {"email": None}, ["email"]),
        ("updateUser", {"locationId": None}, ["locationId"]),
        ("updateUser", {"effectiveFrom": "2999-01-01T00:00:00Z"}, ["effectiveFrom"]),
        ("updateOrg", {"name": None}, ["name"]),
        ("updateLocation", {"address": None}, ["address"]),
        ("updateLocation", {"timeZone": None}, ["timeZone"]),
        ("updateLocation", {"pstnConnectionType": None}, ["pstnConnectionType"]),
        ("setOrgEntitlements", {"customerType": None}, ["customerType"]),
        ("setOrgEntitlements", {"textingAddOn": {"totalUnits": 5, "suspended": None}}, ["textingAddOn", "suspended"]),
        ("setOrgEntitlements", {"reason": ""}, ["reason"]),
        ("setOrgEntitlements", {"reason": " \n"}, ["reason"]),
        ("deactivateUser", {"reason": "x" * 2_000}, ["reason"]),
        ("updateOrg", {"reason": "a\0b"}, ["reason"]),
        ("updateOrg", {"reason": ""}, ["reason"]),
        ("updateOrg", {"idempotencyKey": "x" * 300}, ["idempotencyKey"]),
        ("updateOrg", {"idempotencyKey": "a\nb"}, ["idempotencyKey"]),
        ("reportAppVersion", {"appVersion": ""}, ["appVersion"]),
        ("reportAppVersion", {"seenAt": "2999-01-01T00:00:00Z"}, ["seenAt"]),
        ("addPhoneNumbers", {"phoneNumbers": ["12"]}, ["phoneNumbers", "0"]),
        ("addPhoneNumbers", {"phoneNumbers": []}, ["phoneNumbers"]),
        ("addPhoneNumbers", {"phoneNumbers": ["a\0b"]}, ["phoneNumbers", "0"]),
        ("updatePhoneNumber", {"state": None}, ["state"]),
        ("assignPhoneNumber", {"type": None}, ["type"]),
        ("registerBrand", {"legalName": ""}, ["legalName"]),
        ("submitCampaign", {"description": ""}, ["description"]),
        ("submitCampaign", {"sampleMessages": [""]}, ["sampleMessages", "0"]),
        ("recordBrandStatus", {"score": 101}, ["score"]),
        ("recordConsent", {"subject": "nobody"}, ["subject"]),
        ("recordConsent", {"sender": "+12125550000"}, ["sender"]),
        ("recordConsent", {"evidence": "a\0b"}, ["evidence"]),
        ("recordConsent", {"occurredAt": "2999-01-01T00:00:00Z"}, ["occurredAt"]),
        ("sendMessage", {"body": "a\0b"}, ["body"]),
        ("sendMessage", {"to": "\0"}, ["to"]),
        ("setUsersTexting", {"userIds": []}, ["userIds"]),
        ("setUsersTexting", {"userIds": ["x"] * 1_001}, ["userIds"]),
    ],
)
async def test_what_is_wrong_is_named_with_its_place(
    name: str, input: Input, path: list[str], stage: Stage, ask: Asker, admin: asyncpg.Connection
) -> None:
    before = await contents(admin, stage.org_id)
    found = await answered(ask, stage, name, **input)
    assert (found["__typename"], found["code"]) == ("InvalidInput", "INVALID_INPUT"), found
    assert path in [problem["path"] for problem in found["problems"]]
    assert all(problem["code"] and problem["message"] for problem in found["problems"])
    kinds = await admin.fetch("SELECT kind FROM audit.record WHERE request_id = $1", found["trackingId"])
    assert [row["kind"] for row in kinds] == ["FAILURE"]
    assert await contents(admin, stage.org_id) == before


async def test_every_fault_is_listed(stage: Stage, ask: Asker) -> None:
    found = await answered(ask, stage, "createLocation", name=" ", timeZone="?", address={"country": "?"})
    assert [each["path"] for each in found["problems"]] == [["name"], ["address", "country"], ["timeZone"]]


async def test_absent_leaves_things_and_null_clears_them(stage: Stage, ask: Asker) -> None:
    shown = (
        "... on OrgUpdated { org { name handlesPhi healthcare callingPlan { provider } textingAddOn { totalUnits } } }"
    )
    one = await answered(ask, stage, "updateOrg", shown, name="One", handlesPhi=False, healthcare=True)
    assert (one["org"]["handlesPhi"], one["org"]["healthcare"]) == (False, True)
    admin, text = stage.person(Role.ORG_ADMIN), document("updateOrg", shown)
    two = (await ask(admin, text, input={"orgId": stage["org"], "healthcare": None}))["updateOrg"]["org"]
    assert (two["name"], two["handlesPhi"], two["healthcare"]) == ("One", False, None)
    sold = {"textingAddOn": {"totalUnits": 5}, "callingPlan": {"provider": "Cisco", "countries": ["US"]}}
    three = await answered(ask, stage, "setOrgEntitlements", shown, **sold)
    assert (three["org"]["callingPlan"]["provider"], three["org"]["textingAddOn"]["totalUnits"]) == ("Cisco", 5)
    provider, text = stage.person(Role.PROVIDER_ADMIN), document("setOrgEntitlements", shown)
    input = {"orgId": stage["org"], "callingPlan": None, "reason": "ended"}
    four = (await ask(provider, text, input=input))["setOrgEntitlements"]["org"]
    assert four["textingAddOn"]["totalUnits"] == 5
    assert four["callingPlan"] is None


async def test_a_number_goes_to_nobody_by_null_and_stays_where_it_is_by_absence(stage: Stage, ask: Asker) -> None:
    shown = "... on PhoneNumberUpdated { phoneNumber { owner { id } type } auditRecord { action } }"
    given = await answered(ask, stage, "assignPhoneNumber", shown)
    assert given["phoneNumber"]["owner"]["id"] == stage["other"]
    admin, text = stage.person(Role.ORG_ADMIN), document("assignPhoneNumber", shown)
    fax = (await ask(admin, text, input={"phoneNumberId": stage["spare"], "type": "FAX"}))["assignPhoneNumber"]
    assert (fax["phoneNumber"]["owner"]["id"], fax["phoneNumber"]["type"]) == (stage["other"], "FAX")
    taken = (await ask(admin, text, input={"phoneNumberId": stage["spare"], "userId": None}))["assignPhoneNumber"]
    assert taken["phoneNumber"]["owner"] is None
    assert [each["auditRecord"]["action"] for each in (given, fax, taken)] == [
        "number:assign",
        "number:assign",
        "number:unassign",
    ]


async def test_numbers_are_plain_text_that_the_command_reads(stage: Stage, ask: Asker) -> None:
    number = new_number()
    spaced = f"{number[:2]} ({number[2:5]}) {number[5:8]}-{number[8:]}"
    shown = "... on PhoneNumbersAdded { phoneNumbers { phoneNumber } }"
    found = await answered(ask, stage, "addPhoneNumbers", shown, phoneNumbers=[spaced])
    assert found["phoneNumbers"] == [{"phoneNumber": number}]
