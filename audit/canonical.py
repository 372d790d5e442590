"""Canonical JSON: the one sequence of bytes a value has (RFC 8785), for the subset that needs no floats.

Keys are printable ASCII; values are strings without NUL, integers below 2^53, booleans, null, objects and
arrays. For this subset sorted keys and shortest escapes are all of RFC 8785.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from enum import Enum
from typing import Any
from uuid import UUID

import orjson

MAX_DEPTH = 32
"""Levels of nesting: far above what people write, far below what exhausts a parser's stack."""

MAX_INTEGER = 2**53 - 1
"""The largest integer every JSON parser keeps exactly (RFC 8785 §3.2.2.3)."""

MAX_FREE_BYTES = 16_384
"""What one free JSON value may take, so that an entry with several stays below its 65,535 bytes."""

RESERVED_KEY = "_sd"
"""Marks where a digest stands for a value; no key given by a caller may be it."""

_KEY = re.compile(r"[ -~]{1,128}")

Special = Callable[[Any, str], Any]


class CanonicalError(ValueError):
    """A value has no canonical form. `path` says where (`evidence/2/score`), `problem` what is wrong."""

    def __init__(self, path: str, problem: str) -> None:
        super().__init__(f"`{path}` {problem}")
        self.path = path
        self.problem = problem


def canonical(value: Any, *, path: str = "value") -> bytes:
    """Encode a value canonically.

    Raises:
        CanonicalError: the value, or something in it, has no canonical form.
    """
    return encode_plain(plain(value, path=path), path=path)


def canonical_free(value: Any, *, path: str = "evidence") -> bytes:
    """Encode JSON that a person or a carrier gave us, at most `MAX_FREE_BYTES` long.

    Raises:
        CanonicalError: as `canonical`, or it is too long.
    """
    data = canonical(value, path=path)
    if len(data) > MAX_FREE_BYTES:
        raise CanonicalError(path, f"takes {len(data)} bytes: keep it within {MAX_FREE_BYTES}")
    return data


def encode_plain(value: Any, *, path: str = "value") -> bytes:
    """Encode what `plain` has already checked."""
    try:
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
    except orjson.JSONEncodeError as error:
        # The one thing `plain` leaves to the encoder, which sees it for free: half of a surrogate pair.
        raise CanonicalError(path, "holds text that is not Unicode: remove lone surrogates") from error


def plain(  # noqa: PLR0911 - one return a type
    value: Any, *, path: str = "value", special: Special | None = None, depth: int = 0
) -> Any:
    """Copy a value as plain JSON, checked: UUIDs, dates and enums become text, tuples become lists.

    `path` is the JSON pointer of the value (RFC 6901). `special` turns a value of another type into JSON: it is given
    the value and its path, and answers `None` when it does not know the type either.

    Raises:
        CanonicalError: naming the path of what cannot be kept.
    """
    kind = type(value)
    if kind is str:
        return _text(value, path)
    if value is None or kind is bool:
        return value
    if kind is int:
        return _integer(value, path)
    if depth > MAX_DEPTH:
        raise CanonicalError(path, f"is nested more than {MAX_DEPTH} levels deep: flatten it")
    if isinstance(value, Mapping):
        return {
            _key(key, path): plain(item, path=f"{path}/{escape(key)}", special=special, depth=depth + 1)
            for key, item in value.items()
        }
    if isinstance(value, list | tuple | set | frozenset):
        items = sorted(value) if isinstance(value, set | frozenset) else value
        return [plain(item, path=f"{path}/{at}", special=special, depth=depth + 1) for at, item in enumerate(items)]
    if special is not None and (made := special(value, path)) is not None:
        return made
    return _scalar(value, path)


def escape(key: str) -> str:
    """Write a key as one reference token of a JSON pointer (RFC 6901 §3)."""
    return key.replace("~", "~0").replace("/", "~1")


def _scalar(value: Any, path: str) -> Any:
    if isinstance(value, Enum):
        return plain(value.value, path=path)
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise CanonicalError(path, f"is `{value}`, a time without a zone: give it one")
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, float):
        raise CanonicalError(path, f"is the float `{value}`: give an integer in a smaller unit, or text")
    if isinstance(value, str):
        return _text(str(value), path)
    raise CanonicalError(
        path, f"is of type `{type(value).__name__}`: give text, an integer, a Boolean, an object or a list"
    )


def _text(value: str, path: str) -> str:
    if "\0" in value:
        raise CanonicalError(path, "holds a NUL character: remove it")
    return value


def _integer(value: int, path: str) -> int:
    if not -MAX_INTEGER <= value <= MAX_INTEGER:
        raise CanonicalError(path, f"is `{value}`, beyond 2^53: give it as text")
    return value


def _key(key: object, path: str) -> str:
    if not isinstance(key, str) or not _KEY.fullmatch(key):
        raise CanonicalError(path, f"has the key `{key}`: keys are 1 to 128 printable ASCII characters")
    if key == RESERVED_KEY:
        raise CanonicalError(path, f"has the key `{key}`, which is reserved: rename it")
    return str(key)
