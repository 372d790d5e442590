"""What can be done about each result that does not hold: the remediation, other ones beside it, and what each changes.

A step need not make its rule hold at once: a number leaves a campaign before it joins another. Sets of steps are found
and verified by `minimal_fixes`.
"""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from core.rules import fix_changes as to
from core.rules.eligibility_remedies import (
    ELIGIBILITY_REMEDIES,
    move,
    turn_location_on,
    turn_org_on,
    turn_user_on,
)
from core.rules.enums import (
    BrandStatus,
    CampaignStatus,
    CustomerType,
    NumberSource,
    NumberState,
    PhoneNumberType,
    RemediationKind,
    TextingMode,
    UserStatus,
)
from core.rules.fix_changes import Change
from core.rules.remedy import ORG_ADMIN, Remedy, SubjectIds, Variables, line


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One remediation, and what its success changes. `prepares`: it makes another step for the same result possible.

    `key` tells it apart: what is sent, however it is said; else what is said.
    """

    remedy: Remedy
    change: Change
    prepares: bool = False
    key: Hashable = field(init=False)

    def __post_init__(self) -> None:
        """Compute the key once; the search compares it often."""
        sent = (self.remedy.mutation, self.remedy.variables)
        object.__setattr__(self, "key", self.remedy.message_id if self.remedy.variables is None else sent)


def _spare_number(ids: SubjectIds) -> Mapping[str, Any] | None:
    if ids.spare_number_id is None:
        return None
    primary = PhoneNumberType.PRIMARY.value
    return {"input": {"phoneNumberId": ids.spare_number_id, "userId": ids.user_id, "type": primary}}


def _make_alternate(ids: SubjectIds) -> Mapping[str, Any] | None:
    if ids.number_id is None:
        return None
    alternate = PhoneNumberType.ALTERNATE.value
    return {"input": {"phoneNumberId": ids.number_id, "userId": ids.user_id, "type": alternate}}


def _end_assignment(ids: SubjectIds) -> Mapping[str, Any] | None:
    return None if ids.number_id is None else {"input": {"phoneNumberId": ids.number_id, "campaignId": None}}


def _inherit_at_user(ids: SubjectIds) -> Mapping[str, Any]:
    return {"input": {"userId": ids.user_id, "mode": TextingMode.INHERIT.value}}


def _inherit_at_location(ids: SubjectIds) -> Mapping[str, Any]:
    return {"input": {"locationId": ids.location_id, "mode": TextingMode.INHERIT.value}}


def _unlock_location(ids: SubjectIds) -> Mapping[str, Any]:
    return {"input": {"locationId": ids.location_id, "mode": TextingMode.INHERIT.value, "locked": False}}


def _unlock_org(ids: SubjectIds) -> Mapping[str, Any]:
    return {"input": {"orgId": ids.org_id, "enabled": False, "locked": False}}


def _first(message_id: str, change: Change) -> Step:
    """The remediation that the rule's own result names."""
    return Step(remedy=ELIGIBILITY_REMEDIES[message_id], change=change)


def _other(fix: str, change: Change, mutation: str | None = None, variables: Variables | None = None) -> Step:
    """Another way, which an administrator goes."""
    remedy = line(RemediationKind.ADMIN_ACTION, ORG_ADMIN, fix, mutation, variables)
    return Step(remedy=remedy, change=change)


