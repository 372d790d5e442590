"""GraphQL over HTTP as the people of the specification check it: every audit of graphql-http, without a warning."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.peers.conftest import npm_installed
from tests.process.serving import Serving, start

PACKAGES = ("graphql@16.14.0", "graphql-http@1.23.1")


@pytest.fixture
def serving(tmp_path: Path) -> Iterator[Serving]:
    served = start(tmp_path / "data", "--demo")
    yield served
    served.stop()


def test_every_audit_of_graphql_over_http_passes(tmp_path: Path, node: str, serving: Serving) -> None:
    folder = tmp_path / "audits"
    folder.mkdir()
    npm_installed(folder, node, PACKAGES, "http_audits.mjs")
    command = [node, folder / "http_audits.mjs", serving.url, serving.tokens["org_admin"]]
    done = subprocess.run(command, capture_output=True, text=True, timeout=100, check=True)
    results = [json.loads(line) for line in done.stdout.splitlines()]
    assert [each for each in results if each["status"] != "ok"] == []
    assert len(results) == 61
