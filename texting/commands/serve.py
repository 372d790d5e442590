"""`texting serve`: the API, its pages and its workers, in one process."""

from __future__ import annotations

import os
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from texting.commands.options import DataDir, settings

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Mapping, Sequence

    from texting.background import Work
    from texting.program import Program
    from texting.settings import Settings
    from texting.tracing import Tracing


def serve(
    *,
    host: Annotated[str | None, typer.Option(help="Address to listen on. [default: 127.0.0.1]")] = None,
    port: Annotated[
        int | None, typer.Option(min=0, max=65535, help="TCP port; 0 takes a free one. [default: 8000]")
    ] = None,
    data_dir: DataDir = None,
    demo: Annotated[
        bool, typer.Option("--demo", help="Make demo organizations in an empty database, and a token for each persona.")
    ] = False,
) -> None:
    """Serve the GraphQL API, GraphiQL and the workers; Ctrl-C or SIGTERM stops everything."""
    read = settings(host=host, port=port, data_dir=data_dir)

    import structlog

    from texting import listening, logs, program, telemetry
    from texting.settings import misspelt
    from texting.stopping import Stopped

    logs.configure(read.log_level)
    for told in misspelt(os.environ):
        structlog.get_logger().warning(told)
    sockets = listening.bind(read.host, read.port)
    try:
        tracing = telemetry.opened(os.environ)
        program.run(
            read,
            lambda opened: _serve(opened, sockets, tracing, demo=demo),
            told=None if tracing is None else tracing.statement,
        )
    except Stopped:
        # Being stopped is how serving ends.
        return
    finally:
        for each in sockets:
            each.close()


async def _serve(program: Program, sockets: Sequence[socket.socket], tracing: Tracing | None, *, demo: bool) -> None:
    import asyncio

    from texting import app, background, listening, server, working
    from texting.auth import LocalTokens
    from texting.demo import personas
    from texting.identity.authenticators import authenticators
    from texting.identity.refusals import Refusals
    from texting.log_routes import LogFiles
    from texting.metrics import Metrics
    from texting.policing import PolicyInForce

    local = LocalTokens(program.secrets.tokens, program.store.pool)
    authenticator = authenticators(program.settings, program.store, local)
    refusals, metrics, ending = Refusals(), Metrics(), asyncio.Event()
    tokens = await personas.prepare(program) if demo else {}
    base = listening.url(program.settings.host, listening.port_of(sockets))
    pages = app.graphiql_pages() is not None
    serving = server.Server(
        app.create_app(
            schema=app.bound_schema(),
            store=program.store,
            authenticator=authenticator,
            settings=program.settings,
            refusals=refusals,
            metrics=metrics,
            ending=ending,
            tracing=tracing,
            logs=LogFiles(
                workers=program.worker.pool,
                pool=program.store.pool,
                keys=program.secrets.logs,
                authenticator=authenticator,
            ),
        ),
        program.settings,
        on_ready=_telling(base, program.settings, tokens, pages=pages),
    )
    work: list[Work] = [
        partial(program.store.news.listen, program.login),
        partial(refusals.run, program.store),
        PolicyInForce(program.store, program.worker).run,
    ]
    work += working.pieces(program).values() if program.settings.worker else ()
    if program.settings.health_port is not None:
        from texting import health

        work.append(health.serving(program, metrics, refusals, program.settings.health_port))

    def stop() -> None:
        # Subscriptions would last until their clients go, and keep the end waiting.
        ending.set()
        serving.stop()

    # Around the server, not in its lifespan: that is left out when a second signal does not wait for requests.
    with program.stopping.calling(stop):
        async with background.running(work):
            await serving.serve(sockets=list(sockets))


def _telling(base: str, settings: Settings, tokens: Mapping[str, str], *, pages: bool) -> Callable[[], None]:
    """Say where it is and who may come in: what was printed first is complete, and what reads it may go on."""
    lines = [f"ready: {base}/graphql"]
    if settings.graphiql:
        lines.append(f"GraphiQL: {base}/graphiql" if pages else "GraphiQL is not installed: run `make assets`")
    if tokens:
        from texting.demo.personas import FILE

        lines.append(f"tokens, also in {settings.data_dir / FILE}:")
        width = max(map(len, tokens))
        lines += [f"  {persona:{width}}  {token}" for persona, token in tokens.items()]
    return lambda: typer.echo("\n".join(lines))
