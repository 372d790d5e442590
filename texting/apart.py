"""Work in a thread and an event loop of its own, of the program's kind: what must not wait behind requests."""

from __future__ import annotations

import asyncio
import contextlib

import uvloop

from texting.background import Work


def apart(work: Work) -> Work:
    """Make a piece of work run in its own thread. It must open there what is bound to a loop, such as a pool.

    The piece ends as the work does: its exception is raised, and cancelling it cancels the work and waits for its end.
    """

    async def run() -> None:
        begun: list[tuple[asyncio.AbstractEventLoop, asyncio.Task[None]]] = []
        is_cancelled = False

        async def inside() -> None:
            task = asyncio.current_task()
            assert task is not None
            begun.append((asyncio.get_running_loop(), task))
            if not is_cancelled:
                await work()

        thread = asyncio.ensure_future(asyncio.to_thread(uvloop.run, inside()))
        try:
            await asyncio.shield(thread)
        except asyncio.CancelledError:
            is_cancelled = True
            for loop, task in begun:
                # The loop may have ended by itself meanwhile.
                with contextlib.suppress(RuntimeError):
                    loop.call_soon_threadsafe(task.cancel)
            await asyncio.wait({thread})
            raise

    run.__qualname__ = getattr(work, "__qualname__", type(work).__name__)
    return run
