"""The rules that read an organization's facts: what was bought and registered (P1, P2, P6, B7)."""

from dataclasses import dataclass

from core.rules.enums import BrandStatus, CampaignStatus, Comparator, CustomerType, Level, RuleStatus
from core.rules.facts import OrgFacts
from core.rules.policy import Policy
from core.rules.results import params
from core.rules.rule import Finding, Rule
from core.rules.rule_ids import RuleId

CAMPAIGN_IN_REVIEW = frozenset(
    {CampaignStatus.SUBMITTED, CampaignStatus.REGISTRY_REVIEW, CampaignStatus.CARRIER_REVIEW}
)
"""A campaign that waits on the registry or a carrier: PENDING, not FAIL."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OrgScope:
    """An organization with the distinct statuses of its campaigns."""

    org: OrgFacts
    campaign_statuses: frozenset[CampaignStatus]


def _calling_plan(scope: OrgScope, policy: Policy) -> Finding:
    provider, countries = scope.org.calling_plan_provider, scope.org.calling_plan_countries
    required = params(required=policy.territory.value)
    if countries == () or provider == "":
        return Finding(status=RuleStatus.FAIL, variant="none", observed=(), params=required)
    if provider is not None and _plain(provider) not in policy.calling_plan_providers.value:
        seen = params(observed=provider) + required
        return Finding(status=RuleStatus.FAIL, variant="provider", observed=provider, params=seen)
    if provider is None or countries is None:
        return Finding(status=RuleStatus.UNKNOWN, observed=None, params=required)
    held = set(policy.territory.value).intersection(countries)
    return Finding(
        status=RuleStatus.PASS if held else RuleStatus.FAIL,
        variant=None if held else "country",
        observed=countries,
        params=params(observed=countries) + required,
    )


def _plain(provider: str) -> str:
    return " ".join(provider.replace("_", " ").casefold().split())


def _customer_type(scope: OrgScope, _policy: Policy) -> Finding:
    observed = scope.org.customer_type
    if observed is None or observed == CustomerType.UNKNOWN:
        return Finding(status=RuleStatus.UNKNOWN, observed=observed)
    status = RuleStatus.PASS if observed == CustomerType.ENTERPRISE else RuleStatus.FAIL
    return Finding(status=status, observed=observed, params=params(observed=observed))


def _add_on(scope: OrgScope, _policy: Policy) -> Finding:
    units, suspended = scope.org.add_on_units, scope.org.add_on_suspended
    if units is not None and units <= 0:
        return Finding(status=RuleStatus.FAIL, variant="none", observed=units, params=params(observed=units))
    if suspended:
        return Finding(status=RuleStatus.FAIL, variant="suspended", observed="SUSPENDED")
    if units is None or suspended is None:
        return Finding(status=RuleStatus.UNKNOWN, observed=units)
    return Finding(status=RuleStatus.PASS, observed=units, params=params(observed=units))


def _brand(scope: OrgScope, _policy: Policy) -> Finding:
    observed = scope.org.brand_status
    seen = params(observed=observed)
    match observed:
        case BrandStatus.APPROVED:
            return Finding(status=RuleStatus.PASS, observed=observed)
        case BrandStatus.PENDING | BrandStatus.IN_REVIEW:
            return Finding(status=RuleStatus.PENDING, observed=observed, params=seen)
        case BrandStatus.FAILED | BrandStatus.SUSPENDED:
            return Finding(status=RuleStatus.FAIL, variant=observed.lower(), observed=observed)
        case None:
            return Finding(status=RuleStatus.FAIL, variant="none", observed=None)


def _campaign(scope: OrgScope, _policy: Policy) -> Finding:
    statuses = scope.campaign_statuses
    observed = tuple(sorted(status.value for status in statuses))
    seen = params(observed=observed)
    if CampaignStatus.ACTIVE in statuses:
        return Finding(status=RuleStatus.PASS, observed=observed)
    if statuses & CAMPAIGN_IN_REVIEW:
        return Finding(status=RuleStatus.PENDING, observed=observed, params=seen)
    return Finding(status=RuleStatus.FAIL, variant=_why_no_campaign(statuses), observed=observed, params=seen)


def _why_no_campaign(statuses: frozenset[CampaignStatus]) -> str:
    if CampaignStatus.SUSPENDED in statuses:
        return "suspended"
    if CampaignStatus.REGISTRY_REJECTED in statuses:
        return "rejected"
    return "ended" if statuses else "none"


def _hipaa(scope: OrgScope, _policy: Policy) -> Finding:
    handles_phi = scope.org.handles_phi
    if handles_phi:
        return Finding(status=RuleStatus.FAIL, observed=True)
    if not scope.org.healthcare:
        return Finding(status=RuleStatus.PASS, observed=handles_phi)
    status = RuleStatus.UNKNOWN if handles_phi is None else RuleStatus.WARN
    return Finding(status=status, observed=handles_phi)


CALLING_PLAN = Rule(
    rule_id=RuleId.ORG_CALLING_PLAN_US_CA,
    level=Level.ORG,
    source_id="P1",
    comparator=Comparator.INTERSECTS,
    requires=lambda policy: policy.territory.value,
    judge=_calling_plan,
    reads=("calling_plan_provider", "calling_plan_countries"),
)
CUSTOMER_TYPE = Rule(
    rule_id=RuleId.ORG_CUSTOMER_TYPE_ENTERPRISE,
    level=Level.ORG,
    source_id="P2",
    comparator=Comparator.EQUALS,
    requires=lambda _policy: CustomerType.ENTERPRISE.value,
    judge=_customer_type,
    reads=("customer_type",),
)
ADD_ON = Rule(
    rule_id=RuleId.ORG_ADDON_LICENSED,
    level=Level.ORG,
    source_id="P6",
    comparator=Comparator.GREATER_THAN,
    requires=lambda _policy: 0,
    judge=_add_on,
    reads=("add_on_units", "add_on_suspended"),
)
BRAND = Rule(
    rule_id=RuleId.ORG_BRAND_REGISTERED,
    level=Level.ORG,
    source_id="P6",
    comparator=Comparator.EQUALS,
    requires=lambda _policy: BrandStatus.APPROVED.value,
    judge=_brand,
    reads=("brand_status",),
)
CAMPAIGN = Rule(
    rule_id=RuleId.ORG_CAMPAIGN_ACTIVE,
    level=Level.ORG,
    source_id="P6",
    comparator=Comparator.CONTAINS,
    requires=lambda _policy: CampaignStatus.ACTIVE.value,
    judge=_campaign,
    reads=("campaigns",),
    implied_by=(RuleId.ORG_BRAND_REGISTERED,),
)
NOT_HIPAA = Rule(
    rule_id=RuleId.ORG_NOT_HIPAA,
    level=Level.ORG,
    source_id="B7",
    comparator=Comparator.NOT_EQUALS,
    requires=lambda _policy: True,
    judge=_hipaa,
    reads=("handles_phi", "healthcare"),
)
ORG_RULES = (CALLING_PLAN, CUSTOMER_TYPE, ADD_ON, BRAND, CAMPAIGN, NOT_HIPAA)