_SPARE = _other("USER_PRIMARY_TN_PRESENT.none", to.spare, "assignPhoneNumber", _spare_number)
_ORDER = _first("USER_TN_FROM_CALLING_PLAN.FAIL", to.ordered)
_ALTERNATE = _other(
    "USER_PRIMARY_TN_PRESENT.alternate",
    to.number(type=PhoneNumberType.ALTERNATE),
    "assignPhoneNumber",
    _make_alternate,
)
_ANOTHER = (_ORDER, _ALTERNATE)
"""Another primary number: a new one in its place, or room for one of the inventory."""
_MOVE = _other("LOCATION_COUNTRY_US_CA.move", to.moved, "updateUser", move)
_SUBMIT = _first("ORG_CAMPAIGN_ACTIVE.FAIL.none", to.new_campaign)
_RESTORE = (
    _first("ORG_CAMPAIGN_ACTIVE.FAIL.suspended", to.campaign_of_number(CampaignStatus.SUSPENDED)),
    _first("ORG_CAMPAIGN_ACTIVE.FAIL.rejected", to.campaign_of_number(CampaignStatus.REGISTRY_REJECTED)),
)
"""The number's own campaign becomes active again."""
_JOIN = (
    _first("NUMBER_CAMPAIGN_ASSIGNED.FAIL.none", to.assigned),
    replace(_other("NUMBER_CAMPAIGN_ASSIGNED.room", to.another_campaign), prepares=True),
)
"""The number joins an active campaign; where none has room, after one more is there."""
_INHERIT = TextingMode.INHERIT
_USER_ON = _other(
    "EFFECTIVE_SETTING_ENABLED.user", to.switched(user_mode=TextingMode.ON), "setUserTexting", turn_user_on
)
_USER_INHERITS = _other(
    "EFFECTIVE_SETTING_ENABLED.inherit", to.switched(user_mode=_INHERIT), "setUserTexting", _inherit_at_user
)
_LOCATION_ON = _other(
    "EFFECTIVE_SETTING_ENABLED.location",
    to.switched(location_mode=TextingMode.ON),
    "setLocationTexting",
    turn_location_on,
)
_LOCATION_INHERITS = _other(
    "EFFECTIVE_SETTING_ENABLED.location_inherit",
    to.switched(location_mode=_INHERIT),
    "setLocationTexting",
    _inherit_at_location,
)
_ORG_ON = _other("EFFECTIVE_SETTING_ENABLED.org", to.switched(org_enabled=True), "setOrgTexting", turn_org_on)
_SWITCHES = (_USER_ON, _USER_INHERITS, _LOCATION_ON, _LOCATION_INHERITS, _ORG_ON)
"""The narrowest first."""
_LOCATION_UNLOCKED = _other(
    "EFFECTIVE_SETTING_ENABLED.unlock_location",
    to.switched(location_mode=_INHERIT, location_locked=False),
    "setLocationTexting",
    _unlock_location,
)
_ORG_UNLOCKED = _other(
    "EFFECTIVE_SETTING_ENABLED.unlock_org",
    to.switched(org_enabled=False, org_locked=False),
    "setOrgTexting",
    _unlock_org,
)


def _alone(changes: Mapping[str, Change]) -> dict[str, tuple[Step, ...]]:
    """The results that only their own remediation helps."""
    return {message_id: (_first(message_id, change),) for message_id, change in changes.items()}


