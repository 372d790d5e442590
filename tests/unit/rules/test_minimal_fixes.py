"""The smallest sets of remediations: each lets the user text, and no part of it does."""

from dataclasses import replace
from itertools import chain, combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.rules.default_policy import DEFAULT_POLICY
from core.rules.eligibility import decide
from core.rules.enums import (
    AssignmentStatus,
    CampaignStatus,
    NumberSource,
    PstnConnectionType,
    RemediationKind,
    RuleStatus,
    TextingMode,
)
from core.rules.facts import CampaignFacts
from core.rules.fix_changes import Reserve
from core.rules.fix_steps import STEPS
from core.rules.minimal_fixes import _ALONE, _TOGETHER, LIMIT_MAX, minimal_fixes, works
from core.rules.remedies import REMEDIES
from core.rules.results import Message
from core.rules.rule_ids import RuleId
from core.rules.unmet import unmet
from core.rules.words.catalogue import render
from tests.unit.rules.every_result import eligibility_results
from tests.unit.rules.strategies import CAMPAIGN_IDS, LOCATION, NUMBER, PASSING_SITUATION, modes, situations

UNASSIGNED = replace(NUMBER, campaign_id=None, assignment_status=None)
reserves = st.builds(
    Reserve,
    number=st.sampled_from((None, UNASSIGNED, NUMBER)),
    location=st.sampled_from((None, LOCATION)),
    location_mode=modes,
    location_locked=st.booleans(),
    full=st.frozensets(st.sampled_from(CAMPAIGN_IDS)),
)
HIDEABLE = frozenset(rule_id for rule_id in RuleId if rule_id.startswith(("ORG_", "NUMBER_")))


def consistent(drawn):
    """Storage keeps a number's campaign and its status together, and no number of a campaign that is not there."""
    number = drawn.number
    if number is None:
        return drawn
    known = {each.id for each in drawn.campaigns}
    if number.campaign_id in known and number.assignment_status is not None:
        return drawn
    return replace(drawn, number=replace(number, campaign_id=None, assignment_status=None))


def sets(situation, reserve=Reserve(), **kwargs):  # noqa: B008 - frozen
    return minimal_fixes(situation, DEFAULT_POLICY, reserve, limit=kwargs.pop("limit", LIMIT_MAX), **kwargs)


def names(fixes):
    return [fix.step.remedy.message_id.removesuffix(".fix") for fix in fixes]


def situation(**changes):
    levels = {
        name: replace(getattr(PASSING_SITUATION, name), **change) if isinstance(change, dict) else change
        for name, change in changes.items()
    }
    return replace(PASSING_SITUATION, **levels)


def proper_parts(fixes):
    return chain.from_iterable(combinations(fixes, size) for size in range(len(fixes)))


@given(situations, reserves)
@settings(max_examples=300)
def test_each_set_lets_the_user_text_and_no_part_of_it_does(drawn, reserve):
    decision = decide(drawn.subject, DEFAULT_POLICY)
    found = sets(drawn, reserve)
    if decision.eligible:
        assert found == ()
    for fixes in found:
        assert works(drawn, fixes, DEFAULT_POLICY, reserve)
        if len(fixes) <= 9:
            assert not any(works(drawn, part, DEFAULT_POLICY, reserve) for part in proper_parts(fixes))
    assert [len(fixes) for fixes in found] == sorted(len(fixes) for fixes in found)
    assert len({frozenset(fix.step.key for fix in fixes) for fixes in found}) == len(found)


@given(situations, reserves)
@settings(max_examples=300)
def test_there_is_a_set_unless_something_cannot_be_fixed(drawn, reserve):
    decision = decide(drawn.subject, DEFAULT_POLICY)
    never = [
        result
        for result in decision.rules
        if result.message_id in REMEDIES and REMEDIES[result.message_id].kind is RemediationKind.NOT_FIXABLE
    ]
    assert bool(sets(drawn, reserve)) == (not decision.eligible and not never)


@given(situations, reserves, st.integers(1, LIMIT_MAX))
def test_a_limit_gives_the_first_of_the_same_sets(drawn, reserve, limit):
    stored = consistent(drawn)
    if reserve.number is not None and CAMPAIGN_IDS[0] not in {each.id for each in stored.campaigns}:
        reserve = replace(reserve, number=UNASSIGNED)
    assert sets(stored, reserve, limit=limit) == sets(stored, reserve)[:limit]


