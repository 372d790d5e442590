"""The list of those who may not text: every one of them, with what their own decision says, and nobody else."""

from __future__ import annotations

import csv
import io
import random
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx
import pytest

from audit.keys import MasterKey
from audit.verification.log import LogCheck
from core.commands.transaction import Store
from core.ids import encode
from core.principal import Role
from resolvers import denied, eligibility
from resolvers.context import RequestContext
from tests.acceptance.asking import Asker
from tests.acceptance.test_eligibility_report import CHANGES
from tests.conftest import MASTER_KEY
from tests.integration.audit.sealed import KEYS, seal_all
from tests.integration.worlds import PROVIDER, World, member, new_org, new_world
from texting.exporting.reporting import HEADER, harmless
from texting.exporting.work import Exporting

ASK = """mutation($i: CreateExportInput!) { createExport(input: $i) { __typename
  ... on ExportStarted { exportJob { id } auditRecord { id kind after } }
  ... on NotAllowed { requiredRoles } ... on Refusal { code message }
  ... on InvalidInput { problems { path code message } } } }"""
SHOW = """query($id: ID!) { node(id: $id) { ... on Export {
  kind format state progress url sha256 error checkpoint { size } } } }"""
SINGLES = """query($org: ID!, $f: UserFilter, $if: [FactOverride!], $at: DateTime, $known: DateTime) {
  users(orgId: $org, filter: $f, first: 100) { edges { node { id email displayName location { name }
    eligibility(whatIf: $if, asOf: $at, knownAt: $known) { outcome prerequisites enabled policyVersion simulated
      rules { ruleId status blockedBy message observedAt remediation { summary owner } } denials { ruleId } } } } } }"""


@pytest.fixture
async def world(store: Store, ask: Asker) -> World:
    """An organization of nine users to whom all sorts of things were done."""
    made, chance = await new_world(store, people=9, locations=3), random.Random(7)
    for _ in range(30):
        mutation, given = chance.choice(CHANGES)(made, chance)
        document = (
            f"mutation($i: {mutation[0].upper()}{mutation[1:]}Input!) {{ {mutation}(input: $i) {{ __typename }} }}"
        )
        by = PROVIDER if "record" in mutation or "Phone" in mutation else made.org_admin
        assert not (await ask(by, document, i=given)).errors
    return made


def wanted(world: World, **given: Any) -> dict[str, Any]:
    org = encode("Org", world.org_id, world.org_id)
    return {"orgId": org, "kind": "ELIGIBILITY_REPORT", "format": "CSV", "reason": "review", **given}


async def started(ask: Asker, world: World, role: Role = Role.ORG_ADMIN, **given: Any) -> str:
    answer = (await ask(member(world.org_id, role), ASK, i=wanted(world, **given)))["createExport"]
    assert answer["__typename"] == "ExportStarted", answer
    id: str = answer["exportJob"]["id"]
    return id


async def fetched(
    ask: Asker, world: World, exporting: Exporting, client: httpx.AsyncClient, id: str, role: Role = Role.ORG_ADMIN
) -> list[dict[str, str]]:
    await exporting.run_once(datetime.now(UTC))
    made = (await ask(member(world.org_id, role), SHOW, id=id))["node"]
    assert (made["state"], made["progress"], made["error"], made["checkpoint"]) == ("READY", 1, None, None)
    answer = await client.get(made["url"])
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"].startswith('attachment; filename="eligibility-')
    assert b"\r\n" in answer.content
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))


async def expected(ask: Asker, world: World, **variables: Any) -> list[dict[str, str]]:
    """What the lines should say, by what the API says of each user."""
    org = encode("Org", world.org_id, world.org_id)
    edges = (await ask(world.org_admin, SINGLES, org=org, **variables))["users"]["edges"]
    return [_line(edge["node"]) for edge in edges if edge["node"]["eligibility"]["outcome"] != "ALLOWED"]


