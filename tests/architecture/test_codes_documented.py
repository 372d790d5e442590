"""Every code that an answer may carry stands in the catalogue, and nothing else does."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.architecture.codes import found
from texting.sockets import Close

CATALOGUE = Path(__file__).parents[2] / "docs" / "errors.md"
SECTIONS = {"refusal": "Refusals", "problem": "Problems of an input", "extension": "Errors"}


@pytest.mark.parametrize("kind", SECTIONS)
def test_the_catalogue_has_every_code_of_the_source_and_no_other(kind: str) -> None:
    in_source, documented = found()[kind], _rows(SECTIONS[kind])
    assert len(in_source) > 8, "the search has lost its way"
    assert sorted(documented) == sorted(set(documented)), "a code stands twice"
    assert set(documented) == in_source


def test_the_catalogue_has_every_code_that_closes_a_websocket() -> None:
    documented = re.findall(r"^\| (\d{4}) \|", _section("A WebSocket that was closed"), re.MULTILINE)
    assert documented == [str(int(code)) for code in sorted(Close)]


def _rows(title: str) -> list[str]:
    return re.findall(r"^\| `([A-Z_]+)` \|", _section(title), re.MULTILINE)


def _section(title: str) -> str:
    return CATALOGUE.read_text().partition(f"## {title}\n")[2].partition("\n## ")[0]
