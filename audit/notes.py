"""Signed notes (C2SP signed-note): a text, and under it a line for each signature.

A note is the text, an empty line, and lines `— <key name> <base64(key id ‖ signature)>`. Keys are Ed25519. A log signs
the text itself (algorithm 1); a witness cosigns it together with a time (algorithm 4, C2SP tlog-cosignature).
"""

from __future__ import annotations

import binascii
import re
from base64 import b64decode, b64encode
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

ED25519 = 1
COSIGNATURE = 4
KEY_ID_BYTES = 4
SIGNATURE_BYTES = 64
_TIME_BYTES = 8
_MARK = "\N{EM DASH} "
_NAME = re.compile(r"[^\s+\x00-\x1f]{1,200}")


class NoteError(ValueError):
    """The note is not one, or no signature of the key that was asked for holds."""


class UnknownSigner(NoteError):
    """None of the keys that were given signed the note."""

    def __init__(self, note: Note) -> None:
        super().__init__("no signature of a key that was given: ask for the log's verifier key")
        self.signed_by = note.signers()


class NoteSigner(Protocol):
    """What signs notes: a key in a file, or an outside signer that keeps the key to itself."""

    @property
    def verifier(self) -> Verifier:
        """The public half."""

    async def sign(self, text: bytes) -> bytes:
        """Give what stands in the note behind the key id; the same text gives the same bytes (RFC 8032 §5.1.6)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verifier:
    """A public key under a name. `algorithm`: 1 for a log, 4 for a witness; `key`: 32 bytes."""

    name: str
    algorithm: int
    key: bytes

    @classmethod
    def parse(cls, text: str) -> Verifier:
        """Read a verifier key, `<name>+<hex key id>+<base64(algorithm ‖ key)>`.

        Raises:
            NoteError: it is none, of an algorithm that is not known, or its key id is not that of its key.
        """
        name, _, rest = text.strip().partition("+")
        key_id, _, data = rest.partition("+")
        try:
            raw = b64decode(data, validate=True)
            found = cls(name=name, algorithm=raw[0], key=raw[1:])
            if found.algorithm in (ED25519, COSIGNATURE):
                Ed25519PublicKey.from_public_bytes(found.key)
        except (binascii.Error, ValueError, IndexError) as error:
            raise NoteError(f"`{text[:80]}` is no verifier key: give <name>+<key id>+<key>") from error
        if found.algorithm not in (ED25519, COSIGNATURE):
            raise NoteError(
                f"`{text[:80]}` is a key of algorithm `{found.algorithm}`, which is not known here: "
                f"give one of algorithm {ED25519} (Ed25519) or {COSIGNATURE} (cosignature/v1)"
            )
        if not _NAME.fullmatch(name) or found.key_id.hex() != key_id:
            raise NoteError(f"`{text[:80]}` is no verifier key: its key id is not that of its key")
        return found

    @property
    def key_id(self) -> bytes:
        """The first four bytes of SHA-256 over name, newline, algorithm and key."""
        return sha256(self.name.encode() + b"\n" + bytes([self.algorithm]) + self.key).digest()[:KEY_ID_BYTES]

    def __str__(self) -> str:
        """Write it as `parse` reads it."""
        return f"{self.name}+{self.key_id.hex()}+{b64encode(bytes([self.algorithm]) + self.key).decode()}"

    def holds(self, text: bytes, signature: bytes) -> bool:
        """Say whether a signature line's bytes, the key id apart, sign the text."""
        signed = text
        if self.algorithm == COSIGNATURE:
            if len(signature) != _TIME_BYTES + SIGNATURE_BYTES:
                return False
            signed = cosigned(text, cosigned_at(signature))
            signature = signature[_TIME_BYTES:]
        try:
            Ed25519PublicKey.from_public_bytes(self.key).verify(signature, signed)
        except InvalidSignature:
            return False
        return True


@dataclass(frozen=True, slots=True)
class KeySigner:
    """A signer whose key is here."""

    name: str
    private: Ed25519PrivateKey

    @property
    def verifier(self) -> Verifier:
        """The public half."""
        return Verifier(name=self.name, algorithm=ED25519, key=self.private.public_key().public_bytes_raw())

    async def sign(self, text: bytes) -> bytes:
        """Sign the text."""
        return self.private.sign(text)


