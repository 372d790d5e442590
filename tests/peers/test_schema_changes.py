"""The schema check on changes since the release: a breaking one fails until the changelog names it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.peers.npm import Installed, Npm

ROOT = Path(__file__).parents[2]
SCHEMA = (ROOT / "schema" / "schema.graphql").read_text()


@pytest.fixture(scope="module")
def inspector(npm: Npm) -> Installed:
    installed = npm.install("graphql@16.14.0", "@graphql-inspector/core@8.0.0")
    shutil.copy(ROOT / "tests" / "schema_lint" / "changes.mjs", installed.folder)
    return installed


@pytest.mark.parametrize(
    ("printed", "changelog", "status"),
    [
        (SCHEMA, "", 0),
        (SCHEMA + "type Added { name: String }", "", 0),
        (SCHEMA.replace("hasNextPage: Boolean!", "hasNextPage: Boolean"), "", 1),
        (SCHEMA.replace("hasNextPage: Boolean!", "hasNextPage: Boolean"), "## [1.0.0]\n`PageInfo.hasNextPage`", 1),
        (SCHEMA.replace("hasNextPage: Boolean!", "hasNextPage: Boolean"), "## [Unreleased]\n`PageInfo.hasNextPage`", 0),
    ],
    ids=["nothing", "more", "breaking", "named in another release", "named"],
)
def test_a_breaking_change_must_be_named_under_unreleased(
    inspector: Installed, printed: str, changelog: str, status: int
) -> None:
    for name, text in {"old.graphql": SCHEMA, "new.graphql": printed, "CHANGELOG.md": changelog}.items():
        (inspector.folder / name).write_text(text)
    done = inspector.run("changes.mjs", "old.graphql", "new.graphql", "CHANGELOG.md", succeeds=False)
    assert done.returncode == status, done.stderr
    assert ("PageInfo.hasNextPage" in done.stderr) == (status == 1)
