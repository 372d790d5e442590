"""Values that a what-if may suppose, read strictly: as the fact has them, else `Unsupposable` says what is allowed."""

import re
from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from typing import Any, TypeVar

from core.rules.numbers import PhoneNumber, parse

E = TypeVar("E", bound=StrEnum)

COUNTRIES_MAX = 60
TEXT_LENGTH_MAX = 100
UNITS_MAX = 1_000_000
_COUNTRY = re.compile(r"[A-Z]{2}")


class Unsupposable(Exception):
    """the value is none that the fact can have; the message says which can be given"""


def one_of(kind: type[E]) -> Callable[[Any], E | None]:
    """Read a member of a closed set, or `None` for never recorded."""

    def read(value: Any) -> E | None:
        if value is None:
            return None
        if not isinstance(value, str) or value not in kind.__members__:
            raise Unsupposable(f"one of {', '.join(f'`{name}`' for name in kind)}, or `NONE`")
        return kind(value)

    return read


def flag(value: Any) -> bool | None:
    """Read true, false, or `None` for never recorded."""
    if value is None or isinstance(value, bool):
        return value
    raise Unsupposable("`true`, `false`, or `NONE`")


def units(value: Any) -> int | None:
    """Read a number of licences, or `None` for never recorded."""
    if value is None or (isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= UNITS_MAX):
        return value
    raise Unsupposable(f"a whole number from 0 to {UNITS_MAX:,}, or `NONE`")


def text(value: Any) -> str | None:
    """Read a short text, or `None` for never recorded."""
    if value is None or (isinstance(value, str) and len(value) <= TEXT_LENGTH_MAX and value.isprintable()):
        return value
    raise Unsupposable(f"a text of at most {TEXT_LENGTH_MAX} characters, or `NONE`")


def country(value: Any) -> str | None:
    """Read an ISO 3166-1 alpha-2 code, or `None` for never recorded."""
    if value is None or (isinstance(value, str) and _COUNTRY.fullmatch(value)):
        return value
    raise Unsupposable("a country as two capitals, such as `US`, or `NONE`")


def countries(value: Any) -> tuple[str, ...] | None:
    """Read a list of countries, or `None` for never recorded."""
    if value is None:
        return None
    if not isinstance(value, list) or len(value) > COUNTRIES_MAX or not all(_is_country(each) for each in value):
        raise Unsupposable('a list of countries as two capitals, such as `["US"]`, or `NONE`')
    return tuple(value)


def region(value: Any) -> tuple[str | None, bool | None]:
    """Read where a number belongs and whether it is valid: a country, `INVALID`, a number in E.164, or `None`."""
    if isinstance(value, str) and value.startswith("+"):
        number = parse(value)
        if isinstance(number, PhoneNumber):
            return number.region, number.valid
    if value == "INVALID":
        return None, False
    if value is None:
        return None, None
    if _is_country(value):
        return value, True
    raise Unsupposable("a country as two capitals, a number such as `+12125550100`, `INVALID`, or `NONE`")


def fields(value: Any, known: Mapping[str, Callable[[Any], Any]]) -> dict[str, Any]:
    """Read an object that has some of the fields known, each by its own reader."""
    if not isinstance(value, dict) or not value or not known.keys() >= value.keys():
        raise Unsupposable(f"an object with some of {', '.join(f'`{name}`' for name in known)}")
    found = {}
    for name, given in value.items():
        try:
            found[name] = known[name](given)
        except Unsupposable as allowed:
            raise Unsupposable(f"as its `{name}` {allowed}") from None
    return found


def members(value: Any, kinds: Sequence[type[StrEnum]]) -> list[StrEnum | None]:
    """Read a list that names at most one member of each closed set, in the order of the sets."""
    listed = value if isinstance(value, list) else [value]
    found: list[StrEnum | None] = [None] * len(kinds)
    for each in listed:
        at = next((at for at, kind in enumerate(kinds) if isinstance(each, str) and each in kind.__members__), None)
        if at is None or found[at] is not None:
            names = " and ".join(f"one of {', '.join(f'`{name}`' for name in kind)}" for kind in kinds)
            raise Unsupposable(f"a list with {names}, or `NONE`")
        found[at] = kinds[at](each)
    return found


def _is_country(value: Any) -> bool:
    return isinstance(value, str) and _COUNTRY.fullmatch(value) is not None
