"""What was sold to an organization (P1, P2, P6); only the provider says so."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.commands import places
from core.commands.absent import ABSENT, Absent, Given
from core.commands.problems import Problems
from core.ids import uuid7
from core.rules.enums import CustomerType

ADD_ON_NAME = "Business Text Messaging"
PROVIDER_LENGTH_MAX = 128
"""A provider's name is a few words."""
UNITS_MAX = 2_147_483_647
"""What an integer column holds; GraphQL's Int ends there too."""

FACTS = ("calling_plan_provider", "calling_plan_countries", "add_on_units", "add_on_suspended")


@dataclass(frozen=True, slots=True, kw_only=True)
class CallingPlan:
    """A calling plan (P1). `countries`: ISO 3166-1 alpha-2."""

    provider: str
    countries: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class License:
    """An add-on (P6). `suspended` absent = as it is, and not when new."""

    total_units: int
    suspended: Given[bool | None] = ABSENT


@dataclass(frozen=True, slots=True, kw_only=True)
class SetEntitlements:
    """What was sold. `None` records that there is no plan or no add-on. `effective_from`: UTC; `None` = from now."""

    customer_type: Given[CustomerType | None] = ABSENT
    calling_plan: Given[CallingPlan | None] = ABSENT
    texting_add_on: Given[License | None] = ABSENT
    expected_version: int | None = None
    effective_from: datetime | None = None


def columns(
    problems: Problems,
    *,
    calling_plan: Given[CallingPlan | None],
    texting_add_on: Given[License | None],
    stored: Mapping[str, Any] | None,
) -> dict[str, Any]:
    """Check a plan and an add-on, and give the columns they set; `stored` is the row as it is, if there is one."""
    found: dict[str, Any] = {}
    if not isinstance(calling_plan, Absent):
        found |= _plan(problems, calling_plan)
    if not isinstance(texting_add_on, Absent):
        found |= _add_on(problems, texting_add_on, stored or {})
    return found


def _plan(problems: Problems, plan: CallingPlan | None) -> dict[str, Any]:
    if plan is None:
        return {"calling_plan_provider": None, "calling_plan_countries": []}
    provider = problems.text(("callingPlan", "provider"), plan.provider, longest=PROVIDER_LENGTH_MAX)
    if not plan.countries:
        problems.add(
            ("callingPlan", "countries"),
            "EMPTY",
            "`[]` names no country: give at least one, or null for no calling plan",
        )
    codes = {
        places.country(problems, ("callingPlan", "countries", str(at)), country)
        for at, country in enumerate(plan.countries)
    }
    return {"calling_plan_provider": provider, "calling_plan_countries": sorted(codes)}


def _add_on(problems: Problems, add_on: License | None, stored: Mapping[str, Any]) -> dict[str, Any]:
    if add_on is None:
        return {"add_on_id": None, "add_on_name": None, "add_on_units": 0, "add_on_suspended": False}
    if not 0 <= add_on.total_units <= UNITS_MAX:
        problems.add(
            ("textingAddOn", "totalUnits"),
            "OUT_OF_RANGE",
            f"`{add_on.total_units}` is no number of units: give 0 to {UNITS_MAX}",
        )
    if add_on.suspended is None:
        problems.add(
            ("textingAddOn", "suspended"), "NOT_CLEARABLE", "`null` is neither: give true or false, or leave it out"
        )
    return {
        "add_on_id": stored.get("add_on_id") or uuid7(),
        "add_on_name": stored.get("add_on_name") or ADD_ON_NAME,
        "add_on_units": add_on.total_units,
        "add_on_suspended": bool(stored.get("add_on_suspended"))
        if isinstance(add_on.suspended, Absent)
        else bool(add_on.suspended),
    }
