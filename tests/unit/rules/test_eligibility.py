from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.rules.default_policy import DEFAULT_POLICY
from core.rules.eligibility import RULES, decide, decide_many
from core.rules.enums import (
    AssignmentStatus,
    BrandStatus,
    CampaignStatus,
    CustomerType,
    Level,
    NumberSource,
    NumberState,
    Outcome,
    PhoneNumberType,
    PstnConnectionType,
    RuleStatus,
    UserStatus,
)
from core.rules.facts import CampaignFacts, SwitchFacts
from core.rules.rule_ids import RuleId
from tests.unit.rules.strategies import CAMPAIGN_IDS, passing, subjects

P, F, W, U, Q, N = (
    RuleStatus.PASS,
    RuleStatus.FAIL,
    RuleStatus.WARN,
    RuleStatus.UNKNOWN,
    RuleStatus.PENDING,
    RuleStatus.NOT_APPLICABLE,
)


def campaigns(*statuses):
    return tuple(CampaignFacts(id=UUID(int=index), status=status) for index, status in enumerate(statuses, 1))


CASES = [
    ("ORG_CALLING_PLAN_US_CA", {}, P),
    ("ORG_CALLING_PLAN_US_CA", {"org": {"calling_plan_countries": ("GB", "CA")}}, P),
    ("ORG_CALLING_PLAN_US_CA", {"org": {"calling_plan_countries": ("GB",)}}, F),
    ("ORG_CALLING_PLAN_US_CA", {"org": {"calling_plan_countries": ("PR",)}}, F),
    ("ORG_CALLING_PLAN_US_CA", {"org": {"calling_plan_countries": ()}}, F),
    ("ORG_CALLING_PLAN_US_CA", {"org": {"calling_plan_provider": "Other"}}, F),
    ("ORG_CALLING_PLAN_US_CA", {"org": {"calling_plan_provider": "Cisco_Calling_Plan"}}, P),
    ("ORG_CALLING_PLAN_US_CA", {"org": {"calling_plan_provider": None, "calling_plan_countries": None}}, U),
    ("ORG_CUSTOMER_TYPE_ENTERPRISE", {}, P),
    ("ORG_CUSTOMER_TYPE_ENTERPRISE", {"org": {"customer_type": CustomerType.ONLINE}}, F),
    ("ORG_CUSTOMER_TYPE_ENTERPRISE", {"org": {"customer_type": CustomerType.TRIAL}}, F),
    ("ORG_CUSTOMER_TYPE_ENTERPRISE", {"org": {"customer_type": CustomerType.UNKNOWN}}, U),
    ("ORG_CUSTOMER_TYPE_ENTERPRISE", {"org": {"customer_type": None}}, U),
    ("ORG_ADDON_LICENSED", {"org": {"add_on_units": 1}}, P),
    ("ORG_ADDON_LICENSED", {"org": {"add_on_units": 0}}, F),
    ("ORG_ADDON_LICENSED", {"org": {"add_on_suspended": True}}, F),
    ("ORG_ADDON_LICENSED", {"org": {"add_on_units": None}}, U),
    ("ORG_BRAND_REGISTERED", {}, P),
    ("ORG_BRAND_REGISTERED", {"org": {"brand_status": BrandStatus.PENDING}}, Q),
    ("ORG_BRAND_REGISTERED", {"org": {"brand_status": BrandStatus.IN_REVIEW}}, Q),
    ("ORG_BRAND_REGISTERED", {"org": {"brand_status": BrandStatus.FAILED}}, F),
    ("ORG_BRAND_REGISTERED", {"org": {"brand_status": BrandStatus.SUSPENDED}}, F),
    ("ORG_BRAND_REGISTERED", {"org": {"brand_status": None}}, F),
    ("ORG_CAMPAIGN_ACTIVE", {"campaigns": campaigns(CampaignStatus.EXPIRED, CampaignStatus.ACTIVE)}, P),
    ("ORG_CAMPAIGN_ACTIVE", {"campaigns": campaigns(CampaignStatus.EXPIRED, CampaignStatus.SUBMITTED)}, Q),
    ("ORG_CAMPAIGN_ACTIVE", {"campaigns": campaigns(CampaignStatus.REGISTRY_REVIEW)}, Q),
    ("ORG_CAMPAIGN_ACTIVE", {"campaigns": campaigns(CampaignStatus.CARRIER_REVIEW)}, Q),
    ("ORG_CAMPAIGN_ACTIVE", {"campaigns": campaigns(CampaignStatus.SUSPENDED)}, F),
    ("ORG_CAMPAIGN_ACTIVE", {"campaigns": campaigns(CampaignStatus.REGISTRY_REJECTED)}, F),
    ("ORG_CAMPAIGN_ACTIVE", {"campaigns": campaigns(CampaignStatus.DRAFT)}, F),
    ("ORG_CAMPAIGN_ACTIVE", {"campaigns": ()}, F),
    ("NUMBER_CAMPAIGN_ASSIGNED", {}, P),
    ("NUMBER_CAMPAIGN_ASSIGNED", {"number": {"assignment_status": AssignmentStatus.PENDING_ASSIGNMENT}}, Q),
    ("NUMBER_CAMPAIGN_ASSIGNED", {"campaigns": campaigns(CampaignStatus.CARRIER_REVIEW)}, Q),
    ("NUMBER_CAMPAIGN_ASSIGNED", {"campaigns": campaigns(CampaignStatus.SUSPENDED, CampaignStatus.ACTIVE)}, F),
    ("NUMBER_CAMPAIGN_ASSIGNED", {"number": {"campaign_id": None, "assignment_status": None}}, F),
    ("NUMBER_CAMPAIGN_ASSIGNED", {"number": {"assignment_status": AssignmentStatus.FAILED_ASSIGNMENT}}, F),
    ("NUMBER_CAMPAIGN_ASSIGNED", {"number": {"assignment_status": AssignmentStatus.PENDING_UNASSIGNMENT}}, F),
    ("NUMBER_CAMPAIGN_ASSIGNED", {"number": {"assignment_status": AssignmentStatus.UNASSIGNED}}, F),
    ("NUMBER_CAMPAIGN_ASSIGNED", {"number": {"campaign_id": CAMPAIGN_IDS[2]}}, U),
    ("NUMBER_CAMPAIGN_ASSIGNED", {"number": None}, N),
    ("ORG_NOT_HIPAA", {}, P),
    ("ORG_NOT_HIPAA", {"org": {"handles_phi": True}}, F),
    ("ORG_NOT_HIPAA", {"org": {"handles_phi": True, "healthcare": True}}, F),
    ("ORG_NOT_HIPAA", {"org": {"handles_phi": False, "healthcare": True}}, W),
    ("ORG_NOT_HIPAA", {"org": {"handles_phi": None, "healthcare": True}}, U),
    ("ORG_NOT_HIPAA", {"org": {"handles_phi": None, "healthcare": None}}, P),
    ("LOCATION_COUNTRY_US_CA", {"location": {"country": "CA"}}, P),
    ("LOCATION_COUNTRY_US_CA", {"location": {"country": "PR"}}, F),
    ("LOCATION_COUNTRY_US_CA", {"location": {"country": None}}, U),
    ("LOCATION_PSTN_CISCO", {}, P),
    ("LOCATION_PSTN_CISCO", {"location": {"pstn_connection_type": PstnConnectionType.LOCAL_GATEWAY}}, F),
    ("LOCATION_PSTN_CISCO", {"location": {"pstn_connection_type": PstnConnectionType.INTEGRATED_CCP}}, F),
    ("LOCATION_PSTN_CISCO", {"location": {"pstn_connection_type": PstnConnectionType.NOT_CONFIGURED}}, F),
    ("LOCATION_PSTN_CISCO", {"location": {"pstn_connection_type": PstnConnectionType.UNKNOWN}}, U),
    ("USER_PRIMARY_TN_PRESENT", {}, P),
    ("USER_PRIMARY_TN_PRESENT", {"number": None}, F),
    ("USER_PRIMARY_TN_PRESENT", {"number": {"type": PhoneNumberType.ALTERNATE}}, F),
    ("USER_PRIMARY_TN_PRESENT", {"number": {"state": NumberState.INACTIVE}}, F),
    ("USER_PRIMARY_TN_PRESENT", {"number": {"state": None}}, U),
    ("USER_TN_FROM_CALLING_PLAN", {}, P),
    ("USER_TN_FROM_CALLING_PLAN", {"number": {"assigned_by": NumberSource.LOCAL_GATEWAY}}, F),
    ("USER_TN_FROM_CALLING_PLAN", {"number": {"assigned_by": NumberSource.UNKNOWN}}, U),
    ("USER_TN_FROM_CALLING_PLAN", {"number": {"type": PhoneNumberType.ALTERNATE}}, N),
    ("USER_TN_COUNTRY_US_CA", {"number": {"region": "CA"}}, P),
    ("USER_TN_COUNTRY_US_CA", {"number": {"region": "JM"}}, F),
    ("USER_TN_COUNTRY_US_CA", {"number": {"valid": False}}, F),
    ("USER_TN_COUNTRY_US_CA", {"number": {"valid": None, "region": None}}, U),
    ("USER_TN_COUNTRY_US_CA", {"number": None}, N),
    ("CLIENT_VERSION_MIN", {"user": {"app_version": "42.12"}}, P),
    ("CLIENT_VERSION_MIN", {"user": {"app_version": " 42.12.0.24485 "}}, P),
    ("CLIENT_VERSION_MIN", {"user": {"app_version": "42.9"}}, F),
    ("CLIENT_VERSION_MIN", {"user": {"app_version": "next"}}, U),
    ("CLIENT_VERSION_MIN", {"user": {"app_version": None}}, U),
    ("USER_ACTIVE", {}, P),
    ("USER_ACTIVE", {"user": {"status": UserStatus.DEACTIVATED}}, F),
    ("USER_ACTIVE", {"user": {"status": UserStatus.ERASED}}, F),
    ("USER_ACTIVE", {"user": {"status": None}}, U),
    ("EFFECTIVE_SETTING_ENABLED", {}, P),
    ("EFFECTIVE_SETTING_ENABLED", {"switch": SwitchFacts(enabled=False)}, F),
    ("EFFECTIVE_SETTING_ENABLED", {"switch": {"enabled": False, "locked_by": Level.ORG}}, F),
]


