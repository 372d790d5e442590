"""What would make a rule of eligibility pass: one line for every message that says it does not hold."""

from collections.abc import Mapping
from typing import Any

from core.rules.enums import PhoneNumberType, PstnConnectionType, RemediationKind, TextingMode
from core.rules.remedy import ORG_ADMIN, PROVIDER, USER, Remedy, SubjectIds, line


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


def move(ids: SubjectIds) -> Mapping[str, Any] | None:
    """Put the user into the other location."""
    if ids.other_location_id is None:
        return None
    return {"input": {"userId": ids.user_id, "locationId": ids.other_location_id}}


def turn_user_on(ids: SubjectIds) -> Mapping[str, Any]:
    """Switch the user on."""
    return {"input": {"userId": ids.user_id, "mode": TextingMode.ON.value}}


def turn_org_on(ids: SubjectIds) -> Mapping[str, Any]:
    """Switch the organization on."""
    return {"input": {"orgId": ids.org_id, "enabled": True}}


def turn_location_on(ids: SubjectIds) -> Mapping[str, Any]:
    """Switch the location on."""
    return {"input": {"locationId": ids.location_id, "mode": TextingMode.ON.value}}


_ADMIN, _ORDER, _WAIT = RemediationKind.ADMIN_ACTION, RemediationKind.PARTNER_ORDER, RemediationKind.CARRIER_WAIT
_USER, _NEVER = RemediationKind.USER_ACTION, RemediationKind.NOT_FIXABLE

