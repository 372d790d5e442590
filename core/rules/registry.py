"""The rules of eligibility in document order."""

from typing import Any

from core.rules.location_rules import COUNTRY, PSTN
from core.rules.number_rules import CAMPAIGN_ASSIGNED, FROM_CALLING_PLAN, IN_TERRITORY
from core.rules.org_rules import ADD_ON, BRAND, CALLING_PLAN, CAMPAIGN, CUSTOMER_TYPE, NOT_HIPAA
from core.rules.rule import Rule
from core.rules.user_rules import ACTIVE, CLIENT_VERSION, PRIMARY_NUMBER, SETTING

RULES: tuple[Rule[Any], ...] = (
    CALLING_PLAN,
    CUSTOMER_TYPE,
    ADD_ON,
    BRAND,
    CAMPAIGN,
    CAMPAIGN_ASSIGNED,
    NOT_HIPAA,
    COUNTRY,
    PSTN,
    PRIMARY_NUMBER,
    FROM_CALLING_PLAN,
    IN_TERRITORY,
    CLIENT_VERSION,
    ACTIVE,
    SETTING,
)
RULES_BY_ID: dict[str, Rule[Any]] = {rule.rule_id: rule for rule in RULES}
