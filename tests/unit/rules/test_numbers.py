"""Telephone numbers (domain facts §5)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.rules.numbers import (
    PhoneNumber,
    Problem,
    is_short_code,
    parse,
    parse_dialled,
    parse_imported,
    parse_sender,
    time_zones,
)


def number(text, read=parse):
    found = read(text)
    assert isinstance(found, PhoneNumber), found
    return found


def code(text, read=parse):
    found = read(text)
    assert isinstance(found, Problem), found
    return found.code


@pytest.mark.parametrize(
    ("text", "region", "valid", "toll_free"),
    [
        ("+12125550100", "US", True, False),
        ("+14165550123", "CA", True, False),
        ("+17875550123", "PR", True, False),
        ("+18095550123", "DO", True, False),
        ("+18765550123", "JM", True, False),
        ("+442079460958", "GB", True, False),
        ("+18005550199", "US", True, True),
        ("+18335550100", "US", True, True),
    ],
)
def test_the_region_of_a_valid_number(text, region, valid, toll_free):
    found = number(text)
    assert (found.e164, found.region, found.valid, found.toll_free) == (text, region, valid, toll_free)


@pytest.mark.parametrize("text", ["+15551234567", "+18671234567", "+1212", "+11125550100", "+12125551"])
def test_a_number_may_be_written_right_and_not_be_valid(text):
    assert not number(text).valid


@pytest.mark.parametrize(("text", "region"), [("+18681234567", "TT"), ("+18001234567", "DO")])
def test_a_region_is_answered_for_numbers_that_are_not_valid_too(text, region):
    found = number(text)
    assert (found.region, found.valid) == (region, False)


@pytest.mark.parametrize(
    "text",
    [
        "+1 212 555 0100",
        "+1 (212) 555-0100",
        "+1.212.555.0100",
        " +12125550100 ",
        "+1\N{NO-BREAK SPACE}212\N{EN DASH}555\N{NON-BREAKING HYPHEN}0100",
        "+1/212/5550100",
    ],
)
def test_blanks_and_punctuation_between_digits_are_dropped(text):
    assert number(text).e164 == "+12125550100"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "EMPTY"),
        ("  ", "EMPTY"),
        ("+1800FLOWERS", "LETTERS"),
        ("+12125550100 ext. 5", "LETTERS"),
        ("12125550100", "NO_COUNTRY_CODE"),
        ("2125550100", "NO_COUNTRY_CODE"),
        ("0012125550100", "NO_COUNTRY_CODE"),
        ("++12125550100", "NOT_A_NUMBER"),
        ("+1212555\n0100", "NOT_A_NUMBER"),
        ("+١٢١٢٥٥٥٠١٠٠", "NOT_A_NUMBER"),
        ("+", "NOT_A_NUMBER"),
        ("+1", "NOT_A_NUMBER"),
        ("+12125550100;42", "NOT_A_NUMBER"),
        ("+0125550100", "COUNTRY_CODE"),
        ("+999125550100", "COUNTRY_CODE"),
        ("+49" + "1" * 15, "TOO_LONG"),
    ],
)
def test_what_is_no_number_says_why(text, problem):
    assert code(text) == problem


@pytest.mark.parametrize("text", ["+1800FLOWERS", "x" * 500, "a`b", "+", "2125550100", "+999123456789"])
def test_a_problem_names_the_value_and_what_to_do(text):
    found = parse(text)
    assert isinstance(found, Problem)
    assert found.message.count("`") == 2
    assert text[:40].replace("`", "'") in found.message
    assert ", as +12125550100" in found.message or "write it as +12125550100" in found.message
    assert len(found.message) < 140


@pytest.mark.parametrize("text", ["12125550100", "2125550100", "(212) 555-0100", "1 212.555.0100", "+12125550100"])
def test_an_imported_number_may_have_lost_its_plus(text):
    assert number(text, parse_imported).e164 == "+12125550100"


def test_ten_digits_that_begin_with_one_are_not_a_country_code():
    assert number("1125550100", parse_imported).e164 == "+11125550100"


@pytest.mark.parametrize("text", ["442079460958", "555-0100", "212555010", "nobody"])
def test_an_import_does_not_guess_at_anything_else(text):
    assert code(text, parse_imported) in {"NO_COUNTRY_CODE", "LETTERS"}


@pytest.mark.parametrize(
    ("text", "country", "e164"),
    [
        ("(212) 555-0100", "US", "+12125550100"),
        ("1 212 555 0100", "CA", "+12125550100"),
        ("020 7946 0018", "GB", "+442079460018"),
        ("+1 212 555 0100", "GB", "+12125550100"),
    ],
)
def test_a_number_may_be_written_as_dialled_in_a_country(text, country, e164):
    found = parse_dialled(text, country)
    assert isinstance(found, PhoneNumber)
    assert found.e164 == e164


@pytest.mark.parametrize(
    ("text", "country", "code"),
    [
        ("", "US", "EMPTY"),
        ("abc", "US", "LETTERS"),
        ("212-555-0100", "AQ", "COUNTRY_CODE"),
        ("1", "US", "NO_COUNTRY_CODE"),
    ],
)
def test_what_nobody_dials_says_why(text, country, code):
    found = parse_dialled(text, country)
    assert isinstance(found, Problem)
    assert found.code == code


@pytest.mark.parametrize("text", ["788", "12345", "87654321"])
def test_a_short_code_may_send_and_is_valid_nowhere(text):
    assert number(text, parse_sender) == PhoneNumber(e164=text, region=None, valid=False, toll_free=False)
    assert is_short_code(text)
    assert code(text) == "NO_COUNTRY_CODE"


@pytest.mark.parametrize("text", ["12", "123456789", "+12125550100", "12a45"])
def test_what_is_no_short_code(text):
    assert not is_short_code(text)


def test_a_sender_is_else_read_as_a_number():
    assert number("+12125550100", parse_sender) == number("+12125550100")


def test_the_time_zones_of_a_number_are_all_it_may_be_in():
    assert time_zones("+12125550100") == {"America/New_York"}
    assert time_zones("+12085550100") == {"America/Boise", "America/Los_Angeles"}
    assert {"America/New_York", "America/Los_Angeles", "America/Toronto"} <= time_zones("+18005550199")


@pytest.mark.parametrize("text", ["12345", "", "nobody"])
def test_what_is_no_number_has_no_time_zone(text):
    assert time_zones(text) == frozenset()


@given(st.text(max_size=30) | st.from_regex(r"\+?[0-9 ()\-]{0,18}", fullmatch=True))
def test_any_text_is_a_number_in_e164_or_a_problem(text):
    for read in (parse, parse_imported):
        found = read(text)
        if isinstance(found, PhoneNumber):
            assert found.e164[0] == "+"
            assert found.e164[1:].isdecimal()
            assert len(found.e164) <= 16
            assert number(found.e164) == found
