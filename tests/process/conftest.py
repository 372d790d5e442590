"""One served demo for the tests that only ask."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.process import serving


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[serving.Serving]:
    """A server with demo data, stopped at the end of the session."""
    served = serving.start(tmp_path_factory.mktemp("demo") / "data", "--demo")
    yield served
    assert served.stop() == 0
    assert not served.database_runs


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A data directory that is not there yet."""
    return tmp_path / "data"


@pytest.fixture
def start() -> Iterator[Callable[..., serving.Serving]]:
    """Start servers; whatever still runs when the test is over is ended, the database too."""
    started: list[serving.Serving] = []

    def begin(folder: Path, *options: str, **how: Any) -> serving.Serving:
        started.append(serving.start(folder, *options, **how))
        return started[-1]

    yield begin
    for each in started:
        each.process.kill()
        each.process.wait()
        if each.database_runs:
            serving.run("migrate", "--data-dir", each.folder)
