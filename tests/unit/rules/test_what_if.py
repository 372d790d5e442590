"""Facts supposed: what each rule's fact may be, and that the same rules run over what comes out."""

from dataclasses import replace
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.decision_ids import DecisionDetail, read_detail
from core.rules.default_policy import DEFAULT_POLICY
from core.rules.eligibility import decide
from core.rules.enums import CampaignStatus, RuleStatus, TextingMode
from core.rules.facts import CampaignFacts
from core.rules.rule_ids import RuleId
from core.rules.situation import Whom
from core.rules.supposed_values import Unsupposable
from core.rules.what_if import Override, check, ordered, suppose
from tests.unit.rules.strategies import CAMPAIGN_IDS, PASSING_SITUATION, situations

WHOM = Whom(org_id=UUID(int=101), location_id=UUID(int=102), user_id=UUID(int=103), number_id=UUID(int=104))

PASSES = {
    RuleId.ORG_CALLING_PLAN_US_CA: ["US"],
    RuleId.ORG_CUSTOMER_TYPE_ENTERPRISE: "ENTERPRISE",
    RuleId.ORG_ADDON_LICENSED: 1,
    RuleId.ORG_BRAND_REGISTERED: "APPROVED",
    RuleId.ORG_CAMPAIGN_ACTIVE: "ACTIVE",
    RuleId.NUMBER_CAMPAIGN_ASSIGNED: "ASSIGNED",
    RuleId.ORG_NOT_HIPAA: {"handlesPhi": False, "healthcare": False},
    RuleId.LOCATION_COUNTRY_US_CA: "CA",
    RuleId.LOCATION_PSTN_CISCO: "CISCO_PSTN",
    RuleId.USER_PRIMARY_TN_PRESENT: ["PRIMARY", "ACTIVE"],
    RuleId.USER_TN_FROM_CALLING_PLAN: "CISCO_CALLING_PLAN",
    RuleId.USER_TN_COUNTRY_US_CA: "+12125550100",
    RuleId.CLIENT_VERSION_MIN: "42.12",
    RuleId.USER_ACTIVE: "ACTIVE",
    RuleId.EFFECTIVE_SETTING_ENABLED: True,
}
"""For every rule a value under which it passes."""

FAILS = [
    (RuleId.ORG_CALLING_PLAN_US_CA, [], "FAIL"),
    (RuleId.ORG_CALLING_PLAN_US_CA, {"provider": "Other"}, "FAIL"),
    (RuleId.ORG_CALLING_PLAN_US_CA, "NONE", "UNKNOWN"),
    (RuleId.ORG_CUSTOMER_TYPE_ENTERPRISE, "TRIAL", "FAIL"),
    (RuleId.ORG_ADDON_LICENSED, 0, "FAIL"),
    (RuleId.ORG_ADDON_LICENSED, {"suspended": True}, "FAIL"),
    (RuleId.ORG_BRAND_REGISTERED, "NONE", "FAIL"),
    (RuleId.ORG_BRAND_REGISTERED, "IN_REVIEW", "PENDING"),
    (RuleId.ORG_CAMPAIGN_ACTIVE, "SUSPENDED", "FAIL"),
    (RuleId.NUMBER_CAMPAIGN_ASSIGNED, "NONE", "FAIL"),
    (RuleId.NUMBER_CAMPAIGN_ASSIGNED, "PENDING_ASSIGNMENT", "PENDING"),
    (RuleId.ORG_NOT_HIPAA, True, "FAIL"),
    (RuleId.LOCATION_COUNTRY_US_CA, "PR", "FAIL"),
    (RuleId.LOCATION_PSTN_CISCO, "LOCAL_GATEWAY", "FAIL"),
    (RuleId.USER_PRIMARY_TN_PRESENT, "NONE", "FAIL"),
    (RuleId.USER_PRIMARY_TN_PRESENT, {"state": "INACTIVE"}, "FAIL"),
    (RuleId.USER_TN_FROM_CALLING_PLAN, "PORTED_ELSEWHERE", "FAIL"),
    (RuleId.USER_TN_COUNTRY_US_CA, "INVALID", "FAIL"),
    (RuleId.USER_TN_COUNTRY_US_CA, "+17875550123", "FAIL"),
    (RuleId.CLIENT_VERSION_MIN, "42.9", "FAIL"),
    (RuleId.CLIENT_VERSION_MIN, "NONE", "UNKNOWN"),
    (RuleId.USER_ACTIVE, "DEACTIVATED", "FAIL"),
    (RuleId.EFFECTIVE_SETTING_ENABLED, "OFF", "FAIL"),
]

