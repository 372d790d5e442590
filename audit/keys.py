"""Keys of subjects: what a person's values are encrypted under, and what is destroyed to erase them.

What a record holds of a subject has a data key of its own, made from the master key and a seed that is drawn for it and
stored beside the values. Without its seed the key is gone, whoever has the master key. Keys are never shared, so
writers wait for nobody, and a key that was destroyed cannot come back from a cache.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
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
SEED_BYTES = 32
_SUBJECT_BYTES = 16
_COUNT_BYTES = 2
_NONCE = bytes(12)
"""Always the same: a data key encrypts once (NIST SP 800-38D §8.2.1 asks for no more)."""


class KeyMismatch(Exception):
    """A stored key or value does not open: the master key is another one, or the stored bytes were changed."""


@dataclass(frozen=True, slots=True)
class SealedValues:
    """A subject's values in one record: an element of `audit.record.disclosures`.

    Its bytes are those of the subject, how many digests there are (two bytes, big-endian), `digests`, `seed` and
    `sealed`. `digests`: the raw SHA-256 of each disclosure, one after the other. `seed`: what the data key is made
    from. `sealed`: under the data key, the salts in the order of the digests and then the JSON array of the values.
    """

    subject: UUID
    digests: bytes
    seed: bytes
    sealed: bytes

    @classmethod
    def parse(cls, stored: bytes) -> SealedValues:
        """Read what `MasterKey.seal` wrote. What was changed or cut short fails to open, or has other digests."""
        begin = _SUBJECT_BYTES + _COUNT_BYTES
        end = begin + DIGEST_BYTES * int.from_bytes(stored[_SUBJECT_BYTES:begin])
        return cls(
            subject=UUID(bytes=stored[:_SUBJECT_BYTES].ljust(_SUBJECT_BYTES, b"\0")),
            digests=stored[begin:end],
            seed=stored[end : end + SEED_BYTES],
            sealed=stored[end + SEED_BYTES :],
        )


def split_digests(digests: bytes) -> list[bytes]:
    """Cut the stored digests of a subject's values into single ones."""
    return [digests[at : at + DIGEST_BYTES] for at in range(0, len(digests), DIGEST_BYTES)]


class MasterKey:
    """The key that all others are made from. Hold it apart from the database and from its backups."""

    def __init__(self, key: bytes) -> None:
        """Take 32 random bytes.

        Raises:
            ValueError: the key has another length.
        """
        if len(key) != KEY_BYTES:
            raise ValueError(f"the master key has `{len(key)}` bytes: give {KEY_BYTES}")
        self._data_keys = _derive(key, b"texting audit: data keys")
        self._pseudonyms = _derive(key, b"texting audit: pseudonyms")
        self._others = _derive(key, b"texting audit: other purposes")

    def derived(self, purpose: bytes) -> bytes:
        """Derive a key of 32 bytes for a purpose outside the log."""
        return _derive(self._others, purpose)

    def seal(self, org_id: UUID, disclosures: Sequence[Disclosure]) -> list[bytes]:
        """Encrypt what a record's digests stand for, each subject's under its own key: what `SealedValues` reads."""
        of_subjects: dict[UUID, list[Disclosure]] = {}
        for each in disclosures:
            of_subjects.setdefault(each.subject, []).append(each)
        # One draw for all of a record: each is a call into the kernel.
        seeds = urandom(SEED_BYTES * len(of_subjects))
        return [
            self._seal(org_id, subject, seeds[SEED_BYTES * at : SEED_BYTES * (at + 1)], values)
            for at, (subject, values) in enumerate(of_subjects.items())
        ]

    def _seal(self, org_id: UUID, subject: UUID, seed: bytes, values: Sequence[Disclosure]) -> bytes:
        digests = b"".join([each.digest for each in values])
        secret = b"".join([each.salt for each in values]) + encode_plain([each.value for each in values])
        sealed = self._cipher(org_id, subject, seed).encrypt(_NONCE, secret, digests)
        return b"".join((subject.bytes, len(values).to_bytes(_COUNT_BYTES), digests, seed, sealed))

    def open(self, org_id: UUID, stored: SealedValues) -> dict[bytes, tuple[bytes, Any]]:
        """Decrypt a subject's values: salt and value, by digest.

        Raises:
            KeyMismatch: they were sealed under another master key, in another organization or for somebody else, or
                they or their digests were changed.
        """
        digests = split_digests(stored.digests)
        try:
            cipher = self._cipher(org_id, stored.subject, stored.seed)
            secret = cipher.decrypt(_NONCE, stored.sealed, stored.digests)
            values = orjson.loads(secret[SALT_BYTES * len(digests) :])
        except (InvalidTag, ValueError) as error:
            raise KeyMismatch(
                f"what is stored of subject `{stored.subject}` does not open: give the master key it was sealed with; "
                "if it was that one, the stored bytes were changed: restore them from a backup"
            ) from error
        salts = (secret[at : at + SALT_BYTES] for at in range(0, SALT_BYTES * len(digests), SALT_BYTES))
        return dict(zip(digests, zip(salts, values, strict=True), strict=True))

    def _cipher(self, org_id: UUID, subject: UUID, seed: bytes) -> AESGCM:
        """Make a data key: keyed BLAKE2b (RFC 7693 §2.9) of whose it is and its seed."""
        return AESGCM(
            hashlib.blake2b(org_id.bytes + subject.bytes + seed, key=self._data_keys, digest_size=KEY_BYTES).digest()
        )

    def pseudonym(self, org_id: UUID, value: str) -> UUID:
        """Give the subject id of something that has none, such as an outsider's number: always the same."""
        digest = hmac.digest(self._pseudonyms, org_id.bytes + value.encode(), "sha256")
        return UUID(bytes=digest[:16], version=4)


def _derive(key: bytes, purpose: bytes) -> bytes:
    """Derive an independent key for one purpose (HKDF-Expand, RFC 5869 §2.3, one block)."""
    return hmac.digest(key, purpose + b"\x01", hashlib.sha256)
