"""Telephone numbers, read with `phonenumbers` (libphonenumber's metadata)."""

import re
from dataclasses import dataclass
from functools import lru_cache

import phonenumbers
from phonenumbers import PhoneNumberType as LibraryType
from phonenumbers import timezone

_INTERNATIONAL = re.compile(r"\+[0-9][0-9 ().\-\u00a0\u2010-\u2015/]{0,30}")
_DIALLED = re.compile(r"[0-9(][0-9 ().\-\u00a0\u2010-\u2015/]{1,30}")
_LOST_PLUS = re.compile(r"1?[0-9]{10}")
_SHORT_CODE = re.compile(r"[0-9]{3,8}")
_E164_DIGITS_MAX = 15
_NATIONAL_DIGITS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class PhoneNumber:
    """A number that can be written in E.164. `region` is answered even for numbers that are not valid: test both."""

    e164: str
    region: str | None
    valid: bool
    toll_free: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Why a text is not a number. `code` is stable; `message` names the value and what to do."""

    code: str
    message: str


def parse(raw: str) -> PhoneNumber | Problem:
    """Read a number written with `+` and the country code; blanks and punctuation between digits are dropped."""
    text = raw.strip()
    if not text:
        return Problem(code="EMPTY", message="the number `` is empty: write it as +12125550100")
    if any(char.isalpha() for char in text):
        return Problem(code="LETTERS", message=f"`{_shown(raw)}` has letters: write only digits, as +12125550100")
    if not text.startswith("+"):
        return Problem(
            code="NO_COUNTRY_CODE",
            message=f"`{_shown(raw)}` does not start with + and a country code: write it as +12125550100",
        )
    if not _INTERNATIONAL.fullmatch(text):
        return Problem(code="NOT_A_NUMBER", message=f"`{_shown(raw)}` is not a number: write it as +12125550100")
    return _read(text, raw)


def parse_imported(raw: str) -> PhoneNumber | Problem:
    """Like `parse`, for spreadsheets that strip the leading `+`: also takes 10 digits, or 11 that start with 1."""
    digits = re.sub(r"[ ().\-\u00a0]", "", raw.strip())
    if not _LOST_PLUS.fullmatch(digits):
        return parse(raw)
    return _read("+" + (digits if digits.startswith("1") and len(digits) > _NATIONAL_DIGITS else "1" + digits), raw)


def parse_dialled(raw: str, country: str) -> PhoneNumber | Problem:
    """Like `parse`, also as dialled inside a country (ISO 3166-1 alpha-2)."""
    text = raw.strip()
    return _read(text, raw, country) if _DIALLED.fullmatch(text) else parse(raw)


def parse_sender(raw: str) -> PhoneNumber | Problem:
    """Like `parse`, for who sent an inbound message: also takes a short code of 3 to 8 digits, valid in no region."""
    if _SHORT_CODE.fullmatch(raw.strip()):
        return PhoneNumber(e164=raw.strip(), region=None, valid=False, toll_free=False)
    return parse(raw)


def is_short_code(number: str) -> bool:
    """Say whether a stored sender is a short code rather than E.164."""
    return _SHORT_CODE.fullmatch(number) is not None


def time_zones(e164: str) -> frozenset[str]:
    """Give every IANA zone the number may be in; empty when the metadata knows none. Toll-free: all of the plan's."""
    try:
        number = phonenumbers.parse(e164, None)
    except phonenumbers.NumberParseException:
        return frozenset()
    zones = timezone.time_zones_for_number(number)
    return frozenset(zone for zone in zones if zone != timezone.UNKNOWN_TIMEZONE)


def _read(text: str, raw: str, country: str | None = None) -> PhoneNumber | Problem:
    match _known(text, country):
        case PhoneNumber() as number:
            return number
        case "COUNTRY_CODE" as code:
            message = f"`{_shown(raw)}` begins with no known country code: write it as +12125550100"
        case "TOO_LONG" as code:
            message = f"`{_shown(raw)}` is longer than 15 digits: check it"
        case code:
            message = f"`{_shown(raw)}` is not a number: write it as +12125550100"
    return Problem(code=code, message=message)


@lru_cache(maxsize=32_768)
def _known(text: str, country: str | None) -> PhoneNumber | str:
    """Read a number, or give the code of what is wrong. Kept: the metadata takes some 80 µs for each, every time."""
    try:
        number = phonenumbers.parse(text, country)
    except phonenumbers.NumberParseException as error:
        unknown = error.error_type == phonenumbers.NumberParseException.INVALID_COUNTRY_CODE
        return "COUNTRY_CODE" if unknown else "NOT_A_NUMBER"
    e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    if len(e164) - 1 > _E164_DIGITS_MAX:
        return "TOO_LONG"
    region = phonenumbers.region_code_for_number(number)
    # What `is_valid_number` says, which would look for the region again.
    valid = region is not None and phonenumbers.is_valid_number_for_region(number, region)
    return PhoneNumber(
        e164=e164,
        region=region,
        valid=valid,
        toll_free=valid and phonenumbers.number_type(number) == LibraryType.TOLL_FREE,
    )


def _shown(raw: str) -> str:
    return raw.strip()[:40].replace("`", "'")