REFUSED = [
    ("NO_SUCH_RULE", 1, "one of `ORG_CALLING_PLAN_US_CA`"),
    (RuleId.ORG_CALLING_PLAN_US_CA, ["us"], "a list of countries"),
    (RuleId.ORG_CALLING_PLAN_US_CA, {"carrier": "Cisco"}, "`provider`, `countries`"),
    (RuleId.ORG_CALLING_PLAN_US_CA, {"countries": "US"}, "as its `countries` a list"),
    (RuleId.ORG_CUSTOMER_TYPE_ENTERPRISE, "enterprise", "`ENTERPRISE`"),
    (RuleId.ORG_ADDON_LICENSED, -1, "a whole number"),
    (RuleId.ORG_ADDON_LICENSED, True, "a whole number"),
    (RuleId.ORG_ADDON_LICENSED, 1.5, "a whole number"),
    (RuleId.ORG_CAMPAIGN_ACTIVE, "NONE", "`REGISTRY_REVIEW`"),
    (RuleId.ORG_NOT_HIPAA, "no", "`true`, `false`"),
    (RuleId.LOCATION_COUNTRY_US_CA, "USA", "two capitals"),
    (RuleId.USER_PRIMARY_TN_PRESENT, ["PRIMARY", "PRIMARY"], "a list with"),
    (RuleId.USER_TN_COUNTRY_US_CA, "+1", "a number such as"),
    (RuleId.CLIENT_VERSION_MIN, 42.12, "a text"),
    (RuleId.CLIENT_VERSION_MIN, "x" * 101, "at most 100 characters"),
    (RuleId.EFFECTIVE_SETTING_ENABLED, "MAYBE", "`INHERIT`"),
]


def passing(**changes):
    return replace(PASSING_SITUATION, **changes)


def status(situation, rule_id):
    return decide(situation.subject, DEFAULT_POLICY).rule(rule_id).status


def test_every_rule_has_a_value_under_which_it_passes():
    assert set(PASSES) == set(RuleId)


@given(situations)
def test_supposing_what_each_rule_wants_makes_everybody_allowed(situation):
    wanted = ordered(Override(rule_id=rule_id, value=value) for rule_id, value in PASSES.items())
    one_campaign = replace(situation, campaigns=situation.campaigns[:1])
    unlocked = replace(one_campaign.switches, org_locked=False, location_locked=False)
    supposed = replace(one_campaign, switches=unlocked)
    if supposed.number is not None:
        known = {each.id for each in supposed.campaigns}
        kept = supposed.number.campaign_id if supposed.number.campaign_id in known else None
        supposed = replace(supposed, number=replace(supposed.number, campaign_id=kept))
    for override in wanted:
        check(override)
        changed = suppose(supposed, WHOM, override)
        assert changed is not None
        supposed = changed
    assert decide(supposed.subject, DEFAULT_POLICY).eligible


@given(situations)
def test_supposing_what_was_observed_changes_no_result(situation):
    situation = replace(situation, campaigns=situation.campaigns[:1])
    before = decide(situation.subject, DEFAULT_POLICY)
    for result in before.rules:
        if result.observed in (None, ()) or result.status is RuleStatus.UNKNOWN:
            continue
        observed = list(result.observed) if isinstance(result.observed, tuple) else result.observed
        override = Override(rule_id=result.rule_id, value=observed)
        check(override)
        supposed = suppose(situation, WHOM, override)
        assert supposed is not None
        assert status(supposed, result.rule_id) is result.status, result


@pytest.mark.parametrize(("rule_id", "value", "expected"), FAILS)
def test_a_rule_judges_what_is_supposed(rule_id, value, expected):
    override = Override(rule_id=rule_id, value=value)
    check(override)
    changed = suppose(passing(), WHOM, override)
    assert changed is not None
    assert status(changed, rule_id) is RuleStatus(expected)


@pytest.mark.parametrize(("rule_id", "value", "said"), REFUSED)
def test_another_type_is_refused_and_what_is_allowed_is_said(rule_id, value, said):
    with pytest.raises(Unsupposable) as refused:
        check(Override(rule_id=rule_id, value=value))
    assert said in str(refused.value)


