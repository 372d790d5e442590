"""Ids that name nothing, beyond the walk in `access/test_mutations`: the statements they take, and lists of them."""

import re
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from core.ids import encode
from core.principal import Role
from resolvers.mutations.asked import NAMED
from tests.acceptance.asking import Asker
from tests.acceptance.mutating import (
    INPUTS,
    Stage,
    allowed,
    contents,
    document,
    input_fields,
    mutations,
    new_stage,
    store_of,
)
from tests.integration.worlds import new_number

TYPES = {re.sub(r"_(\w)", lambda match: match[1].upper(), name): type for name, type in NAMED.items()}
"""The types that ids name, by the input field they stand in."""
PLACES = [(name, field) for name in mutations() for field in input_fields(name) if field in TYPES]
OF_MEMBERS = [
    (name, field) for name, field in PLACES if field != "orgId" and set(allowed(name)) != {Role.PROVIDER_ADMIN}
]


@pytest.fixture(scope="module")
async def stage(pool: asyncpg.Pool, worker_pool: asyncpg.Pool) -> Stage:
    return await new_stage(store_of(pool), worker_pool)


@pytest.fixture(scope="module")
async def elsewhere(pool: asyncpg.Pool, worker_pool: asyncpg.Pool) -> Stage:
    return await new_stage(store_of(pool), worker_pool)


def strangers(field: str, stage: Stage, elsewhere: Stage) -> dict[str, str]:
    """Ids that name nothing where the caller is, by kind."""
    type_name = TYPES[field]
    return {
        "unknown": encode(type_name, stage.org_id, uuid4()),
        "another organization's": elsewhere[_NAMES[type_name]],
        "malformed": "rubbish",
    }


_NAMES = {
    "Org": "org",
    "Location": "location",
    "User": "user",
    "UserPhoneNumber": "spare",
    "Brand": "brand",
    "Campaign": "campaign",
}


@pytest.mark.parametrize(("name", "field"), OF_MEMBERS)
async def test_another_organizations_id_takes_the_statements_of_an_unknown_one(
    name: str, field: str, stage: Stage, elsewhere: Stage, ask: Asker, statements: Callable[[], list[str]]
) -> None:
    caller = stage.person(next(role for role in allowed(name) if role is not Role.PROVIDER_ADMIN))
    run: dict[str, list[str]] = {}
    for kind, id in strangers(field, stage, elsewhere).items():
        statements()
        await ask(caller, document(name), input={**INPUTS[name](stage), field: id})
        run[kind] = statements()
    assert run["unknown"]
    assert run["another organization's"] == run["malformed"] == run["unknown"]


async def test_a_campaign_among_the_numbers_of_a_new_user_is_not_found(
    stage: Stage, elsewhere: Stage, ask: Asker
) -> None:
    provider = stage.person(Role.PROVIDER_ADMIN)
    for campaign in ("rubbish", encode("Campaign", stage.org_id, uuid4()), stage["brand"]):
        number = {"phoneNumber": new_number(), "type": "PRIMARY", "assignedBy": "CISCO_CALLING_PLAN"}
        asked = {**INPUTS["createUser"](stage), "phoneNumbers": [{**number, "campaignId": campaign}]}
        answered = (await ask(provider, document("createUser"), input=asked))["createUser"]
        assert (answered["__typename"], answered["argument"]) == ("NotFound", "campaignId")


@pytest.mark.parametrize("said", [{}, {"campaignId": None}], ids=["left out", "null"])
async def test_a_number_of_a_new_user_needs_no_campaign(stage: Stage, ask: Asker, said: dict[str, None]) -> None:
    number = {"phoneNumber": new_number(), "type": "PRIMARY", "assignedBy": "CISCO_CALLING_PLAN", **said}
    asked = {**INPUTS["createUser"](stage), "phoneNumbers": [number]}
    answered = (await ask(stage.person(Role.PROVIDER_ADMIN), document("createUser"), input=asked))["createUser"]
    assert answered["__typename"] == "UserCreated"


async def test_users_that_are_not_there_are_each_named(
    stage: Stage, elsewhere: Stage, ask: Asker, admin: asyncpg.Connection
) -> None:
    before = await contents(admin, stage.org_id, elsewhere.org_id)
    strange = [elsewhere["user"], "rubbish", stage["location"], encode("User", stage.org_id, uuid4())]
    asked = {"userIds": [stage["user"], *strange], "mode": "ON"}
    selection = "... on UsersRefused { refusals { userId user { id } code message } }"
    for role in allowed("setUsersTexting"):
        given = await ask(stage.person(role), document("setUsersTexting", selection), input=asked)
        answered = given["setUsersTexting"]
        assert answered["__typename"] == "UsersRefused"
        assert [(each["userId"], each["user"], each["code"]) for each in answered["refusals"]] == [
            (id, None, "NOT_FOUND") for id in strange
        ]
    assert await contents(admin, stage.org_id, elsewhere.org_id) == before


@pytest.mark.parametrize("role", allowed("setUsersTexting"))
async def test_users_of_another_organization_alone_are_named_too(
    role: Role, stage: Stage, elsewhere: Stage, ask: Asker
) -> None:
    asked = {"userIds": [elsewhere["user"]], "mode": "ON"}
    given = await ask(stage.person(role), document("setUsersTexting"), input=asked)
    assert given["setUsersTexting"]["__typename"] == "UsersRefused"


async def test_an_organization_that_is_not_there_is_not_found_by_the_provider(stage: Stage, ask: Asker) -> None:
    provider, nowhere = stage.person(Role.PROVIDER_ADMIN), uuid4()
    asked: dict[str, Any] = {"orgId": encode("Org", nowhere, nowhere), "name": "Renamed"}
    answered = (await ask(provider, document("updateOrg"), input=asked))["updateOrg"]
    assert (answered["__typename"], answered["argument"]) == ("NotFound", "orgId")
