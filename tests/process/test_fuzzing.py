"""Two thousand damaged requests leave a server as it was; `python -m tests.process.fuzzing 100000` sends more."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

from tests.process import fuzzing
from tests.process.serving import Serving

MANY = 2_000
GROWTH_MB = 60
"""Compiled operations are kept, up to a bound that so few requests do not reach."""


def test_damaged_requests_are_answered_and_leave_nothing_behind(start: Callable[..., Serving], folder: Path) -> None:
    served = start(folder, "--demo")
    found = asyncio.run(fuzzing.run(served, MANY))
    assert found.wrong == []
    assert sum(found.statuses.values()) >= MANY
    assert found.statuses["200"] > MANY / 20
    assert found.statuses["400"] > MANY / 20
    before, after = found.memory_mb
    assert after - before < GROWTH_MB
    assert found.connections[1] <= found.connections[0] + 5
    assert served.stop() == 0
