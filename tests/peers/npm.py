"""Programs of npm: pinned packages in a scratch folder, with our scripts of `clients/` beside them, run by Node."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

SCRIPTS = Path(__file__).with_name("clients")
RUN_S = 300.0


@dataclass(frozen=True, kw_only=True)
class Npm:
    """Installs into folders below `folder`; each package is given as `name@version`."""

    node: str
    folder: Path

    def install(self, *packages: str) -> Installed:
        """Install packages, and our scripts; skip the test where they cannot be had."""
        folder = self.folder / str(len(list(self.folder.iterdir())))
        shutil.copytree(SCRIPTS, folder)
        (folder / "package.json").write_text('{"private": true, "type": "module"}')
        done = subprocess.run(
            [self.node, self._npm, "install", "--ignore-scripts", "--no-audit", "--no-fund", *packages],
            cwd=folder, env=self.environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        if done.returncode != 0:
            pytest.skip(f"{', '.join(packages)} cannot be installed from the npm registry here")
        return Installed(npm=self, folder=folder)

    @property
    def _npm(self) -> str:
        """npm's script: the one beside Node, else the machine's (in PyPI's package the program `npm` misses it)."""
        own = Path(self.node).parents[1] / "lib/node_modules/npm/bin/npm-cli.js"
        found = str(own) if own.exists() else shutil.which("npm")
        if found is None:
            pytest.skip("there is no npm here")
        return found

    @property
    def environment(self) -> dict[str, str]:
        """Ours, where `node` is the one that was chosen."""
        return {**os.environ, "PATH": f"{Path(self.node).parent}{os.pathsep}{os.environ['PATH']}"}


@dataclass(frozen=True, kw_only=True)
class Installed:
    """A folder with packages and our scripts."""

    npm: Npm
    folder: Path

    def below(self, name: str) -> Installed:
        """The folder of one client's own files."""
        return replace(self, folder=self.folder / name)

    def run(self, script: str, *arguments: str, succeeds: bool = True) -> subprocess.CompletedProcess[str]:
        """Run a script of the folder, or a package's program, to its end. `succeeds`: check that it did."""
        done = subprocess.run(
            [self.npm.node, script, *arguments],
            cwd=self.folder, env=self.npm.environment, capture_output=True, text=True, check=False, timeout=RUN_S,
        )  # fmt: skip
        assert done.returncode == 0 or not succeeds, f"{script}: {done.stdout[-2000:]}{done.stderr[-2000:]}"
        return done

    def lines(self, script: str, *arguments: str) -> list[Any]:
        """What a script that succeeds printed, a JSON value a line."""
        return [json.loads(line) for line in self.run(script, *arguments).stdout.splitlines()]
