from __future__ import annotations

import asyncio
import threading

import pytest

from texting.apart import apart


async def test_the_work_runs_in_another_thread_and_its_end_is_awaited():
    seen: list[object] = []

    async def work() -> None:
        await asyncio.sleep(0)
        seen.append(threading.current_thread())

    await apart(work)()
    assert seen != [threading.current_thread()]
    assert len(seen) == 1


async def test_its_exception_is_raised():
    async def work() -> None:
        raise ValueError("no more")

    with pytest.raises(ValueError, match="no more"):
        await apart(work)()


async def test_cancelling_it_cancels_the_work_and_waits_for_its_end():
    began, ended = threading.Event(), threading.Event()

    async def work() -> None:
        try:
            began.set()
            await asyncio.sleep(60)
        finally:
            await asyncio.sleep(0.05)
            ended.set()

    task = asyncio.create_task(apart(work)())
    await asyncio.to_thread(began.wait, 5)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert ended.is_set()


async def test_it_can_be_cancelled_before_it_has_begun():
    async def work() -> None:
        await asyncio.sleep(60)

    task = asyncio.create_task(apart(work)())
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(task, 5)


def test_it_keeps_the_name_of_the_work():
    async def sealing() -> None: ...

    assert apart(sealing).__qualname__ == sealing.__qualname__
