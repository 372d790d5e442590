"""Exports over the API: asked for, made, seen and fetched by those who may, and by nobody else."""

from __future__ import annotations

import zipfile
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx
import pytest
from starlette.applications import Starlette

from audit.export import verify_bundle
from core.commands.transaction import Store
from core.ids import decode, encode, uuid7
from core.links import LIFE, Links
from core.principal import Role
from tests.acceptance.access.tokens import Issuers, Kind
from tests.acceptance.asking import Asker
from tests.acceptance.mutating import PEER, Stage, new_stage
from tests.integration.audit.sealed import KEYS, seal_all
from texting.admission import Admission
from texting.app import _failed
from texting.export_routes import export_routes
from texting.exporting.folder import Folder
from texting.exporting.work import Exporting
from texting.request_failure import RequestFailure

ASK = """mutation($i: CreateExportInput!) { createExport(input: $i) { __typename
  ... on ExportStarted { exportJob { id } auditRecord { id kind after } }
  ... on Refusal { code message } ... on InvalidInput { problems { path code message } } } }"""
SHOW = """query($id: ID!) { node(id: $id) { ... on Export {
  id kind format state progress requestedAt url sha256 error checkpoint { size } auditRecord { action } } } }"""
LIST = "query($o: ID!) { org(id: $o) { exports(first: 10) { totalCount edges { node { id state } } } } }"


@pytest.fixture
async def stage(store: Store, worker_pool: asyncpg.Pool) -> Stage:
    return await new_stage(store, worker_pool)


async def started(ask: Asker, stage: Stage, role: Role = Role.AUDITOR, **given: Any) -> str:
    answer = await ask(stage.person(role), ASK, i=wanted(stage, **given))
    assert answer["createExport"]["__typename"] == "ExportStarted", answer
    id: str = answer["createExport"]["exportJob"]["id"]
    return id


def wanted(stage: Stage, **given: Any) -> dict[str, Any]:
    return {"orgId": stage["org"], "kind": "EVIDENCE", "format": "ZIP", "reason": "request 17", **given}


async def test_an_auditor_asks_for_evidence_fetches_it_and_checks_it(
    ask: Asker, stage: Stage, exporting: Exporting, client: httpx.AsyncClient, admin: asyncpg.Connection, tmp_path: Path
) -> None:
    auditor = stage.person(Role.AUDITOR)
    id = await started(ask, stage)
    waiting = (await ask(auditor, SHOW, id=id))["node"]
    assert (waiting["state"], waiting["progress"], waiting["url"], waiting["sha256"]) == ("QUEUED", 0, None, None)
    assert waiting["auditRecord"] == {"action": "export:create"}
    await exporting.run_once(datetime.now(UTC))
    made = (await ask(auditor, SHOW, id=id))["node"]
    assert (made["state"], made["progress"], made["error"]) == ("READY", 1, None)
    fetched = await client.get(made["url"])
    assert fetched.status_code == 200
    assert fetched.headers["content-disposition"].startswith('attachment; filename="evidence-')
    assert fetched.headers["cache-control"] == "no-store"
    file = tmp_path / "fetched.zip"
    file.write_bytes(fetched.content)
    vkey = str(KEYS.verifiers(KEYS.origin(stage.org_id))[0])
    assert verify_bundle.main([str(file), "--vkey", vkey]) == 0
    assert made["checkpoint"]["size"] == str(len(zipfile.ZipFile(file).read("entries.jsonl").splitlines()))
    recorded = await admin.fetch(
        "SELECT action, actor, kind FROM audit.record WHERE org_id = $1 AND target_id = $2 ORDER BY id",
        stage.org_id,
        _id(id),
    )
    assert [tuple(row) for row in recorded] == [
        ("export:create", auditor.subject, "EXPORT"),
        ("export:download", auditor.subject, "EXPORT"),
    ]


async def test_a_list_shows_those_asked_for_the_newest_first(ask: Asker, stage: Stage) -> None:
    ids = [await started(ask, stage) for _ in range(2)]
    shown = (await ask(stage.person(Role.COMPLIANCE_OFFICER), LIST, o=stage["org"]))["org"]["exports"]
    assert [edge["node"]["id"] for edge in shown["edges"]] == ids[::-1]


@pytest.mark.parametrize("role", [Role.ORG_ADMIN, Role.LOCATION_ADMIN, Role.USER, Role.PROVIDER_ADMIN])
async def test_whoever_may_not_read_the_log_sees_no_export_and_asks_for_none(
    ask: Asker, stage: Stage, role: Role
) -> None:
    id = await started(ask, stage)
    assert (await ask(stage.person(role), SHOW, id=id))["node"] is None
    assert (await ask(stage.person(role), LIST, o=stage["org"]))["org"]["exports"]["edges"] == []
    refused = (await ask(stage.person(role), ASK, i=wanted(stage)))["createExport"]
    assert refused["__typename"] == "NotAllowed"


