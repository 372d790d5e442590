"""What keeps a user from being ALLOWED: what `decide` says, and no more; asked often, so that equal facts share it."""

from collections.abc import Collection
from functools import lru_cache

from core.rules.eligibility import location_results, number_results, scope_results, switch_result, user_results
from core.rules.enums import CampaignStatus, Level, RuleStatus
from core.rules.facts import LocationFacts, NumberFacts, OrgFacts, SwitchFacts, UserFacts
from core.rules.org_rules import OrgScope
from core.rules.policy import Policy
from core.rules.results import RuleResult
from core.rules.situation import Situation

Unmet = tuple[RuleResult, ...]

_STATUSES = frozenset({RuleStatus.FAIL, RuleStatus.PENDING, RuleStatus.UNKNOWN})


def unmet(situation: Situation, policy: Policy, levels: Collection[Level] = tuple(Level)) -> Unmet:
    """Give the results that are neither PASS, WARN nor NOT_APPLICABLE, level by level.

    `levels`: those whose rules are evaluated; the setting is one of SYSTEM here.
    """
    found: Unmet = ()
    if Level.ORG in levels:
        found += _of_org(situation.org, frozenset([each.status for each in situation.campaigns]), policy)
    if Level.LOCATION in levels:
        found += _of_location(situation.location, policy)
    if Level.USER in levels:
        found += _of_user(situation.user, situation.number, policy)
    if Level.NUMBER in levels:
        number = situation.number
        campaign_id = None if number is None else number.campaign_id
        status = next((each.status for each in situation.campaigns if each.id == campaign_id), None)
        found += _of_number(number, status, policy)
    if Level.SYSTEM in levels:
        found += _of_switch(situation.switches.resolved(), policy)
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
    return tuple(result for result in results if result.status in _STATUSES)
