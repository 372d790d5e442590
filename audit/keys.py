"""Keys of subjects: what a person's values are encrypted under, and what is destroyed to erase them.

Every append draws a fresh data key for each subject it names, stored wrapped by the master key. Keys are never shared
between transactions, so writers wait for nobody, and a key that was destroyed cannot come back from a cache.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass, field
from uuid import UUID, uuid4

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from audit.canonical import encode_plain
from audit.disclosure import SALT_BYTES, Disclosure

KEY_BYTES = 32
_NONCE_BYTES = 12


class KeyMismatch(Exception):
    """A stored key or value does not open: the master key is another one, or the stored bytes were changed."""


@dataclass(frozen=True, slots=True)
class WrappedKey:
    """A data key as stored: its id, whose it is, and the key under the master key."""

    id: UUID
    subject: UUID
    wrapped: bytes


@dataclass(slots=True)
class KeyRing:
    """The fresh data keys of one append: one for each subject."""

    org_id: UUID
    _master: AESGCM
    _made: dict[UUID, tuple[WrappedKey, AESGCM]] = field(default_factory=dict)

    def seal(self, disclosure: Disclosure) -> tuple[UUID, bytes]:
        """Encrypt salt and value under the subject's key; give the key's id and the bytes to store."""
        key, cipher = self._made.get(disclosure.subject) or self._make(disclosure.subject)
        nonce = secrets.token_bytes(_NONCE_BYTES)
        secret = disclosure.salt + encode_plain(disclosure.value)
        return key.id, nonce + cipher.encrypt(nonce, secret, disclosure.digest)

    @property
    def keys(self) -> list[WrappedKey]:
        """What has to be stored."""
        return [key for key, _ in self._made.values()]

    def _make(self, subject: UUID) -> tuple[WrappedKey, AESGCM]:
        data_key, key_id, nonce = secrets.token_bytes(KEY_BYTES), uuid4(), secrets.token_bytes(_NONCE_BYTES)
        wrapped = nonce + self._master.encrypt(nonce, data_key, _wrapping(self.org_id, subject, key_id))
        made = self._made[subject] = WrappedKey(key_id, subject, wrapped), AESGCM(data_key)
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

    def unwrap(self, org_id: UUID, key: WrappedKey) -> AESGCM:
        """Open a stored data key.

        Raises:
            KeyMismatch: it was wrapped by another master key, or changed.
        """
        nonce, sealed = key.wrapped[:_NONCE_BYTES], key.wrapped[_NONCE_BYTES:]
        try:
            return AESGCM(self._cipher.decrypt(nonce, sealed, _wrapping(org_id, key.subject, key.id)))
        except (InvalidTag, ValueError) as error:
            raise KeyMismatch(f"key `{key.id}` does not open: give the master key it was made with") from error

    def pseudonym(self, org_id: UUID, value: str) -> UUID:
        """Give the subject id of something that has none, such as an outsider's number: always the same."""
        digest = hmac.digest(self._pseudonyms, org_id.bytes + value.encode(), "sha256")
        return UUID(bytes=digest[:16], version=4)


def open_sealed(cipher: AESGCM, digest: bytes, sealed: bytes) -> tuple[bytes, object]:
    """Decrypt a stored disclosure: its salt and value.

    Raises:
        KeyMismatch: it was changed, or stored under another key or digest.
    """
    try:
        secret = cipher.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], digest)
        return secret[:SALT_BYTES], orjson.loads(secret[SALT_BYTES:])
    except (InvalidTag, ValueError) as error:
        raise KeyMismatch("a stored value does not open under its subject's key: restore it from a backup") from error


def _wrapping(org_id: UUID, subject: UUID, key_id: UUID) -> bytes:
    return org_id.bytes + subject.bytes + key_id.bytes


def _derive(key: bytes, purpose: bytes) -> bytes:
    """Derive an independent key for one purpose (HKDF-Expand, RFC 5869 §2.3, one block)."""
    return hmac.digest(key, purpose + b"\x01", hashlib.sha256)
