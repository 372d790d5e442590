"""How long a message is kept (L1)."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.rules.default_policy import DEFAULT_POLICY
from core.rules.enums import Level
from core.rules.retention import RetentionSource, expires_at, retain, retention_levels

CREATED = datetime(2026, 3, 1, 12, tzinfo=UTC)


def policy(*, days=400, minimum=None):
    return replace(
        DEFAULT_POLICY,
        retention_days=replace(DEFAULT_POLICY.retention_days, value=days),
        regulatory_retention_days=replace(DEFAULT_POLICY.regulatory_retention_days, value=minimum),
    )


@pytest.mark.parametrize(
    ("minimum", "org_days", "held", "days", "source"),
    [
        (None, None, False, 400, "DEFAULT"),
        (None, 30, False, 30, "ORG_POLICY"),
        (None, 2_190, False, 2_190, "ORG_POLICY"),
        (2_190, None, False, 2_190, "REGULATORY_MINIMUM"),
        (2_190, 30, False, 2_190, "REGULATORY_MINIMUM"),
        (2_190, 3_000, False, 3_000, "ORG_POLICY"),
        (400, None, False, 400, "DEFAULT"),
        (None, None, True, 400, "LEGAL_HOLD"),
        (2_190, 30, True, 2_190, "LEGAL_HOLD"),
    ],
)
def test_hold_comes_before_the_regulatory_minimum_before_the_orgs_days_before_the_default(
    minimum, org_days, held, days, source
):
    found = retain(CREATED, policy(minimum=minimum), org_days=org_days, held=held)
    assert (found.days, found.source, found.held) == (days, RetentionSource(source), held)


def test_the_default_is_the_400_days_of_the_source_document():
    assert retain(CREATED, DEFAULT_POLICY).expires_at == datetime(2027, 4, 5, 12, tzinfo=UTC)


def test_a_message_is_due_from_its_expiry_on_and_never_while_it_is_held():
    kept = retain(CREATED, DEFAULT_POLICY)
    assert not kept.is_due(kept.expires_at - timedelta(microseconds=1))
    assert kept.is_due(kept.expires_at)
    assert not retain(CREATED, DEFAULT_POLICY, held=True).is_due(kept.expires_at + timedelta(days=9_999))


@given(st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1)), st.integers(1, 4_000))  # noqa: DTZ001
def test_days_are_elapsed_time_whatever_clocks_did_meanwhile(created, days):
    moment = created.replace(tzinfo=ZoneInfo("America/New_York")).astimezone(UTC)
    assert (expires_at(moment, days) - moment) / timedelta(hours=1) == 24 * days


@given(st.none() | st.integers(1, 5_000), st.none() | st.integers(1, 5_000))
def test_nothing_is_kept_for_less_than_the_regulatory_minimum(minimum, org_days):
    found = retain(CREATED, policy(minimum=minimum), org_days=org_days)
    assert found.days == max(org_days if org_days is not None else 400, minimum or 0)


@pytest.mark.parametrize("asked", ["ORG", "LOCATION", "USER"])
def test_as_a_setting_only_the_provider_says_how_long_yet(asked):
    levels = retention_levels(DEFAULT_POLICY, Level(asked))
    assert [each.level for each in levels][-1] == asked
    assert [each.value for each in levels] == [400, *([None] * (len(levels) - 1))]
    assert not any(each.locked for each in levels)


def test_as_a_setting_a_regulatory_minimum_above_the_default_is_what_the_provider_says():
    assert retention_levels(policy(minimum=2_190), Level.ORG)[0].value == 2_190
    assert retention_levels(policy(minimum=30), Level.ORG)[0].value == 400
