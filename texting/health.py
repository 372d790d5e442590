"""`/livez`, `/readyz` and `/metrics`, on a port of their own: for who runs the program, and for nobody else."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from functools import partial
from itertools import accumulate
from typing import Any, cast

import asyncpg
import prometheus_client
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from core.storage.database import UNREACHABLE
from engine import CompiledExecutor
from engine.tally import Tally
from texting import listening
from texting.background import Work
from texting.identity.refusals import Refusals
from texting.metrics import BOUNDS_S, Metrics
from texting.program import Program
from texting.server import Server

READY_WITHIN_S = 2.0
"""How long the database may take to answer a readiness probe."""

_NAMED = listening.Named(host="TEXTING_HEALTH_HOST", port="TEXTING_HEALTH_PORT")
_AWAY: tuple[type[Exception], ...] = (*UNREACHABLE, TimeoutError, asyncpg.InterfaceError)
_WAITING = """
SELECT count(*) AS texts, coalesce(extract(epoch FROM now() - min(available_at)), 0)::float8 AS oldest_s
FROM texting.outbox WHERE available_at <= now()
"""


class Exposition:
    """What `prometheus_client` writes out: counts of this process, and what the database says is waiting."""

    def __init__(self, metrics: Metrics, refusals: Refusals, pools: dict[str, asyncpg.Pool], waiting: Any) -> None:
        """Take it as it stands. `waiting`: the outbox's row, `None` when the database did not answer."""
        self._metrics = metrics
        self._refusals = refusals
        self._pools = pools
        self._waiting = waiting

    def collect(self) -> Iterator[Any]:
        """Give the families."""
        yield from self._requests()
        yield from _executed(CompiledExecutor.tally)
        pools = GaugeMetricFamily("texting_pool_connections", "Connections to the database.", labels=["pool", "state"])
        for name, pool in self._pools.items():
            pools.add_metric([name, "idle"], pool.get_idle_size())
            pools.add_metric([name, "open"], pool.get_size())
            pools.add_metric([name, "most"], pool.get_max_size())
        yield pools
        up = "Whether the database answered this request."
        yield GaugeMetricFamily("texting_database_up", up, value=float(self._waiting is not None))
        if self._waiting is not None:
            texts = "Texts that are free to be sent and were not taken yet."
            yield GaugeMetricFamily("texting_outbox_waiting", texts, value=self._waiting["texts"])
            oldest = "How long the one that waits longest has waited."
            yield GaugeMetricFamily("texting_outbox_oldest_seconds", oldest, value=self._waiting["oldest_s"])

    def _requests(self) -> Iterator[Any]:
        took = HistogramMetricFamily(
            "texting_operation_seconds", "Time of an operation's execution over HTTP.", labels=["kind", "operation"]
        )
        bounds = [*map(str, BOUNDS_S), "+Inf"]
        for key, latencies in list(self._metrics.latencies.items()):
            buckets = list(zip(bounds, accumulate(latencies.classes), strict=True))
            took.add_metric(list(key), buckets, latencies.seconds)
        yield took
        answers = CounterMetricFamily("texting_answers", "Answers of /graphql by status.", labels=["status"])
        for status, count in list(self._metrics.answers.items()):
            answers.add_metric([str(status)], count)
        yield answers
        yield GaugeMetricFamily("texting_sockets", "WebSockets that are open.", value=self._metrics.open["sockets"])
        closed = CounterMetricFamily("texting_sockets_closed", "WebSockets that the server closed.", labels=["code"])
        for code, count in list(self._metrics.closed_sockets.items()):
            closed.add_metric([str(code)], count)
        yield closed
        yield GaugeMetricFamily(
            "texting_event_streams", "Event streams that are open.", value=self._metrics.open["streams"]
        )
        refusals = CounterMetricFamily("texting_callers_refused", "Callers who were not let in.", labels=["reason"])
        for kind, count in list(self._refusals.totals.items()):
            refusals.add_metric([str(kind)], count)
        yield refusals


def _executed(tally: Tally) -> Iterator[Any]:
    compiled = "Operations that were executed compiled."
    yield CounterMetricFamily("texting_operations_compiled", compiled, value=tally.compiled)
    rendered = "Values of fields whose JSON the database wrote."
    yield CounterMetricFamily("texting_values_rendered", rendered, value=tally.rendered)
    handed = CounterMetricFamily(
        "texting_operations_handed_over", "Operations that were left to graphql-core.", labels=["reason"]
    )
    for reason, count in list(tally.handed_over.items()):
        handed.add_metric([reason], count)
    yield handed


def health_app(metrics: Metrics, refusals: Refusals, pools: dict[str, asyncpg.Pool]) -> Starlette:
    """Make the application. `pools`: by name, `workers` the one that may count what waits in all organizations."""

    async def livez(_: Request) -> Response:
        return PlainTextResponse("alive\n")

    async def readyz(_: Request) -> Response:
        waiting = await _waiting_in(pools["workers"])
        if waiting is None:
            return PlainTextResponse("the database does not answer\n", status_code=503)
        return PlainTextResponse("ready\n")

    async def told(_: Request) -> Response:
        shown = Exposition(metrics, refusals, pools, await _waiting_in(pools["workers"]))
        content = prometheus_client.generate_latest(cast("Any", shown))
        return Response(content, media_type=prometheus_client.CONTENT_TYPE_LATEST)

    return Starlette(routes=[Route("/livez", livez), Route("/readyz", readyz), Route("/metrics", told)])


def serving(program: Program, metrics: Metrics, refusals: Refusals, port: int) -> Work:
    """Make the piece of work that serves them. Raises `StartupError` where the port cannot be had."""
    host = program.settings.health_host
    sockets = listening.bind(host, port, _NAMED)
    app = health_app(metrics, refusals, {"requests": program.store.pool, "workers": program.worker.pool})

    async def health(given: list[Any]) -> None:
        try:
            await Server(app, program.settings, on_ready=lambda: None).serve(sockets=given)
        finally:
            for each in given:
                each.close()

    return partial(health, sockets)


async def _waiting_in(pool: asyncpg.Pool) -> Any:
    try:
        async with asyncio.timeout(READY_WITHIN_S):
            return await pool.fetchrow(_WAITING)
    except _AWAY:
        return None
