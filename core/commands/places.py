"""Countries and time zones: the closed sets that an address is checked against."""

from functools import cache
from zoneinfo import available_timezones

import phonenumbers

from core.commands.problems import Path, Problems, shown

_ISO_WITHOUT_NUMBERS = frozenset({"AQ", "BV", "GS", "HM", "PN", "TF", "UM"})
"""Codes of ISO 3166-1 that have no country code of telephony; with libphonenumber's regions they are the whole list."""
_NOT_ISO = frozenset({"AC", "TA", "XK"})


@cache
def countries() -> frozenset[str]:
    """Give the alpha-2 codes of ISO 3166-1."""
    return (frozenset(phonenumbers.SUPPORTED_REGIONS) | _ISO_WITHOUT_NUMBERS) - _NOT_ISO


@cache
def time_zones() -> frozenset[str]:
    """Give the names of the IANA time zone database."""
    return frozenset(available_timezones())


def country(problems: Problems, path: Path, value: str) -> str:
    """Check a country and give its code in capitals."""
    code = value.strip().upper()
    if code not in countries():
        problems.add(
            path, "UNKNOWN_COUNTRY", f"`{shown(value)}` is no country of ISO 3166-1: give two letters, such as `US`"
        )
    return code


def time_zone(problems: Problems, path: Path, value: str) -> str:
    """Check a time zone and give its name."""
    name = value.strip()
    if name not in time_zones():
        problems.add(
            path, "UNKNOWN_TIME_ZONE", f"`{shown(value)}` is no IANA time zone: give one such as `America/New_York`"
        )
    return name
