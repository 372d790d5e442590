"""Every mutation: what it answers in full, what it leaves in the log, and that a repetition does nothing twice."""

from collections.abc import Mapping
from typing import Any

import asyncpg
import pytest

from core.commands.transaction import Store
from core.ids import SYSTEM_ORG_ID, decode, encode
from core.principal import Principal, Role
from resolvers.mutations.performing import Mutations
from resolvers.registries import REGISTRIES
from schema.access import access_table
from schema.api import build_schema
from tests.acceptance.asking import Asker
from tests.acceptance.mutating import (
    INPUTS,
    Input,
    Stage,
    allowed,
    contents,
    document,
    everything,
    input_fields,
    mutations,
    new_key,
    new_stage,
    records,
    variables,
)
from tests.integration.worlds import member, new_org

_RECORD = "auditRecord { id action }"
_SWITCHED = (
    f"org {{ id }} location {{ id }} user {{ id }} {_RECORD} dryRun "
    "impact { turnedOn turnedOff unchanged keptByOverride stillBlocked }"
)
ANSWERS: Mapping[str, tuple[str, str]] = {
    "setOrgTexting": ("TextingSet", _SWITCHED),
    "setLocationTexting": ("TextingSet", _SWITCHED),
    "setUserTexting": ("TextingSet", _SWITCHED),
    "setUsersTexting": (
        "UsersTextingSet",
        "users { id } dryRun impact { turnedOn unchanged } auditRecords { totalCount edges { node { id action } } }",
    ),
    "sendMessage": ("MessageAccepted", f"acceptedMessage {{ id status segments }} {_RECORD}"),
    "createOrg": ("OrgCreated", f"org {{ id version name }} {_RECORD}"),
    "createLocation": ("LocationCreated", f"location {{ id version name }} {_RECORD}"),
    "createUser": ("UserCreated", f"user {{ id version displayName }} {_RECORD}"),
    "updateOrg": ("OrgUpdated", f"org {{ id version name }} {_RECORD}"),
    "setOrgEntitlements": ("OrgUpdated", f"org {{ id version textingAddOn {{ totalUnits }} }} {_RECORD}"),
    "updateLocation": ("LocationUpdated", f"location {{ id version name }} {_RECORD}"),
    "updateUser": ("UserUpdated", f"user {{ id version displayName }} {_RECORD}"),
    "reportAppVersion": ("UserUpdated", f"user {{ id version appVersion }} {_RECORD}"),
    "deactivateUser": ("UserUpdated", f"user {{ id version status }} {_RECORD}"),
    "addPhoneNumbers": ("PhoneNumbersAdded", f"phoneNumbers {{ id phoneNumber }} {_RECORD}"),
    "assignPhoneNumber": ("PhoneNumberUpdated", f"phoneNumber {{ id owner {{ id }} type }} {_RECORD}"),
    "updatePhoneNumber": ("PhoneNumberUpdated", f"phoneNumber {{ id state }} {_RECORD}"),
    "assignCampaignNumber": ("PhoneNumberUpdated", f"phoneNumber {{ id campaignAssignment {{ status }} }} {_RECORD}"),
    "registerBrand": ("BrandRegistered", f"brand {{ id registration }} {_RECORD}"),
    "submitCampaign": ("CampaignSubmitted", f"campaign {{ id status }} {_RECORD}"),
    "recordBrandStatus": ("BrandRegistered", f"brand {{ id identity }} {_RECORD}"),
    "recordCampaignStatus": ("CampaignSubmitted", f"campaign {{ id carriers {{ carrier status }} }} {_RECORD}"),
    "recordNumberAssignment": ("PhoneNumberUpdated", f"phoneNumber {{ id campaignAssignment {{ status }} }} {_RECORD}"),
    "recordConsent": ("ConsentRecorded", f"event {{ id action }} state {{ optedOut decidedBy {{ id }} }} {_RECORD}"),
    "erasePersonalData": ("PersonalDataErased", f"erasedCount {_RECORD}"),
    "createExport": ("ExportStarted", f"exportJob {{ id state progress url }} {_RECORD}"),
}
"""What each answers when it is carried out: its type, and a selection of it."""

_ACTIONS = {
    name: verbs
    for mutations_ in REGISTRIES
    if isinstance(mutations_, Mutations)
    for name, verbs in mutations_.actions.items()
}
_SCHEMA = build_schema()
_READERS = {(row.type, row.field): row.roles for row in access_table(_SCHEMA) if row.field is not None}


@pytest.fixture
async def stage(store: Store, worker_pool: asyncpg.Pool) -> Stage:
    return await new_stage(store, worker_pool)


