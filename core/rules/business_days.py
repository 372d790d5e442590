"""Business days of the United States: weekdays that are no federal holiday (5 U.S.C. 6103), counted in New York."""

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

_NEW_YORK = ZoneInfo("America/New_York")
_MONDAY, _THURSDAY, _SATURDAY, _SUNDAY = 0, 3, 5, 6
_JUNETEENTH_SINCE = 2021


def add_business_days(moment: datetime, days: int) -> datetime:
    """Give the same time of day `days` business days later (UTC). The day of the moment itself is not counted."""
    local = moment.astimezone(_NEW_YORK)
    day, left = local.date(), days
    while left:
        day += timedelta(days=1)
        left -= is_business_day(day)
    return datetime.combine(day, local.time(), _NEW_YORK).astimezone(UTC)


def is_business_day(day: date) -> bool:
    """Say whether federal offices are open that day."""
    return day.weekday() < _SATURDAY and day not in federal_holidays(day.year)


@lru_cache(maxsize=64)
def federal_holidays(year: int) -> frozenset[date]:
    """Give the days of a year on which a holiday is observed; New Year of the next year may fall into this one."""
    fixed = [(1, 1), (7, 4), (11, 11), (12, 25)] + ([(6, 19)] if year >= _JUNETEENTH_SINCE else [])
    observed = {_observed(date(year, month, day)) for month, day in fixed} | {_observed(date(year + 1, 1, 1))}
    floating = {
        _nth(year, 1, _MONDAY, 3),
        _nth(year, 2, _MONDAY, 3),
        _nth(year, 6, _MONDAY, 1) - timedelta(days=7),
        _nth(year, 9, _MONDAY, 1),
        _nth(year, 10, _MONDAY, 2),
        _nth(year, 11, _THURSDAY, 4),
    }
    return frozenset(day for day in observed | floating if day.year == year)


def _observed(holiday: date) -> date:
    if holiday.weekday() == _SATURDAY:
        return holiday - timedelta(days=1)
    return holiday + timedelta(days=1) if holiday.weekday() == _SUNDAY else holiday


def _nth(year: int, month: int, weekday: int, n: int) -> date:
    first = date(year, month, 1)
    return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (n - 1))