def _line(user: dict[str, Any]) -> dict[str, str]:
    said = user["eligibility"]
    causes = [r for r in said["rules"] if r["status"] in {"FAIL", "UNKNOWN", "PENDING"} and not r["blockedBy"]]
    remedies = [each["remediation"] or {} for each in causes]
    return {
        "user_id": user["id"],
        "email": user["email"] or "",
        "display_name": harmless(user["displayName"]),
        "location": user["location"]["name"],
        "outcome": said["outcome"],
        "prerequisites": said["prerequisites"],
        "enabled": str(said["enabled"]).lower(),
        "causes": "\n".join(each["ruleId"] for each in causes),
        "reasons": "\n".join(each["message"] for each in causes),
        "what_to_do": "\n".join(each.get("summary") or "" for each in remedies),
        "who": "\n".join(each.get("owner") or "" for each in remedies),
        "since": "\n".join(each["observedAt"] or "" for each in causes),
        "denials": "\n".join(each["ruleId"] for each in said["denials"]),
        "policy": said["policyVersion"],
        "supposed": str(said["simulated"]).lower(),
    }


def _untimed(lines: list[dict[str, str]]) -> list[dict[str, str]]:
    return [{name: cell for name, cell in line.items() if name != "as_of"} for line in lines]


async def test_every_denied_user_is_a_line_that_says_what_the_api_says(
    ask: Asker, world: World, exporting: Exporting, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(denied, "AT_ONCE", 4)
    lines = await fetched(ask, world, exporting, client, await started(ask, world))
    assert lines
    assert tuple(lines[0]) == HEADER
    assert 0 < len(lines) <= 9
    assert _untimed(lines) == await expected(ask, world)


async def test_it_is_filtered_supposed_and_of_another_time_as_the_report_is(
    ask: Asker, world: World, exporting: Exporting, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(denied, "AT_ONCE", 4)
    person = encode("User", world.org_id, world.people[8].user_id)
    supposed = [
        {"ruleId": "CLIENT_VERSION_MIN", "value": "40.1"},
        {"ruleId": "USER_ACTIVE", "entityId": person, "value": "DEACTIVATED"},
    ]
    moment = datetime.now(UTC).isoformat()
    place = {"locationId": encode("Location", world.org_id, world.location_ids[0])}
    for given, variables in (
        ({"users": {"enabled": True, "outcome": ["DENIED"]}}, {"f": {"enabled": True, "outcome": ["DENIED"]}}),
        ({"users": place}, {"f": place}),
        ({"whatIf": supposed}, {"if": supposed}),
        ({"asOf": moment}, {"at": moment}),
        # Nothing of this log is sealed: nobody's facts are known, and everybody is a line.
        ({"knownAt": moment}, {"known": moment}),
        ({"users": {"failingRule": ["USER_ACTIVE"]}}, {"f": {"failingRule": ["USER_ACTIVE"]}}),
    ):
        lines = await fetched(ask, world, exporting, client, await started(ask, world, **given))
        assert _untimed(lines) == await expected(ask, world, **variables), given


async def test_it_is_in_the_language_of_whoever_asked(
    ask: Asker, world: World, exporting: Exporting, client: httpx.AsyncClient
) -> None:
    japanese = replace(ask, language="ja")
    lines = await fetched(ask, world, exporting, client, await started(japanese, world))
    assert _untimed(lines) == await expected(japanese, world)
    assert lines[0]["reasons"] != (await expected(ask, world))[0]["reasons"]


async def test_asking_and_fetching_are_records_that_hold_no_condition_s_value(
    ask: Asker, world: World, exporting: Exporting, client: httpx.AsyncClient, admin: asyncpg.Connection,
    worker_pool: asyncpg.Pool,
) -> None:  # fmt: skip
    id = await started(ask, world, users={"search": "Somebody Particular"}, asOf=datetime.now(UTC).isoformat())
    assert await fetched(ask, world, exporting, client, id) == []
    recorded = await admin.fetch(
        "SELECT action, actor, entry FROM audit.record WHERE org_id = $1 AND action LIKE 'export:%' ORDER BY id",
        world.org_id,
    )
    assert [(row["action"], row["actor"]) for row in recorded] == [
        (action, member(world.org_id, Role.ORG_ADMIN).subject) for action in ("export:create", "export:download")
    ]
    assert b"Particular" not in b"".join(bytes(row["entry"]) for row in recorded)
    assert b'"conditions":"users, asOf"' in bytes(recorded[0]["entry"])
    await seal_all(worker_pool, world.org_id, world.org_id)
    async with admin.transaction():
        check = LogCheck(admin, world.org_id, KEYS, MasterKey(MASTER_KEY))
        assert [str(each) async for each in check.check()] == []


@pytest.mark.parametrize("role", list(Role))
async def test_who_reads_the_whole_organization_may_take_it_out_and_see_it(
    ask: Asker, world: World, exporting: Exporting, client: httpx.AsyncClient, role: Role
) -> None:
    person = member(world.org_id, role)
    id = await started(ask, world)
    asked = (await ask(person, ASK, i=wanted(world)))["createExport"]
    if role in {Role.LOCATION_ADMIN, Role.USER}:
        assert asked["__typename"] == "NotAllowed"
        assert (await ask(person, SHOW, id=id))["node"] is None
    else:
        own = asked["exportJob"]["id"]
        for each in (own, id):
            assert await fetched(ask, world, exporting, client, each, role)


async def test_evidence_is_not_an_administrator_s_by_asking_for_it_under_the_same_mutation(
    ask: Asker, world: World
) -> None:
    refused = (await ask(world.org_admin, ASK, i=wanted(world, kind="EVIDENCE", format="ZIP")))["createExport"]
    assert (refused["__typename"], refused["requiredRoles"]) == ("NotAllowed", ["AUDITOR", "COMPLIANCE_OFFICER"])


async def test_another_organization_s_location_is_as_unknown_as_none(ask: Asker, world: World, store: Store) -> None:
    other = await new_org(store)
    for id in (encode("Location", other, other), "nonsense", encode("Org", world.org_id, world.org_id)):
        refused = (await ask(world.org_admin, ASK, i=wanted(world, users={"locationId": id})))["createExport"]
        (problem,) = refused["problems"]
        assert (problem["path"], problem["code"]) == (["users", "locationId"], "NOT_FOUND")


async def test_a_fact_supposed_that_nobody_s_decision_reads_is_said(
    ask: Asker, world: World, exporting: Exporting, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(denied, "AT_ONCE", 4)
    other = encode("User", world.org_id, uuid4())
    unread = {"ruleId": "USER_ACTIVE", "entityId": other, "value": "DEACTIVATED"}
    id = await started(ask, world, whatIf=[{"ruleId": "CLIENT_VERSION_MIN", "value": "40.1"}, unread])
    await exporting.run_once(datetime.now(UTC))
    made = (await ask(world.org_admin, SHOW, id=id))["node"]
    assert (made["state"], made["url"]) == ("FAILED", None)
    assert made["error"].startswith("`whatIf` of `USER_ACTIVE` names no fact that is read here")


async def test_the_few_of_whom_it_is_stored_are_all_that_is_decided_for(
    ask: Asker, exporting: Exporting, client: httpx.AsyncClient, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = await new_world(store, people=4)
    first = encode("User", world.org_id, world.people[0].user_id)
    off = "mutation($i: SetUserTextingInput!) { setUserTexting(input: $i) { __typename } }"
    await ask(world.org_admin, off, i={"userId": first, "mode": "OFF"})
    decided_for, decide = list[UUID](), eligibility.of_users

    async def noted(context: RequestContext, ids: list[UUID], *more: Any) -> Any:
        if context.org_id == world.org_id:
            decided_for.extend(ids)
        return await decide(context, ids, *more)

    monkeypatch.setattr(eligibility, "of_users", noted)
    lines = await fetched(ask, world, exporting, client, await started(ask, world))
    assert [line["user_id"] for line in lines] == [first]
    assert decided_for == [world.people[0].user_id]


async def test_the_same_facts_give_the_same_bytes(
    ask: Asker, world: World, exporting: Exporting, tmp_path: Path
) -> None:
    moment = datetime.now(UTC).isoformat()
    ids = [await started(ask, world, asOf=moment) for _ in range(2)]
    await exporting.run_once(datetime.now(UTC))
    made = [(await ask(world.org_admin, SHOW, id=id))["node"] for id in ids]
    assert made[0]["sha256"] == made[1]["sha256"]
    assert made[0]["url"] != made[1]["url"]


async def test_the_same_key_asks_once(ask: Asker, world: World) -> None:
    ids = {await started(ask, world, idempotencyKey="one") for _ in range(2)}
    assert len(ids) == 1
    again = wanted(world, idempotencyKey="one", users={"enabled": True})
    assert (await ask(world.org_admin, ASK, i=again))["createExport"]["__typename"] == "IdempotencyConflict"


async def test_a_name_that_would_be_calculated_is_text_in_the_file(
    ask: Asker, world: World, exporting: Exporting, client: httpx.AsyncClient
) -> None:
    user = encode("User", world.org_id, world.people[0].user_id)
    rename = "mutation($i: UpdateUserInput!) { updateUser(input: $i) { __typename } }"
    await ask(world.org_admin, rename, i={"userId": user, "displayName": '=HYPERLINK("http://x", "y")'})
    off = "mutation($i: SetUserTextingInput!) { setUserTexting(input: $i) { __typename } }"
    await ask(world.org_admin, off, i={"userId": user, "mode": "OFF"})
    lines = await fetched(ask, world, exporting, client, await started(ask, world))
    assert [line["display_name"] for line in lines if line["user_id"] == user] == ['\'=HYPERLINK("http://x", "y")']


@pytest.mark.parametrize(
    ("given", "path", "code"),
    [
        ({"format": "ZIP"}, ["format"], "WRONG_FORMAT"),
        ({"kind": "EVIDENCE"}, ["format"], "WRONG_FORMAT"),
        ({"fromSize": "1"}, ["fromSize"], "NOT_OF_KIND"),
        ({"audit": {"actor": "x"}}, ["audit"], "NOT_OF_KIND"),
        ({"kind": "EVIDENCE", "format": "ZIP", "whatIf": []}, ["whatIf"], "NOT_OF_KIND"),
        ({"asOf": "2999-01-01T00:00:00Z"}, ["asOf"], "IN_THE_FUTURE"),
        ({"users": {"failingRule": ["NONE_SUCH"]}}, ["users", "failingRule"], "NOT_ANSWERABLE"),
        ({"users": {"search": "a\0b"}}, ["users", "search"], "NUL_CHARACTER"),
        ({"users": {"search": "x" * 300}}, ["users", "search"], "TOO_LONG"),
        ({"whatIf": [{"ruleId": "NONE_SUCH", "value": 1}]}, ["whatIf"], "NOT_ANSWERABLE"),
    ],
)
async def test_what_cannot_be_made_is_said_with_what_to_do(
    ask: Asker, world: World, given: dict[str, Any], path: list[str], code: str
) -> None:
    officer = member(world.org_id, Role.COMPLIANCE_OFFICER)
    refused = (await ask(officer, ASK, i=wanted(world, **given)))["createExport"]
    assert refused["__typename"] == "InvalidInput", refused
    (problem,) = refused["problems"]
    assert (problem["path"], problem["code"]) == (path, code)


async def test_before_any_rules_were_in_force_the_export_says_so(
    ask: Asker, world: World, exporting: Exporting
) -> None:
    id = await started(ask, world, asOf="2001-01-01T00:00:00Z")
    await exporting.run_once(datetime.now(UTC))
    made = (await ask(world.org_admin, SHOW, id=id))["node"]
    assert made["state"] == "FAILED"
    assert "no rules were in force" in made["error"]


@pytest.mark.parametrize("cell", ["=1+1", "+12125550100", "-1", "@SUM(A1)", "\tx", "\rx", "\uff1d1"])
def test_a_cell_that_would_be_calculated_is_text(cell: str) -> None:
    assert harmless(cell) == f"'{cell}"
    assert harmless(f"a{cell}") == f"a{cell}"
