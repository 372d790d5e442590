"""The rules that read the primary number's facts: whose it is, where it belongs, which campaign carries it (P3, P6)."""

from dataclasses import dataclass

from core.rules.enums import (
    AssignmentStatus,
    CampaignStatus,
    Comparator,
    Level,
    NumberSource,
    PhoneNumberType,
    RuleStatus,
)
from core.rules.facts import NumberFacts
from core.rules.org_rules import CAMPAIGN_IN_REVIEW
from core.rules.policy import Policy
from core.rules.results import NO_REGION, params
from core.rules.rule import Finding, Rule
from core.rules.rule_ids import RuleId


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberScope:
    """A number with the status of the campaign it names; `None` when that campaign is not recorded."""

    number: NumberFacts | None
    campaign_status: CampaignStatus | None


def counts(number: NumberFacts | None) -> bool:
    """Say whether there is a number for the rules to read: only a primary one is their subject."""
    return number is not None and number.type in (PhoneNumberType.PRIMARY, None)


NO_NUMBER = Finding(status=RuleStatus.NOT_APPLICABLE, observed=None, blocked_by=(RuleId.USER_PRIMARY_TN_PRESENT.value,))
"""There is no primary number; the rule named explains it."""


def _campaign(scope: NumberScope, _policy: Policy) -> Finding:
    number = scope.number
    if number is None or not counts(number):
        return NO_NUMBER
    match number.assignment_status:
        case AssignmentStatus.ASSIGNED:
            return judge_assigned(scope.campaign_status)
        case AssignmentStatus.PENDING_ASSIGNMENT:
            return Finding(status=RuleStatus.PENDING, variant="assignment", observed=(number.assignment_status.value,))
        case None | AssignmentStatus.UNASSIGNED:
            return Finding(status=RuleStatus.FAIL, variant="none", observed=None)
        case AssignmentStatus.FAILED_ASSIGNMENT:
            return Finding(status=RuleStatus.FAIL, variant="failed", observed=(number.assignment_status.value,))
        case AssignmentStatus.PENDING_UNASSIGNMENT | AssignmentStatus.FAILED_UNASSIGNMENT:
            seen = params(observed=number.assignment_status)
            return Finding(
                status=RuleStatus.FAIL, variant="leaving", observed=(number.assignment_status.value,), params=seen
            )


def judge_assigned(campaign_status: CampaignStatus | None) -> Finding:
    """Judge a number that is ASSIGNED, by its campaign's status."""
    assigned = AssignmentStatus.ASSIGNED.value
    if campaign_status is None:
        return Finding(status=RuleStatus.UNKNOWN, observed=(assigned,))
    observed, seen = (assigned, campaign_status.value), params(observed=campaign_status)
    if campaign_status == CampaignStatus.ACTIVE:
        return Finding(status=RuleStatus.PASS, observed=observed)
    if campaign_status in CAMPAIGN_IN_REVIEW:
        return Finding(status=RuleStatus.PENDING, variant="campaign", observed=observed, params=seen)
    return Finding(status=RuleStatus.FAIL, variant="campaign", observed=observed, params=seen)


def _source(scope: NumberScope, _policy: Policy) -> Finding:
    if scope.number is None or not counts(scope.number):
        return NO_NUMBER
    observed = scope.number.assigned_by
    if observed is None or observed == NumberSource.UNKNOWN:
        return Finding(status=RuleStatus.UNKNOWN, observed=observed)
    status = RuleStatus.PASS if observed == NumberSource.CISCO_CALLING_PLAN else RuleStatus.FAIL
    return Finding(status=status, observed=observed, params=params(observed=observed))


def _country(scope: NumberScope, policy: Policy) -> Finding:
    if scope.number is None or not counts(scope.number):
        return NO_NUMBER
    region, valid, required = scope.number.region, scope.number.valid, params(required=policy.territory.value)
    if valid is None:
        return Finding(status=RuleStatus.UNKNOWN, observed=None, params=required)
    if not valid:
        return Finding(status=RuleStatus.FAIL, variant="invalid", observed="INVALID", params=required)
    inside = region in policy.territory.value
    return Finding(
        status=RuleStatus.PASS if inside else RuleStatus.FAIL,
        variant=None if inside else "region",
        observed=region,
        params=params(observed=region or NO_REGION) + required,
    )


CAMPAIGN_ASSIGNED = Rule(
    rule_id=RuleId.NUMBER_CAMPAIGN_ASSIGNED,
    level=Level.NUMBER,
    source_id="P6",
    comparator=Comparator.EQUALS,
    requires=lambda _policy: (AssignmentStatus.ASSIGNED.value, CampaignStatus.ACTIVE.value),
    judge=_campaign,
    reads=("campaign_id", "assignment_status", "campaigns"),
    implied_by=(RuleId.ORG_CAMPAIGN_ACTIVE,),
)
FROM_CALLING_PLAN = Rule(
    rule_id=RuleId.USER_TN_FROM_CALLING_PLAN,
    level=Level.NUMBER,
    source_id="P3",
    comparator=Comparator.EQUALS,
    requires=lambda _policy: NumberSource.CISCO_CALLING_PLAN.value,
    judge=_source,
    reads=("assigned_by",),
)
IN_TERRITORY = Rule(
    rule_id=RuleId.USER_TN_COUNTRY_US_CA,
    level=Level.NUMBER,
    source_id="P3",
    comparator=Comparator.IN,
    requires=lambda policy: policy.territory.value,
    judge=_country,
    reads=("region", "valid"),
)
NUMBER_RULES = (CAMPAIGN_ASSIGNED, FROM_CALLING_PLAN, IN_TERRITORY)
