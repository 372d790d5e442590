"""Keys of subjects: what a person's values are encrypted under, and what is destroyed to erase them.

Every append draws a fresh data key for each subject it names, stored with the values, wrapped by the master key. Keys
are never shared between transactions, so writers wait for nobody, and a key that was destroyed cannot come back from a
cache.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass, field
from os import urandom
from typing import Any
from uuid import UUID

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from audit.canonical import encode_plain
from audit.disclosure import SALT_BYTES, Disclosure

KEY_BYTES = 32
DIGEST_BYTES = 32
_NONCE_BYTES = 12
_WRAPPED_BYTES = _NONCE_BYTES + KEY_BYTES + 16
_SUBJECT_BYTES = 16
_COUNT_BYTES = 2
_DRAWN_BYTES = _NONCE_BYTES + KEY_BYTES + _NONCE_BYTES
"""Random bytes for a subject's values: their nonce, then the data key, then the nonce of its wrapping."""


class KeyMismatch(Exception):
    """A stored key or value does not open: the master key is another one, or the stored bytes were changed."""


@dataclass(frozen=True, slots=True)
class SealedValues:
    """A subject's values in one record: an element of `audit.record.disclosures`.

    Its bytes are those of the subject, how many digests there are (two bytes, big-endian), `digests`, `wrapped` and
    `sealed`. `digests`: the raw SHA-256 of each disclosure, one after the other. `wrapped`: the data key under the
    master key. `sealed`: under the data key, the salts in the order of the digests and then the JSON array of the
    values.
    """

    subject: UUID
    digests: bytes
    wrapped: bytes
    sealed: bytes

    @classmethod
    def parse(cls, stored: bytes) -> SealedValues:
        """Read what `KeyRing.seal` wrote. What was changed or cut short fails to open, or has other digests."""
        begin = _SUBJECT_BYTES + _COUNT_BYTES
        end = begin + DIGEST_BYTES * int.from_bytes(stored[_SUBJECT_BYTES:begin])
        return cls(
            subject=UUID(bytes=stored[:_SUBJECT_BYTES].ljust(_SUBJECT_BYTES, b"\0")),
            digests=stored[begin:end],
            wrapped=stored[end : end + _WRAPPED_BYTES],
            sealed=stored[end + _WRAPPED_BYTES :],
        )

    def open(self, cipher: AESGCM) -> dict[bytes, tuple[bytes, Any]]:
        """Decrypt with the data key: salt and value, by digest.

        Raises:
            KeyMismatch: it was changed, or stored under another key or other digests.
        """
        digests = split_digests(self.digests)
        try:
            secret = cipher.decrypt(self.sealed[:_NONCE_BYTES], self.sealed[_NONCE_BYTES:], self.digests)
            values = orjson.loads(secret[SALT_BYTES * len(digests) :])
        except (InvalidTag, ValueError) as error:
            raise KeyMismatch(
                "a stored value does not open under its subject's key: restore it from a backup"
            ) from error
        salts = (secret[at : at + SALT_BYTES] for at in range(0, SALT_BYTES * len(digests), SALT_BYTES))
        return dict(zip(digests, zip(salts, values, strict=True), strict=True))


def split_digests(digests: bytes) -> list[bytes]:
    """Cut the stored digests of a subject's values into single ones."""
    return [digests[at : at + DIGEST_BYTES] for at in range(0, len(digests), DIGEST_BYTES)]


@dataclass(slots=True)
class KeyRing:
    """The fresh data keys of one append: one for each subject."""

    org_id: UUID
    _master: AESGCM
    _made: dict[UUID, tuple[bytes, AESGCM]] = field(default_factory=dict)

    def seal(self, disclosures: Sequence[Disclosure]) -> list[bytes]:
        """Encrypt what a record's digests stand for, each subject's under its own key: what `SealedValues` reads."""
        of_subjects: dict[UUID, list[Disclosure]] = {}
        for each in disclosures:
            of_subjects.setdefault(each.subject, []).append(each)
        # One draw for all of a record: each is a call into the kernel.
        drawn = urandom(_DRAWN_BYTES * len(of_subjects))
        return [
            self._seal(subject, values, drawn[_DRAWN_BYTES * at : _DRAWN_BYTES * (at + 1)])
            for at, (subject, values) in enumerate(of_subjects.items())
        ]

    def _seal(self, subject: UUID, values: Sequence[Disclosure], drawn: bytes) -> bytes:
        nonce, digests = drawn[:_NONCE_BYTES], b"".join([each.digest for each in values])
        wrapped, cipher = self._made.get(subject) or self._make(subject, drawn[_NONCE_BYTES:])
        secret = b"".join([each.salt for each in values]) + encode_plain([each.value for each in values])
        count = len(values).to_bytes(_COUNT_BYTES)
        return b"".join((subject.bytes, count, digests, wrapped, nonce, cipher.encrypt(nonce, secret, digests)))

    def _make(self, subject: UUID, drawn: bytes) -> tuple[bytes, AESGCM]:
        data_key, nonce = drawn[:KEY_BYTES], drawn[KEY_BYTES:]
        wrapped = nonce + self._master.encrypt(nonce, data_key, _wrapping(self.org_id, subject))
        made = self._made[subject] = wrapped, AESGCM(data_key)
        return made


class MasterKey:
    """The key that wraps all others. Hold it apart from the database and from its backups."""

    def __init__(self, key: bytes) -> None:
        """Take 32 random bytes.

        Raises:
            ValueError: the key has another length.
        """
        if len(key) != KEY_BYTES:
            raise ValueError(f"the master key has `{len(key)}` bytes: give {KEY_BYTES}")
        self._cipher = AESGCM(_derive(key, b"texting audit: wrap data keys"))
        self._pseudonyms = _derive(key, b"texting audit: pseudonyms")
        self._others = _derive(key, b"texting audit: other purposes")

    def derived(self, purpose: bytes) -> bytes:
        """Derive a key of 32 bytes for a purpose outside the log."""
        return _derive(self._others, purpose)

    def ring(self, org_id: UUID) -> KeyRing:
        """Begin the keys of one append."""
        return KeyRing(org_id, self._cipher)

    def unwrap(self, org_id: UUID, subject: UUID, wrapped: bytes) -> AESGCM:
        """Open a stored data key.

        Raises:
            KeyMismatch: it was wrapped by another master key or for somebody else, or changed.
        """
        nonce, sealed = wrapped[:_NONCE_BYTES], wrapped[_NONCE_BYTES:]
        try:
            return AESGCM(self._cipher.decrypt(nonce, sealed, _wrapping(org_id, subject)))
        except (InvalidTag, ValueError) as error:
            raise KeyMismatch(
                f"the key of subject `{subject}` does not open: give the master key it was made with"
            ) from error

    def pseudonym(self, org_id: UUID, value: str) -> UUID:
        """Give the subject id of something that has none, such as an outsider's number: always the same."""
        digest = hmac.digest(self._pseudonyms, org_id.bytes + value.encode(), "sha256")
        return UUID(bytes=digest[:16], version=4)


def _wrapping(org_id: UUID, subject: UUID) -> bytes:
    return org_id.bytes + subject.bytes


def _derive(key: bytes, purpose: bytes) -> bytes:
    """Derive an independent key for one purpose (HKDF-Expand, RFC 5869 §2.3, one block)."""
    return hmac.digest(key, purpose + b"\x01", hashlib.sha256)
