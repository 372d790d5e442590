"""The rules that read a user's facts, and whether the user has a primary number (P3, P4, U1)."""

from dataclasses import dataclass

from core.rules.enums import Comparator, Level, NumberState, PhoneNumberType, RuleStatus, UserStatus
from core.rules.facts import NumberFacts, SwitchFacts, UserFacts
from core.rules.policy import Policy
from core.rules.results import named, params
from core.rules.rule import Finding, Rule
from core.rules.rule_ids import RuleId
from core.rules.versions import AppVersion


@dataclass(frozen=True, slots=True, kw_only=True)
class UserScope:
    """A user, and the number that is or should be the primary one."""

    user: UserFacts
    number: NumberFacts | None


def _primary_number(scope: UserScope, _policy: Policy) -> Finding:
    number = scope.number
    if number is None:
        return Finding(status=RuleStatus.FAIL, variant="none", observed=None)
    observed = tuple(str(value) for value in (number.type, number.state) if value is not None)
    seen = params(observed=observed)
    if number.type not in (PhoneNumberType.PRIMARY, None):
        return Finding(status=RuleStatus.FAIL, variant="not_primary", observed=observed, params=seen)
    if number.state == NumberState.INACTIVE:
        return Finding(status=RuleStatus.FAIL, variant="inactive", observed=observed)
    if number.type is None or number.state is None:
        return Finding(status=RuleStatus.UNKNOWN, observed=observed or None)
    return Finding(status=RuleStatus.PASS, observed=observed)


def _client_version(scope: UserScope, policy: Policy) -> Finding:
    text, minimum = scope.user.app_version, policy.min_app_version.value
    required = params(required=minimum)
    if text is None or not text.strip():
        return Finding(status=RuleStatus.UNKNOWN, variant="none", observed=None, params=required)
    version = AppVersion.parse(text)
    seen = params(observed=text.strip()) + required
    if version is None:
        return Finding(status=RuleStatus.UNKNOWN, variant="unreadable", observed=text, params=seen)
    status = RuleStatus.PASS if version >= minimum else RuleStatus.FAIL
    return Finding(status=status, observed=text.strip(), params=seen)


def _active(scope: UserScope, _policy: Policy) -> Finding:
    match observed := scope.user.status:
        case UserStatus.ACTIVE:
            return Finding(status=RuleStatus.PASS, observed=observed)
        case UserStatus.DEACTIVATED | UserStatus.ERASED:
            return Finding(status=RuleStatus.FAIL, variant=observed.lower(), observed=observed)
        case None:
            return Finding(status=RuleStatus.UNKNOWN, observed=None)


def _switch(switch: SwitchFacts, _policy: Policy) -> Finding:
    level = params(level=named(switch.level))
    if switch.enabled:
        return Finding(status=RuleStatus.PASS, observed=True, params=level)
    if switch.locked_by is not None:
        variant = "locked_org" if switch.locked_by == Level.ORG else "locked_location"
        return Finding(status=RuleStatus.FAIL, variant=variant, observed=False)
    if switch.level == Level.SYSTEM:
        return Finding(status=RuleStatus.FAIL, variant="default", observed=False)
    return Finding(status=RuleStatus.FAIL, variant="off", observed=False, params=level)


PRIMARY_NUMBER = Rule(
    rule_id=RuleId.USER_PRIMARY_TN_PRESENT,
    level=Level.USER,
    source_id="P3",
    comparator=Comparator.EQUALS,
    requires=lambda _policy: (PhoneNumberType.PRIMARY.value, NumberState.ACTIVE.value),
    judge=_primary_number,
    reads=("type", "state"),
)
CLIENT_VERSION = Rule(
    rule_id=RuleId.CLIENT_VERSION_MIN,
    level=Level.USER,
    source_id="P4",
    comparator=Comparator.AT_LEAST,
    requires=lambda policy: str(policy.min_app_version.value),
    judge=_client_version,
    reads=("app_version",),
)
ACTIVE = Rule(
    rule_id=RuleId.USER_ACTIVE,
    level=Level.USER,
    source_id="U1",
    comparator=Comparator.EQUALS,
    requires=lambda _policy: UserStatus.ACTIVE.value,
    judge=_active,
    reads=("status",),
)
SETTING = Rule(
    rule_id=RuleId.EFFECTIVE_SETTING_ENABLED,
    level=Level.USER,
    source_id="O3",
    comparator=Comparator.EQUALS,
    requires=lambda _policy: True,
    judge=_switch,
    reads=("switch",),
)
USER_RULES = (PRIMARY_NUMBER, CLIENT_VERSION, ACTIVE)
