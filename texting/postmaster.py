"""A running PostgreSQL server as its data directory tells of it: found, recognised, awaited, stopped.

The server may be our child, or one that an earlier process of ours left behind when it was killed.
"""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

PID_FILE = "postmaster.pid"
_POLL_S = 0.02
"""How often the state of the server is looked at while it starts or stops."""

_PROC = Path("/proc")
_STATUS_LINE = 7
_READY = "ready"


@dataclass(frozen=True, slots=True, kw_only=True)
class Postmaster:
    """The server's main process: its process id, the data directory it serves, and our handle if it is our child."""

    pid: int
    data: Path
    child: subprocess.Popen[bytes] | None = None

    def is_ready(self) -> bool:
        """Say whether the server accepts connections, by the status line of its pid file."""
        lines = _pid_file_lines(self.data)
        return len(lines) > _STATUS_LINE and lines[0] == str(self.pid) and lines[_STATUS_LINE].strip() == _READY

    def is_alive(self) -> bool:
        """Say whether that process runs and serves this very directory; a reused process id does not count."""
        if self.child is not None:
            return self.child.poll() is None
        return _serves(_command_line(self.pid), self.data)

    def wait_ready(self, seconds: float) -> bool:
        """Wait until the server accepts connections; `False` when it ended or the time is over."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if self.is_ready():
                return True
            if not self.is_alive():
                return False
            time.sleep(_POLL_S)
        return False

    def stop(self, seconds: float) -> bool:
        """Stop cleanly (sessions are ended, everything is written); after `seconds` without a last checkpoint.

        Either way nothing committed is lost. Answers whether the stop was clean.
        """
        for how in (signal.SIGINT, signal.SIGQUIT):
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, how)
            if self._wait_gone(seconds):
                return how is signal.SIGINT
        return False

    def _wait_gone(self, seconds: float) -> bool:
        deadline = time.monotonic() + seconds
        while self.is_alive():
            if time.monotonic() > deadline:
                return False
            time.sleep(_POLL_S)
        return True


def mark(data: Path) -> str:
    """Name the cluster after its directory's device and inode.

    Every process of the server shows its cluster's name in its command line, which anyone may read; its working
    directory would need rights that root in a container does not have.
    """
    status = data.stat()
    return f"texting-{status.st_dev}-{status.st_ino}"


def running(data: Path) -> Postmaster | None:
    """Find the live server of a data directory; a pid file left by a dead server, or whose id is reused, is none."""
    lines = _pid_file_lines(data)
    if not lines or not lines[0].strip().isdigit():
        return None
    found = Postmaster(pid=int(lines[0]), data=data)
    return found if found.is_alive() else None


def clear_stale(data: Path, seconds: float) -> bool:
    """Remove a dead server's pid file once none of its processes is left; `False` when some are after `seconds`.

    PostgreSQL itself refuses to start when the id in the file belongs to any process of the same account.
    """
    deadline = time.monotonic() + seconds
    while _processes_of(data):
        if time.monotonic() > deadline:
            return False
        time.sleep(_POLL_S)
    (data / PID_FILE).unlink(missing_ok=True)
    return True


def _pid_file_lines(data: Path) -> list[str]:
    try:
        return (data / PID_FILE).read_text().splitlines()
    except FileNotFoundError:
        return []


def _serves(command_line: str, data: Path) -> bool:
    return re.search(rf"{re.escape(mark(data))}(?!\d)", command_line) is not None


def _command_line(pid: int) -> str:
    """Read a process's command line; it is empty for one that ended and nobody has waited for yet."""
    if _PROC.joinpath("self").exists():
        try:
            return _PROC.joinpath(str(pid), "cmdline").read_bytes().decode(errors="replace")
        except OSError:
            return ""
    return _ps("-p", str(pid), "-o", "args=")


def _processes_of(data: Path) -> list[int]:
    if _PROC.joinpath("self").exists():
        pids = [int(path.name) for path in _PROC.iterdir() if path.name.isdigit()]
        return [pid for pid in pids if _serves(_command_line(pid), data)]
    return [int(line.split()[0]) for line in _ps("-axo", "pid=,args=").splitlines() if _serves(line, data)]


def _ps(*arguments: str) -> str:
    return subprocess.run(["ps", *arguments], capture_output=True, text=True, check=False).stdout  # noqa: S607
