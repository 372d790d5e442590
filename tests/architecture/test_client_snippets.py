"""What docs/clients.md shows is what the tests run."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_every_snippet_of_the_clients_page_stands_in_a_script_that_the_tests_run() -> None:
    page = (ROOT / "docs" / "clients.md").read_text()
    snippets = re.findall(r"```\w+\n(.*?)```", page, re.DOTALL)
    scripts = [path.read_text() for path in (ROOT / "tests" / "peers" / "clients").rglob("*") if path.is_file()]
    assert len(snippets) >= 12
    assert [snippet for snippet in snippets if not any(snippet in script for script in scripts)] == []
