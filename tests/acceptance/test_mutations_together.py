"""Several mutations in one operation: each in its own transaction, each answer read after its own commit."""

from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from audit.log import AuditLog
from core.commands.transaction import Store
from core.ids import decode
from core.principal import Grant, Principal, Role
from core.rules.default_policy import DEFAULT_POLICY
from core.storage.database import ROLE_APP, open_pool
from tests.acceptance.asking import Asker
from tests.acceptance.mutating import Stage, contents, new_stage, records
from tests.conftest import MASTER_KEY
from texting.embedded import Addresses


@pytest.fixture
async def stage(store: Store, worker_pool: asyncpg.Pool) -> Stage:
    return await new_stage(store, worker_pool)


@pytest.fixture
async def elsewhere(store: Store, worker_pool: asyncpg.Pool) -> Stage:
    return await new_stage(store, worker_pool)


RENAMED = """
mutation($user: ID!) {
  a: updateUser(input: {userId: $user, displayName: "First"}) {
    ... on UserUpdated { user { displayName version } auditRecord { id after requestId } }
  }
  b: updateUser(input: {userId: $user, displayName: "Second", expectedVersion: 99}) {
    __typename ... on VersionConflict { currentVersion current { ... on User { displayName } } }
  }
  c: updateUser(input: {userId: $user, displayName: "Third"}) {
    ... on UserUpdated { user { displayName version } auditRecord { id before after requestId } }
  }
}
"""


async def test_each_sees_what_the_one_before_committed(stage: Stage, ask: Asker, admin: asyncpg.Connection) -> None:
    known = len(await records(admin, stage.org_id))
    answer = await ask(stage.person(Role.ORG_ADMIN), RENAMED, user=stage["user"])
    first, second, third = answer["a"], answer["b"], answer["c"]
    assert first["user"]["displayName"] == "First"
    assert second["__typename"] == "VersionConflict"
    assert second["current"]["displayName"] == "First"
    assert second["currentVersion"] == first["user"]["version"]
    assert third["user"] == {"displayName": "Third", "version": first["user"]["version"] + 1}
    assert third["auditRecord"]["before"]["displayName"] == "First"
    made = (await records(admin, stage.org_id))[known:]
    assert sorted(record["kind"] for record in made) == ["CHANGE", "CHANGE", "FAILURE"]
    assert len({record["request_id"] for record in made}) == 1


CREATED = """
mutation($org: ID!) {
  a: createOrg(input: {name: "Alpha", customerType: ENTERPRISE}) {
    ... on OrgCreated { org { id name locations { totalCount } } auditRecord { action org { name } target { name } } }
  }
  b: setOrgEntitlements(input: {orgId: $org, textingAddOn: {totalUnits: 7}, reason: "contract"}) {
    ... on OrgUpdated { org { id textingAddOn { totalUnits } users { totalCount } } auditRecord { action } }
  }
  c: createOrg(input: {name: "Beta", customerType: ENTERPRISE}) {
    ... on OrgCreated { org { id name users { totalCount } } auditRecord { target { name } } }
  }
  d: createOrg(input: {name: "", customerType: ENTERPRISE}) { __typename }
}
"""


async def test_each_organization_created_is_read_inside_itself(
    stage: Stage, ask: Asker, admin: asyncpg.Connection
) -> None:
    answer = await ask(stage.person(Role.PROVIDER_ADMIN), CREATED, org=stage["org"])
    alpha, known, beta = answer["a"], answer["b"], answer["c"]
    assert (alpha["org"]["name"], alpha["org"]["locations"]["totalCount"]) == ("Alpha", 0)
    assert alpha["auditRecord"] == {"action": "org:create", "org": {"name": "Alpha"}, "target": {"name": "Alpha"}}
    assert known["org"]["id"] == stage["org"]
    assert (known["org"]["textingAddOn"]["totalUnits"], known["org"]["users"]["totalCount"]) == (7, 2)
    assert (beta["org"]["name"], beta["auditRecord"]["target"]["name"]) == ("Beta", "Beta")
    assert answer["d"]["__typename"] == "InvalidInput"
    for made in (alpha, beta):
        created = decode(made["org"]["id"])
        assert created is not None
        assert len(await records(admin, created.org_id)) == 1