ELIGIBILITY_REMEDIES: Mapping[str, Remedy] = {
    "ORG_CALLING_PLAN_US_CA.FAIL.none": line(_ORDER, PROVIDER, "ORG_CALLING_PLAN_US_CA"),
    "ORG_CALLING_PLAN_US_CA.FAIL.provider": line(_ORDER, PROVIDER, "ORG_CALLING_PLAN_US_CA"),
    "ORG_CALLING_PLAN_US_CA.FAIL.country": line(_ORDER, PROVIDER, "ORG_CALLING_PLAN_US_CA"),
    "ORG_CALLING_PLAN_US_CA.UNKNOWN": line(_ORDER, PROVIDER, "ORG_CALLING_PLAN_US_CA.UNKNOWN"),
    "ORG_CUSTOMER_TYPE_ENTERPRISE.FAIL": line(_ORDER, PROVIDER, "ORG_CUSTOMER_TYPE_ENTERPRISE"),
    "ORG_CUSTOMER_TYPE_ENTERPRISE.UNKNOWN": line(_ORDER, PROVIDER, "ORG_CUSTOMER_TYPE_ENTERPRISE.UNKNOWN"),
    "ORG_ADDON_LICENSED.FAIL.none": line(_ORDER, PROVIDER, "ORG_ADDON_LICENSED.none"),
    "ORG_ADDON_LICENSED.FAIL.suspended": line(_ORDER, PROVIDER, "ORG_ADDON_LICENSED.suspended"),
    "ORG_ADDON_LICENSED.UNKNOWN": line(_ORDER, PROVIDER, "ORG_ADDON_LICENSED.UNKNOWN"),
    "ORG_BRAND_REGISTERED.FAIL.none": line(_ADMIN, ORG_ADMIN, "ORG_BRAND_REGISTERED.none"),
    "ORG_BRAND_REGISTERED.FAIL.failed": line(_ADMIN, ORG_ADMIN, "ORG_BRAND_REGISTERED.failed"),
    "ORG_BRAND_REGISTERED.FAIL.suspended": line(_WAIT, PROVIDER, "ORG_BRAND_REGISTERED.suspended"),
    "ORG_BRAND_REGISTERED.PENDING": line(_WAIT, PROVIDER, "ORG_BRAND_REGISTERED.PENDING"),
    "ORG_CAMPAIGN_ACTIVE.FAIL.none": line(_ADMIN, ORG_ADMIN, "ORG_CAMPAIGN_ACTIVE.none"),
    "ORG_CAMPAIGN_ACTIVE.FAIL.ended": line(_ADMIN, ORG_ADMIN, "ORG_CAMPAIGN_ACTIVE.none"),
    "ORG_CAMPAIGN_ACTIVE.FAIL.rejected": line(_ADMIN, ORG_ADMIN, "ORG_CAMPAIGN_ACTIVE.rejected"),
    "ORG_CAMPAIGN_ACTIVE.FAIL.suspended": line(_WAIT, PROVIDER, "ORG_CAMPAIGN_ACTIVE.suspended"),
    "ORG_CAMPAIGN_ACTIVE.PENDING": line(_WAIT, PROVIDER, "ORG_CAMPAIGN_ACTIVE.PENDING"),
    "NUMBER_CAMPAIGN_ASSIGNED.FAIL.none": line(
        _ADMIN, ORG_ADMIN, "NUMBER_CAMPAIGN_ASSIGNED", "assignCampaignNumber", _assign_campaign
    ),
    "NUMBER_CAMPAIGN_ASSIGNED.FAIL.failed": line(
        _ADMIN, ORG_ADMIN, "NUMBER_CAMPAIGN_ASSIGNED", "assignCampaignNumber", _assign_campaign
    ),
    "NUMBER_CAMPAIGN_ASSIGNED.FAIL.leaving": line(_WAIT, PROVIDER, "NUMBER_CAMPAIGN_ASSIGNED.leaving"),
    "NUMBER_CAMPAIGN_ASSIGNED.FAIL.campaign": line(_ADMIN, ORG_ADMIN, "NUMBER_CAMPAIGN_ASSIGNED.campaign"),
    "NUMBER_CAMPAIGN_ASSIGNED.PENDING.assignment": line(_WAIT, PROVIDER, "NUMBER_CAMPAIGN_ASSIGNED.PENDING"),
    "NUMBER_CAMPAIGN_ASSIGNED.PENDING.campaign": line(_WAIT, PROVIDER, "NUMBER_CAMPAIGN_ASSIGNED.PENDING"),
    "NUMBER_CAMPAIGN_ASSIGNED.UNKNOWN": line(_ORDER, PROVIDER, "NUMBER_CAMPAIGN_ASSIGNED.UNKNOWN"),
    "ORG_NOT_HIPAA.FAIL": line(_NEVER, None, "ORG_NOT_HIPAA"),
    "ORG_NOT_HIPAA.UNKNOWN": line(_ADMIN, ORG_ADMIN, "ORG_NOT_HIPAA.UNKNOWN", "updateOrg", _declare_no_phi),
    "LOCATION_COUNTRY_US_CA.FAIL": line(_ADMIN, ORG_ADMIN, "LOCATION_COUNTRY_US_CA", "updateUser", move),
    "LOCATION_COUNTRY_US_CA.UNKNOWN": line(_ADMIN, ORG_ADMIN, "LOCATION_COUNTRY_US_CA.UNKNOWN"),
    "LOCATION_PSTN_CISCO.FAIL": line(_ADMIN, ORG_ADMIN, "LOCATION_PSTN_CISCO", "updateLocation", _cisco_pstn),
    "LOCATION_PSTN_CISCO.UNKNOWN": line(_ADMIN, ORG_ADMIN, "LOCATION_PSTN_CISCO", "updateLocation", _cisco_pstn),
    "USER_PRIMARY_TN_PRESENT.FAIL.none": line(_ADMIN, ORG_ADMIN, "USER_PRIMARY_TN_PRESENT.none"),
    "USER_PRIMARY_TN_PRESENT.FAIL.not_primary": line(
        _ADMIN, ORG_ADMIN, "USER_PRIMARY_TN_PRESENT.not_primary", "assignPhoneNumber", _make_primary
    ),
    "USER_PRIMARY_TN_PRESENT.FAIL.inactive": line(_ORDER, PROVIDER, "USER_PRIMARY_TN_PRESENT.inactive"),
    "USER_PRIMARY_TN_PRESENT.UNKNOWN": line(_ORDER, PROVIDER, "USER_PRIMARY_TN_PRESENT.UNKNOWN"),
    "USER_TN_FROM_CALLING_PLAN.FAIL": line(_ORDER, PROVIDER, "USER_TN_FROM_CALLING_PLAN"),
    "USER_TN_FROM_CALLING_PLAN.UNKNOWN": line(_ORDER, PROVIDER, "USER_TN_FROM_CALLING_PLAN.UNKNOWN"),
    "USER_TN_COUNTRY_US_CA.FAIL.invalid": line(_ORDER, PROVIDER, "USER_TN_COUNTRY_US_CA"),
    "USER_TN_COUNTRY_US_CA.FAIL.region": line(_ORDER, PROVIDER, "USER_TN_COUNTRY_US_CA"),
    "USER_TN_COUNTRY_US_CA.UNKNOWN": line(_ORDER, PROVIDER, "USER_TN_COUNTRY_US_CA"),
    "CLIENT_VERSION_MIN.FAIL": line(_USER, USER, "CLIENT_VERSION_MIN"),
    "CLIENT_VERSION_MIN.UNKNOWN.none": line(_USER, USER, "CLIENT_VERSION_MIN.UNKNOWN"),
    "CLIENT_VERSION_MIN.UNKNOWN.unreadable": line(_USER, USER, "CLIENT_VERSION_MIN.UNKNOWN"),
    "USER_ACTIVE.FAIL.deactivated": line(_NEVER, None, "USER_ACTIVE"),
    "USER_ACTIVE.FAIL.erased": line(_NEVER, None, "USER_ACTIVE"),
    "USER_ACTIVE.UNKNOWN": line(_ORDER, PROVIDER, "USER_ACTIVE.UNKNOWN"),
    "EFFECTIVE_SETTING_ENABLED.FAIL.default": line(
        _ADMIN, ORG_ADMIN, "EFFECTIVE_SETTING_ENABLED", "setUserTexting", turn_user_on
    ),
    "EFFECTIVE_SETTING_ENABLED.FAIL.off": line(
        _ADMIN, ORG_ADMIN, "EFFECTIVE_SETTING_ENABLED", "setUserTexting", turn_user_on
    ),
    "EFFECTIVE_SETTING_ENABLED.FAIL.locked_org": line(
        _ADMIN, ORG_ADMIN, "EFFECTIVE_SETTING_ENABLED.locked_org", "setOrgTexting", turn_org_on
    ),
    "EFFECTIVE_SETTING_ENABLED.FAIL.locked_location": line(
        _ADMIN, ORG_ADMIN, "EFFECTIVE_SETTING_ENABLED.locked_location", "setLocationTexting", turn_location_on
    ),
}
"""By message id. The provider's entitlements and numbers are orders, a registry's or carrier's answer is waited for."""
