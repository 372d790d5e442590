"""Cases with a name and a sentence each, as people read and write them: YAML in `cases/`."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from core.rules.eligibility import Subject
from core.rules.enums import (
    AssignmentStatus,
    BrandStatus,
    CampaignStatus,
    CustomerType,
    Level,
    NumberSource,
    NumberState,
    PhoneNumberType,
    PstnConnectionType,
    UserStatus,
)
from core.rules.facts import CampaignFacts, NumberFacts
from tests.unit.rules.strategies import CAMPAIGN_IDS

FOLDER = Path(__file__).with_name("cases")
_READ = {
    "customer_type": CustomerType,
    "brand_status": BrandStatus,
    "pstn_connection_type": PstnConnectionType,
    "status": UserStatus,
    "type": PhoneNumberType,
    "state": NumberState,
    "assigned_by": NumberSource,
    "assignment_status": AssignmentStatus,
    "level": Level,
    "locked_by": Level,
    "calling_plan_countries": tuple,
    "campaign_id": lambda number: CAMPAIGN_IDS[number - 1],
}
"""How a fact is read, by its name; a campaign is named by its number."""


def load(name: str) -> list[dict[str, Any]]:
    """Read a table of cases; without the library that reads YAML, skip."""
    yaml = pytest.importorskip("yaml")
    found: list[dict[str, Any]] = yaml.safe_load((FOLDER / f"{name}.yaml").read_text(encoding="utf-8"))
    return found


def with_facts(subject: Subject, given: dict[str, Any]) -> Subject:
    """Give the subject with facts of some levels changed; `null` for the number: there is none."""
    for level, facts in given.items():
        subject = replace(subject, **{level: _level(subject, level, facts)})
    return subject


def _level(subject: Subject, level: str, facts: Any) -> Any:
    if facts is None:
        return None
    if level == "campaigns":
        return tuple(
            CampaignFacts(id=id, status=CampaignStatus(status)) for id, status in zip(CAMPAIGN_IDS, facts, strict=False)
        )
    read = {name: value if value is None else _READ.get(name, _same)(value) for name, value in facts.items()}
    return replace(getattr(subject, level) or NumberFacts(), **read)


def _same(value: Any) -> Any:
    return value
