"""`texting work`: the workers without the API, beside any number of servers and other workers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

import typer

from texting.commands.options import DataDir, settings

if TYPE_CHECKING:
    from texting.program import Program


def work(
    *,
    only: Annotated[
        Literal["dispatch", "upkeep", "seal", "export"] | None,
        typer.Option(
            help="Do only this: send and receive, look after the store, seal the log, or make exports. [default: all]"
        ),
    ] = None,
    data_dir: DataDir = None,
) -> None:
    """Send queued texts, record what comes back, look after the store, seal its log and make exports, until stopped."""
    read = settings(data_dir=data_dir)

    from texting import logs, program
    from texting.stopping import Stopped

    logs.configure(read.log_level)
    try:
        program.run(read, lambda opened: _work(opened, only))
    except Stopped:
        return


async def _work(program: Program, only: str | None) -> None:
    import asyncio

    from texting import background, working
    from texting.policing import PolicyInForce

    pieces = {name: each for name, each in working.pieces(program).items() if only in (None, name)}
    stopped = asyncio.Event()
    with program.stopping.calling(stopped.set):
        async with background.running((*pieces.values(), PolicyInForce(program.store, program.worker).run)):
            typer.echo(f"working: {', '.join(pieces)}")
            await stopped.wait()
