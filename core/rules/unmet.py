"""What keeps a user from being ALLOWED: what `decide` says, and no more; asked often, so that equal facts share it."""

from collections.abc import Collection
from functools import lru_cache
from typing import Protocol

from core.rules.eligibility import location_results, number_results, scope_results, switch_result, user_results
from core.rules.enums import CampaignStatus, Level
from core.rules.facts import CampaignFacts, LocationFacts, NumberFacts, OrgFacts, SwitchFacts, UserFacts
from core.rules.impact import Switches
from core.rules.org_rules import OrgScope
from core.rules.policy import Policy
from core.rules.results import UNMET, RuleResult

Unmet = tuple[RuleResult, ...]


class Known(Protocol):
    """The facts that decide, with the switches behind the setting."""

    @property
    def org(self) -> OrgFacts: ...
    @property
    def campaigns(self) -> tuple[CampaignFacts, ...]: ...
    @property
    def location(self) -> LocationFacts: ...
    @property
    def user(self) -> UserFacts: ...
    @property
    def number(self) -> NumberFacts | None: ...
    @property
    def switches(self) -> Switches: ...


def unmet(known: Known, policy: Policy, levels: Collection[Level] = tuple(Level)) -> Unmet:
    """Give the results that are neither PASS, WARN nor NOT_APPLICABLE, level by level.

    `levels`: those whose rules are evaluated; the setting is one of SYSTEM here.
    """
    found: Unmet = ()
    if Level.ORG in levels:
        found += _of_org(known.org, frozenset([each.status for each in known.campaigns]), policy)
    if Level.LOCATION in levels:
        found += _of_location(known.location, policy)
    if Level.USER in levels:
        found += _of_user(known.user, known.number, policy)
    if Level.NUMBER in levels:
        number = known.number
        campaign_id = None if number is None else number.campaign_id
        status = next((each.status for each in known.campaigns if each.id == campaign_id), None)
        found += _of_number(number, status, policy)
    if Level.SYSTEM in levels:
        found += _of_switch(known.switches.resolved(), policy)
    return found


@lru_cache(maxsize=4_096)
def _of_org(org: OrgFacts, campaign_statuses: frozenset[CampaignStatus], policy: Policy) -> Unmet:
    return _those(scope_results(OrgScope(org=org, campaign_statuses=campaign_statuses), policy))


@lru_cache(maxsize=4_096)
def _of_location(location: LocationFacts, policy: Policy) -> Unmet:
    return _those(location_results(location, policy))


@lru_cache(maxsize=4_096)
def _of_user(user: UserFacts, number: NumberFacts | None, policy: Policy) -> Unmet:
    return _those(user_results(user, number, policy))


@lru_cache(maxsize=4_096)
def _of_number(number: NumberFacts | None, campaign_status: CampaignStatus | None, policy: Policy) -> Unmet:
    return _those(number_results(number, campaign_status, policy))


@lru_cache(maxsize=64)
def _of_switch(switch: SwitchFacts, policy: Policy) -> Unmet:
    return _those((switch_result(switch, policy),))


def _those(results: Unmet) -> Unmet:
    return tuple(result for result in results if result.status in UNMET)
