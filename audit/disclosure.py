"""Salted digests: the sealed entry holds a digest, the value it stands for lies elsewhere and can be destroyed.

A disclosure is the base64url text of the JSON array `[salt, name, value]`; its digest is the base64url SHA-256 of that
text (the shape of RFC 9901 §4.2). `name` is the JSON pointer (RFC 6901) of the value's place in the entry. At that
place stands `{"_sd": i}`, and the entry's `_sd` array, sorted, holds the digest at index `i`.
"""

from __future__ import annotations

import hashlib
import secrets
from binascii import a2b_base64, b2a_base64
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

from audit.canonical import RESERVED_KEY, encode_plain, escape

SALT_BYTES = 16
"""128 bits: nobody finds a telephone number by trying them all."""

_TO_URL, _FROM_URL = bytes.maketrans(b"+/", b"-_"), bytes.maketrans(b"-_", b"+/")


@dataclass(frozen=True, slots=True, kw_only=True)
class Disclosure:
    """A value, its salt and its place; `digest` is the raw SHA-256. `subject` is whose erasure destroys it."""

    name: str
    salt: bytes
    value: Any
    subject: UUID
    digest: bytes


def disclose(name: str, value: Any, subject: UUID) -> Disclosure:
    """Draw a salt and digest a plain JSON value."""
    salt = secrets.token_bytes(SALT_BYTES)
    return Disclosure(name=name, salt=salt, value=value, subject=subject, digest=digest_of(salt, name, value))


def digest_of(salt: bytes, name: str, value: Any) -> bytes:
    """Digest a disclosure: SHA-256 over the ASCII text of the base64url of `[salt, name, value]`."""
    return hashlib.sha256(_base64url(encode_plain([b64url(salt), name, value]))).digest()


def b64url(data: bytes) -> str:
    """Encode without padding, as RFC 7515 does."""
    return _base64url(data).decode()


def unb64url(text: str) -> bytes:
    """Decode what `b64url` made.

    Raises:
        ValueError: not base64url.
    """
    return a2b_base64((text + "=" * (-len(text) % 4)).encode("ascii").translate(_FROM_URL))


def _base64url(data: bytes) -> bytes:
    # What `urlsafe_b64encode` does, in half the time: an entry has many.
    return b2a_base64(data, newline=False).translate(_TO_URL).rstrip(b"=")


def marker(index: int) -> dict[str, int]:
    """Give what stands in the entry for the value whose digest has that index."""
    return {RESERVED_KEY: index}


class Marked(NamedTuple):
    """A marker in a parsed entry: the JSON pointer of its place, its digest's index, and what holds it by which key."""

    name: str
    at: int
    holder: Any
    key: str | int


def marked(entry: dict[str, Any]) -> list[Marked]:
    """Find every marker in a parsed entry, in its order."""
    found: list[Marked] = []
    _find(entry, "", found)
    return found


def _find(holder: Any, pointer: str, found: list[Marked]) -> None:
    for key, item in holder.items() if isinstance(holder, dict) else enumerate(holder):
        if not isinstance(item, dict | list) or (key == RESERVED_KEY and not pointer):
            continue
        name = f"{pointer}/{escape(str(key))}"
        at = item.get(RESERVED_KEY) if isinstance(item, dict) and len(item) == 1 else None
        if isinstance(at, int):
            found.append(Marked(name, at, holder, key))
        else:
            _find(item, name, found)
