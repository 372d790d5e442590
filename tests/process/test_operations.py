"""GraphiQL's ready-made operations, each run by somebody of the demo with the variables that the page fills in."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.process import serving
from tests.process.serving import Serving

OPERATIONS = Path(__file__).parents[2] / "texting" / "pages" / "operations"
ABOUT = """{
  viewer { org { id } user { id } }
  users(first: 50) { edges { node { id eligibility { outcome } } } }
}"""
WHO = {
    "1-who-am-i": ("viewer", "location_admin"),
    "2-locations-and-users": ("org", "location_admin"),
    "3-why-can-this-user-not-text": ("user", "org_admin"),
    "4-dry-run-texting-on": ("setOrgTexting", "org_admin"),
    "5-texting-on": ("setOrgTexting", "org_admin"),
    "6-one-user-off": ("setUserTexting", "org_admin"),
    "7-send-a-text": ("sendMessage", "user"),
    "8-audit-history": ("auditRecords", "auditor"),
}

FOLLOWED = {"9-messages-as-they-happen"}
"""Subscriptions: `tests/browser` runs them in the page."""


@pytest.fixture(scope="module")
def changed(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A demo of its own, which the operations change."""
    served = serving.start(tmp_path_factory.mktemp("operations") / "data", "--demo")
    yield served
    assert served.stop() == 0


def test_there_is_somebody_for_each_operation() -> None:
    assert {path.stem for path in OPERATIONS.glob("*.graphql")} == set(WHO) | FOLLOWED


@pytest.mark.parametrize("name", WHO)
def test_an_operation_is_answered_as_its_title_says(changed: Serving, name: str) -> None:
    root, persona = WHO[name]
    given = OPERATIONS / f"{name}.json"
    variables = _filled(changed, persona, json.loads(given.read_text())) if given.exists() else {}
    answer = changed.data((OPERATIONS / f"{name}.graphql").read_text(), persona=persona, **variables)[root]
    assert answer is not None
    assert "code" not in answer, answer
    if name.startswith("3"):
        assert answer["eligibility"]["outcome"] == "DENIED"
        assert answer["eligibility"]["rootCauses"][0]["remediation"]["summary"]
    if name.startswith("4"):
        assert answer["dryRun"] is True


def _filled(changed: Serving, persona: str, variables: dict[str, Any]) -> dict[str, Any]:
    """Do what boot.js does with the places of a ready-made operation."""
    about = changed.data(ABOUT, persona=persona)
    users = [edge["node"] for edge in about["users"]["edges"]]
    own = (about["viewer"]["user"] or users[-1])["id"]
    denied = next((user["id"] for user in users if user["eligibility"]["outcome"] == "DENIED"), own)
    places = {"{orgId}": about["viewer"]["org"]["id"], "{userId}": own, "{deniedUserId}": denied, "{key}": "of a test"}
    return {name: places.get(value, value) for name, value in variables.items()}