def test_a_set_is_not_given_before_one_that_turns_out_smaller():
    """A program handed in anew serves the organization's rule too, so that one step less is needed in the end."""
    rejected, submitted = (
        CampaignFacts(id=id, status=status)
        for id, status in zip(CAMPAIGN_IDS, (CampaignStatus.REGISTRY_REJECTED, CampaignStatus.SUBMITTED), strict=False)
    )
    nothing = replace(NUMBER, **dict.fromkeys(NUMBER.__dataclass_fields__))
    facts = replace(PASSING_SITUATION, campaigns=(rejected, submitted), number=nothing)
    reserve = Reserve(number=NUMBER, full=frozenset({CAMPAIGN_IDS[1]}))
    found = sets(facts, reserve)
    assert len(found[0]) < len(found[-1])
    assert sets(facts, reserve, limit=1) == found[:1]


@given(situations, situations)
def test_facts_that_may_not_be_told_make_no_difference(drawn, other):
    """Two users whose hidden rules have the same statuses, and whose other facts are equal, get the same sets."""
    hidden_otherwise = replace(other, location=drawn.location, user=drawn.user, switches=drawn.switches)
    if drawn.number is None or other.number is None:
        hidden_otherwise = replace(hidden_otherwise, number=drawn.number)
    else:
        mine = {name: getattr(drawn.number, name) for name in ("type", "state", "assigned_by", "region", "valid")}
        hidden_otherwise = replace(hidden_otherwise, number=replace(other.number, **mine))
    said = [
        [(each.rule_id, each.status) for each in decide(one.subject, DEFAULT_POLICY).rules]
        for one in (drawn, hidden_otherwise)
    ]
    if said[0] != said[1]:
        return
    found = [
        [names(fixes) for fixes in sets(one, Reserve(number=UNASSIGNED), hidden=HIDEABLE)]
        for one in (drawn, hidden_otherwise)
    ]
    assert found[0] == found[1]


def test_every_result_that_can_be_fixed_has_a_step_and_the_first_is_what_the_result_itself_says():
    to_do = {RuleStatus.FAIL, RuleStatus.PENDING, RuleStatus.UNKNOWN}
    results = {result.message_id: result for result in eligibility_results() if result.status in to_do}
    fixable = {id for id in results if REMEDIES[id].kind is not RemediationKind.NOT_FIXABLE}
    assert set(STEPS) == fixable


def test_every_step_is_said_with_the_parameters_of_its_result():
    for result in eligibility_results():
        for step in STEPS.get(result.message_id, ()):
            assert render(Message(id=step.remedy.message_id, params=result.params))


def test_every_rule_is_of_one_group_or_has_one_step_that_always_serves():
    grouped = chain.from_iterable(group.rule_ids for group in _TOGETHER)
    assert sorted([*grouped, *_ALONE]) == sorted(RuleId)
    for message_id, steps in STEPS.items():
        assert len(steps) == 1 or message_id.partition(".")[0] not in _ALONE


def test_a_switch_that_is_off_by_default_is_turned_on_at_any_level():
    off = situation(switches={"org_enabled": None})
    on = "EFFECTIVE_SETTING_ENABLED"
    assert [names(fixes) for fixes in sets(off)] == [[f"{on}.user"], [f"{on}.location"], [f"{on}.org"]]


def test_an_override_is_turned_on_or_given_up():
    off = situation(switches={"user_mode": TextingMode.OFF})
    on = "EFFECTIVE_SETTING_ENABLED"
    assert [names(fixes) for fixes in sets(off)] == [[f"{on}.user"], [f"{on}.inherit"]]


def test_no_number_is_helped_from_the_inventory_or_by_an_order():
    nobody = situation(number=None)
    assert [names(fixes) for fixes in sets(nobody, Reserve(number=NUMBER))] == [
        ["USER_PRIMARY_TN_PRESENT.none"],
        ["USER_TN_FROM_CALLING_PLAN", "NUMBER_CAMPAIGN_ASSIGNED"],
    ]
    assert [names(fixes) for fixes in sets(nobody)] == [["USER_TN_FROM_CALLING_PLAN", "NUMBER_CAMPAIGN_ASSIGNED"]]


def test_a_number_of_another_source_makes_room_for_one_of_the_inventory():
    ported = situation(number={"assigned_by": NumberSource.PORTED_ELSEWHERE})
    assert [names(fixes) for fixes in sets(ported, Reserve(number=NUMBER))] == [
        ["USER_TN_FROM_CALLING_PLAN", "NUMBER_CAMPAIGN_ASSIGNED"],
        ["USER_PRIMARY_TN_PRESENT.alternate", "USER_PRIMARY_TN_PRESENT.none"],
    ]


