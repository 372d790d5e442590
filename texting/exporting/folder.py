"""The files of exports: each for the owner of the data directory alone, whole or not there, and removed after a day."""

from __future__ import annotations

import contextlib
import os
import secrets
from typing import IO, TYPE_CHECKING

from core.storage.exports import FILE_LIFE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from pathlib import Path
    from uuid import UUID

FOLDER = "exports"
"""Inside the data directory."""


class Folder:
    """The directory of the files. Workers and servers that share it share the exports."""

    def __init__(self, data_dir: Path) -> None:
        """Name it; it is made with the first file."""
        self._path = data_dir / FOLDER

    def path(self, export_id: UUID, format: str) -> Path:
        """Give where the file of an export is, or will be."""
        return self._path / f"{export_id}.{format.lower()}"

    @contextlib.contextmanager
    def fresh(self, export_id: UUID, format: str) -> Iterator[IO[bytes]]:
        """Open a file to be written and read; it gets the export's name when the block ends, and is gone if it fails.

        Raises `OSError`.
        """
        self._path.mkdir(mode=0o700, exist_ok=True)
        part = self._path / f".{export_id}.{secrets.token_hex(4)}.part"
        try:
            descriptor = os.open(part, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
            with os.fdopen(descriptor, "w+b") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            part.replace(self.path(export_id, format))
        finally:
            part.unlink(missing_ok=True)

    def sweep(self, now: datetime) -> int:
        """Remove what is older than a day, and what a worker that died left; give how many files."""
        removed, oldest = 0, (now - FILE_LIFE).timestamp()
        if not self._path.is_dir():
            return 0
        for each in self._path.iterdir():
            # Another worker sweeps too.
            with contextlib.suppress(FileNotFoundError):
                if each.stat().st_mtime <= oldest:
                    each.unlink()
                    removed += 1
        return removed
