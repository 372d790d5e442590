"""The data directory and its locks."""

from __future__ import annotations

import contextlib
import fcntl
import os
import time
from typing import TYPE_CHECKING

from texting.startup_error import StartupError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_POLL_S = 0.02


def make(folder: Path) -> None:
    """Make the data directory, for its owner alone, and see that files can be made in it.

    Raises:
        StartupError: they cannot.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        # Asked of the file system, not of permission bits: root may write where a read-only mount may not.
        probe = folder / f".probe-{os.getpid()}"
        probe.touch(mode=0o600)
        probe.unlink()
    except OSError as error:
        raise StartupError(
            f"the data directory `{folder}` cannot be written (`{error.strerror}`): choose another with --data-dir"
        ) from error


@contextlib.contextmanager
def exclusive(path: Path, *, seconds: float) -> Iterator[None]:
    """Hold a file's lock alone; it is released when the block or the process ends.

    Raises:
        StartupError: another process holds it for longer than `seconds`.
    """
    descriptor = open_lock(path)
    try:
        deadline = time.monotonic() + seconds
        while not _locked(descriptor, fcntl.LOCK_EX):
            if time.monotonic() > deadline:
                raise StartupError(
                    f"another process holds `{path}` for more than {seconds:.0f} s: stop it and try again"
                )
            time.sleep(_POLL_S)
        yield
    finally:
        os.close(descriptor)


class Membership:
    """A shared lock on a file: every process that uses a thing holds it, and the last one can know that it is."""

    def __init__(self, path: Path) -> None:
        self._descriptor = open_lock(path)
        fcntl.flock(self._descriptor, fcntl.LOCK_SH)

    def is_last(self) -> bool:
        """Say whether no other process is a member; call it where none can become one meanwhile."""
        return _locked(self._descriptor, fcntl.LOCK_EX)

    def leave(self) -> None:
        """End the membership."""
        os.close(self._descriptor)


def open_lock(path: Path) -> int:
    """Open a file to lock; no child of this process inherits it.

    Raises:
        StartupError: it cannot be opened.
    """
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise StartupError(
            f"`{path}` cannot be opened (`{error.strerror}`): run as the owner of the data directory"
        ) from error


def _locked(descriptor: int, how: int) -> bool:
    try:
        fcntl.flock(descriptor, how | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