@pytest.mark.parametrize("rule_id", list(RuleId))
def test_a_fact_of_somebody_else_changes_nothing(rule_id):
    assert suppose(passing(), WHOM, Override(rule_id=rule_id, value=PASSES[rule_id], entity_id=UUID(int=9))) is None


@pytest.mark.parametrize(
    ("entity_id", "switches"),
    [
        (None, {"user_mode": TextingMode.OFF}),
        (WHOM.user_id, {"user_mode": TextingMode.OFF}),
        (WHOM.location_id, {"location_mode": TextingMode.OFF}),
        (WHOM.org_id, {"org_enabled": False}),
    ],
)
def test_a_switch_is_supposed_at_the_level_named(entity_id, switches):
    base = passing()
    override = Override(rule_id=RuleId.EFFECTIVE_SETTING_ENABLED, value=False, entity_id=entity_id)
    assert suppose(base, WHOM, override) == replace(base, switches=replace(base.switches, **switches))


def test_of_several_campaigns_one_is_named():
    two = tuple(CampaignFacts(id=id, status=CampaignStatus.ACTIVE) for id in CAMPAIGN_IDS[:2])
    with pytest.raises(Unsupposable, match="entityId"):
        suppose(passing(campaigns=two), WHOM, Override(rule_id=RuleId.ORG_CAMPAIGN_ACTIVE, value="EXPIRED"))
    named = Override(rule_id=RuleId.ORG_CAMPAIGN_ACTIVE, value="EXPIRED", entity_id=CAMPAIGN_IDS[1])
    changed = suppose(passing(campaigns=two), WHOM, named)
    assert changed is not None
    assert [each.status for each in changed.campaigns] == [CampaignStatus.ACTIVE, CampaignStatus.EXPIRED]


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.floats(allow_nan=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


@given(st.sampled_from(list(RuleId)), values)
def test_any_value_is_supposed_or_refused_and_never_an_error(rule_id, value):
    override = Override(rule_id=rule_id, value=value)
    try:
        check(override)
    except Unsupposable:
        return
    suppose(passing(), WHOM, override)


overrides = st.lists(
    st.builds(
        lambda item, entity: Override(rule_id=item[0], value=item[1], entity_id=entity),
        st.sampled_from([*PASSES.items(), *((rule_id, value) for rule_id, value, _ in FAILS)]),
        st.none() | st.uuids(),
    ),
    min_size=1,
    max_size=20,
    unique_by=lambda each: (each.rule_id, each.entity_id),
)


@given(st.none() | st.uuids(), overrides, st.randoms())
def test_an_id_says_all_that_was_supposed_in_whichever_order(version, supposed, random):
    detail = DecisionDetail(version=version, policy="2024-01", overrides=ordered(supposed))
    assert read_detail(str(detail)) == detail
    shuffled = random.sample(supposed, len(supposed))
    assert str(DecisionDetail(version=version, policy="2024-01", overrides=tuple(shuffled))) == str(detail)
    plain = str(DecisionDetail(version=version, policy="2024-01"))
    assert plain != str(detail)
    assert read_detail(plain) == DecisionDetail(version=version, policy="2024-01")


@given(st.text(alphabet="abcdef0123456789.~_-", max_size=60) | st.text(max_size=30))
def test_any_other_detail_is_none(text):
    found = read_detail(text)
    assert found is None or str(found) == text


def test_the_longest_supposition_fits_into_an_id():
    from core.ids import GlobalId, decode, encode

    texts = [f"{at:02}" + "".join(chr(0x4E00 + (at * 98 + i) * 7 % 20_000) for i in range(98)) for at in range(20)]
    longest = tuple(
        Override(rule_id=RuleId.CLIENT_VERSION_MIN, value=text, entity_id=UUID(int=(at + 1) * 2**100 // 7))
        for at, text in enumerate(texts)
    )
    detail = str(DecisionDetail(version=UUID(int=1), policy="2024-01", overrides=ordered(longest)))
    text = encode("EligibilityDecision", UUID(int=1), UUID(int=2), detail)
    assert decode(text) == GlobalId("EligibilityDecision", UUID(int=1), UUID(int=2), detail)
    assert read_detail(detail) is not None