async def asked(name: str, stage: Stage) -> tuple[Principal, Input]:
    """Who asks for what; a brand is registered where there is none yet."""
    if name != "registerBrand":
        return stage.caller(name), INPUTS[name](stage)
    org_id = await new_org(stage.world.store)
    return member(org_id, Role.ORG_ADMIN), {**INPUTS[name](stage), "orgId": encode("Org", org_id, org_id)}


def selecting(name: str) -> str:
    type_name, selection = ANSWERS[name]
    return document(name, f"... on {type_name} {{ {selection} }}")


def test_every_mutation_is_here() -> None:
    assert set(ANSWERS) == set(mutations())


@pytest.mark.parametrize("name", mutations())
async def test_it_answers_in_full_after_its_commit(name: str, stage: Stage, ask: Asker) -> None:
    caller, input = await asked(name, stage)
    text = everything(name)
    answer = await ask(caller, text, **variables(text, input))
    assert answer.data is not None
    answered = answer.data[name]
    assert answered is not None, answer.errors
    assert answered["__typename"] == ANSWERS[name][0], answered
    roles = {grant.role for grant in caller.grants}
    for error in answer.errors:
        assert error["extensions"]["code"] == "FORBIDDEN", error
        readers = _READERS[_place(answer.data, error["path"])]
        assert readers is not None
        assert not readers & roles


def _place(data: Any, path: list[str | int]) -> tuple[str, str]:
    *above, field = path
    for step in above:
        data = data[step]
    return data["__typename"], str(field)


@pytest.mark.parametrize("name", mutations())
async def test_it_leaves_the_record_that_it_answers(
    name: str, stage: Stage, ask: Asker, admin: asyncpg.Connection
) -> None:
    caller, input = await asked(name, stage)
    reason = {"reason": "because of 17"} if "reason" in input_fields(name) else {}
    answered = (await ask(caller, selecting(name), input={**input, **reason}))[name]
    shown = _records(answered)
    found = await admin.fetch(_MADE, [decoded.id for id in shown if (decoded := decode(id))])
    assert len(found) == len(shown) == (2 if name == "setUsersTexting" else 1)
    for record in found:
        assert record["action"] in _ACTIONS[_python(name)]
        assert record["kind"] == _KINDS.get(name, "CHANGE")
        assert (record["outcome"], record["actor"]) == ("ALLOWED", caller.subject)
        assert f'"operation":"{name}"' in record["entry"]
        assert not reason or '"comment":"because of 17"' in record["entry"]
    assert len({record["request_id"] for record in found}) == 1
    everywhere = await admin.fetchval("SELECT count(*) FROM audit.record WHERE request_id = $1", found[0]["request_id"])
    assert everywhere == len(found)


_KINDS = {"sendMessage": "SEND", "erasePersonalData": "ERASURE", "createExport": "EXPORT"}
_MADE = """
SELECT action, kind, outcome, actor, request_id, convert_from(entry, 'utf8') AS entry
FROM audit.record WHERE id = ANY ($1)
"""


def _records(answered: dict[str, Any]) -> list[str]:
    if "auditRecord" in answered:
        return [answered["auditRecord"]["id"]]
    return [edge["node"]["id"] for edge in answered["auditRecords"]["edges"]]


def _python(name: str) -> str:
    return mutations()[name].extensions["strawberry-definition"].python_name  # type: ignore[no-any-return]


KEYED = [name for name in mutations() if "idempotencyKey" in input_fields(name)]


@pytest.mark.parametrize("name", KEYED)
async def test_the_same_key_and_input_give_the_same_answer_and_do_nothing(
    name: str, stage: Stage, ask: Asker, admin: asyncpg.Connection
) -> None:
    caller, input = await asked(name, stage)
    input["idempotencyKey"] = new_key()
    org_ids = (caller.org_id, stage.org_id, SYSTEM_ORG_ID)
    first = (await ask(caller, selecting(name), input=input))[name]
    assert first["__typename"] == ANSWERS[name][0], first
    before = await contents(admin, *org_ids, audit=True)
    assert (await ask(caller, selecting(name), input=input))[name] == first
    assert await contents(admin, *org_ids, audit=True) == before


@pytest.mark.parametrize("name", KEYED)
async def test_the_same_key_with_another_input_is_refused(
    name: str, stage: Stage, ask: Asker, admin: asyncpg.Connection
) -> None:
    caller, input = await asked(name, stage)
    input["idempotencyKey"] = new_key()
    await ask(caller, selecting(name), input=input)
    before = await contents(admin, caller.org_id, stage.org_id)
    other = {"reason": "another"} if "reason" in input_fields(name) else {"body": "Goodbye"}
    answered = (await ask(caller, document(name), input={**input, **other}))[name]
    assert answered["__typename"] == "IdempotencyConflict"
    assert await contents(admin, caller.org_id, stage.org_id) == before
    kinds = await admin.fetch("SELECT kind FROM audit.record WHERE request_id = $1", answered["trackingId"])
    assert [row["kind"] for row in kinds] == ["FAILURE"]


