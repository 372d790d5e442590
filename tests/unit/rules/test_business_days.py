"""Business days of the United States (5 U.S.C. 6103)."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.rules.business_days import add_business_days, federal_holidays, is_business_day

NEW_YORK = ZoneInfo("America/New_York")
moments = st.datetimes(datetime(2015, 1, 1), datetime(2040, 1, 1)).map(lambda moment: moment.replace(tzinfo=UTC))  # noqa: DTZ001


def test_the_holidays_of_a_year():
    assert sorted(federal_holidays(2026)) == [
        date(2026, 1, 1),
        date(2026, 1, 19),
        date(2026, 2, 16),
        date(2026, 5, 25),
        date(2026, 6, 19),
        date(2026, 7, 3),
        date(2026, 9, 7),
        date(2026, 10, 12),
        date(2026, 11, 11),
        date(2026, 11, 26),
        date(2026, 12, 25),
    ]


@pytest.mark.parametrize(
    ("day", "name"),
    [
        (date(2021, 7, 5), "a Sunday's holiday is observed on Monday"),
        (date(2020, 7, 3), "a Saturday's on Friday"),
        (date(2021, 12, 31), "New Year of the next year on a Saturday"),
        (date(2021, 6, 18), "Juneteenth's first, a Saturday"),
        (date(2024, 5, 27), "the last Monday of May"),
        (date(2027, 5, 31), "the last Monday of May, on the 31st"),
        (date(2024, 11, 28), "the fourth Thursday of November"),
    ],
)
def test_a_day_on_which_a_holiday_is_observed(day, name):
    assert not is_business_day(day), name


@pytest.mark.parametrize("day", [date(2020, 6, 19), date(2026, 7, 4), date(2022, 1, 1), date(2026, 12, 24)])
def test_a_day_on_which_none_is_observed(day):
    assert day not in federal_holidays(day.year)


def test_a_weekend_is_no_business_day():
    assert [is_business_day(date(2026, 3, day)) for day in range(2, 9)] == [True] * 5 + [False] * 2


@pytest.mark.parametrize(
    ("moment", "days", "due"),
    [
        (datetime(2026, 3, 2, 15, tzinfo=UTC), 1, datetime(2026, 3, 3, 15, tzinfo=UTC)),
        (datetime(2026, 3, 6, 15, tzinfo=UTC), 1, datetime(2026, 3, 9, 14, tzinfo=UTC)),
        (datetime(2026, 3, 7, 15, tzinfo=UTC), 1, datetime(2026, 3, 9, 14, tzinfo=UTC)),
        (datetime(2026, 7, 2, 15, tzinfo=UTC), 1, datetime(2026, 7, 6, 15, tzinfo=UTC)),
        (datetime(2025, 12, 31, 15, tzinfo=UTC), 1, datetime(2026, 1, 2, 15, tzinfo=UTC)),
        # 3 a.m. UTC is still the evening before in New York.
        (datetime(2026, 3, 3, 3, tzinfo=UTC), 1, datetime(2026, 3, 4, 3, tzinfo=UTC)),
        (datetime(2026, 6, 18, 20, tzinfo=UTC), 10, datetime(2026, 7, 6, 20, tzinfo=UTC)),
    ],
)
def test_business_days_are_counted_in_new_york(moment, days, due):
    assert add_business_days(moment, days) == due


@given(moments, st.integers(1, 30))
def test_as_many_business_days_lie_between_as_were_added(moment, days):
    due = add_business_days(moment, days)
    start, end = moment.astimezone(NEW_YORK).date(), due.astimezone(NEW_YORK).date()
    between = [start + timedelta(days=ahead) for ahead in range(1, (end - start).days + 1)]
    assert sum(map(is_business_day, between)) == days
    assert is_business_day(end)


@given(st.integers(1990, 2100))
def test_a_year_has_its_holidays_on_weekdays(year):
    days = federal_holidays(year)
    assert all(day.year == year and day.weekday() < 5 for day in days)
    assert (10 if year >= 2021 else 9) <= len(days) <= (12 if year >= 2021 else 11)
