"""The logs as C2SP files over HTTP: complete, cacheable for ever where they never change, entries for readers only."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime
from uuid import UUID, uuid4

import asyncpg
import httpx
import pytest
from starlette.applications import Starlette

from audit.checkpoint import parse_checkpoint
from audit.log import AuditLog
from audit.merkle import leaf_hash, root_of
from audit.sealing import Sealing
from core.ids import SYSTEM_ORG_ID
from core.principal import Grant, Principal, Role
from tests.integration.audit.records import entered, record
from tests.integration.audit.sealed import KEYS, seal_all
from texting.admission import Admission
from texting.app import _failed
from texting.auth import NotAuthenticated, Refused
from texting.identity.refusals import Refusals
from texting.log_routes import LogFiles, log_routes
from texting.request_failure import RequestFailure


class ByRole:
    """Takes `<role> <organization>` for a token."""

    async def authenticate(self, token: str, _now: datetime) -> Principal:
        role, _, org = token.partition(":")
        if not org:
            raise NotAuthenticated("no such token")
        grant = Grant(role=Role(role), org_id=UUID(org))
        return Principal(subject="s", name=None, org_id=UUID(org), grants=(grant,))


@pytest.fixture
def refusals() -> Refusals:
    return Refusals()


@pytest.fixture
async def client(pool: asyncpg.Pool, worker_pool: asyncpg.Pool, refusals: Refusals) -> AsyncIterator[httpx.AsyncClient]:
    files = LogFiles(workers=worker_pool, pool=pool, keys=KEYS, authenticator=ByRole(), refusals=refusals)
    app = Starlette(routes=log_routes(files), exception_handlers={RequestFailure: _failed})
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://log") as opened:
        yield opened


@pytest.fixture
async def base(pool: asyncpg.Pool, worker_pool: asyncpg.Pool, log: AuditLog, org_id: UUID) -> str:
    """The address of a log of 300 records."""
    async with pool.acquire() as connection, entered(connection, org_id):
        await log.append_many(connection, [record(org_id) for _ in range(300)])
    await seal_all(worker_pool, org_id, uuid4())
    return "/log" + KEYS.origin(org_id).removeprefix(KEYS.host)


def reader(org_id: UUID, role: Role = Role.AUDITOR) -> dict[str, str]:
    return {"Authorization": f"Bearer {role}:{org_id}"}


async def test_checkpoint_tiles_and_entries_fit_together(client: httpx.AsyncClient, base: str, org_id: UUID) -> None:
    checkpoint, note = parse_checkpoint((await client.get(f"{base}/checkpoint")).content)
    note.require(KEYS.verifiers(KEYS.origin(org_id)))
    assert checkpoint.size == 300
    hashes = (await client.get(f"{base}/tile/0/000")).content + (await client.get(f"{base}/tile/0/001.p/44")).content
    assert root_of([hashes[at : at + 32] for at in range(0, len(hashes), 32)]) == checkpoint.root
    bundle = (await client.get(f"{base}/tile/entries/001.p/44", headers=reader(org_id))).content
    leaves = []
    while bundle:
        length = int.from_bytes(bundle[:2], "big")
        leaves.append(leaf_hash(bundle[2 : 2 + length]))
        bundle = bundle[2 + length :]
    assert b"".join(leaves) == hashes[256 * 32 :]


async def test_what_never_changes_is_kept_for_ever_and_the_checkpoint_is_not(
    client: httpx.AsyncClient, base: str, org_id: UUID
) -> None:
    tile = await client.get(f"{base}/tile/0/000")
    entries = await client.get(f"{base}/tile/entries/000", headers=reader(org_id))
    assert tile.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert entries.headers["cache-control"].startswith("private")
    assert (await client.get(f"{base}/checkpoint")).headers["cache-control"] == "no-cache"


@pytest.mark.parametrize(
    "path",
    [
        "tile/0/002", "tile/0/001", "tile/0/001.p/45", "tile/0/001.p/0", "tile/0/000.p/256", "tile/00/000", "tile/0/0",
        "tile/0/x000/000", "tile/9/000", "tile/-1/000", "tile/entries/001.p/45x", "tile/0/000/", "nothing", "",
        "tile/0/999999", "tile/0/x009" + "/x999" * 6 + "/999", "tile/entries/x009" + "/x999" * 5 + "/999",
    ],
)  # fmt: skip
async def test_what_is_not_there_is_not_found_as_json(
    client: httpx.AsyncClient, base: str, org_id: UUID, path: str
) -> None:
    answer = await client.get(f"{base}/{path}", headers=reader(org_id))
    assert answer.status_code == 404
    assert answer.json()["errors"][0]["extensions"]["code"] == "NOT_FOUND"


async def test_entries_are_for_those_who_may_read_the_log(client: httpx.AsyncClient, base: str, org_id: UUID) -> None:
    path = f"{base}/tile/entries/000"
    assert (await client.get(path)).status_code == 401
    assert (await client.get(path, headers={"Authorization": "Bearer nobody"})).status_code == 401
    for role in Role:
        if role is not Role.PROVIDER_ADMIN:
            allowed = role in (Role.AUDITOR, Role.COMPLIANCE_OFFICER)
            assert (await client.get(path, headers=reader(org_id, role))).status_code == (200 if allowed else 404)
    assert (await client.get(path, headers=reader(uuid4()))).status_code == 404


async def test_who_is_not_let_in_is_counted(client: httpx.AsyncClient, base: str, refusals: Refusals) -> None:
    counted = list[Refused]()
    refusals.count = lambda _, kind: counted.append(kind)  # type: ignore[method-assign]
    for headers in ({}, {"Authorization": "Bearer nobody"}):
        await client.get(f"{base}/tile/entries/000", headers=headers)
    assert counted == [Refused.MISSING, Refused.INVALID]


@pytest.mark.parametrize(("limit", "file"), [("of_address", "tile/0/000"), ("of_principal", "tile/entries/000")])
async def test_fetching_counts_among_the_operations_of_its_caller(
    pool: asyncpg.Pool, worker_pool: asyncpg.Pool, base: str, org_id: UUID, limit: str, file: str
) -> None:
    admission = Admission(**{limit: 1}, clock=lambda: 0)  # type: ignore[arg-type]
    files = LogFiles(workers=worker_pool, pool=pool, keys=KEYS, authenticator=ByRole(), admission=admission)
    app = Starlette(routes=log_routes(files), exception_handlers={RequestFailure: _failed})
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://log") as asking:
        asked = [await asking.get(f"{base}/{file}", headers=reader(org_id)) for _ in range(3)]
    assert [answer.status_code for answer in asked] == [200, 200, 429]


async def test_an_unknown_log_is_not_found(client: httpx.AsyncClient) -> None:
    assert (await client.get(f"/log/org/{'0' * 32}/checkpoint")).status_code == 404


@pytest.mark.parametrize("id", ["%00", "%FF", "'", "F" * 32, "0" * 5000])
async def test_what_is_no_log_s_name_is_not_found(client: httpx.AsyncClient, id: str) -> None:
    assert (await client.get(f"/log/org/{id}/checkpoint")).status_code == 404


async def test_the_anchor_is_everybody_s(
    client: httpx.AsyncClient, pool: asyncpg.Pool, worker_pool: asyncpg.Pool, log: AuditLog, org_id: UUID
) -> None:
    async with pool.acquire() as connection, entered(connection, org_id):
        await log.append(connection, record(org_id))
    await Sealing(worker_pool, KEYS, anchor_id=SYSTEM_ORG_ID).run_once()
    checkpoint, note = parse_checkpoint((await client.get("/log/anchor/checkpoint")).content)
    note.require(KEYS.verifiers(KEYS.anchor_origin))
    at = await worker_pool.fetchval("SELECT leaf_index FROM anchor.leaf WHERE log_id = $1", org_id)
    assert at < checkpoint.size
    width = min(checkpoint.size - at // 256 * 256, 256)
    path = f"/log/anchor/tile/entries/{at // 256:03d}" + (f".p/{width}" if width < 256 else "")
    bundle = await client.get(path)
    assert bundle.status_code == 200
    assert KEYS.origin(org_id).encode() in bundle.content
