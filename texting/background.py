"""Work beside the requests: each piece runs until the program stops, and is started again when it fails."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

import structlog

Work = Callable[[], Awaitable[None]]
"""Runs until it is cancelled. Its name is the function's."""

RESTART_S = 1.0
RESTART_MAX_S = 60.0
"""How long a piece of work that failed rests, doubled each time it fails again."""

_log = structlog.get_logger()


@contextlib.asynccontextmanager
async def running(pieces: Sequence[Work]) -> AsyncIterator[None]:
    """Run pieces of work for as long as the block runs."""
    tasks = [asyncio.create_task(_forever(work), name=_name(work)) for work in pieces]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _forever(work: Work) -> None:
    rest_s = RESTART_S
    loop = asyncio.get_running_loop()
    while True:
        started = loop.time()
        try:
            await work()
            _log.warning("work ended by itself", work=_name(work))
        except Exception:  # noqa: BLE001 - whatever it is, the log gets the cause and the work goes on
            _log.exception("work failed", work=_name(work), next_try_s=rest_s)
        if loop.time() - started > RESTART_MAX_S:
            rest_s = RESTART_S
        await asyncio.sleep(rest_s)
        rest_s = min(rest_s * 2, RESTART_MAX_S)


def _name(work: Work) -> str:
    return getattr(work, "__qualname__", type(work).__name__)
