"""Limits (L5) and bursts (L6b): how much of a window is used, and when it frees."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.rules.default_policy import DEFAULT_POLICY
from core.rules.enums import Level, LimitKind, PolicyAction, UsageUnit
from core.rules.policy import Limit
from core.rules.usage import Usage, excesses

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
QUANTITY, BURST = LimitKind
WARN, BLOCK = PolicyAction.WARN, PolicyAction.BLOCK


def limit(name="l", count=10, unit=UsageUnit.MESSAGES, *, kind=QUANTITY, action=BLOCK):
    return Limit(
        name=name,
        level=Level.ORG,
        kind=kind,
        unit=unit,
        window_s=60,
        count=count,
        action=action,
        source_id="L5",
        source="test",
    )


def policy(*limits):
    return replace(DEFAULT_POLICY, limits=replace(DEFAULT_POLICY.limits, value=limits))


def over(limits, *usage, kind=QUANTITY, segments=1):
    return excesses(usage, policy(*limits), kind, segments=segments)


@pytest.mark.parametrize(("used", "exceeded"), [(0, False), (9, False), (10, True), (11, True)])
def test_the_last_message_of_a_window_still_fits(used, exceeded):
    assert bool(over([limit()], Usage(name="l", used=used))) is exceeded


@pytest.mark.parametrize(
    ("unit", "known", "segments", "cost"),
    [
        (UsageUnit.MESSAGES, False, 3, 1),
        (UsageUnit.SEGMENTS, False, 3, 3),
        (UsageUnit.SEGMENTS, True, 1, 1),
        (UsageUnit.RECIPIENTS, False, 3, 1),
    ],
)
def test_what_a_message_costs(unit, known, segments, cost):
    [excess] = over([limit(unit=unit)], Usage(name="l", used=10, known_recipient=known), segments=segments)
    assert (excess.used, excess.cost) == (10, cost)


def test_a_recipient_who_is_counted_already_costs_nothing():
    assert not over([limit(unit=UsageUnit.RECIPIENTS)], Usage(name="l", used=99, known_recipient=True))


def test_a_window_that_was_not_counted_has_nothing_used():
    assert not over([limit()])
    [excess] = over([limit(count=2, unit=UsageUnit.SEGMENTS)], segments=3)
    assert (excess.used, excess.frees_at) == (0, None)


def test_a_message_that_never_fits_is_not_told_to_wait():
    usage = Usage(name="l", used=5, frees_at=NOW)
    assert over([limit(count=2, unit=UsageUnit.SEGMENTS)], usage, segments=3)[0].frees_at is None
    assert over([limit(count=3, unit=UsageUnit.SEGMENTS)], usage, segments=3)[0].frees_at == NOW


def test_only_limits_of_the_kind_asked_for_count():
    both = [limit("q"), limit("b", kind=BURST)]
    usage = [Usage(name="q", used=10), Usage(name="b", used=10)]
    assert [excess.limit.name for excess in over(both, *usage)] == ["q"]
    assert [excess.limit.name for excess in over(both, *usage, kind=BURST)] == ["b"]


def test_blocking_limits_come_first_then_the_one_that_frees_last():
    limits = [limit("warns", action=WARN), limit("soon"), limit("late"), limit("never")]
    usage = [
        Usage(name="warns", used=10),
        Usage(name="soon", used=10, frees_at=NOW),
        Usage(name="late", used=10, frees_at=NOW + timedelta(hours=1)),
        Usage(name="never", used=10),
    ]
    assert [excess.limit.name for excess in over(limits, *usage)] == ["never", "late", "soon", "warns"]


@given(st.integers(0, 30), st.integers(1, 30), st.integers(1, 12))
def test_a_limit_is_exceeded_exactly_when_what_is_used_and_the_cost_are_more(used, count, segments):
    found = over([limit(count=count, unit=UsageUnit.SEGMENTS)], Usage(name="l", used=used), segments=segments)
    assert bool(found) == (used + segments > count)