def test_a_suspended_campaign_is_waited_for_or_replaced():
    suspended = (CampaignFacts(id=CAMPAIGN_IDS[0], status=CampaignStatus.SUSPENDED),)
    assert [names(fixes) for fixes in sets(situation(campaigns=suspended))] == [
        ["ORG_CAMPAIGN_ACTIVE.suspended"],
        ["ORG_CAMPAIGN_ACTIVE.none", "NUMBER_CAMPAIGN_ASSIGNED.end", "NUMBER_CAMPAIGN_ASSIGNED"],
    ]


def test_the_switch_comes_last_and_the_number_joins_a_campaign_that_is_active():
    much = situation(
        org={"brand_status": None},
        campaigns=(),
        number={"assignment_status": None, "campaign_id": None},
        location={"pstn_connection_type": PstnConnectionType.LOCAL_GATEWAY},
        switches={"org_enabled": False},
    )
    first = sets(much)[0]
    assert names(first) == [
        "ORG_BRAND_REGISTERED.none",
        "ORG_CAMPAIGN_ACTIVE.none",
        "LOCATION_PSTN_CISCO",
        "NUMBER_CAMPAIGN_ASSIGNED",
        "EFFECTIVE_SETTING_ENABLED.user",
    ]
    assert first[3].campaign_id is None


def test_a_location_that_fails_twice_is_left_rather_than_mended():
    abroad = situation(location={"country": "DE", "pstn_connection_type": PstnConnectionType.LOCAL_GATEWAY})
    assert [names(fixes) for fixes in sets(abroad, Reserve(location=LOCATION))] == [["LOCATION_COUNTRY_US_CA"]]
    assert [names(fixes) for fixes in sets(abroad)] == [["LOCATION_COUNTRY_US_CA", "LOCATION_PSTN_CISCO"]]


def test_a_number_joins_a_campaign_that_has_room():
    alone = situation(
        campaigns=tuple(CampaignFacts(id=id, status=CampaignStatus.ACTIVE) for id in CAMPAIGN_IDS[:2]),
        number={"campaign_id": None, "assignment_status": None},
    )
    for full, joined in ((frozenset(), 0), ({CAMPAIGN_IDS[0]}, 1), ({CAMPAIGN_IDS[1]}, 0)):
        (fixes,) = sets(alone, Reserve(full=frozenset(full)))
        assert (names(fixes), fixes[0].campaign_id) == (["NUMBER_CAMPAIGN_ASSIGNED"], CAMPAIGN_IDS[joined])
    (fixes,) = sets(alone, Reserve(full=frozenset(CAMPAIGN_IDS)))
    assert names(fixes) == ["NUMBER_CAMPAIGN_ASSIGNED.room", "NUMBER_CAMPAIGN_ASSIGNED"]
    assert fixes[1].campaign_id is None


def test_a_number_that_leaves_a_full_campaign_leaves_its_place_there():
    leaving = situation(number={"assignment_status": AssignmentStatus.PENDING_UNASSIGNMENT})
    (fixes,) = sets(leaving, Reserve(full=frozenset(CAMPAIGN_IDS)))
    assert names(fixes) == ["NUMBER_CAMPAIGN_ASSIGNED.leaving", "NUMBER_CAMPAIGN_ASSIGNED"]
    assert fixes[1].campaign_id == CAMPAIGN_IDS[0]


@pytest.mark.parametrize("status", list(AssignmentStatus))
def test_from_every_assignment_there_is_a_way(status):
    assert sets(situation(number={"assignment_status": status})) or status is AssignmentStatus.ASSIGNED


def test_where_nothing_helps_there_is_no_set():
    assert sets(situation(org={"handles_phi": True}, user={"app_version": "42.9"})) == ()
    assert sets(PASSING_SITUATION) == ()


@given(situations)
def test_what_is_unmet_is_what_the_decision_says(drawn):
    decision = decide(drawn.subject, DEFAULT_POLICY)
    to_do = {RuleStatus.FAIL, RuleStatus.PENDING, RuleStatus.UNKNOWN}
    expected = {(each.rule_id, each.message_id, each.observed) for each in decision.rules if each.status in to_do}
    assert {(each.rule_id, each.message_id, each.observed) for each in unmet(drawn, DEFAULT_POLICY)} == expected
