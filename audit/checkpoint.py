"""Checkpoints (C2SP tlog-checkpoint): what a log's tree was at some size, as the text of a note."""

from __future__ import annotations

import binascii
import re
from base64 import b64decode, b64encode
from dataclasses import dataclass

from audit.merkle import HASH_BYTES
from audit.notes import Note, NoteError, parse_note

_SIZE = re.compile(r"0|[1-9][0-9]{0,18}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """A tree of `size` leaves with `root`, in the log named `origin`."""

    origin: str
    size: int
    root: bytes

    def text(self) -> bytes:
        """Write the three lines."""
        return f"{self.origin}\n{self.size}\n{b64encode(self.root).decode()}\n".encode()


def parse_text(text: bytes) -> Checkpoint:
    """Read the text of a note.

    Raises:
        NoteError: it is no checkpoint.
    """
    lines = text.decode().split("\n")
    try:
        origin, size, root = lines[0], lines[1], b64decode(lines[2], validate=True)
    except (IndexError, binascii.Error, ValueError) as error:
        raise NoteError("the note is no checkpoint: it needs an origin, a size and a root") from error
    if not origin or not _SIZE.fullmatch(size) or len(root) != HASH_BYTES:
        raise NoteError("the note is no checkpoint: it needs an origin, a size and a root of 32 bytes")
    return Checkpoint(origin=origin, size=int(size), root=root)


def parse_checkpoint(data: bytes) -> tuple[Checkpoint, Note]:
    """Read a signed checkpoint; its signatures are not checked.

    Raises:
        NoteError: it is none.
    """
    note = parse_note(data)
    return parse_text(note.text), note
