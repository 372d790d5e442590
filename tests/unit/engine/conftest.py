from __future__ import annotations

import gc
import warnings
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


@pytest.fixture
def leftovers_unheard() -> Iterator[None]:
    """Free, unheard, the coroutines that graphql-core's executor leaves behind where null goes up.

    The collector waits until then: it may run anywhere, where no filter of warnings helps.
    """
    gc.disable()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)
            yield
            gc.collect()
    finally:
        gc.enable()
