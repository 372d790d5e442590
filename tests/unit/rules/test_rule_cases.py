"""Each rule of eligibility in everything it can say: the facts, the message, what was observed and required."""

from dataclasses import replace
from uuid import UUID

import pytest

from core.rules.default_policy import DEFAULT_POLICY
from core.rules.eligibility import RULES_BY_ID, decide
from core.rules.enums import (
    AssignmentStatus,
    BrandStatus,
    CampaignStatus,
    CustomerType,
    Level,
    NumberSource,
    NumberState,
    PhoneNumberType,
    PstnConnectionType,
    UserStatus,
)
from core.rules.facts import CampaignFacts, SwitchFacts
from core.rules.versions import AppVersion
from core.rules.words.catalogue import render_result
from tests.unit.rules.every_result import eligibility_results
from tests.unit.rules.strategies import CAMPAIGN_IDS, passing


def org(**facts):
    return {"org": facts}


def location(**facts):
    return {"location": facts}


def user(**facts):
    return {"user": facts}


def number(**facts):
    return {"number": facts}


def campaigns(*statuses):
    return {"campaigns": tuple(CampaignFacts(id=UUID(int=at), status=each) for at, each in enumerate(statuses, 1))}


NO_NUMBER = {"number": None}
ALTERNATE = number(type=PhoneNumberType.ALTERNATE)
A, C = AssignmentStatus, CampaignStatus