async def test_a_key_is_of_one_caller_and_one_mutation(stage: Stage, ask: Asker) -> None:
    key = {"idempotencyKey": new_key()}
    admin, provider = stage.person(Role.ORG_ADMIN), stage.person(Role.PROVIDER_ADMIN)
    renamed = {**INPUTS["updateOrg"](stage), **key}
    assert (await ask(admin, document("updateOrg"), input=renamed))["updateOrg"]["__typename"] == "OrgUpdated"
    other = {**INPUTS["updateLocation"](stage), **key}
    answered = await ask(admin, document("updateLocation"), input=other)
    assert answered["updateLocation"]["__typename"] == "IdempotencyConflict"
    assert (await ask(provider, document("updateOrg"), input=renamed))["updateOrg"]["__typename"] == "OrgUpdated"


DRY = [name for name in mutations() if "dryRun" in input_fields(name)]


@pytest.mark.parametrize(("name", "role"), [(name, role) for name in DRY for role in allowed(name)])
async def test_a_dry_run_answers_the_impact_and_writes_nothing(
    name: str, role: Role, stage: Stage, ask: Asker, admin: asyncpg.Connection
) -> None:
    input = {**INPUTS[name](stage), "dryRun": True, "idempotencyKey": new_key()}
    before = await contents(admin, stage.org_id, audit=True)
    dry = (await ask(stage.person(role), selecting(name), input=input))[name]
    assert await contents(admin, stage.org_id, audit=True) == before
    assert dry["dryRun"] is True
    assert dry.get("auditRecord") is None
    assert dry.get("auditRecords", {"totalCount": 0})["totalCount"] == 0
    done = (await ask(stage.person(role), selecting(name), input={**input, "dryRun": False}))[name]
    assert done["dryRun"] is False
    assert done["impact"] == dry["impact"]


async def test_the_records_of_many_users_come_in_pages(stage: Stage, ask: Asker) -> None:
    page = "edges { cursor node { id target { id } } } pageInfo { hasNextPage hasPreviousPage endCursor startCursor }"
    text = (
        "mutation($input: SetUsersTextingInput!) { setUsersTexting(input: $input) { ... on UsersTextingSet {"
        f" all: auditRecords {{ totalCount {page} }} first: auditRecords(first: 1) {{ totalCount {page} }}"
        f" last: auditRecords(last: 1) {{ {page} }} }} }} }}"
    )
    input = {**INPUTS["setUsersTexting"](stage), "idempotencyKey": new_key()}
    made = (await ask(stage.person(Role.ORG_ADMIN), text, input=input))["setUsersTexting"]
    nodes = [edge["node"] for edge in made["all"]["edges"]]
    assert [node["target"]["id"] for node in nodes] == input["userIds"]
    assert (made["all"]["totalCount"], made["first"]["totalCount"]) == (2, 2)
    assert [edge["node"] for edge in made["first"]["edges"]] == nodes[:1]
    assert [edge["node"] for edge in made["last"]["edges"]] == nodes[1:]
    assert (made["first"]["pageInfo"]["hasNextPage"], made["last"]["pageInfo"]["hasPreviousPage"]) == (True, True)
    cursors = {"after": made["first"]["pageInfo"]["endCursor"], "before": made["last"]["pageInfo"]["startCursor"]}
    for side, cursor in cursors.items():
        text = (
            "mutation($input: SetUsersTextingInput!, $cursor: String) { setUsersTexting(input: $input) {"
            f" ... on UsersTextingSet {{ auditRecords({side}: $cursor) {{ edges {{ node {{ id }} }} }} }} }} }}"
        )
        replayed = await ask(stage.person(Role.ORG_ADMIN), text, input=input, cursor=cursor)
        (edge,) = replayed["setUsersTexting"]["auditRecords"]["edges"]
        assert edge["node"]["id"] == nodes[1 if side == "after" else 0]["id"]


async def test_a_created_organizations_log_begins_with_its_creation(
    stage: Stage, ask: Asker, admin: asyncpg.Connection
) -> None:
    provider = stage.person(Role.PROVIDER_ADMIN)
    answered = (await ask(provider, selecting("createOrg"), input=INPUTS["createOrg"](stage)))["createOrg"]
    created = decode(answered["org"]["id"])
    assert created is not None
    (record,) = await records(admin, created.org_id)
    assert (record["action"], record["target_id"], record["actor"]) == ("org:create", created.id, provider.subject)
