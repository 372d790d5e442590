"""The processor time of one read, in one process: `python -m tests.benchmarks.processor`.

Where others use the machine too, requests a second say little. Here each server is called without a socket, on the same
database, in many short turns; the median counts, in microseconds of this process a request. PostgreSQL's own time and
the HTTP server's are left out, the waiting for both too.

Options: `--only abc` for some operations, `--profile KIND` to print where the time of one server goes.
"""

from __future__ import annotations

import cProfile
import pstats
import statistics
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import uvloop
from joserfc.jwk import OKPKey
from starlette.applications import Starlette
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from audit.log import AuditLog
from core.commands.transaction import Store
from core.rules.default_policy import DEFAULT_POLICY
from core.storage.database import open_pool
from resolvers import rendering
from tests.benchmarks.read import prepare, request
from tests.benchmarks.reading import serve
from tests.benchmarks.reading.filling import Filled
from tests.benchmarks.reading.operations import OPERATIONS, Operation
from texting import app, logs
from texting.auth import LocalTokens
from texting.embedded import Server
from texting.server import spare_what_stays
from texting.settings import Settings

SCALE = 0.1
TURNS = 30
SECONDS = 0.08
"""How long a turn lasts, about."""

Request = tuple[list[tuple[bytes, bytes]], bytes]


async def ask(server: ASGIApp, asked: Request) -> int:
    """Send a request and give the answer's status."""
    headers, body = asked
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {"type": "http", "http_version": "1.1", "method": "POST", "scheme": "http", "path": "/graphql"}
    more = {"raw_path": b"/graphql", "root_path": "", "query_string": b"", "client": ("127.0.0.1", 1), "server": None}
    await server({**scope, **more, "headers": headers}, receive, send)
    return int(sent[0]["status"])


async def turn(server: ASGIApp, requests: Sequence[Request], count: int) -> float:
    """Give the microseconds of processor time a request."""
    began = time.process_time()
    for at in range(count):
        assert await ask(server, requests[at % len(requests)]) == 200
    return (time.process_time() - began) / count * 1_000_000


async def compare(servers: Mapping[str, ASGIApp], operation: Operation, filled: Filled, token: str) -> None:
    """Print what each server needs, and the ratios."""
    requests = [_request(token, operation, filled, given) for given in operation.variables(filled)[:50]]
    counts: dict[str, int] = {}
    for kind, server in servers.items():
        await turn(server, requests, len(requests))
        counts[kind] = max(int(SECONDS * 1_000_000 / await turn(server, requests, 10)), 3)
    taken: dict[str, list[float]] = {kind: [] for kind in servers}
    for _ in range(TURNS):
        for kind, server in servers.items():
            taken[kind].append(await turn(server, requests, counts[kind]))
    shown = ", ".join(f"{kind} {statistics.median(found):.0f} µs" for kind, found in taken.items())
    speed = f"ours {_ratio(taken, 'stock', 'ours'):.2f} × stock"
    first = f"one gear {_ratio(taken, 'by hand', 'one gear'):.2f} × by hand"
    print(f"({operation.name}) {operation.title:26} {shown}; {speed}, {first}", flush=True)


def _ratio(taken: Mapping[str, Sequence[float]], one: str, other: str) -> float:
    """Give the median of the ratios of turns side by side: whatever slows the machine then slows both."""
    return statistics.median(a / b for a, b in zip(taken[one], taken[other], strict=True))


async def profile(server: ASGIApp, operation: Operation, filled: Filled, token: str) -> None:
    """Print where the time of one server goes."""
    requests = [_request(token, operation, filled, given) for given in operation.variables(filled)[:50]]
    with cProfile.Profile() as taken:
        await turn(server, requests, 200)
    pstats.Stats(taken).sort_stats("tottime").print_stats(40)


def _in_one_gear(server: ASGIApp) -> ASGIApp:
    """Let the database write nothing of this server's answers. Servers share no plans: each reads its own documents."""
    both = rendering.plan_of

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        rendering.plan_of = lambda *_: None  # type: ignore[assignment] # the one place where it is decided
        try:
            await server(scope, receive, send)
        finally:
            rendering.plan_of = both

    return answer


def _request(token: str, operation: Operation, filled: Filled, variables: Mapping[str, Any]) -> Request:
    head, text = request("ours", token, operation, filled, variables)
    body = text.encode()
    headers = [(name.lower().encode(), value.encode()) for name, value in head.items()]
    return [*headers, (b"content-length", str(len(body)).encode())], body


async def run(arguments: Sequence[str], folder: Path, server: Server) -> None:
    """Fill a small database and ask all servers."""
    chosen = arguments[arguments.index("--only") + 1] if "--only" in arguments else "abcdef"
    kind_profiled = arguments[arguments.index("--profile") + 1] if "--profile" in arguments else ""
    filled, token, given = await prepare(server, folder, SCALE)
    logs.configure("warning")
    async with await open_pool(given["dsn"], max_size=4) as pool:
        store = Store(pool=pool, audit=AuditLog(bytes(32), product_version="benchmark"), policy=DEFAULT_POLICY)
        tokens = LocalTokens(OKPKey.import_key(given["key"]), pool)
        settings = Settings(graphiql=False, data_dir=folder)
        schema, ours = app.bound_schema(), app.executor
        servers: dict[str, ASGIApp] = {}
        for kind, executor in (("ours", ours), ("one gear", ours), ("stock", serve._stock)):
            app.executor = executor  # type: ignore[attr-defined] # the one place where the endpoint gets it from
            made = app.create_app(schema=schema, store=store, authenticator=tokens, settings=settings)
            servers[kind] = made if kind == "ours" else _in_one_gear(made)
        by_hand = Route("/graphql", serve._by_hand("by hand", store, tokens), methods=["POST"])
        servers["by hand"] = Starlette(routes=[by_hand])
        spare_what_stays()
        for operation in OPERATIONS:
            if operation.name in chosen:
                await compare(servers, operation, filled, token)
                if kind_profiled:
                    await profile(servers[kind_profiled], operation, filled, token)


def main(arguments: Sequence[str]) -> None:
    """Run everything."""
    with tempfile.TemporaryDirectory(prefix="texting-bench-") as scratch, Server(Path(scratch) / "server") as server:
        uvloop.run(run(arguments, Path(scratch), server))


if __name__ == "__main__":
    main(sys.argv[1:])