CASES = [
    ("a plan in Canada", "ORG_CALLING_PLAN_US_CA.PASS", org(calling_plan_countries=("CA",)), ("CA",)),
    ("no plan", "ORG_CALLING_PLAN_US_CA.FAIL.none", org(calling_plan_countries=()), ()),
    ("a plan of nobody", "ORG_CALLING_PLAN_US_CA.FAIL.none", org(calling_plan_provider=""), ()),
    ("another's plan", "ORG_CALLING_PLAN_US_CA.FAIL.provider", org(calling_plan_provider="Other"), "Other"),
    ("a plan in Britain", "ORG_CALLING_PLAN_US_CA.FAIL.country", org(calling_plan_countries=("GB",)), ("GB",)),
    ("whose plan is not known", "ORG_CALLING_PLAN_US_CA.UNKNOWN", org(calling_plan_provider=None), None),
    ("where the plan is, is not known", "ORG_CALLING_PLAN_US_CA.UNKNOWN", org(calling_plan_countries=None), None),
    ("an enterprise", "ORG_CUSTOMER_TYPE_ENTERPRISE.PASS", {}, "ENTERPRISE"),
    ("a trial", "ORG_CUSTOMER_TYPE_ENTERPRISE.FAIL", org(customer_type=CustomerType.TRIAL), "TRIAL"),
    ("an unheard-of type", "ORG_CUSTOMER_TYPE_ENTERPRISE.UNKNOWN", org(customer_type=CustomerType.UNKNOWN), "UNKNOWN"),
    ("a type never recorded", "ORG_CUSTOMER_TYPE_ENTERPRISE.UNKNOWN", org(customer_type=None), None),
    ("one licence", "ORG_ADDON_LICENSED.PASS", org(add_on_units=1), 1),
    ("a licence of no units", "ORG_ADDON_LICENSED.FAIL.none", org(add_on_units=0), 0),
    ("no units, suspended", "ORG_ADDON_LICENSED.FAIL.none", org(add_on_units=0, add_on_suspended=True), 0),
    ("a suspended licence", "ORG_ADDON_LICENSED.FAIL.suspended", org(add_on_suspended=True), "SUSPENDED"),
    ("units never recorded", "ORG_ADDON_LICENSED.UNKNOWN", org(add_on_units=None), None),
    ("suspension never recorded", "ORG_ADDON_LICENSED.UNKNOWN", org(add_on_suspended=None), 10),
    ("an approved brand", "ORG_BRAND_REGISTERED.PASS", {}, "APPROVED"),
    ("no brand", "ORG_BRAND_REGISTERED.FAIL.none", org(brand_status=None), None),
    ("a brand that failed", "ORG_BRAND_REGISTERED.FAIL.failed", org(brand_status=BrandStatus.FAILED), "FAILED"),
    (
        "a suspended brand",
        "ORG_BRAND_REGISTERED.FAIL.suspended",
        org(brand_status=BrandStatus.SUSPENDED),
        "SUSPENDED",
    ),
    ("a brand in review", "ORG_BRAND_REGISTERED.PENDING", org(brand_status=BrandStatus.IN_REVIEW), "IN_REVIEW"),
    ("one active campaign of two", "ORG_CAMPAIGN_ACTIVE.PASS", campaigns(C.EXPIRED, C.ACTIVE), ("ACTIVE", "EXPIRED")),
    ("no campaign", "ORG_CAMPAIGN_ACTIVE.FAIL.none", campaigns(), ()),
    ("campaigns that ended", "ORG_CAMPAIGN_ACTIVE.FAIL.ended", campaigns(C.DEACTIVATED), ("DEACTIVATED",)),
    (
        "a rejected campaign",
        "ORG_CAMPAIGN_ACTIVE.FAIL.rejected",
        campaigns(C.EXPIRED, C.REGISTRY_REJECTED),
        ("EXPIRED", "REGISTRY_REJECTED"),
    ),
    (
        "a suspended campaign before a rejected one",
        "ORG_CAMPAIGN_ACTIVE.FAIL.suspended",
        campaigns(C.REGISTRY_REJECTED, C.SUSPENDED),
        ("REGISTRY_REJECTED", "SUSPENDED"),
    ),
    (
        "a campaign in review before a suspended one",
        "ORG_CAMPAIGN_ACTIVE.PENDING",
        campaigns(C.SUSPENDED, C.SUBMITTED),
        ("SUBMITTED", "SUSPENDED"),
    ),
    ("a number assigned to an active campaign", "NUMBER_CAMPAIGN_ASSIGNED.PASS", {}, ("ASSIGNED", "ACTIVE")),
    (
        "a number of a suspended campaign",
        "NUMBER_CAMPAIGN_ASSIGNED.FAIL.campaign",
        campaigns(C.SUSPENDED),
        ("ASSIGNED", "SUSPENDED"),
    ),
    (
        "an assignment that failed",
        "NUMBER_CAMPAIGN_ASSIGNED.FAIL.failed",
        number(assignment_status=A.FAILED_ASSIGNMENT),
        ("FAILED_ASSIGNMENT",),
    ),
    (
        "a number that leaves its campaign",
        "NUMBER_CAMPAIGN_ASSIGNED.FAIL.leaving",
        number(assignment_status=A.PENDING_UNASSIGNMENT),
        ("PENDING_UNASSIGNMENT",),
    ),
    (
        "a number that could not leave",
        "NUMBER_CAMPAIGN_ASSIGNED.FAIL.leaving",
        number(assignment_status=A.FAILED_UNASSIGNMENT),
        ("FAILED_UNASSIGNMENT",),
    ),
    (
        "a number without a campaign",
        "NUMBER_CAMPAIGN_ASSIGNED.FAIL.none",
        number(campaign_id=None, assignment_status=None),
        None,
    ),
    ("a number that left", "NUMBER_CAMPAIGN_ASSIGNED.FAIL.none", number(assignment_status=A.UNASSIGNED), None),
    (
        "an assignment that waits",
        "NUMBER_CAMPAIGN_ASSIGNED.PENDING.assignment",
        number(assignment_status=A.PENDING_ASSIGNMENT),
        ("PENDING_ASSIGNMENT",),
    ),
    (
        "a number of a campaign in review",
        "NUMBER_CAMPAIGN_ASSIGNED.PENDING.campaign",
        campaigns(C.REGISTRY_REVIEW),
        ("ASSIGNED", "REGISTRY_REVIEW"),
    ),
    (
        "a number of a campaign that is not known",
        "NUMBER_CAMPAIGN_ASSIGNED.UNKNOWN",
        number(campaign_id=CAMPAIGN_IDS[2]),
        ("ASSIGNED",),
    ),
    ("no number to assign", "NUMBER_CAMPAIGN_ASSIGNED.NOT_APPLICABLE", NO_NUMBER, None),
    ("an alternate number is none to assign", "NUMBER_CAMPAIGN_ASSIGNED.NOT_APPLICABLE", ALTERNATE, None),
    ("no health information", "ORG_NOT_HIPAA.PASS", {}, False),
    ("nothing declared outside healthcare", "ORG_NOT_HIPAA.PASS", org(handles_phi=None), None),
    ("health information", "ORG_NOT_HIPAA.FAIL", org(handles_phi=True), True),
    ("healthcare that declared none", "ORG_NOT_HIPAA.WARN", org(healthcare=True), False),
    ("healthcare that declared nothing", "ORG_NOT_HIPAA.UNKNOWN", org(handles_phi=None, healthcare=True), None),
    ("a location in Canada", "LOCATION_COUNTRY_US_CA.PASS", location(country="CA"), "CA"),
    ("a location in Puerto Rico", "LOCATION_COUNTRY_US_CA.FAIL", location(country="PR"), "PR"),
    ("a location nobody knows where", "LOCATION_COUNTRY_US_CA.UNKNOWN", location(country=None), None),
    ("a location with Cisco PSTN", "LOCATION_PSTN_CISCO.PASS", {}, "CISCO_PSTN"),
    *(
        (f"a location with {each}", "LOCATION_PSTN_CISCO.FAIL", location(pstn_connection_type=each), each)
        for each in PstnConnectionType
        if each not in {"CISCO_PSTN", "UNKNOWN"}
    ),
    ("a connection never recorded", "LOCATION_PSTN_CISCO.UNKNOWN", location(pstn_connection_type=None), None),
    ("an active primary number", "USER_PRIMARY_TN_PRESENT.PASS", {}, ("PRIMARY", "ACTIVE")),
    ("no number", "USER_PRIMARY_TN_PRESENT.FAIL.none", NO_NUMBER, None),
    ("an alternate number only", "USER_PRIMARY_TN_PRESENT.FAIL.not_primary", ALTERNATE, ("ALTERNATE", "ACTIVE")),
    (
        "a primary number out of service",
        "USER_PRIMARY_TN_PRESENT.FAIL.inactive",
        number(state=NumberState.INACTIVE),
        ("PRIMARY", "INACTIVE"),
    ),
    ("a number of no known type", "USER_PRIMARY_TN_PRESENT.UNKNOWN", number(type=None), ("ACTIVE",)),
    ("a number of no known state", "USER_PRIMARY_TN_PRESENT.UNKNOWN", number(state=None), ("PRIMARY",)),
    ("a number nothing is known of", "USER_PRIMARY_TN_PRESENT.UNKNOWN", number(type=None, state=None), None),
    ("a number of the calling plan", "USER_TN_FROM_CALLING_PLAN.PASS", {}, "CISCO_CALLING_PLAN"),
    (
        "a number through a local gateway",
        "USER_TN_FROM_CALLING_PLAN.FAIL",
        number(assigned_by=NumberSource.LOCAL_GATEWAY),
        "LOCAL_GATEWAY",
    ),
    ("a number from nobody knows where", "USER_TN_FROM_CALLING_PLAN.UNKNOWN", number(assigned_by=None), None),
    ("no number to come from anywhere", "USER_TN_FROM_CALLING_PLAN.NOT_APPLICABLE", NO_NUMBER, None),
    ("a Canadian number", "USER_TN_COUNTRY_US_CA.PASS", number(region="CA"), "CA"),
    ("a Jamaican number", "USER_TN_COUNTRY_US_CA.FAIL.region", number(region="JM"), "JM"),
    ("a number of no region", "USER_TN_COUNTRY_US_CA.FAIL.region", number(region=None), None),
    ("a number that is not valid", "USER_TN_COUNTRY_US_CA.FAIL.invalid", number(valid=False), "INVALID"),
    ("a number nobody looked up", "USER_TN_COUNTRY_US_CA.UNKNOWN", number(valid=None), None),
    ("no number to belong anywhere", "USER_TN_COUNTRY_US_CA.NOT_APPLICABLE", NO_NUMBER, None),
    ("the least version", "CLIENT_VERSION_MIN.PASS", user(app_version=" 42.12 "), "42.12"),
    ("an older version", "CLIENT_VERSION_MIN.FAIL", user(app_version="42.9.9"), "42.9.9"),
    ("a version never reported", "CLIENT_VERSION_MIN.UNKNOWN.none", user(app_version=None), None),
    ("a version of blanks", "CLIENT_VERSION_MIN.UNKNOWN.none", user(app_version="  "), None),
    ("a version that is none", "CLIENT_VERSION_MIN.UNKNOWN.unreadable", user(app_version="next"), "next"),
    ("an active user", "USER_ACTIVE.PASS", {}, "ACTIVE"),
    ("a user who left", "USER_ACTIVE.FAIL.deactivated", user(status=UserStatus.DEACTIVATED), "DEACTIVATED"),
    ("a user who was erased", "USER_ACTIVE.FAIL.erased", user(status=UserStatus.ERASED), "ERASED"),
    ("a user of no known status", "USER_ACTIVE.UNKNOWN", user(status=None), None),
    ("switched on", "EFFECTIVE_SETTING_ENABLED.PASS", {}, True),
    ("never switched on", "EFFECTIVE_SETTING_ENABLED.FAIL.default", {"switch": SwitchFacts(enabled=False)}, False),
    (
        "switched off by the location",
        "EFFECTIVE_SETTING_ENABLED.FAIL.off",
        {"switch": SwitchFacts(enabled=False, level=Level.LOCATION)},
        False,
    ),
    (
        "off and locked by the organization",
        "EFFECTIVE_SETTING_ENABLED.FAIL.locked_org",
        {"switch": SwitchFacts(enabled=False, locked_by=Level.ORG)},
        False,
    ),
    (
        "off and locked by the location",
        "EFFECTIVE_SETTING_ENABLED.FAIL.locked_location",
        {"switch": SwitchFacts(enabled=False, level=Level.ORG, locked_by=Level.LOCATION)},
        False,
    ),
]


