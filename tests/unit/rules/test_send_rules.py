"""May this message go: each rule in each status, and when it may if not now (L4 to L6)."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.rules.enums import (
    Encoding,
    Level,
    LimitKind,
    Outcome,
    PolicyAction,
    RuleStatus,
    TrafficBlockKind,
)
from core.rules.hours import HoursPolicy
from core.rules.numbers import parse
from core.rules.rule_ids import SendRuleId
from core.rules.send_rules import SEND_RULES, active_blocks
from core.rules.sending import Usage
from core.rules.words.catalogue import render
from tests.unit.rules.every_result import (
    ALLOWED,
    NEW_YORK,
    NIGHT,
    NOON,
    SEND_CASES,
    block,
    limit,
    policy,
    said,
    sent,
)

HOURS = policy(hours=HoursPolicy(enabled=True))
BLOCK, THROTTLE = TrafficBlockKind
QUANTITY, BURST = LimitKind


def rule(decision, rule_id):
    return next(result for result in decision.rules if result.rule_id == rule_id)


@pytest.mark.parametrize(("rule_id", "status", "changes", "rules"), SEND_CASES)
def test_a_rule_judges_the_message(rule_id, status, changes, rules):
    found = rule(sent(changes, rules), rule_id)
    assert found.message_id == f"{rule_id}.{status}"
    assert found.status == status.partition(".")[0]
    assert render(found.message)


def test_every_rule_has_a_case_that_passes_and_one_that_does_not():
    assert {rule_id for rule_id, status, *_ in SEND_CASES if status.startswith("PASS")} == set(SendRuleId)
    assert {rule_id for rule_id, status, *_ in SEND_CASES if status.startswith("FAIL")} == set(SendRuleId)


def test_every_rule_is_evaluated_in_order_whatever_fails():
    everything = sent({"destination": parse("nobody"), "body": "", "media_urls": ("x",), "consent": None}, HOURS)
    assert [result.rule_id for result in everything.rules] == list(SendRuleId)
    assert [each.rule_id for each in SEND_RULES] == list(SendRuleId)
    assert [result.rule_id for result in everything.denials] == ["DEST_VALID", "NO_MEDIA", "BODY_PRESENT"]
    assert everything.decided_by is everything.denials[0]


def test_a_message_that_nothing_stands_in_the_way_of_goes():
    decision = sent({}, HOURS)
    assert (decision.outcome, decision.decided_by, decision.next_allowed_at) == (Outcome.ALLOWED, None, None)
    assert (decision.segments, decision.encoding) == (1, Encoding.GSM7)
    assert sent({"body": "中" * 71}, HOURS).segments == 2


@pytest.mark.parametrize(
    ("changes", "outcome"),
    [
        ({"consent": None}, Outcome.INDETERMINATE),
        ({"blocks": (block(THROTTLE),)}, Outcome.ALLOWED),
        ({"consent": None, "body": ""}, Outcome.DENIED),
    ],
)
def test_the_outcome_is_that_of_the_worst_status(changes, outcome):
    assert sent(changes, HOURS).outcome is outcome


def test_not_being_eligible_names_the_root_causes():
    [case] = [each for each in SEND_CASES if each[:2] == ("SEND_ELIGIBLE", "FAIL")]
    found = rule(sent(case[2], case[3]), "SEND_ELIGIBLE")
    assert found.blocked_by == ("CLIENT_VERSION_MIN",)
    assert "42.9" in render(found.message)


def test_a_destination_that_cannot_be_read_explains_the_rules_that_need_one():
    decision = sent({"destination": parse("nobody")}, HOURS)
    for rule_id in ("DEST_COUNTRY_US_CA", "RECIPIENT_NOT_OPTED_OUT", "WITHIN_HOURS"):
        assert rule(decision, rule_id).blocked_by == ("DEST_VALID",)


def test_an_opt_out_counts_for_a_number_that_is_not_valid_too():
    decision = sent({"destination": parse("+15551234567"), "consent": said("ORG")}, HOURS)
    assert rule(decision, "RECIPIENT_NOT_OPTED_OUT").status is RuleStatus.FAIL


def test_of_what_is_imposed_blocks_come_first_and_then_what_lasts_longest():
    blocks = (
        block(THROTTLE),
        block(BLOCK, Level.USER, ended=5),
        block(BLOCK, Level.ORG),
        block(BLOCK, Level.CAMPAIGN, ended=9),
        block(BLOCK, ended=0),
    )
    active = active_blocks(replace(ALLOWED, blocks=blocks))
    assert [each.target for each in active] == [Level.ORG, Level.CAMPAIGN, Level.USER, Level.NUMBER]
    assert rule(sent({"blocks": blocks}, HOURS), "NOT_BLOCKED").level is Level.ORG


def test_waiting_until_a_block_ends_is_told():
    blocks = (block(BLOCK, ended=5), block(BLOCK, ended=9))
    assert sent({"blocks": blocks}, HOURS).next_allowed_at == NOON + timedelta(minutes=9)


@pytest.mark.parametrize(
    "changes",
    [
        {"blocks": (block(BLOCK),)},
        {"blocks": (block(BLOCK, ended=5),), "consent": said("ORG")},
        {"blocks": (block(BLOCK, ended=5),), "consent": None},
        {"blocks": (block(BLOCK, ended=5),), "recipient_zones": frozenset()},
        {"blocks": (block(BLOCK, ended=5),), "body": ""},
        {"usage": (Usage(name="burst", used=1),)},
    ],
)
def test_where_waiting_is_not_enough_no_time_is_told(changes):
    rules = policy(limit(BURST, PolicyAction.BLOCK), hours=HoursPolicy(enabled=True))
    decision = sent(changes, rules)
    assert (decision.outcome, decision.next_allowed_at) == (Outcome.DENIED, None)


def test_a_limit_that_only_warns_is_not_waited_for():
    rules = policy(limit(QUANTITY, PolicyAction.WARN), hours=HoursPolicy(enabled=True))
    decision = sent({"usage": (Usage(name="quantity", used=1),), "blocks": (block(BLOCK, ended=5),)}, rules)
    assert decision.next_allowed_at == NOON + timedelta(minutes=5)


def test_what_ends_at_night_is_waited_for_until_the_morning():
    blocks = (block(BLOCK, ended=12 * 60),)
    assert sent({"blocks": blocks}, HOURS).next_allowed_at == datetime(2026, 3, 3, 13, tzinfo=UTC)
    assert sent({"blocks": blocks, "conversational": True}, HOURS).next_allowed_at == NOON + timedelta(hours=12)
    assert sent({"now": NIGHT}, HOURS).next_allowed_at == datetime(2026, 3, 2, 13, tzinfo=UTC)


@given(
    st.integers(-600, 600),
    st.lists(st.tuples(st.integers(-60, 0), st.integers(1, 900)), max_size=3),
    st.none() | st.integers(1, 900),
    st.booleans(),
)
def test_at_the_time_told_the_message_goes(now, blocks, frees, conversational):
    rules = policy(limit(BURST, PolicyAction.BLOCK), hours=HoursPolicy(enabled=True))
    moment = NOON + timedelta(minutes=now)
    facts = {
        "now": moment,
        "conversational": conversational,
        "recipient_zones": NEW_YORK | {"America/Vancouver"},
        "blocks": tuple(block(BLOCK, started=now + start, ended=now + end) for start, end in blocks),
    }
    usage = () if frees is None else (Usage(name="burst", used=1, frees_at=moment + timedelta(minutes=frees)),)
    decision = sent(facts | {"usage": usage}, rules)
    if decision.outcome is Outcome.ALLOWED:
        assert decision.next_allowed_at is None
        return
    later = decision.next_allowed_at
    assert later is not None
    assert later > moment
    assert frees is None or later >= moment + timedelta(minutes=frees)
    assert sent(facts | {"now": later}, rules).outcome is Outcome.ALLOWED
