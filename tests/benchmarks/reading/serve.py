"""One of the servers, as a process: `python -m tests.benchmarks.reading.serve KIND`, its setting on standard input."""

from __future__ import annotations

import json
import sys
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from inspect import isawaitable
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson
import uvloop
from graphql import ExecutionResult, execute
from joserfc.jwk import OKPKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from audit.log import AuditLog
from core.commands.transaction import Store
from core.rules.default_policy import DEFAULT_POLICY
from core.storage.database import ROLE_APP, open_pool
from resolvers import rendering
from tests.benchmarks.reading import by_hand, one_sql, unguarded
from tests.benchmarks.reading.by_hand import Hand
from texting import app, listening, logs
from texting.auth import LocalTokens, read
from texting.server import Server
from texting.settings import Settings

KINDS = ("ours", "one gear", "stock", "unguarded", "by hand", "one SQL")
"""`one gear`: ours, where nothing of an answer is written by the database. `unguarded`: ours without authorization."""

SCHEMA_KINDS = ("ours", "one gear", "stock", "unguarded")
"""Those with the whole schema."""


def main() -> None:
    """Serve until the process is ended; says its port when it is ready."""
    kind, given = sys.argv[1], json.loads(sys.stdin.readline())
    logs.configure(given["log_level"])
    uvloop.run(_serve(kind, given))


async def _serve(kind: str, given: dict[str, Any]) -> None:
    role = unguarded.ROLE if kind == "unguarded" else ROLE_APP
    async with await open_pool(given["dsn"], role=role, max_size=16) as pool:
        store = Store(pool=pool, audit=AuditLog(bytes(32), product_version="benchmark"), policy=DEFAULT_POLICY)
        key = OKPKey.import_key(given["key"])
        tokens = LocalTokens(key, pool)
        # One caller asks as fast as it can, which nobody else may.
        free = {"operations_a_second": 0, "address_operations_a_second": 0, "operations_at_once": 0}
        settings = Settings(graphiql=False, data_dir=Path(given["folder"]), **free)
        if kind == "stock":
            app.executor = _stock  # type: ignore[attr-defined] # the one place where the endpoint gets it from
        if kind in {"one gear", "stock"}:
            rendering.plan_of = lambda *_: None  # type: ignore[assignment] # the one place where it is decided
        if kind in SCHEMA_KINDS:
            schema = app.bound_schema()
            if kind == "unguarded":
                unguarded.let_everybody(schema, read(given["token"], key, datetime.now(UTC))[0])
            made = app.create_app(schema=schema, store=store, authenticator=tokens, settings=settings)
        else:
            made = Starlette(routes=[Route("/graphql", _by_hand(kind, store, tokens), methods=["POST"])])
        [socket] = listening.bind("127.0.0.1", 0)
        server = Server(made, settings, on_ready=lambda: print(socket.getsockname()[1], flush=True))
        await server.serve(sockets=[socket])


def _stock(schema: Any, *_: Any, **__: Any) -> Callable[..., Awaitable[ExecutionResult]]:
    async def run(document: Any, asked: Any, context: Any) -> ExecutionResult:
        result: Any = execute(
            schema._schema,
            document.tree,
            context_value=context,
            variable_values=dict(asked.variables),
            operation_name=asked.operation_name,
            executor_class=StrawberryGraphQLCoreExecutionContext,
        )
        return await result if isawaitable(result) else result  # type: ignore[no-any-return]

    return run


def _by_hand(kind: str, store: Store, tokens: LocalTokens) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        principal = await tokens.authenticate(request.headers["authorization"][7:], datetime.now(UTC))
        asked = orjson.loads(await request.body())
        name, org_id = asked["operationName"], principal.org_id
        async with store.pool.acquire() as connection:
            await connection.execute(
                f"BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL texting.org_id = '{UUID(str(org_id))}'"
            )
            hand = Hand(connection, org_id, store)  # type: ignore[arg-type] # the pool's proxy of one
            if kind == "one SQL":
                body = b'{"data":' + await one_sql.answer(hand, name, asked["variables"]) + b"}"
            else:
                body = orjson.dumps({"data": await by_hand.ANSWERS[name](hand, asked["variables"])})
            await connection.execute("COMMIT")
        return Response(body, media_type="application/json")

    return answer


if __name__ == "__main__":
    main()
