"""The policy in force from the start, until a stored one replaces it."""

from datetime import date
from typing import TypeVar

from core.rules.content import DEFAULT_CONTENT_RULES
from core.rules.enums import ConsentScope, Level, LimitKind, PolicyAction, UsageUnit
from core.rules.hours import HoursPolicy
from core.rules.keywords import DEFAULT_KEYWORDS
from core.rules.policy import Limit, Policy, PolicyValue
from core.rules.versions import AppVersion

T = TypeVar("T")

_SINCE = date(2024, 1, 1)
_DAY_S = 86_400


def _value(name: str, source: str, value: T) -> PolicyValue[T]:
    return PolicyValue(name=name, version=f"{name}/2024-01", effective_from=_SINCE, source=source, value=value)


_LIMITS = (
    Limit(
        name="user.burst",
        level=Level.USER,
        kind=LimitKind.BURST,
        unit=UsageUnit.MESSAGES,
        window_s=60,
        count=60,
        action=PolicyAction.BLOCK,
        source_id="L6b",
        source="CTIA messaging principles 2023: 15 to 60 messages a minute; the source document gives no number",
    ),
    Limit(
        name="number.burst",
        level=Level.NUMBER,
        kind=LimitKind.BURST,
        unit=UsageUnit.MESSAGES,
        window_s=60,
        count=60,
        action=PolicyAction.BLOCK,
        source_id="L6b",
        source="CTIA messaging principles 2023: 15 to 60 messages a minute; the source document gives no number",
    ),
    Limit(
        name="user.daily",
        level=Level.USER,
        kind=LimitKind.QUANTITY,
        unit=UsageUnit.MESSAGES,
        window_s=_DAY_S,
        count=1_000,
        action=PolicyAction.WARN,
        source_id="L5",
        source="CTIA messaging principles 2023: a mark of abuse, not a limit",
    ),
    Limit(
        name="user.recipients",
        level=Level.USER,
        kind=LimitKind.QUANTITY,
        unit=UsageUnit.RECIPIENTS,
        window_s=_DAY_S,
        count=200,
        action=PolicyAction.WARN,
        source_id="L5",
        source="CTIA messaging principles 2023: a mark of abuse, not a limit",
    ),
    Limit(
        name="campaign.minute",
        level=Level.CAMPAIGN,
        kind=LimitKind.QUANTITY,
        unit=UsageUnit.SEGMENTS,
        window_s=60,
        count=4_500,
        action=PolicyAction.BLOCK,
        source_id="L5",
        source="AT&T, class A/B, as Telnyx prints it; vendors differ: set it by the campaign's class",
    ),
    Limit(
        name="org.daily",
        level=Level.ORG,
        kind=LimitKind.QUANTITY,
        unit=UsageUnit.SEGMENTS,
        window_s=_DAY_S,
        count=200_000,
        action=PolicyAction.BLOCK,
        source_id="L5",
        source="T-Mobile, a brand's highest tier, a day in US/Pacific; set it by the brand's score",
        resets_daily_in="America/Los_Angeles",
    ),
)

DEFAULT_POLICY = Policy(
    version="2024-01",
    effective_from=_SINCE,
    territory=_value("territory", "P1, P3, L4", ("US", "CA")),
    calling_plan_providers=_value("calling-plan-providers", "P1", ("cisco", "cisco calling plan")),
    min_app_version=_value("min-app-version", "P4", AppVersion((42, 12))),
    body_max_characters=_value("body-max-characters", "extension", 1_600),
    retention_days=_value("retention-days", "L1", 400),
    regulatory_retention_days=_value("regulatory-retention-days", "extension", None),
    delivery_receipt_timeout_s=_value("delivery-receipt-timeout", "extension", 72 * 3_600),
    campaign_numbers_max=_value("campaign-numbers-max", "carriers: 49 numbers without a number pool", 49),
    keywords=_value("keywords", "47 CFR 64.1200(a)(10)", DEFAULT_KEYWORDS),
    keyword_scope=_value("keyword-scope", "47 CFR 64.1200(a)(10)", ConsentScope.CAMPAIGN),
    opt_out_business_days=_value("opt-out-business-days", "47 CFR 64.1200(a)(10)", 10),
    limits=_value("limits", "L5, L6b", _LIMITS),
    hours=_value("hours", "U2a; 47 CFR 64.1200(c)(1)", HoursPolicy()),
    content=_value("content", "L6c, L6d", DEFAULT_CONTENT_RULES),
)
"""The source document's own values, and ours where it gives none."""
