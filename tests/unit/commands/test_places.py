"""Countries and time zones: the closed sets that an address is checked against."""

import pytest

from core.commands.places import countries, country, time_zone, time_zones
from core.commands.problems import Problems


def checked(check, value):
    problems = Problems()
    found = check(problems, ("input", "value"), value)
    return found, [problem.code for problem in problems.found]


def test_the_countries_are_the_249_of_iso_3166():
    assert len(countries()) == 249
    assert all(len(code) == 2 and code.isupper() and code.isascii() for code in countries())
    assert {"US", "CA", "PR", "GB", "AQ", "UM", "AX", "SS"} <= countries()
    assert not countries() & {"XK", "UK", "EU", "AC", "TA", "AN", "001"}


@pytest.mark.parametrize(("value", "code"), [("US", "US"), (" us ", "US"), ("Ca", "CA")])
def test_a_country_is_given_in_capitals(value, code):
    assert checked(country, value) == (code, [])


@pytest.mark.parametrize("value", ["", "USA", "United States", "XK", "U S", "001"])
def test_what_is_no_country_is_a_problem(value):
    assert checked(country, value)[1] == ["UNKNOWN_COUNTRY"]


@pytest.mark.parametrize("value", ["America/New_York", " America/Toronto ", "UTC"])
def test_a_time_zone_is_one_of_ianas(value):
    assert checked(time_zone, value) == (value.strip(), [])
    assert value.strip() in time_zones()


@pytest.mark.parametrize(
    "value", ["", "EST5EDT4", "america/new_york", "New York", "+05:00", "../etc/passwd", "America"]
)
def test_what_is_no_time_zone_is_a_problem(value):
    assert checked(time_zone, value)[1] == ["UNKNOWN_TIME_ZONE"]
