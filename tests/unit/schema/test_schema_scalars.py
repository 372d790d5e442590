"""Scalars are read strictly and written in one form."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from schema.scalars import (
    read_app_version,
    read_datetime,
    read_phone_number,
    read_unsigned,
    write_datetime,
)


@pytest.mark.parametrize("number", ["+12125550100", "+14165550123", "+819012345678", "72975", "123", "12345678"])
def test_a_phone_number_in_e164_or_a_short_code_is_read_as_it_is(number: str) -> None:
    assert read_phone_number(number) == number


@pytest.mark.parametrize(
    "given",
    [
        "12125550100",
        "+1 212 555 0100",
        "+02125550100",
        "+1234567890123456",
        "12",
        "123456789",
        "",
        "+",
        "+1\uff121",
        12125550100,
        None,
    ],
)
def test_anything_else_is_no_phone_number(given: object) -> None:
    with pytest.raises(ValueError, match=r"is not E\.164: write it like"):
        read_phone_number(given)


@pytest.mark.parametrize("version", ["42", "42.12", "42.12.0.24485"])
def test_an_app_version_is_numbers_and_dots(version: str) -> None:
    assert read_app_version(version) == version


@pytest.mark.parametrize("given", ["", "42.", ".12", "42.12-beta", " 42.12", "v42", 42.12, 42])
def test_anything_else_is_no_app_version(given: object) -> None:
    with pytest.raises(ValueError, match="write it like"):
        read_app_version(given)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-03-03T12:00:00Z", datetime(2026, 3, 3, 12, tzinfo=UTC)),
        ("2026-03-03T12:00:00.5Z", datetime(2026, 3, 3, 12, 0, 0, 500_000, tzinfo=UTC)),
        ("2026-03-03t21:00:00.000+09:00", datetime(2026, 3, 3, 12, tzinfo=UTC)),
        ("2026-03-03T07:00:00.123456789-05:00", datetime(2026, 3, 3, 12, 0, 0, 123_456, tzinfo=UTC)),
        ("2024-02-29T00:00:00z", datetime(2024, 2, 29, tzinfo=UTC)),
    ],
)
def test_a_time_with_an_offset_is_read_as_utc(text: str, moment: datetime) -> None:
    read = read_datetime(text)
    assert read == moment
    assert read.tzinfo is UTC


@pytest.mark.parametrize(
    "given",
    [
        "2026-03-03T12:00:00",
        "2026-03-03",
        "2026-03-03 12:00:00Z",
        "2026-03-03T12:00Z",
        "20260303T120000Z",
        "2026-W10-2T12:00:00Z",
        "2026-03-03T12:00:00+0900",
        "2026-03-03T12:00:00,5Z",
        1772539200,
        None,
    ],
)
def test_a_time_in_another_form_is_refused(given: object) -> None:
    with pytest.raises(ValueError, match="is not RFC 3339 with an offset: write it like"):
        read_datetime(given)


@pytest.mark.parametrize(
    "given",
    [
        "2026-02-29T00:00:00Z",
        "2026-03-03T24:00:01Z",
        "2026-13-01T00:00:00Z",
        "2026-03-03T12:00:60Z",
        "0001-01-01T00:00:00+01:00",
    ],
)
def test_a_time_that_does_not_exist_is_refused(given: str) -> None:
    with pytest.raises(ValueError, match="is not a time that exists"):
        read_datetime(given)


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (datetime(2026, 3, 3, 12, tzinfo=UTC), "2026-03-03T12:00:00.000Z"),
        (datetime(2026, 3, 3, 12, 0, 0, 999_999, tzinfo=UTC), "2026-03-03T12:00:00.999Z"),
        (datetime(2026, 3, 3, 21, tzinfo=timezone(timedelta(hours=9))), "2026-03-03T12:00:00.000Z"),
    ],
)
def test_a_time_is_written_in_utc_with_milliseconds(moment: datetime, text: str) -> None:
    assert write_datetime(moment) == text
    assert abs(read_datetime(text) - moment) < timedelta(milliseconds=1)


def test_a_naive_time_is_never_answered() -> None:
    with pytest.raises(ValueError, match="has no offset"):
        write_datetime(datetime(2026, 3, 3, 12))  # noqa: DTZ001 - the fault under test


@pytest.mark.parametrize(
    ("given", "number"), [("0", 0), ("18446744073709551615", 2**64 - 1), (7, 7), (2**64 - 1, 2**64 - 1)]
)
def test_an_unsigned_number_is_read_from_a_string_or_an_integer(given: object, number: int) -> None:
    assert read_unsigned(given) == number


@pytest.mark.parametrize("given", ["18446744073709551616", -1, 2**64])
def test_a_number_beyond_64_bits_is_out_of_range(given: object) -> None:
    with pytest.raises(ValueError, match="is out of range"):
        read_unsigned(given)


@pytest.mark.parametrize("given", ["-1", "+1", "01", "1.0", "1e3", "", " 1", "\uff11", True, 1.0, None])
def test_anything_else_is_no_unsigned_number(given: object) -> None:
    with pytest.raises(ValueError, match="is not an unsigned decimal"):
        read_unsigned(given)


def test_a_long_value_is_not_repeated_in_full() -> None:
    with pytest.raises(ValueError, match="…`") as caught:
        read_phone_number("9" * 100_000)
    assert len(str(caught.value)) < 200
