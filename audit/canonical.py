"""Canonical JSON: the one sequence of bytes a value has (RFC 8785), for the subset that needs no floats.

Keys are printable ASCII; values are strings without NUL, integers below 2^53, booleans, null, objects and
arrays. For this subset sorted keys and shortest escapes are all of RFC 8785.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from enum import Enum
from typing import Any, NoReturn
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


def plain(value: Any, *, path: str = "value", special: Special | None = None) -> Any:
    """Copy a value as plain JSON, checked: UUIDs, dates and enums become text, tuples become lists.

    `path` is the JSON pointer of the value (RFC 6901). `special` turns a value of another type into JSON: it is given
    the value and its path, and answers `None` when it does not know the type either.

    Raises:
        CanonicalError: naming the path of what cannot be kept.
    """
    return _Copying(path, special).copy(value)


class _Copying:
    """One copy under way. It remembers the keys down to where it is, and writes a path only when it is asked for."""

    __slots__ = ("_path", "_place", "_special")

    def __init__(self, path: str, special: Special | None) -> None:
        self._path = path
        self._special = special
        self._place: list[str | int] = []

    def copy(self, value: Any) -> Any:  # noqa: PLR0911 - one return a type
        """Copy one value where it stands."""
        kind = type(value)
        if kind is str:
            return value if "\0" not in value else self._refuse(_NUL)
        if value is None or kind is bool:
            return value
        if kind is int:
            return value if -MAX_INTEGER <= value <= MAX_INTEGER else self._refuse(_too_large(value))
        if kind is UUID:
            return str(value)
        if len(self._place) > MAX_DEPTH:
            self._refuse(f"is nested more than {MAX_DEPTH} levels deep: flatten it")
        if isinstance(value, Mapping):
            return self._object(value)
        if isinstance(value, list | tuple | set | frozenset):
            return self._array(sorted(value) if isinstance(value, set | frozenset) else value)
        return self._scalar(value)

    def _object(self, value: Mapping[Any, Any]) -> dict[str, Any]:
        place, copied = self._place, {}
        for key, item in value.items():
            if type(key) is not str or key not in _KNOWN_KEYS:
                key = self._checked_key(key)  # noqa: PLW2901 - the same key, as plain text
            kind = type(item)
            # What most values are, without going down for them.
            if item is None or kind is bool or (kind is str and "\0" not in item):
                copied[key] = item
            else:
                place.append(key)
                copied[key] = self.copy(item)
                place.pop()
        return copied

    def _array(self, value: Sequence[Any]) -> list[Any]:
        place, copied = self._place, []
        for at, item in enumerate(value):
            place.append(at)
            copied.append(self.copy(item))
            place.pop()
        return copied

    def _scalar(self, value: Any) -> Any:
        if isinstance(value, UUID):
            return str(value)
        if isinstance(value, Enum):
            return self.copy(value.value)
        if isinstance(value, datetime):
            if value.tzinfo is None:
                self._refuse(f"is `{value}`, a time without a zone: give it one")
            return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
        if isinstance(value, float):
            self._refuse(f"is the float `{value}`: give an integer in a smaller unit, or text")
        if isinstance(value, str):
            return self.copy(str(value))
        if self._special is not None and (made := self._special(value, self._where())) is not None:
            return made
        return self._refuse(
            f"is of type `{type(value).__name__}`: give text, an integer, a Boolean, an object or a list"
        )

    def _checked_key(self, key: object) -> str:
        if not isinstance(key, str) or not _KEY.fullmatch(key):
            self._refuse(f"has the key `{key}`: keys are 1 to 128 printable ASCII characters")
        if key == RESERVED_KEY:
            self._refuse(f"has the key `{key}`, which is reserved: rename it")
        if len(_KNOWN_KEYS) < _KNOWN_KEYS_MAX:
            _KNOWN_KEYS.add(str(key))
        return str(key)

    def _where(self) -> str:
        return "/".join([self._path, *(escape(str(step)) for step in self._place)])

    def _refuse(self, problem: str) -> NoReturn:
        raise CanonicalError(self._where(), problem)


_KNOWN_KEYS: set[object] = set()
_KNOWN_KEYS_MAX = 4_096
"""Keys that were checked before need not be again: those of our own records, and no more than so many of others'."""

_NUL = "holds a NUL character: remove it"


def _too_large(value: int) -> str:
    return f"is `{value}`, beyond 2^53: give it as text"


def escape(key: str) -> str:
    """Write a key as one reference token of a JSON pointer (RFC 6901 §3)."""
    return key.replace("~", "~0").replace("/", "~1")