@pytest.mark.parametrize(("rule_id", "changes", "status"), CASES)
def test_a_rule_judges_its_facts(rule_id, changes, status):
    assert decide(passing(**changes), DEFAULT_POLICY).rule(rule_id).status is status


def test_every_rule_has_a_case_that_passes_and_one_that_fails():
    seen = {(rule_id, status) for rule_id, _, status in CASES}
    assert {(rule.rule_id, status) for rule in RULES for status in (P, F)} <= seen


def test_the_rules_stand_in_the_order_of_the_document():
    assert [rule.rule_id for rule in RULES] == list(RuleId)
    assert [result.rule_id for result in decide(passing(), DEFAULT_POLICY).rules] == list(RuleId)


def test_who_passes_everything_is_allowed_and_nothing_decided_it():
    decision = decide(passing(), DEFAULT_POLICY)
    assert (decision.outcome, decision.prerequisites, decision.enabled) == (Outcome.ALLOWED, Outcome.ALLOWED, True)
    assert decision.decided_by is None
    assert decision.eligible


def test_the_switch_is_answered_apart_from_the_prerequisites():
    decision = decide(passing(switch=SwitchFacts(enabled=False)), DEFAULT_POLICY)
    assert (decision.outcome, decision.prerequisites, decision.enabled) == (Outcome.DENIED, Outcome.ALLOWED, False)