@pytest.mark.parametrize(
    ("message_id", "changes", "observed"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_a_rule_says_what_it_saw(message_id, changes, observed):
    rule = RULES_BY_ID[message_id.partition(".")[0]]
    found = decide(passing(**changes), DEFAULT_POLICY).rule(rule.rule_id)
    assert (found.message_id, found.observed) == (message_id, observed)
    assert found.status == message_id.split(".")[1]
    assert (found.level, found.comparator) == (rule.level, rule.comparator)
    assert found.required == rule.requires(DEFAULT_POLICY)
    assert render_result(found)


def test_there_is_a_case_for_everything_a_rule_can_say():
    assert {case[1] for case in CASES} == {result.message_id for result in eligibility_results()}


def with_policy(**values):
    changed = {name: replace(getattr(DEFAULT_POLICY, name), value=value) for name, value in values.items()}
    return replace(DEFAULT_POLICY, **changed)


@pytest.mark.parametrize(
    ("rule_id", "changes", "policy"),
    [
        ("LOCATION_COUNTRY_US_CA", location(country="PR"), {"territory": ("US", "CA", "PR")}),
        ("USER_TN_COUNTRY_US_CA", number(region="PR"), {"territory": ("US", "CA", "PR")}),
        ("ORG_CALLING_PLAN_US_CA", org(calling_plan_countries=("PR",)), {"territory": ("US", "CA", "PR")}),
        ("ORG_CALLING_PLAN_US_CA", org(calling_plan_provider="Other"), {"calling_plan_providers": ("other",)}),
        ("CLIENT_VERSION_MIN", user(app_version="41.0"), {"min_app_version": AppVersion((41,))}),
    ],
)
def test_what_a_rule_compares_with_is_the_policys(rule_id, changes, policy):
    subject = passing(**changes)
    assert decide(subject, DEFAULT_POLICY).rule(rule_id).status == "FAIL"
    assert decide(subject, with_policy(**policy)).rule(rule_id).status == "PASS"


def test_a_rule_names_the_facts_it_reads():
    for rule in RULES_BY_ID.values():
        assert rule.reads
        assert set(rule.implied_by) <= set(RULES_BY_ID)
