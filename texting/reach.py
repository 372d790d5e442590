"""How the database's account, and its socket's clients, reach a folder of ours.

An open descriptor leads into a folder without any right on the folders above it (`/proc/self/fd/N`), and its path is
short enough for a Unix socket, whose path may have 107 bytes.
"""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import TYPE_CHECKING

from texting.startup_error import StartupError

if TYPE_CHECKING:
    from collections.abc import Iterator

SOCKET_FOLDER_LIMIT = 90
"""Longest path, in bytes, of a folder that holds a socket: 107 less the socket's name."""

_DESCRIPTORS = Path("/proc/self/fd")


def fits_socket(folder: Path) -> bool:
    """Say whether a Unix socket in that folder can be named by its full path."""
    return len(os.fsencode(folder)) <= SOCKET_FOLDER_LIMIT


@contextlib.contextmanager
def descriptor(folder: Path) -> Iterator[int]:
    """Open a folder for as long as the block runs."""
    opened = open_folder(folder)
    try:
        yield opened
    finally:
        os.close(opened)


def open_folder(folder: Path) -> int:
    """Open a folder to reach it by its descriptor."""
    return os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)


def path_through(opened: int, folder: Path) -> str:
    """Give the path that leads into `folder` through its descriptor.

    Raises:
        StartupError: this system has no such paths (only Linux does).
    """
    if not _DESCRIPTORS.exists():
        raise StartupError(
            f"the data directory `{folder.parent}` cannot hold a database here: "
            "choose a shorter path with --data-dir, and do not run as root"
        )
    return str(_DESCRIPTORS / str(opened))