def test_a_fail_comes_before_a_pending_and_that_before_an_unknown():
    waiting = {"brand_status": BrandStatus.IN_REVIEW}
    assert decide(passing(org=waiting, user={"app_version": None}), DEFAULT_POLICY).outcome is Outcome.PENDING
    assert decide(passing(user={"app_version": None}), DEFAULT_POLICY).outcome is Outcome.INDETERMINATE
    denied = decide(passing(org=waiting, user={"app_version": "1"}), DEFAULT_POLICY)
    assert denied.outcome is Outcome.DENIED
    assert denied.decided_by is not None
    assert denied.decided_by.rule_id == "CLIENT_VERSION_MIN"


def test_a_missing_brand_is_the_root_of_what_it_implies():
    lost = {"campaign_id": None, "assignment_status": None}
    decision = decide(passing(org={"brand_status": None}, campaigns=(), number=lost), DEFAULT_POLICY)
    assert [result.rule_id for result in decision.root_causes] == ["ORG_BRAND_REGISTERED"]
    assert decision.rule("ORG_CAMPAIGN_ACTIVE").blocked_by == ("ORG_BRAND_REGISTERED",)
    assert decision.rule("NUMBER_CAMPAIGN_ASSIGNED").blocked_by == ("ORG_CAMPAIGN_ACTIVE",)


