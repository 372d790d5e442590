"""The embedded PostgreSQL: a real server, from the programs in a wheel, in the data directory, behind a Unix socket.

The data directory gets `postgres/` (the cluster, owned by the account that runs it), `postgres.log`, and two locks.
Every process that uses the server holds `postgres.users` shared; the last one out stops it. Locks end with their
process: after a `kill -9` the server goes on, the next start takes it over, and the next clean exit stops it.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

from texting import cluster, data_dir, postmaster, reach
from texting.postgres_account import account
from texting.startup_error import StartupError

if TYPE_CHECKING:
    from contextlib import AbstractContextManager
    from pathlib import Path
    from types import TracebackType
    from typing import BinaryIO

PORT = 5432
"""Only the last part of the socket's name; nothing listens on a network."""

START_TIMEOUT_S = 120.0
"""A start takes a fraction of a second, but replaying the log after a crash takes what it takes."""

STOP_TIMEOUT_S = 30.0
"""How long ending the sessions and the last checkpoint may take; then the server is stopped without a checkpoint."""

LOCK_TIMEOUT_S = 150.0
"""How long to wait for another process of ours that starts or stops the same server."""

LOG_LIMIT_BYTES = 16 * 1024 * 1024
"""A log larger than this becomes `postgres.log.1` at the next start."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Addresses:
    """Where the database is, as PostgreSQL URLs: `admin` may do everything (migrations), `login` serves."""

    admin: str
    login: str


class Server:
    """The server of one data directory: a context manager, sync and async, that gives its addresses.

    `durable=False` skips flushing to disk: for tests, never for data that anyone wants to keep.

    Raises:
        StartupError: on entry, with the one sentence that says what to do.
    """

    def __init__(self, folder: Path, *, durable: bool = True) -> None:
        self._root = folder.expanduser().absolute()
        self._data = self._root / "postgres"
        self._log = self._root / "postgres.log"
        self._durable = durable
        self._child: subprocess.Popen[bytes] | None = None
        self._opened: int | None = None
        self._membership: data_dir.Membership | None = None

    def __enter__(self) -> Addresses:
        """Start the server, or join the running one."""
        data_dir.make(self._root)
        try:
            with self._alone():
                self._membership = data_dir.Membership(self._root / "postgres.users")
                cluster.ensure(self._data)
                self._ensure_running()
                addresses = self._addresses()
                asyncio.run(cluster.ensure_database(addresses.admin))
        except BaseException:
            self._leave()
            raise
        return addresses

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop the server, unless another process uses it."""
        self._leave()

    async def __aenter__(self) -> Addresses:
        """Start the server, or join the running one."""
        return await asyncio.to_thread(self.__enter__)

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop the server, unless another process uses it."""
        await asyncio.to_thread(self._leave)

    def _leave(self) -> None:
        if self._membership is None:
            return
        with self._alone():
            if self._membership.is_last() and (found := self._found()):
                found.stop(STOP_TIMEOUT_S)
            self._membership.leave()
            self._membership = None
        if self._opened is not None:
            os.close(self._opened)
            self._opened = None

    def _found(self) -> postmaster.Postmaster | None:
        if self._child is not None and self._child.poll() is None:
            # Also one that we interrupt before it has written its pid file.
            return postmaster.Postmaster(pid=self._child.pid, data=self._data, child=self._child)
        return postmaster.running(self._data)

    def _alone(self) -> AbstractContextManager[None]:
        return data_dir.exclusive(self._root / "postgres.start", seconds=LOCK_TIMEOUT_S)

    def _ensure_running(self) -> None:
        found = self._found()
        if found is None:
            if not postmaster.clear_stale(self._data, STOP_TIMEOUT_S):
                raise StartupError(
                    f"an earlier database in `{self._root}` does not end: stop its processes and try again"
                )
            self._start()
            found = self._found()
        if found is not None and found.wait_ready(START_TIMEOUT_S):
            return
        if found is not None and found.is_alive():
            raise StartupError(
                f"the database in `{self._root}` is not ready after {START_TIMEOUT_S:.0f} s: see `{self._log}`"
            )
        raise StartupError(f"the database in `{self._root}` did not start (`{self._complaint()}`): see `{self._log}`")

    def _start(self) -> None:
        cluster.write_access_rules(self._data)
        if self._log.exists() and self._log.stat().st_size > LOG_LIMIT_BYTES:
            self._log.rename(self._log.with_name("postgres.log.1"))
        with reach.descriptor(self._data) as opened, _append(self._log) as log:
            seen = cluster.seen_by_server(self._data, opened)
            self._child = subprocess.Popen(
                [account().programs / "postgres", "-D", seen, *self._settings(seen)],
                cwd="/",
                env=cluster.ENVIRONMENT,
                pass_fds=(opened,),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                # Ctrl-C in the terminal is for us; we stop the server after the last request.
                start_new_session=True,
                umask=0o077,
                **account().server,
            )

    def _settings(self, socket_folder: str) -> list[str]:
        settings = {
            "listen_addresses": "",
            "port": str(PORT),
            "unix_socket_directories": socket_folder,
            "cluster_name": postmaster.mark(self._data),
            "timezone": "UTC",
            "log_timezone": "UTC",
            "jit": "off",
        }
        if not self._durable:
            settings |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
        return [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]

    def _addresses(self) -> Addresses:
        host = str(self._data)
        if not reach.fits_socket(self._data):
            self._opened = reach.open_folder(self._data)
            host = reach.path_through(self._opened, self._data)
        at = f"/{cluster.DATABASE}?host={quote(host, safe='/')}&port={PORT}"
        return Addresses(
            admin=f"postgresql://{cluster.ADMIN_ROLE}@{at}", login=f"postgresql://{cluster.LOGIN_ROLE}@{at}"
        )

    def _complaint(self) -> str:
        lines = self._log.read_text(errors="replace").splitlines()
        told = [line for line in lines if "FATAL:" in line or "PANIC:" in line]
        return told[-1].partition(":  ")[2] if told else "no reason given"


def _append(path: Path) -> BinaryIO:
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600), "ab")
