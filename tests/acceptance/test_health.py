"""What the program says of itself to who runs it: alive, ready, and numbers that no client can multiply."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import asyncpg
import httpx
import pytest

from texting.metrics import NAMES_MAX, OTHER, Metrics

health = pytest.importorskip(
    "texting.health", reason="prometheus-client is not installed: make assets", exc_type=ImportError
)


async def get(metrics: Metrics, pool: Any, workers: Any, path: str) -> httpx.Response:
    app = health.health_app(metrics, {"requests": pool, "workers": workers})
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
    metrics.refusal("EXPIRED")
    told = await get(metrics, pool, worker_pool, "/metrics")
    assert told.headers["content-type"].startswith("text/plain; version=")
    for line in (
        'texting_operation_seconds_bucket{kind="query",le="0.001",operation="Card"} 1.0',
        'texting_operation_seconds_bucket{kind="query",le="0.005",operation="Card"} 2.0',
        'texting_operation_seconds_bucket{kind="query",le="+Inf",operation="Card"} 3.0',
        'texting_operation_seconds_count{kind="query",operation="Card"} 3.0',
        'texting_answers_total{status="200"} 1.0',
        'texting_callers_refused_total{reason="EXPIRED"} 1.0',
        "texting_database_up 1.0",
    ):
        assert line in told.text.splitlines(), line
    assert "texting_outbox_waiting" in told.text
    for counted in ("texting_operations_compiled_total ", "texting_values_rendered_total "):
        assert f"\n{counted}" in told.text
    assert 'texting_pool_connections{pool="requests",state="most"}' in told.text


def test_names_that_clients_make_up_are_counted_together():
    metrics = Metrics()
    for number in range(10_000):
        metrics.operation("query", f"N{number}", 0.001)
    assert len(metrics.latencies) == NAMES_MAX + 1
    assert sum(metrics.latencies["query", OTHER].classes) == 10_000 - NAMES_MAX
