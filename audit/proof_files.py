"""Inclusion proofs as files (C2SP tlog-proof, the draft of commit 0065ea5): index, hashes, the signed checkpoint."""

from __future__ import annotations

import binascii
from base64 import b64decode, b64encode
from collections.abc import Sequence
from dataclasses import dataclass

from audit.checkpoint import Checkpoint, parse_checkpoint
from audit.merkle import HASH_BYTES, check_inclusion
from audit.notes import Note, NoteError, Verifier

HEADER = "c2sp.org/tlog-proof@v1"
_INDEX = "index "
_EXTRA = "extra "


@dataclass(frozen=True, slots=True, kw_only=True)
class ProofFile:
    """That a leaf is at `index` of the tree that `note` signs; the leaf itself is told elsewhere."""

    index: int
    hashes: tuple[bytes, ...]
    note: bytes

    def __str__(self) -> str:
        """Write the file."""
        lines = [HEADER, f"{_INDEX}{self.index}", *(b64encode(hash).decode() for hash in self.hashes), ""]
        return "\n".join(lines) + "\n" + self.note.decode()

    def check(self, leaf: bytes, verifiers: Sequence[Verifier]) -> tuple[Checkpoint, Note]:
        """Check it for a leaf hash; give the checkpoint.

        Raises:
            NoteError, ProofError: it does not hold.
        """
        checkpoint, note = parse_checkpoint(self.note)
        note.require(verifiers)
        check_inclusion(leaf=leaf, index=self.index, size=checkpoint.size, proof=self.hashes, root=checkpoint.root)
        return checkpoint, note


def parse_proof(text: str) -> ProofFile:
    """Read a proof file; an `extra` line means nothing to us.

    Raises:
        NoteError: it is none.
    """
    head, separator, note = text.partition("\n\n")
    lines = head.split("\n")
    if lines[:1] != [HEADER] or not separator:
        raise NoteError(f"this is no proof: it begins with `{HEADER}`")
    rest = lines[2:] if len(lines) > 1 and lines[1].startswith(_EXTRA) else lines[1:]
    if not rest or not rest[0].startswith(_INDEX) or not rest[0].removeprefix(_INDEX).isdecimal():
        raise NoteError("the proof names no index")
    try:
        hashes = tuple(b64decode(line, validate=True) for line in rest[1:])
    except (binascii.Error, ValueError) as error:
        raise NoteError("a hash of the proof is not base64") from error
    if any(len(hash) != HASH_BYTES for hash in hashes):
        raise NoteError(f"a hash of the proof has not {HASH_BYTES} bytes")
    return ProofFile(index=int(rest[0].removeprefix(_INDEX)), hashes=hashes, note=note.encode())