async def test_two_organizations_in_one_operation_change_neither(
    stage: Stage, elsewhere: Stage, ask: Asker, admin: asyncpg.Connection
) -> None:
    both = Principal(
        subject="both",
        name=None,
        org_id=stage.org_id,
        grants=tuple(Grant(role=Role.ORG_ADMIN, org_id=each.org_id) for each in (stage, elsewhere)),
    )
    text = (
        'mutation($one: ID!, $two: ID!) { a: updateOrg(input: {orgId: $one, name: "One"}) { __typename }'
        ' b: updateOrg(input: {orgId: $two, name: "Two"}) { __typename } }'
    )
    before = await contents(admin, stage.org_id, elsewhere.org_id, audit=True)
    for caller in (both, stage.person(Role.PROVIDER_ADMIN)):
        answer = await ask(caller, text, one=stage["org"], two=elsewhere["org"])
        assert (answer.data, answer.codes) == (None, ["ONE_ORG_PER_OPERATION"])
    assert await contents(admin, stage.org_id, elsewhere.org_id, audit=True) == before


async def test_the_others_organization_is_not_found_and_ones_own_is_changed(
    stage: Stage, elsewhere: Stage, ask: Asker, admin: asyncpg.Connection
) -> None:
    text = (
        'mutation($one: ID!, $two: ID!) { a: updateOrg(input: {orgId: $one, name: "One"}) { __typename }'
        ' b: updateOrg(input: {orgId: $two, name: "Two"}) { __typename } }'
    )
    before = await contents(admin, elsewhere.org_id, audit=True)
    answer = await ask(stage.person(Role.ORG_ADMIN), text, one=stage["org"], two=elsewhere["org"])
    assert (answer["a"]["__typename"], answer["b"]["__typename"]) == ("OrgUpdated", "NotFound")
    assert await contents(admin, elsewhere.org_id, audit=True) == before


async def test_one_connection_is_enough(stage: Stage, addresses: Addresses) -> None:
    async with await open_pool(addresses.login, role=ROLE_APP, max_size=1) as pool:
        ask = Asker(store=Store(pool=pool, audit=AuditLog(MASTER_KEY), policy=DEFAULT_POLICY))
        answer = await ask(stage.person(Role.ORG_ADMIN), RENAMED, user=stage["user"])
        assert answer["c"]["user"]["displayName"] == "Third"
        answer = await ask(stage.person(Role.PROVIDER_ADMIN), CREATED, org=stage["org"])
        assert answer["c"]["org"]["name"] == "Beta"


async def test_a_mutation_that_fails_inside_is_recorded_and_stops_no_other(
    stage: Stage, ask: Asker, admin: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Broken(Exception):
        """what no client is to see"""

    async def broken(*_: Any, **__: Any) -> None:
        raise Broken

    monkeypatch.setattr("core.commands.orgs._change", broken)
    known = len(await records(admin, stage.org_id))
    text = (
        'mutation($org: ID!, $user: ID!) { a: updateOrg(input: {orgId: $org, name: "One"}) { __typename }'
        ' b: updateUser(input: {userId: $user, displayName: "Two"}) { __typename } }'
    )
    with pytest.raises(Broken):
        await ask(stage.person(Role.ORG_ADMIN), text, org=stage["org"], user=stage["user"])
    made = (await records(admin, stage.org_id))[known:]
    assert {(record["action"], record["kind"]) for record in made} == {
        ("org:update", "FAILURE"),
        ("user:update", "CHANGE"),
    }
    assert len(made) == 2


async def test_nobody_enters_by_an_id_that_names_an_organization_nobody_has(stage: Stage, ask: Asker) -> None:
    nobody = Principal(subject=f"nobody-{uuid4()}", name=None, org_id=stage.org_id, grants=())
    text = 'mutation($org: ID!) { updateOrg(input: {orgId: $org, name: "One"}) { __typename } }'
    assert (await ask(nobody, text, org=stage["org"]))["updateOrg"]["__typename"] == "NotAllowed"