@dataclass(frozen=True, slots=True)
class ClockSigner:
    """A signer that says when: a cosignature by the log itself (algorithm 4), so that the time of a seal is signed."""

    name: str
    private: Ed25519PrivateKey
    time_s: int

    @property
    def verifier(self) -> Verifier:
        """The public half."""
        return Verifier(name=self.name, algorithm=COSIGNATURE, key=self.private.public_key().public_bytes_raw())

    async def sign(self, text: bytes) -> bytes:
        """Sign the text with the time before it; give time and signature."""
        signature = self.private.sign(cosigned(text, self.time_s))
        return self.time_s.to_bytes(_TIME_BYTES, "big") + signature


@dataclass(frozen=True, slots=True)
class Signature:
    """One line under a note: `data` is what follows the key id."""

    name: str
    key_id: bytes
    data: bytes

    def __str__(self) -> str:
        """Write the line, its newline included."""
        return f"{_MARK}{self.name} {b64encode(self.key_id + self.data).decode()}\n"


@dataclass(frozen=True, slots=True)
class Note:
    """A parsed note. `text` ends with a newline."""

    text: bytes
    signatures: tuple[Signature, ...]

    def __bytes__(self) -> bytes:
        """Write the note."""
        return self.text + b"\n" + "".join(map(str, self.signatures)).encode()

    def signed_by(self, verifier: Verifier) -> Signature | None:
        """Give the line of that key whose signature holds; a line of that key that does not hold is an error.

        Raises:
            NoteError: a line claims to be that key's and is not.
        """
        for line in self.signatures:
            if line.name == verifier.name and line.key_id == verifier.key_id:
                if not verifier.holds(self.text, line.data):
                    raise NoteError(f"the signature of `{verifier.name}` does not hold: the note was changed")
                return line
        return None

    def require(self, verifiers: Iterable[Verifier]) -> Signature:
        """Give a line of any of these keys.

        Raises:
            NoteError: one of them is there and does not hold; `UnknownSigner` when none of them signed it.
        """
        for verifier in verifiers:
            if (line := self.signed_by(verifier)) is not None:
                return line
        raise UnknownSigner(self)

    def signers(self) -> list[str]:
        """Name who signed, as verifier keys begin: the name, `+`, and the key id in hexadecimal."""
        return [f"{line.name}+{line.key_id.hex()}" for line in self.signatures]


async def sign_note(text: bytes, signers: Sequence[NoteSigner]) -> Note:
    """Sign a text with every key, in order."""
    lines = []
    for signer in signers:
        verifier = signer.verifier
        lines.append(Signature(verifier.name, verifier.key_id, await signer.sign(text)))
    return Note(text, tuple(lines))


def parse_note(data: bytes) -> Note:
    """Read a note.

    Raises:
        NoteError: it is not UTF-8, has no empty line, or a line under it is no signature.
    """
    try:
        whole = data.decode()
    except UnicodeDecodeError as error:
        raise NoteError("the note is not UTF-8") from error
    text, separator, lines = whole.rpartition("\n\n")
    if not separator or not lines.endswith("\n"):
        raise NoteError("the note has no signatures: a line of its own separates them from the text")
    return Note((text + "\n").encode(), tuple(parse_signature(line) for line in lines[:-1].split("\n")))


def parse_signature(line: str) -> Signature:
    """Read one signature line, its newline apart.

    Raises:
        NoteError: it is none.
    """
    name, _, data = line.removeprefix(_MARK).partition(" ")
    try:
        raw = b64decode(data, validate=True)
    except (binascii.Error, ValueError) as error:
        raise NoteError(f"`{line[:80]}` is no signature line") from error
    if not line.startswith(_MARK) or not _NAME.fullmatch(name) or len(raw) <= KEY_ID_BYTES:
        raise NoteError(f"`{line[:80]}` is no signature line")
    return Signature(name, raw[:KEY_ID_BYTES], raw[KEY_ID_BYTES:])


def cosigned(text: bytes, time_s: int) -> bytes:
    """What a witness signs: a header, the time, the checkpoint (C2SP tlog-cosignature)."""
    return f"cosignature/v1\ntime {time_s}\n".encode() + text


def cosigned_at(signature: bytes) -> int:
    """Read the time of a cosignature, seconds since 1970."""
    return int.from_bytes(signature[:_TIME_BYTES], "big")
