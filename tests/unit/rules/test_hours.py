"""Quiet hours at the recipient's place (47 CFR 64.1200(c)(1))."""

from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.rules.hours import HoursPolicy, inside, next_allowed, unknown_zones

POLICY = HoursPolicy(enabled=True)
NEW_YORK, LOS_ANGELES, HONOLULU = "America/New_York", "America/Los_Angeles", "Pacific/Honolulu"
ZONES = (
    NEW_YORK,
    LOS_ANGELES,
    HONOLULU,
    "America/St_Johns",
    "America/Boise",
    "America/Phoenix",
    "America/Puerto_Rico",
    "Asia/Kathmandu",
    "Pacific/Kiritimati",
    "Pacific/Pago_Pago",
    "Australia/Lord_Howe",
)


def at(day, hour, minute=0, *, month=3):
    return datetime(2026, month, day, hour, minute, tzinfo=UTC)


def zones(*names):
    return frozenset(names)


@pytest.mark.parametrize(
    ("moment", "is_inside"),
    [
        (at(2, 12, 59), False),
        (at(2, 13), True),
        (at(3, 1, 59), True),
        (at(3, 2), False),
        # Daylight saving began on 8 March: 8 o'clock is an hour earlier in UTC.
        (at(9, 12), True),
        (at(9, 11, 59), False),
    ],
)
def test_the_window_is_half_open_and_local(moment, is_inside):
    assert inside(moment, zones(NEW_YORK), POLICY) is is_inside


def test_it_must_be_the_window_in_every_zone_the_number_may_be_in():
    assert inside(at(2, 17), zones(NEW_YORK, LOS_ANGELES), POLICY)
    assert not inside(at(2, 15, 59), zones(NEW_YORK, LOS_ANGELES), POLICY)
    assert inside(at(2, 15, 59), zones(NEW_YORK), POLICY)


def test_inside_the_window_the_next_allowed_time_is_now():
    assert next_allowed(at(2, 17), zones(NEW_YORK), POLICY) == at(2, 17)


@pytest.mark.parametrize(
    ("moment", "names", "opens"),
    [
        (at(2, 5), (NEW_YORK,), at(2, 13)),
        (at(3, 2), (NEW_YORK,), at(3, 13)),
        (at(2, 5), (NEW_YORK, LOS_ANGELES), at(2, 16)),
        (at(3, 2), (NEW_YORK, LOS_ANGELES), at(3, 16)),
        (at(8, 5), (NEW_YORK,), at(8, 12)),
        (at(1, 5, month=11), (NEW_YORK,), at(1, 13, month=11)),
        (at(2, 12), (HONOLULU,), at(2, 18)),
    ],
)
def test_outside_it_is_the_next_opening_that_holds_everywhere(moment, names, opens):
    assert next_allowed(moment, zones(*names), POLICY) == opens


def test_zones_that_are_never_open_together_have_no_next_time():
    narrow = HoursPolicy(enabled=True, opens=time(9), closes=time(10))
    assert next_allowed(at(2, 5), zones(NEW_YORK, LOS_ANGELES), narrow) is None


def test_an_opening_that_daylight_saving_skips_is_the_end_of_the_gap():
    night = HoursPolicy(enabled=True, opens=time(2, 30), closes=time(5))
    assert next_allowed(at(8, 5), zones(NEW_YORK), night) == at(8, 7)


def test_an_opening_that_comes_twice_opens_twice():
    night = HoursPolicy(enabled=True, opens=time(1, 30), closes=time(5))
    # 1 November: 5:59 UTC is 1:59 in summer time, 6:00 UTC is 1:00 again.
    assert inside(at(1, 5, 59, month=11), zones(NEW_YORK), night)
    assert not inside(at(1, 6, 10, month=11), zones(NEW_YORK), night)
    assert next_allowed(at(1, 6, 10, month=11), zones(NEW_YORK), night) == at(1, 6, 30, month=11)


def test_names_that_are_no_zone_are_told_apart():
    assert unknown_zones(zones(NEW_YORK, "Mars/Olympus", "", "../etc/passwd", "America")) == zones(
        "Mars/Olympus", "", "../etc/passwd", "America"
    )
    assert unknown_zones(zones(*ZONES)) == frozenset()


@given(
    st.datetimes(datetime(2025, 1, 1), datetime(2027, 1, 1)),  # noqa: DTZ001
    st.frozensets(st.sampled_from(ZONES), min_size=1, max_size=3),
    st.integers(5, 12),
    st.integers(13, 23),
)
def test_the_next_allowed_time_is_the_first_one_and_is_inside(moment, names, opens, closes):
    start = moment.replace(tzinfo=UTC, second=0, microsecond=0)
    policy = HoursPolicy(enabled=True, opens=time(opens), closes=time(closes))
    found = next_allowed(start, names, policy)
    # Every opening and closing of every zone falls on a quarter of an hour.
    quarter = start + timedelta(minutes=-start.minute % 15)
    steps = [start, *(quarter + timedelta(minutes=15 * step) for step in range(2 * 96))]
    assert found == next((step for step in steps if inside(step, names, policy)), None)
