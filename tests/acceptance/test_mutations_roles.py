"""Whoever has no role for a mutation is told so, once, and nothing else happens."""

import asyncpg
import pytest

from core.ids import SYSTEM_ORG_ID, encode
from core.principal import Role
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
    records,
    store_of,
)
from tests.integration.worlds import PROVIDER

FORBIDDEN = [(name, role) for name in mutations() for role in Role if role not in allowed(name)]


@pytest.fixture(scope="module")
async def stage(pool: asyncpg.Pool, worker_pool: asyncpg.Pool) -> Stage:
    return await new_stage(store_of(pool), worker_pool)


def test_every_mutation_has_an_input_here() -> None:
    assert set(INPUTS) == set(mutations())


@pytest.mark.parametrize(("name", "role"), FORBIDDEN)
async def test_a_role_that_may_not_is_refused_and_recorded_once(
    name: str, role: Role, stage: Stage, ask: Asker, admin: asyncpg.Connection
) -> None:
    before, known = await contents(admin, stage.org_id), await records(admin, stage.org_id)
    caller = stage.person(role)
    answered = (await ask(caller, document(name), input=INPUTS[name](stage)))[name]
    assert answered["__typename"] == "NotAllowed"
    assert answered["code"] == "NOT_ALLOWED"
    assert answered["requiredRoles"] == list(allowed(name))
    (made,) = (await records(admin, stage.org_id))[len(known) :]
    assert (made["kind"], made["outcome"]) == ("DENIAL", "DENIED")
    assert (made["actor"], made["request_id"]) == (caller.subject, answered["trackingId"])
    assert await contents(admin, stage.org_id) == before


@pytest.mark.parametrize("name", [name for name in mutations() if "dryRun" in input_fields(name)])
async def test_a_question_that_may_not_be_asked_leaves_nothing(
    name: str, stage: Stage, ask: Asker, admin: asyncpg.Connection
) -> None:
    before = await contents(admin, stage.org_id, audit=True)
    asked = {**INPUTS[name](stage), "dryRun": True}
    answered = (await ask(stage.person(Role.AUDITOR), document(name), input=asked))[name]
    assert answered["__typename"] == "NotAllowed"
    assert await contents(admin, stage.org_id, audit=True) == before


@pytest.mark.parametrize(
    "name", [name for name in mutations() if name != "createOrg" and "orgId" in input_fields(name)]
)
async def test_nothing_is_made_in_the_providers_own_organization(name: str, stage: Stage, ask: Asker) -> None:
    input = {**INPUTS[name](stage), "orgId": encode("Org", SYSTEM_ORG_ID, SYSTEM_ORG_ID)}
    input.pop("campaignId", None)
    answered = (await ask(PROVIDER, document(name), input=input))[name]
    assert answered["code"] == "NOT_ALLOWED"
