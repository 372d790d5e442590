"""Signals: raised where nothing runs that could end more gently, asked for where something does."""

from __future__ import annotations

import asyncio
import os
import signal

import pytest

from texting.stopping import Stopped, Stopping


def test_a_signal_raises_where_nothing_is_to_be_asked() -> None:
    with Stopping() as stopping, pytest.raises(Stopped):
        _signal()
    assert stopping.is_asked


def test_a_second_signal_does_not_interrupt_cleaning_up() -> None:
    with Stopping() as stopping:
        with pytest.raises(Stopped):
            _signal()
        _signal(signal.SIGINT)
    assert stopping.is_asked


def test_the_signals_are_given_back() -> None:
    before = signal.getsignal(signal.SIGTERM)
    with Stopping():
        assert signal.getsignal(signal.SIGTERM) != before
    assert signal.getsignal(signal.SIGTERM) == before


def test_each_signal_asks_what_runs() -> None:
    asked: list[str] = []

    async def work(stopping: Stopping) -> None:
        with stopping.calling(lambda: asked.append("outer")):
            _signal()
            await asyncio.sleep(0)
            with stopping.calling(lambda: asked.append("inner")):
                _signal()
                await asyncio.sleep(0)
            _signal()
            await asyncio.sleep(0)

    with Stopping() as stopping:
        asyncio.run(work(stopping))
    # Entering asks at once, because the signal had come already.
    assert asked == ["outer", "inner", "inner", "outer"]


def test_a_signal_that_came_just_before_a_handover_asks_only_whom_was_handed_over_to() -> None:
    asked: list[str] = []

    async def work(stopping: Stopping) -> None:
        with stopping.calling(lambda: asked.append("outer")):
            _signal()
            with stopping.calling(lambda: asked.append("inner")):
                await asyncio.sleep(0)

    with Stopping() as stopping:
        asyncio.run(work(stopping))
    assert asked == ["inner"]


def test_a_signal_raises_again_once_the_loop_has_ended() -> None:
    async def work(stopping: Stopping) -> None:
        with stopping.calling(lambda: None):
            await asyncio.sleep(0)

    with Stopping() as stopping:
        asyncio.run(work(stopping))
        with pytest.raises(Stopped):
            _signal()


def _signal(number: signal.Signals = signal.SIGTERM) -> None:
    os.kill(os.getpid(), number)
