"""What the program says of itself to who runs it: alive, ready, and numbers that no client can multiply."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import pytest

from core.commands.transaction import Store
from core.principal import Role
from tests.acceptance.access.written import moment, written_since
from tests.acceptance.test_http import Known
from tests.integration.audit.sealed import KEYS, seal_all
from tests.integration.worlds import member, new_world
from tests.unit.texting.test_sockets import PROTOCOL, Client, closing
from texting.app import bound_schema, create_app
from texting.auth import Refused
from texting.identity.refusals import Refusals
from texting.log_routes import LogFiles
from texting.metrics import NAMES_MAX, OTHER, Metrics
from texting.settings import Settings

health = pytest.importorskip(
    "texting.health", reason="prometheus-client is not installed: make assets", exc_type=ImportError
)


async def get(metrics: Metrics, pool: Any, workers: Any, path: str, refusals: Refusals | None = None) -> httpx.Response:
    app = health.health_app(metrics, refusals or Refusals(), {"requests": pool, "workers": workers})
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://health") as client:
        return await client.get(path)


async def test_it_lives_and_is_ready(pool: asyncpg.Pool, worker_pool: asyncpg.Pool):
    for path in ("/livez", "/readyz"):
        assert (await get(Metrics(), pool, worker_pool, path)).status_code == 200


async def test_without_a_database_it_lives_and_is_not_ready(pool: asyncpg.Pool):
    async def fetchrow(_: str) -> None:
        raise ConnectionRefusedError

    away = SimpleNamespace(fetchrow=fetchrow, get_size=lambda: 0, get_idle_size=lambda: 0, get_max_size=lambda: 1)
    assert (await get(Metrics(), pool, away, "/livez")).status_code == 200
    assert (await get(Metrics(), pool, away, "/readyz")).status_code == 503
    assert "texting_database_up 0.0" in (await get(Metrics(), pool, away, "/metrics")).text


async def test_numbers_are_told_in_the_form_of_prometheus(pool: asyncpg.Pool, worker_pool: asyncpg.Pool):
    metrics = Metrics()
    for seconds in (0.0005, 0.004, 99.0):
        metrics.operation("query", "Card", seconds)
    metrics.operation("query", None, 0.001)
    metrics.answer(200)
    metrics.closed(1013)
    refusals = Refusals()
    refusals.count("192.0.2.7", Refused.EXPIRED)
    with metrics.opened("sockets"), metrics.opened("sockets"), metrics.opened("streams"):
        told = await get(metrics, pool, worker_pool, "/metrics", refusals)
    assert (metrics.open["sockets"], metrics.open["streams"]) == (0, 0)
    assert told.headers["content-type"].startswith("text/plain; version=")
    for line in (
        'texting_operation_seconds_bucket{kind="query",le="0.001",operation="Card"} 1.0',
        'texting_operation_seconds_bucket{kind="query",le="0.005",operation="Card"} 2.0',
        'texting_operation_seconds_bucket{kind="query",le="+Inf",operation="Card"} 3.0',
        'texting_operation_seconds_count{kind="query",operation="Card"} 3.0',
        'texting_answers_total{status="200"} 1.0',
        'texting_callers_refused_total{reason="EXPIRED"} 1.0',
        "texting_sockets 2.0",
        "texting_event_streams 1.0",
        'texting_sockets_closed_total{code="1013"} 1.0',
        "texting_database_up 1.0",
    ):
        assert line in told.text.splitlines(), line
    assert "texting_outbox_waiting" in told.text
    for counted in ("texting_operations_compiled_total ", "texting_values_rendered_total "):
        assert f"\n{counted}" in told.text
    assert 'texting_pool_connections{pool="requests",state="most"}' in told.text


async def test_whoever_is_not_let_in_anywhere_is_in_the_numbers_as_in_the_records(
    store: Store, pool: asyncpg.Pool, worker_pool: asyncpg.Pool, admin: asyncpg.Connection, tmp_path: Path
):
    world = await new_world(store, people=1)
    await seal_all(worker_pool, world.org_id, uuid4())
    known, metrics, refusals = Known(member(world.org_id, Role.AUDITOR)), Metrics(), Refusals()
    app = create_app(
        schema=bound_schema(),
        store=store,
        authenticator=known,
        settings=Settings(graphiql=False, data_dir=tmp_path),
        refusals=refusals,
        metrics=metrics,
        logs=LogFiles(workers=worker_pool, pool=pool, keys=KEYS, authenticator=known),
    )
    entries = f"/log{KEYS.origin(world.org_id).removeprefix(KEYS.host)}/tile/entries/000"
    before = await moment(admin)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://texting") as client:
        for headers in ({}, {"Authorization": "Bearer bad"}):
            for asked in (client.get(entries, headers=headers), client.post("/graphql", json={}, headers=headers)):
                assert (await asked).status_code == 401
            async with Client(app, PROTOCOL, None) as socket:  # type: ignore[arg-type] # serves sockets, among others
                socket.send({"type": "connection_init", "payload": headers})
                assert await closing(socket) == 4403
    told = (await get(metrics, pool, worker_pool, "/metrics", refusals)).text.splitlines()
    assert 'texting_sockets_closed_total{code="4403"} 2.0' in told
    await refusals.write(store, datetime.now(UTC))
    recorded = Counter[str]()
    for record in (await written_since(admin, before)).records:
        entry = record["entry"]
        recorded[entry["status_code"].removeprefix("UNAUTHENTICATED_")] += entry["updated_entity"]["data"]["count"]
    assert recorded == {"MISSING": 3, "INVALID": 3}
    for reason, count in recorded.items():
        assert f'texting_callers_refused_total{{reason="{reason}"}} {count}.0' in told


def test_names_that_clients_make_up_are_counted_together():
    metrics = Metrics()
    for number in range(10_000):
        metrics.operation("query", f"N{number}", 0.001)
    assert len(metrics.latencies) == NAMES_MAX + 1
    assert sum(metrics.latencies["query", OTHER].classes) == 10_000 - NAMES_MAX