async def test_what_an_officer_took_out_with_texts_is_not_an_auditor_s(
    ask: Asker, stage: Stage, exporting: Exporting, client: httpx.AsyncClient, store: Store
) -> None:
    id = await started(ask, stage, Role.COMPLIANCE_OFFICER)
    await exporting.run_once(datetime.now(UTC))
    assert (await ask(stage.person(Role.COMPLIANCE_OFFICER), SHOW, id=id))["node"]["url"] is not None
    shown = (await ask(stage.person(Role.AUDITOR), SHOW, id=id))["node"]
    assert (shown["state"], shown["url"]) == ("READY", None)
    link = store.links.write(id, caller=stage.person(Role.AUDITOR), roles=[Role.AUDITOR], now=datetime.now(UTC))
    assert (await client.get(link)).status_code == 404


async def test_a_link_is_good_for_one_file_and_a_while(
    ask: Asker, stage: Stage, exporting: Exporting, client: httpx.AsyncClient, store: Store
) -> None:
    first, second = await started(ask, stage), await started(ask, stage)
    await exporting.run_once(datetime.now(UTC))
    link = (await ask(stage.person(Role.AUDITOR), SHOW, id=first))["node"]["url"]
    auditor, roles, now = stage.person(Role.AUDITOR), [Role.AUDITOR], datetime.now(UTC)
    over = store.links.write(first, caller=auditor, roles=roles, now=now - LIFE - timedelta(seconds=1))
    foreign = Links(bytes(32)).write(first, caller=auditor, roles=roles, now=now)
    path, token = link.split("?token=")
    bad = [over, foreign, link.replace(first, second), path, f"{path}?token={token[:-2]}", f"{path}?token=%00"]
    answers = [await client.get(each) for each in bad]
    assert {answer.status_code for answer in answers} == {404}
    assert {answer.json()["errors"][0]["message"] for answer in answers} == {
        "this link has ended, or is none of ours: ask for the export's `url` again"
    }
    assert (await client.get(link)).status_code == 200


@pytest.mark.parametrize("kind", [Kind.LOCAL, Kind.SERVICE])
async def test_a_link_ends_with_the_token_that_asked_for_it(
    ask: Asker, stage: Stage, exporting: Exporting, client: httpx.AsyncClient, store: Store, kind: Kind
) -> None:
    id, issuers = await started(ask, stage), Issuers(store)
    await exporting.run_once(datetime.now(UTC))
    token = await issuers.good(kind, stage.person(Role.AUDITOR))
    caller = await issuers.authenticators.authenticate(token, datetime.now(UTC))
    link = (await ask(caller, SHOW, id=id))["node"]["url"]
    assert (await client.get(link)).status_code == 200
    await issuers.revoke(kind, caller)
    assert (await client.get(link)).status_code == 404


@pytest.mark.parametrize("limit", ["of_address", "of_principal"])
async def test_fetching_counts_among_the_operations_of_its_caller(
    ask: Asker, stage: Stage, exporting: Exporting, store: Store, tmp_path: Path, limit: str
) -> None:
    id = await started(ask, stage)
    await exporting.run_once(datetime.now(UTC))
    link = (await ask(stage.person(Role.AUDITOR), SHOW, id=id))["node"]["url"]
    routes = export_routes(store, Folder(tmp_path), Admission(**{limit: 1}, clock=lambda: 0))  # type: ignore[arg-type]
    app = Starlette(routes=routes, exception_handlers={RequestFailure: _failed})
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://texting") as asking:
        assert [(await asking.get(link)).status_code for _ in range(3)] == [200, 200, 429]


async def test_only_picked_records_are_in_it_each_with_its_proof(
    ask: Asker, stage: Stage, exporting: Exporting, client: httpx.AsyncClient, tmp_path: Path
) -> None:
    id = await started(ask, stage, audit={"action": "user:create"})
    await exporting.run_once(datetime.now(UTC))
    url = (await ask(stage.person(Role.AUDITOR), SHOW, id=id))["node"]["url"]
    bundle = zipfile.ZipFile(BytesIO((await client.get(url)).content))
    assert len(bundle.read("entries.jsonl").splitlines()) == 2
    assert len([name for name in bundle.namelist() if name.startswith("proofs/")]) == 2


async def test_an_evidence_is_only_what_was_there_at_the_size(
    ask: Asker, stage: Stage, worker_pool: asyncpg.Pool
) -> None:
    first = await started(ask, stage)
    size = (await ask(stage.person(Role.AUDITOR), SHOW, id=first))["node"]["checkpoint"]["size"]
    await seal_all(worker_pool, stage.org_id, uuid4())
    later = await started(ask, stage, fromSize=size)
    assert int((await ask(stage.person(Role.AUDITOR), SHOW, id=later))["node"]["checkpoint"]["size"]) > int(size)