def test_number_rules_without_a_number_name_the_rule_that_explains_them():
    decision = decide(passing(number=None), DEFAULT_POLICY)
    for rule_id in ("NUMBER_CAMPAIGN_ASSIGNED", "USER_TN_FROM_CALLING_PLAN", "USER_TN_COUNTRY_US_CA"):
        assert decision.rule(rule_id).blocked_by == ("USER_PRIMARY_TN_PRESENT",)
    assert [result.rule_id for result in decision.root_causes] == ["USER_PRIMARY_TN_PRESENT"]


def test_an_inactive_primary_number_is_still_judged():
    decision = decide(passing(number={"state": NumberState.INACTIVE}), DEFAULT_POLICY)
    assert decision.rule("USER_TN_COUNTRY_US_CA").status is P


def test_asking_for_a_rule_that_is_none_is_an_error():
    with pytest.raises(KeyError, match="NO_SUCH_RULE"):
        decide(passing(), DEFAULT_POLICY).rule("NO_SUCH_RULE")


@given(subjects)
def test_allowed_means_that_nothing_fails_waits_or_is_unknown(subject):
    decision = decide(subject, DEFAULT_POLICY)
    statuses = {result.status for result in decision.rules}
    assert (decision.outcome is Outcome.ALLOWED) == (not statuses & {F, U, Q})
    assert (decision.outcome is Outcome.DENIED) == (F in statuses)
    assert (decision.outcome is Outcome.ALLOWED) == (decision.prerequisites is Outcome.ALLOWED and decision.enabled)
    assert (decision.decided_by is None) == (decision.outcome is Outcome.ALLOWED)
    assert len(decision.rules) == len(RULES)


@given(subjects)
def test_every_denial_comes_down_to_a_root_cause(subject):
    decision = decide(subject, DEFAULT_POLICY)
    roots = {result.rule_id for result in decision.root_causes}
    denied = {result.rule_id for result in decision.denials}
    assert roots <= denied
    assert bool(roots) == bool(denied)
    for result in decision.denials:
        assert result.rule_id in roots or set(result.blocked_by) <= denied


@given(st.lists(subjects, max_size=6))
def test_deciding_for_many_equals_deciding_for_each(many):
    assert decide_many(many, DEFAULT_POLICY) == [decide(subject, DEFAULT_POLICY) for subject in many]


def test_equal_facts_share_one_decision_and_an_org_is_evaluated_once():
    one, same = passing(), passing(user={"app_version": "42.12"})
    first, second = decide_many((one, same), DEFAULT_POLICY)
    assert first is second
    other = decide_many((one, passing(user={"app_version": "41"})), DEFAULT_POLICY)[1]
    assert other.rules[0] is first.rules[0]


def test_a_number_without_a_recorded_type_is_judged_and_its_presence_unknown():
    decision = decide(passing(number={"type": None}), DEFAULT_POLICY)
    assert decision.rule("USER_PRIMARY_TN_PRESENT").status is U
    assert decision.rule("USER_TN_FROM_CALLING_PLAN").status is P
