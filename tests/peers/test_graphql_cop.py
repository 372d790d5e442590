"""graphql-cop, a scanner that others wrote, finds nothing on a server that is set for production.

No package index has it (PyPI's package of that name is empty), so it runs where `GRAPHQL_COP` names the folder of a
checkout of github.com/dolevf/graphql-cop. What it asks, `tests/process/test_production.py` asks in words of our own.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.process.production import WAYS, settings
from tests.process.serving import Serving, start


@dataclass(frozen=True, kw_only=True)
class Scanner:
    """A checkout, and a Python with what it needs."""

    python: Path
    script: Path

    def findings(self, served: Serving, address: str) -> list[str]:
        """Scan one address, or all that it guesses below one; give the titles of what was found, sorted."""
        token = json.dumps({"Authorization": f"Bearer {served.tokens['org_admin']}"})
        done = subprocess.run(
            # It is told to go on where it does not recognize GraphQL.
            [self.python, self.script, "-t", address, "-H", token, "-f", "-o", "json"],
            capture_output=True,
            text=True,
            check=True,
            timeout=100,
        )
        results = json.loads(done.stdout.splitlines()[-1])
        assert len(results) >= len(self._tests())
        return sorted(each["title"] for each in results if each["result"])

    def _tests(self) -> list[str]:
        listed = subprocess.run([self.python, self.script, "-l"], capture_output=True, text=True, check=True)
        return listed.stdout.split()


@pytest.fixture(scope="module")
def scanner(tmp_path_factory: pytest.TempPathFactory) -> Scanner:
    checkout = os.environ.get("GRAPHQL_COP")
    if not checkout:
        pytest.skip("GRAPHQL_COP does not name a folder with a checkout of graphql-cop")
    folder = tmp_path_factory.mktemp("graphql-cop") / "venv"
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    needed = Path(checkout) / "requirements.txt"
    subprocess.run([folder / "bin" / "pip", "install", "-q", "-r", needed], capture_output=True, check=True)
    return Scanner(python=folder / "bin" / "python", script=Path(checkout) / "graphql-cop.py")


@pytest.mark.parametrize("way", WAYS)
def test_it_finds_nothing_in_production(tmp_path: Path, scanner: Scanner, way: str) -> None:
    served = start(tmp_path / "data", "--demo", env=settings(way, tmp_path))
    try:
        assert scanner.findings(served, served.url) == []
        assert scanner.findings(served, served.url.removesuffix("/graphql")) == []
    finally:
        served.stop()


def test_it_finds_what_a_server_shows_that_is_open(scanner: Scanner, demo: Serving) -> None:
    assert scanner.findings(demo, demo.url) == ["Field Suggestions", "GET Method Query Support", "Introspection"]