@pytest.mark.parametrize(
    ("given", "path", "code"),
    [
        ({"atSize": "999999"}, ["atSize"], "NOT_SIGNED"),
        ({"fromSize": 999999}, ["fromSize"], "NOT_SIGNED"),
        ({"reason": ""}, ["reason"], "EMPTY"),
        ({"audit": {"targetId": "nonsense"}}, ["audit"], "NOT_FOUND"),
        ({"audit": {"actor": "x" * 300}}, ["audit", "actor"], "TOO_LONG"),
    ],
)
async def test_what_cannot_be_made_is_said_with_what_to_do(
    ask: Asker, stage: Stage, given: dict[str, Any], path: list[str], code: str
) -> None:
    refused = (await ask(stage.person(Role.AUDITOR), ASK, i=wanted(stage, **given)))["createExport"]
    assert refused["__typename"] == "InvalidInput", refused
    (problem,) = refused["problems"]
    assert (problem["path"], problem["code"]) == (path, code)


def _id(text: str) -> UUID:
    decoded = decode(text)
    assert decoded is not None
    return decoded.id


async def test_another_organization_s_export_is_as_unknown_as_one_that_is_not_there(
    ask: Asker, stage: Stage, store: Store
) -> None:
    other = await new_stage(store)
    id = await started(ask, stage)
    stranger = other.person(Role.AUDITOR)
    assert (await ask(stranger, SHOW, id=id))["node"] is None
    refused = [
        (await ask(stranger, ASK, i=wanted(stage, orgId=org)))["createExport"]
        for org in (stage["org"], encode("Org", uuid7(), uuid7()))
    ]
    assert {each["__typename"] for each in refused} == {"NotFound"}
    assert len({each["message"].replace(stage["org"], "") for each in refused}) <= 2


async def test_no_more_wait_than_can_be_made_soon(ask: Asker, stage: Stage) -> None:
    for _ in range(10):
        await started(ask, stage)
    refused = (await ask(stage.person(Role.AUDITOR), ASK, i=wanted(stage)))["createExport"]
    assert [problem["code"] for problem in refused["problems"]] == ["TOO_MANY"]


async def test_a_range_with_nothing_in_it_is_refused(ask: Asker, stage: Stage) -> None:
    id = await started(ask, stage)
    size = (await ask(stage.person(Role.AUDITOR), SHOW, id=id))["node"]["checkpoint"]["size"]
    refused = (await ask(stage.person(Role.AUDITOR), ASK, i=wanted(stage, fromSize=size, atSize=size)))["createExport"]
    assert [problem["code"] for problem in refused["problems"]] == ["EMPTY_RANGE"]


async def test_what_was_erased_after_it_was_asked_for_is_not_in_it(
    ask: Asker, stage: Stage, exporting: Exporting, client: httpx.AsyncClient, worker_pool: asyncpg.Pool
) -> None:
    officer = stage.person(Role.COMPLIANCE_OFFICER)
    consent = {
        "orgId": stage["org"], "subject": PEER, "scope": "ORG", "action": "OPT_OUT", "basis": "VOICE", "evidence": "x",
    }  # fmt: skip
    recorded = "mutation($i: RecordConsentInput!) { recordConsent(input: $i) { __typename } }"
    assert (await ask(officer, recorded, i=consent))["recordConsent"]["__typename"] == "ConsentRecorded"
    await seal_all(worker_pool, stage.org_id, uuid4())
    before = await started(ask, stage, Role.COMPLIANCE_OFFICER)
    await exporting.run_once(datetime.now(UTC))
    told = [await _told(ask, stage, client, before)]
    again = await started(ask, stage, Role.COMPLIANCE_OFFICER)
    erase = "mutation($i: ErasePersonalDataInput!) { erasePersonalData(input: $i) { __typename } }"
    given = {"orgId": stage["org"], "number": PEER, "legalBasis": "GDPR Art. 17", "reason": "request 17"}
    assert (await ask(officer, erase, i=given))["erasePersonalData"]["__typename"] == "PersonalDataErased"
    await exporting.run_once(datetime.now(UTC))
    told.append(await _told(ask, stage, client, again))
    assert told[1] < told[0]


async def _told(ask: Asker, stage: Stage, client: httpx.AsyncClient, id: str) -> int:
    """How many values a bundle tells."""
    url = (await ask(stage.person(Role.COMPLIANCE_OFFICER), SHOW, id=id))["node"]["url"]
    content = (await client.get(url)).content
    return len(zipfile.ZipFile(BytesIO(content)).read("disclosures.jsonl").splitlines())
