"""The rules that read a location's facts: where it is and how it reaches the network (P3, P5)."""

from core.rules.enums import Comparator, Level, PstnConnectionType, RuleStatus
from core.rules.facts import LocationFacts
from core.rules.policy import Policy
from core.rules.results import params
from core.rules.rule import Finding, Rule
from core.rules.rule_ids import RuleId


def _country(location: LocationFacts, policy: Policy) -> Finding:
    observed, territory = location.country, policy.territory.value
    if observed is None:
        return Finding(status=RuleStatus.UNKNOWN, observed=None, params=params(required=territory))
    status = RuleStatus.PASS if observed in territory else RuleStatus.FAIL
    return Finding(status=status, observed=observed, params=params(observed=observed, required=territory))


def _pstn(location: LocationFacts, _policy: Policy) -> Finding:
    observed = location.pstn_connection_type
    if observed is None or observed == PstnConnectionType.UNKNOWN:
        return Finding(status=RuleStatus.UNKNOWN, observed=observed)
    status = RuleStatus.PASS if observed == PstnConnectionType.CISCO_PSTN else RuleStatus.FAIL
    return Finding(status=status, observed=observed, params=params(observed=observed))


COUNTRY = Rule(
    rule_id=RuleId.LOCATION_COUNTRY_US_CA,
    level=Level.LOCATION,
    source_id="P3",
    comparator=Comparator.IN,
    requires=lambda policy: policy.territory.value,
    judge=_country,
    reads=("country",),
)
PSTN = Rule(
    rule_id=RuleId.LOCATION_PSTN_CISCO,
    level=Level.LOCATION,
    source_id="P5",
    comparator=Comparator.EQUALS,
    requires=lambda _policy: PstnConnectionType.CISCO_PSTN.value,
    judge=_pstn,
    reads=("pstn_connection_type",),
)
LOCATION_RULES = (COUNTRY, PSTN)
