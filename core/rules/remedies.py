"""What would make a rule pass, and who does it: one line for every message that says a rule does not hold."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from core.rules.enums import PhoneNumberType, PstnConnectionType, RemediationKind, RuleStatus, TextingMode
from core.rules.results import Remediation, RuleResult

PROVIDER, ORG_ADMIN, USER = "PROVIDER_ADMIN", "ORG_ADMIN", "USER"
"""Names of roles, as principals carry them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SubjectIds:
    """Global ids of whom a decision is about, for the variables of a mutation. `campaign_id`: an ACTIVE one, if any."""

    org_id: str
    location_id: str
    user_id: str
    number_id: str | None = None
    campaign_id: str | None = None


Variables = Callable[[SubjectIds], Mapping[str, Any] | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Remedy:
    """A kind of remediation. `mutation` goes with `variables`, which answer `None` when an argument is not known."""

    kind: RemediationKind
    owner: str | None
    message_id: str
    mutation: str | None = None
    variables: Variables | None = None


def remedy(result: RuleResult, ids: SubjectIds) -> Remediation | None:
    """Give what would make the rule pass; `None` where nothing needs to be done (PASS, WARN, NOT_APPLICABLE)."""
    if result.status in _NOTHING_TO_DO:
        return None
    line = REMEDIES[result.message_id]
    variables = line.variables(ids) if line.variables is not None else None
    return Remediation(
        rule_id=result.rule_id,
        kind=line.kind,
        owner=line.owner,
        message_id=line.message_id,
        params=result.params,
        mutation=line.mutation if variables is not None else None,
        variables=variables,
    )


_NOTHING_TO_DO = frozenset({RuleStatus.PASS, RuleStatus.WARN, RuleStatus.NOT_APPLICABLE})


def _declare_no_phi(ids: SubjectIds) -> Mapping[str, Any]:
    return {"input": {"orgId": ids.org_id, "handlesPhi": False}}


def _cisco_pstn(ids: SubjectIds) -> Mapping[str, Any]:
    return {"input": {"locationId": ids.location_id, "pstnConnectionType": PstnConnectionType.CISCO_PSTN.value}}


def _make_primary(ids: SubjectIds) -> Mapping[str, Any] | None:
    if ids.number_id is None:
        return None
    return {"input": {"phoneNumberId": ids.number_id, "userId": ids.user_id, "type": PhoneNumberType.PRIMARY.value}}


def _assign_campaign(ids: SubjectIds) -> Mapping[str, Any] | None:
    if ids.number_id is None or ids.campaign_id is None:
        return None
    return {"input": {"phoneNumberId": ids.number_id, "campaignId": ids.campaign_id}}


def _turn_user_on(ids: SubjectIds) -> Mapping[str, Any]:
    return {"input": {"userId": ids.user_id, "mode": TextingMode.ON.value}}


def _turn_org_on(ids: SubjectIds) -> Mapping[str, Any]:
    return {"input": {"orgId": ids.org_id, "enabled": True}}


def _turn_location_on(ids: SubjectIds) -> Mapping[str, Any]:
    return {"input": {"locationId": ids.location_id, "mode": TextingMode.ON.value}}


def _line(
    kind: RemediationKind,
    owner: str | None,
    fix: str,
    mutation: str | None = None,
    variables: Variables | None = None,
) -> Remedy:
    return Remedy(kind=kind, owner=owner, message_id=f"{fix}.fix", mutation=mutation, variables=variables)


_ADMIN, _ORDER, _WAIT = RemediationKind.ADMIN_ACTION, RemediationKind.PARTNER_ORDER, RemediationKind.CARRIER_WAIT
_USER, _NEVER = RemediationKind.USER_ACTION, RemediationKind.NOT_FIXABLE

REMEDIES: Mapping[str, Remedy] = {
    "ORG_CALLING_PLAN_US_CA.FAIL.none": _line(_ORDER, PROVIDER, "ORG_CALLING_PLAN_US_CA"),
    "ORG_CALLING_PLAN_US_CA.FAIL.provider": _line(_ORDER, PROVIDER, "ORG_CALLING_PLAN_US_CA"),
    "ORG_CALLING_PLAN_US_CA.FAIL.country": _line(_ORDER, PROVIDER, "ORG_CALLING_PLAN_US_CA"),
    "ORG_CALLING_PLAN_US_CA.UNKNOWN": _line(_ORDER, PROVIDER, "ORG_CALLING_PLAN_US_CA.UNKNOWN"),
    "ORG_CUSTOMER_TYPE_ENTERPRISE.FAIL": _line(_ORDER, PROVIDER, "ORG_CUSTOMER_TYPE_ENTERPRISE"),
    "ORG_CUSTOMER_TYPE_ENTERPRISE.UNKNOWN": _line(_ORDER, PROVIDER, "ORG_CUSTOMER_TYPE_ENTERPRISE.UNKNOWN"),
    "ORG_ADDON_LICENSED.FAIL.none": _line(_ORDER, PROVIDER, "ORG_ADDON_LICENSED.none"),
    "ORG_ADDON_LICENSED.FAIL.suspended": _line(_ORDER, PROVIDER, "ORG_ADDON_LICENSED.suspended"),
    "ORG_ADDON_LICENSED.UNKNOWN": _line(_ORDER, PROVIDER, "ORG_ADDON_LICENSED.UNKNOWN"),
    "ORG_BRAND_REGISTERED.FAIL.none": _line(_ADMIN, ORG_ADMIN, "ORG_BRAND_REGISTERED.none"),
    "ORG_BRAND_REGISTERED.FAIL.failed": _line(_ADMIN, ORG_ADMIN, "ORG_BRAND_REGISTERED.failed"),
    "ORG_BRAND_REGISTERED.FAIL.suspended": _line(_WAIT, PROVIDER, "ORG_BRAND_REGISTERED.suspended"),
    "ORG_BRAND_REGISTERED.PENDING": _line(_WAIT, PROVIDER, "ORG_BRAND_REGISTERED.PENDING"),
    "ORG_CAMPAIGN_ACTIVE.FAIL.none": _line(_ADMIN, ORG_ADMIN, "ORG_CAMPAIGN_ACTIVE.none"),
    "ORG_CAMPAIGN_ACTIVE.FAIL.ended": _line(_ADMIN, ORG_ADMIN, "ORG_CAMPAIGN_ACTIVE.none"),
    "ORG_CAMPAIGN_ACTIVE.FAIL.rejected": _line(_ADMIN, ORG_ADMIN, "ORG_CAMPAIGN_ACTIVE.rejected"),
    "ORG_CAMPAIGN_ACTIVE.FAIL.suspended": _line(_WAIT, PROVIDER, "ORG_CAMPAIGN_ACTIVE.suspended"),
    "ORG_CAMPAIGN_ACTIVE.PENDING": _line(_WAIT, PROVIDER, "ORG_CAMPAIGN_ACTIVE.PENDING"),
    "NUMBER_CAMPAIGN_ASSIGNED.FAIL.none": _line(
        _ADMIN, ORG_ADMIN, "NUMBER_CAMPAIGN_ASSIGNED", "assignCampaignNumber", _assign_campaign
    ),
    "NUMBER_CAMPAIGN_ASSIGNED.FAIL.failed": _line(
        _ADMIN, ORG_ADMIN, "NUMBER_CAMPAIGN_ASSIGNED", "assignCampaignNumber", _assign_campaign
    ),
    "NUMBER_CAMPAIGN_ASSIGNED.FAIL.leaving": _line(_WAIT, PROVIDER, "NUMBER_CAMPAIGN_ASSIGNED.leaving"),
    "NUMBER_CAMPAIGN_ASSIGNED.FAIL.campaign": _line(_ADMIN, ORG_ADMIN, "NUMBER_CAMPAIGN_ASSIGNED.campaign"),
    "NUMBER_CAMPAIGN_ASSIGNED.PENDING.assignment": _line(_WAIT, PROVIDER, "NUMBER_CAMPAIGN_ASSIGNED.PENDING"),
    "NUMBER_CAMPAIGN_ASSIGNED.PENDING.campaign": _line(_WAIT, PROVIDER, "NUMBER_CAMPAIGN_ASSIGNED.PENDING"),
    "NUMBER_CAMPAIGN_ASSIGNED.UNKNOWN": _line(_ORDER, PROVIDER, "NUMBER_CAMPAIGN_ASSIGNED.UNKNOWN"),
    "ORG_NOT_HIPAA.FAIL": _line(_NEVER, None, "ORG_NOT_HIPAA"),
    "ORG_NOT_HIPAA.UNKNOWN": _line(_ADMIN, ORG_ADMIN, "ORG_NOT_HIPAA.UNKNOWN", "updateOrg", _declare_no_phi),
    "LOCATION_COUNTRY_US_CA.FAIL": _line(_ADMIN, ORG_ADMIN, "LOCATION_COUNTRY_US_CA"),
    "LOCATION_COUNTRY_US_CA.UNKNOWN": _line(_ADMIN, ORG_ADMIN, "LOCATION_COUNTRY_US_CA.UNKNOWN"),
    "LOCATION_PSTN_CISCO.FAIL": _line(_ADMIN, ORG_ADMIN, "LOCATION_PSTN_CISCO", "updateLocation", _cisco_pstn),
    "LOCATION_PSTN_CISCO.UNKNOWN": _line(_ADMIN, ORG_ADMIN, "LOCATION_PSTN_CISCO", "updateLocation", _cisco_pstn),
    "USER_PRIMARY_TN_PRESENT.FAIL.none": _line(_ADMIN, ORG_ADMIN, "USER_PRIMARY_TN_PRESENT.none"),
    "USER_PRIMARY_TN_PRESENT.FAIL.not_primary": _line(
        _ADMIN, ORG_ADMIN, "USER_PRIMARY_TN_PRESENT.not_primary", "assignPhoneNumber", _make_primary
    ),
    "USER_PRIMARY_TN_PRESENT.FAIL.inactive": _line(_ORDER, PROVIDER, "USER_PRIMARY_TN_PRESENT.inactive"),
    "USER_PRIMARY_TN_PRESENT.UNKNOWN": _line(_ORDER, PROVIDER, "USER_PRIMARY_TN_PRESENT.UNKNOWN"),
    "USER_TN_FROM_CALLING_PLAN.FAIL": _line(_ORDER, PROVIDER, "USER_TN_FROM_CALLING_PLAN"),
    "USER_TN_FROM_CALLING_PLAN.UNKNOWN": _line(_ORDER, PROVIDER, "USER_TN_FROM_CALLING_PLAN.UNKNOWN"),
    "USER_TN_COUNTRY_US_CA.FAIL.invalid": _line(_ORDER, PROVIDER, "USER_TN_COUNTRY_US_CA"),
    "USER_TN_COUNTRY_US_CA.FAIL.region": _line(_ORDER, PROVIDER, "USER_TN_COUNTRY_US_CA"),
    "USER_TN_COUNTRY_US_CA.UNKNOWN": _line(_ORDER, PROVIDER, "USER_TN_COUNTRY_US_CA"),
    "CLIENT_VERSION_MIN.FAIL": _line(_USER, USER, "CLIENT_VERSION_MIN"),
    "CLIENT_VERSION_MIN.UNKNOWN.none": _line(_USER, USER, "CLIENT_VERSION_MIN.UNKNOWN"),
    "CLIENT_VERSION_MIN.UNKNOWN.unreadable": _line(_USER, USER, "CLIENT_VERSION_MIN.UNKNOWN"),
    "USER_ACTIVE.FAIL.deactivated": _line(_NEVER, None, "USER_ACTIVE"),
    "USER_ACTIVE.FAIL.erased": _line(_NEVER, None, "USER_ACTIVE"),
    "USER_ACTIVE.UNKNOWN": _line(_ORDER, PROVIDER, "USER_ACTIVE.UNKNOWN"),
    "EFFECTIVE_SETTING_ENABLED.FAIL.default": _line(
        _ADMIN, ORG_ADMIN, "EFFECTIVE_SETTING_ENABLED", "setUserTexting", _turn_user_on
    ),
    "EFFECTIVE_SETTING_ENABLED.FAIL.off": _line(
        _ADMIN, ORG_ADMIN, "EFFECTIVE_SETTING_ENABLED", "setUserTexting", _turn_user_on
    ),
    "EFFECTIVE_SETTING_ENABLED.FAIL.locked_org": _line(
        _ADMIN, ORG_ADMIN, "EFFECTIVE_SETTING_ENABLED.locked_org", "setOrgTexting", _turn_org_on
    ),
    "EFFECTIVE_SETTING_ENABLED.FAIL.locked_location": _line(
        _ADMIN, ORG_ADMIN, "EFFECTIVE_SETTING_ENABLED.locked_location", "setLocationTexting", _turn_location_on
    ),
}
"""By message id. The provider's entitlements and numbers are orders, a registry's or carrier's answer is waited for."""
