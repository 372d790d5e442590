"""A value that was not given, and one that was given as null: absent is unchanged, null is cleared."""

from enum import Enum
from typing import Any, Final, Literal, TypeAlias, TypeVar

T = TypeVar("T")


class Absent(Enum):
    """A value that was not given."""

    ABSENT = "absent"


ABSENT: Final = Absent.ABSENT
Given: TypeAlias = T | Literal[Absent.ABSENT]
"""A value, or that it was not given; `None` stays a value of its own."""


def given(**values: Any) -> dict[str, Any]:
    """Keep the values that were given."""
    return {name: value for name, value in values.items() if value is not ABSENT}


def or_none(value: Given[T]) -> T | None:
    """Read absent as null, where the two mean the same."""
    return None if value is ABSENT else value
