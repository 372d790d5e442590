"""Each rule of eligibility in everything it can say: the facts, the message, what was observed and required."""

from dataclasses import replace

import pytest

from core.rules.default_policy import DEFAULT_POLICY
from core.rules.eligibility import RULES_BY_ID, decide
from core.rules.versions import AppVersion
from core.rules.words.catalogue import render
from tests.unit.rules.every_result import eligibility_results
from tests.unit.rules.named_cases import load, with_facts
from tests.unit.rules.strategies import PASSING, passing


def org(**facts):
    return {"org": facts}


def location(**facts):
    return {"location": facts}


def user(**facts):
    return {"user": facts}


def number(**facts):
    return {"number": facts}


CASES = load("rules")


@pytest.mark.parametrize("case", CASES, ids=[case["case"] for case in CASES])
def test_a_rule_says_what_it_saw(case):
    rule = RULES_BY_ID[case["result"].partition(".")[0]]
    found = decide(with_facts(PASSING, case["given"]), DEFAULT_POLICY).rule(rule.rule_id)
    observed = list(found.observed) if isinstance(found.observed, tuple) else found.observed
    assert (found.message_id, observed) == (case["result"], case["observed"])
    assert found.status == case["result"].split(".")[1]
    assert (found.level, found.comparator) == (rule.level, rule.comparator)
    assert found.required == rule.requires(DEFAULT_POLICY)
    assert render(found.message) == case["says"]


def test_there_is_a_case_for_everything_a_rule_can_say():
    assert {case["result"] for case in CASES} == {result.message_id for result in eligibility_results()}


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
