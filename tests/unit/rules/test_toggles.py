import pytest

from core.rules.default_policy import DEFAULT_POLICY
from core.rules.eligibility import location_results, org_results
from core.rules.enums import BrandStatus, CustomerType, Level, TextingMode
from core.rules.toggles import judge_location, judge_org, judge_user
from tests.unit.rules.strategies import passing

ON, OFF, INHERIT = TextingMode.ON, TextingMode.OFF, TextingMode.INHERIT


def results(**changes):
    subject = passing(**changes)
    return {
        "org": org_results(subject.org, subject.campaigns, DEFAULT_POLICY),
        "location": location_results(subject.location, DEFAULT_POLICY),
    }


TRIAL = {"org": {"customer_type": CustomerType.TRIAL}}
ABROAD = {"location": {"country": "DE"}}


def blockers(verdict):
    return [result.rule_id for result in verdict.blockers]


def test_turning_on_is_refused_where_texting_is_not_available():
    assert blockers(judge_org(ON, org=results(**TRIAL)["org"])) == ["ORG_CUSTOMER_TYPE_ENTERPRISE"]
    assert blockers(judge_location(ON, **results(**ABROAD))) == ["LOCATION_COUNTRY_US_CA"]
    assert blockers(judge_user(ON, **results(**TRIAL, **ABROAD))) == [
        "ORG_CUSTOMER_TYPE_ENTERPRISE",
        "LOCATION_COUNTRY_US_CA",
    ]


@pytest.mark.parametrize("mode", [OFF, INHERIT])
def test_turning_off_and_inheriting_are_always_possible(mode):
    assert judge_org(mode, org=results(**TRIAL)["org"]).allowed
    assert judge_user(mode, **results(**TRIAL, **ABROAD)).allowed


@pytest.mark.parametrize("org", [{"brand_status": BrandStatus.PENDING}, {"customer_type": None}, {"healthcare": True}])
def test_only_a_fail_refuses(org):
    assert judge_user(ON, **results(org=org)).allowed


def test_a_lock_above_refuses_turning_on_and_nothing_else():
    assert judge_user(ON, **results(), org_locked=True, location_locked=True).locked_by is Level.ORG
    assert judge_user(ON, **results(), location_locked=True).locked_by is Level.LOCATION
    assert judge_location(ON, **results(), org_locked=True).locked_by is Level.ORG
    for mode in (OFF, INHERIT):
        assert judge_user(mode, **results(), org_locked=True, location_locked=True).allowed
        assert judge_location(mode, **results(), org_locked=True).allowed
