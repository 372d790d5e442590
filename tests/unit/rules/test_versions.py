"""Versions of the app, compared component by component."""

from itertools import pairwise, zip_longest

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.rules.versions import AppVersion

components = st.lists(st.integers(0, 30), min_size=1, max_size=5)


def version(text):
    found = AppVersion.parse(text)
    assert found is not None
    return found


def test_components_are_numbers_and_not_text():
    ascending = ["1", "42", "42.9", "42.10", "42.12", "42.12.0.24485", "42.12.1", "43", "100.0"]
    assert all(version(low) < version(high) for low, high in pairwise(ascending))


@pytest.mark.parametrize("text", [" 42.12 ", "42.12\n", "\t42.12", "42.12\N{NO-BREAK SPACE}", "042.012"])
def test_blanks_around_it_and_leading_zeros_do_not_count(text):
    assert version(text) == version("42.12")


def test_trailing_zeros_do_not_count():
    assert version("42.12.0.0") == version("42.12")
    assert version("42.0") == version("42")
    assert hash(version("42.12.0")) == hash(version("42.12"))


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "next",
        "v42.12",
        "42.12-beta",
        "42,12",
        "42..12",
        ".42",
        "42.",
        "-1",
        "42 .12",
        "٤٢.١٢",
        "1.2.3.4.5.6.7.8.9",
        "1234567890",
    ],
)
def test_nonsense_is_unknown_and_no_error(text):
    assert AppVersion.parse(text) is None


def test_a_version_never_reported_is_unknown():
    assert AppVersion.parse(None) is None


@pytest.mark.parametrize(("text", "written"), [("42", "42.0"), ("42.12.0", "42.12"), ("0", "0.0"), ("1.2.3", "1.2.3")])
def test_it_is_written_with_at_least_two_components(text, written):
    assert str(version(text)) == written


@given(components, components)
def test_the_order_is_that_of_the_components_filled_up_with_zeros(left, right):
    one, other = (version(".".join(map(str, numbers))) for numbers in (left, right))
    filled_one, filled_other = zip(*zip_longest(left, right, fillvalue=0), strict=True)
    assert (one < other) == (filled_one < filled_other)
    assert (one == other) == (filled_one == filled_other)
    assert (one < other) + (one == other) + (one > other) == 1


@given(components)
def test_what_is_written_reads_back_equal(numbers):
    found = version(".".join(map(str, numbers)))
    assert AppVersion.parse(str(found)) == found