STEPS: Mapping[str, tuple[Step, ...]] = {
    **_alone(
        {
            "ORG_CALLING_PLAN_US_CA.FAIL.none": to.calling_plan,
            "ORG_CALLING_PLAN_US_CA.FAIL.provider": to.calling_plan,
            "ORG_CALLING_PLAN_US_CA.FAIL.country": to.calling_plan,
            "ORG_CALLING_PLAN_US_CA.UNKNOWN": to.calling_plan,
            "ORG_CUSTOMER_TYPE_ENTERPRISE.FAIL": to.org(customer_type=CustomerType.ENTERPRISE),
            "ORG_CUSTOMER_TYPE_ENTERPRISE.UNKNOWN": to.org(customer_type=CustomerType.ENTERPRISE),
            "ORG_ADDON_LICENSED.FAIL.none": to.add_on,
            "ORG_ADDON_LICENSED.FAIL.suspended": to.add_on,
            "ORG_ADDON_LICENSED.UNKNOWN": to.add_on,
            "ORG_BRAND_REGISTERED.FAIL.none": to.org(brand_status=BrandStatus.APPROVED),
            "ORG_BRAND_REGISTERED.FAIL.failed": to.org(brand_status=BrandStatus.APPROVED),
            "ORG_BRAND_REGISTERED.FAIL.suspended": to.org(brand_status=BrandStatus.APPROVED),
            "ORG_BRAND_REGISTERED.PENDING": to.org(brand_status=BrandStatus.APPROVED),
            "ORG_CAMPAIGN_ACTIVE.FAIL.none": to.new_campaign,
            "ORG_CAMPAIGN_ACTIVE.FAIL.ended": to.new_campaign,
            "ORG_CAMPAIGN_ACTIVE.FAIL.rejected": to.campaign(CampaignStatus.REGISTRY_REJECTED),
            "NUMBER_CAMPAIGN_ASSIGNED.FAIL.leaving": to.unassigned,
            "NUMBER_CAMPAIGN_ASSIGNED.PENDING.assignment": to.confirmed,
            "NUMBER_CAMPAIGN_ASSIGNED.PENDING.campaign": to.campaign_of_number(*to.IN_REVIEW),
            "NUMBER_CAMPAIGN_ASSIGNED.UNKNOWN": to.campaign_recorded,
            "ORG_NOT_HIPAA.UNKNOWN": to.org(handles_phi=False),
            "CLIENT_VERSION_MIN.FAIL": to.app_updated,
            "CLIENT_VERSION_MIN.UNKNOWN.none": to.app_updated,
            "CLIENT_VERSION_MIN.UNKNOWN.unreadable": to.app_updated,
            "USER_ACTIVE.UNKNOWN": to.user(status=UserStatus.ACTIVE),
        }
    ),
    "ORG_CAMPAIGN_ACTIVE.FAIL.suspended": (
        _first("ORG_CAMPAIGN_ACTIVE.FAIL.suspended", to.campaign(CampaignStatus.SUSPENDED)),
        *_RESTORE,
        _SUBMIT,
    ),
    "ORG_CAMPAIGN_ACTIVE.PENDING": (_first("ORG_CAMPAIGN_ACTIVE.PENDING", to.campaign(*to.IN_REVIEW)), *_RESTORE),
    "NUMBER_CAMPAIGN_ASSIGNED.FAIL.none": _JOIN,
    "NUMBER_CAMPAIGN_ASSIGNED.FAIL.failed": _JOIN,
    "NUMBER_CAMPAIGN_ASSIGNED.FAIL.campaign": (
        *_RESTORE,
        _other("NUMBER_CAMPAIGN_ASSIGNED.end", to.unassigned, "assignCampaignNumber", _end_assignment),
    ),
    "LOCATION_COUNTRY_US_CA.FAIL": (_first("LOCATION_COUNTRY_US_CA.FAIL", to.in_territory),),
    "LOCATION_COUNTRY_US_CA.UNKNOWN": (_first("LOCATION_COUNTRY_US_CA.UNKNOWN", to.country_recorded), _MOVE),
    "LOCATION_PSTN_CISCO.FAIL": (_first("LOCATION_PSTN_CISCO.FAIL", to.cisco_pstn), _MOVE),
    "LOCATION_PSTN_CISCO.UNKNOWN": (_first("LOCATION_PSTN_CISCO.UNKNOWN", to.cisco_pstn), _MOVE),
    "USER_PRIMARY_TN_PRESENT.FAIL.none": (_SPARE, _ORDER),
    "USER_PRIMARY_TN_PRESENT.FAIL.not_primary": (
        _first("USER_PRIMARY_TN_PRESENT.FAIL.not_primary", to.number(type=PhoneNumberType.PRIMARY)),
        _SPARE,
        _ORDER,
    ),
    "USER_PRIMARY_TN_PRESENT.FAIL.inactive": (
        _first("USER_PRIMARY_TN_PRESENT.FAIL.inactive", to.number(state=NumberState.ACTIVE)),
        *_ANOTHER,
    ),
    "USER_PRIMARY_TN_PRESENT.UNKNOWN": (
        _first("USER_PRIMARY_TN_PRESENT.UNKNOWN", to.number(type=PhoneNumberType.PRIMARY, state=NumberState.ACTIVE)),
        *_ANOTHER,
    ),
    "USER_TN_FROM_CALLING_PLAN.FAIL": _ANOTHER,
    "USER_TN_FROM_CALLING_PLAN.UNKNOWN": (
        _first("USER_TN_FROM_CALLING_PLAN.UNKNOWN", to.number(assigned_by=NumberSource.CISCO_CALLING_PLAN)),
        *_ANOTHER,
    ),
    "USER_TN_COUNTRY_US_CA.FAIL.invalid": _ANOTHER,
    "USER_TN_COUNTRY_US_CA.FAIL.region": _ANOTHER,
    "USER_TN_COUNTRY_US_CA.UNKNOWN": _ANOTHER,
    "EFFECTIVE_SETTING_ENABLED.FAIL.default": _SWITCHES,
    "EFFECTIVE_SETTING_ENABLED.FAIL.off": _SWITCHES,
    "EFFECTIVE_SETTING_ENABLED.FAIL.locked_org": (
        _first("EFFECTIVE_SETTING_ENABLED.FAIL.locked_org", to.switched(org_enabled=True)),
        _ORG_UNLOCKED,
    ),
    "EFFECTIVE_SETTING_ENABLED.FAIL.locked_location": (
        _first("EFFECTIVE_SETTING_ENABLED.FAIL.locked_location", to.switched(location_mode=TextingMode.ON)),
        _LOCATION_INHERITS,
        _LOCATION_UNLOCKED,
        _ORG_ON,
    ),
}
"""By the id of the message that says the rule does not hold; what is not here cannot be fixed. The best way first."""
