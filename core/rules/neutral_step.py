"""The step that stands for whatever helps a rule whose facts may not be told.

What it supposes does not depend on those facts, so that what is found after it tells nothing of them.
"""

from collections.abc import Mapping
from functools import cache

from core.rules import fix_changes as to
from core.rules.enums import BrandStatus, CustomerType, RemediationKind, RuleStatus
from core.rules.fix_changes import Change
from core.rules.fix_steps import Step
from core.rules.remedies import neutral_remedy
from core.rules.results import RuleResult
from core.rules.rule_ids import RuleId

_CHANGES: Mapping[str, Change] = {
    RuleId.ORG_CALLING_PLAN_US_CA: to.calling_plan,
    RuleId.ORG_CUSTOMER_TYPE_ENTERPRISE: to.org(customer_type=CustomerType.ENTERPRISE),
    RuleId.ORG_ADDON_LICENSED: to.org(add_on_units=1, add_on_suspended=False),
    RuleId.ORG_BRAND_REGISTERED: to.org(brand_status=BrandStatus.APPROVED),
    RuleId.ORG_CAMPAIGN_ACTIVE: to.only_new_campaign,
    RuleId.NUMBER_CAMPAIGN_ASSIGNED: to.of_a_campaign,
    RuleId.ORG_NOT_HIPAA: to.org(handles_phi=False, healthcare=False),
}
"""Of the rules whose facts somebody who sees the decision may not see."""


def neutral_steps(result: RuleResult) -> tuple[Step, ...]:
    """Give the step for a hidden rule with this status; none where nothing fixes it, whatever it found."""
    return _steps(result.rule_id, result.status)


@cache
def _steps(rule_id: str, status: RuleStatus) -> tuple[Step, ...]:
    remedy = neutral_remedy(rule_id, status)
    return () if remedy.kind is RemediationKind.NOT_FIXABLE else (Step(remedy=remedy, change=_CHANGES[rule_id]),)
