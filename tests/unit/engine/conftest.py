from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from engine import CompiledExecutor


@pytest.fixture(params=[None, CompiledExecutor], ids=["stock", "compiled"])
def executor(request: pytest.FixtureRequest) -> Iterator[type[Any] | None]:
    """Each way of executing; the compiled one must not hand anything over."""
    handed_over = CompiledExecutor.tally.handed_over.copy()
    compiled = CompiledExecutor.tally.compiled
    yield request.param
    assert CompiledExecutor.tally.handed_over == handed_over
    assert (CompiledExecutor.tally.compiled > compiled) == (request.param is not None)
