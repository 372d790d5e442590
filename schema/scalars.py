"""The scalars: how a value is written in an answer, and how strictly it is read from a client."""

import re
from datetime import UTC, datetime
from typing import Any, NewType

import strawberry
from strawberry.types.scalar import ScalarDefinition

PhoneNumber = NewType("PhoneNumber", str)
AppVersion = NewType("AppVersion", str)
JSON = NewType("JSON", object)
UnsignedInt64 = NewType("UnsignedInt64", int)

_E164 = re.compile(r"\+[1-9][0-9]{1,14}")
_SHORT_CODE = re.compile(r"[0-9]{3,8}")
_VERSION = re.compile(r"[0-9]{1,9}(\.[0-9]{1,9}){0,5}")
_UNSIGNED = re.compile(r"0|[1-9][0-9]{0,19}")
_RFC_3339 = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})[Tt]([0-9]{2}:[0-9]{2}:[0-9]{2})(?:\.([0-9]{1,9}))?([Zz]|[+-][0-9]{2}:[0-9]{2})"
)
_UNSIGNED_64_MAX = 2**64 - 1
_MICROSECOND_DIGITS = 6


def read_phone_number(value: object) -> PhoneNumber:
    """Read E.164 (`+` and up to 15 digits) or a short code of 3 to 8 digits; ValueError for anything else."""
    if isinstance(value, str) and (_E164.fullmatch(value) or _SHORT_CODE.fullmatch(value)):
        return PhoneNumber(value)
    raise ValueError(f"phone number {_shown(value)} is not E.164: write it like `+12125550100`")


def read_app_version(value: object) -> AppVersion:
    """Read numbers joined by dots, such as `42.12.0.24485`; ValueError for anything else."""
    if isinstance(value, str) and _VERSION.fullmatch(value):
        return AppVersion(value)
    raise ValueError(f"app version {_shown(value)} is not a string of numbers and dots: write it like `42.12`")


def read_datetime(value: object) -> datetime:
    """Read RFC 3339 with an offset as UTC; digits below a microsecond are dropped. ValueError for anything else."""
    match = _RFC_3339.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise ValueError(f"time {_shown(value)} is not RFC 3339 with an offset: write it like `2026-03-03T12:00:00Z`")
    day, clock, fraction, offset = match.groups()
    microseconds = (fraction or "").ljust(_MICROSECOND_DIGITS, "0")[:_MICROSECOND_DIGITS]
    try:
        local = datetime.fromisoformat(f"{day}T{clock}.{microseconds}{'+00:00' if offset in 'Zz' else offset}")
        return local.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise ValueError(f"time {_shown(value)} is not a time that exists: correct its day, hour or offset") from error


def write_datetime(value: datetime) -> str:
    """Write an aware time in UTC with milliseconds, such as `2026-03-03T12:00:00.000Z`; ValueError for a naive one."""
    if value.tzinfo is None:
        raise ValueError(f"time `{value.isoformat()}` has no offset: attach one before it is answered")
    utc = value if value.tzinfo is UTC else value.astimezone(UTC)
    return utc.replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"


def read_unsigned(value: object) -> UnsignedInt64:
    """Read 0 to 2^64-1 from a decimal string or an integer; ValueError for anything else."""
    if isinstance(value, str) and _UNSIGNED.fullmatch(value):
        number = int(value)
    elif isinstance(value, int) and not isinstance(value, bool):
        number = value
    else:
        raise ValueError(f"number {_shown(value)} is not an unsigned decimal: write it like `1024`")
    if not 0 <= number <= _UNSIGNED_64_MAX:
        raise ValueError(f"number {_shown(value)} is out of range: it must be 0 to {_UNSIGNED_64_MAX}")
    return UnsignedInt64(number)


def _shown(value: object) -> str:
    text = str(value)
    return f"`{text if len(text) <= 40 else text[:40] + '…'}`"  # noqa: PLR2004 - enough to recognise the value


def _same(value: Any) -> Any:
    return value


SCALARS: dict[object, ScalarDefinition] = {
    PhoneNumber: strawberry.scalar(
        name="PhoneNumber",
        description=(
            "A phone number in E.164, such as `+12125550100`. The sender of an inbound message may also be a short "
            "code of 3 to 8 digits."
        ),
        serialize=str,
        parse_value=read_phone_number,
    ),
    datetime: strawberry.scalar(
        name="DateTime",
        description=(
            "A moment in RFC 3339. Answers are UTC with milliseconds, such as `2026-03-03T12:00:00.000Z`; input must "
            "carry `Z` or an offset."
        ),
        specified_by_url="https://www.rfc-editor.org/rfc/rfc3339",
        serialize=write_datetime,
        parse_value=read_datetime,
    ),
    AppVersion: strawberry.scalar(
        name="AppVersion",
        description=(
            "A version of the Webex app, such as `42.12` or `42.12.0.24485`. It is compared number by number, so 42.9 "
            "is older than 42.12 (P4)."
        ),
        serialize=str,
        parse_value=read_app_version,
    ),
    JSON: strawberry.scalar(
        name="JSON",
        description="Any JSON value. Used only where the shape is open, as in an observed fact or evidence.",
        serialize=_same,
        parse_value=_same,
    ),
    UnsignedInt64: strawberry.scalar(
        name="UnsignedInt64",
        description=(
            "A whole number from 0 to 2^64-1, answered as a decimal string because Int ends at 2^31-1. Input may also "
            "be an integer."
        ),
        serialize=str,
        parse_value=read_unsigned,
    ),
}
"""Python types by the scalar they become: given to the schema's configuration."""
