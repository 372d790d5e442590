"""Salted digests: the sealed entry holds a digest, the value it stands for lies elsewhere and can be destroyed.

A disclosure is the base64url text of the JSON array `[salt, name, value]`; its digest is the base64url SHA-256 of that
text (the shape of RFC 9901 §4.2). `name` is the JSON pointer (RFC 6901) of the value's place in the entry. At that
place stands `{"_sd": i}`, and the entry's `_sd` array, sorted, holds the digest at index `i`.
"""

from __future__ import annotations

import hashlib
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from audit.canonical import RESERVED_KEY, encode_plain, escape

SALT_BYTES = 16
"""128 bits: nobody finds a telephone number by trying them all."""


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
    text = urlsafe_b64encode(encode_plain([b64url(salt), name, value])).rstrip(b"=")
    return hashlib.sha256(text).digest()


def b64url(data: bytes) -> str:
    """Encode without padding, as RFC 7515 does."""
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def unb64url(text: str) -> bytes:
    """Decode what `b64url` made.

    Raises:
        ValueError: not base64url.
    """
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def marker(index: int) -> dict[str, int]:
    """Give what stands in the entry for the value whose digest has that index."""
    return {RESERVED_KEY: index}


def marked(entry: Any, pointer: str = "") -> Iterator[tuple[str, int]]:
    """Find every marker in a parsed entry: the JSON pointer of its place, and the index of its digest."""
    if isinstance(entry, list):
        for at, item in enumerate(entry):
            yield from marked(item, f"{pointer}/{at}")
    elif isinstance(entry, dict):
        index = entry.get(RESERVED_KEY)
        if isinstance(index, int) and len(entry) == 1:
            yield pointer, index
            return
        for key, item in entry.items():
            if pointer or key != RESERVED_KEY:
                yield from marked(item, f"{pointer}/{escape(key)}")
