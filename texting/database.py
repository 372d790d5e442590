"""The database this program works on: the embedded one or another, reachable, of a version we know, migrated."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from texting import ROOMS
from texting.embedded import Addresses, Server
from texting.startup_error import StartupError

if TYPE_CHECKING:
    from core.storage.migrating import Revision
    from texting.settings import Settings

OLDEST, NEWEST = 15, 18
"""Major versions of PostgreSQL that are tried; a newer one is used all the same."""

CONNECT_TIMEOUT_S = 10.0
"""How long a database may take to accept a connection."""

MIGRATIONS = ROOMS / "migrations"


@contextlib.contextmanager
def addresses(settings: Settings) -> Iterator[Addresses]:
    """Give the addresses of the configured database, or start the embedded one for as long as the block runs.

    Raises:
        StartupError: the embedded one does not start.
    """
    if settings.database_url is not None:
        yield Addresses(admin=settings.database_url, login=settings.database_url)
        return
    with Server(settings.data_dir) as embedded:
        yield embedded


async def migrate(database: Addresses) -> Revision:
    """Check the database and bring it to the newest revision.

    Raises:
        StartupError: it cannot be reached or used, or stands where this program cannot go on.
    """
    from sqlalchemy.exc import DBAPIError

    from core.storage.migrating import DatabaseTooNew, upgrade

    await check(database)
    try:
        return await upgrade(database.admin, MIGRATIONS)
    except DatabaseTooNew as error:
        raise StartupError(str(error)) from error
    except DBAPIError as error:
        raise StartupError(why_not_migrated(database, error)) from error


async def check(database: Addresses) -> None:
    """Connect once, and read the version. Raises `StartupError`."""
    import asyncpg

    try:
        connection = await asyncpg.connect(database.admin, timeout=CONNECT_TIMEOUT_S)
        try:
            version = connection.get_server_version().major
        finally:
            await connection.close()
    except TimeoutError:
        reason = f"no answer within {CONNECT_TIMEOUT_S:.0f} s"
    except (OSError, ValueError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        reason = _first_line(error)
    else:
        if version < OLDEST:
            raise StartupError(f"the database is PostgreSQL {version}: use {OLDEST} to {NEWEST}")
        return
    raise StartupError(f"the database {_place(database)} cannot be reached ({reason}): check TEXTING_DATABASE_URL")


def why_not_migrated(database: Addresses, error: Exception) -> str:
    """Say what a database refused, and what to do."""
    import asyncpg

    cause = getattr(error, "orig", None) or error
    cause = cause.__cause__ or cause
    match cause:
        case asyncpg.InsufficientPrivilegeError():
            # A dump that somebody else loaded leaves this one table, which is in no schema of ours, with who did.
            lacks = "alembic_version" in str(cause)
            needs = "that table, by ALTER TABLE" if lacks else "the rights to create roles and schemas"
            told = f"the database user may not migrate ({_first_line(cause)})"
            return f"{told}: give the user of TEXTING_DATABASE_URL {needs}"
        case asyncpg.DuplicateObjectError() | asyncpg.DuplicateTableError() | asyncpg.DuplicateSchemaError():
            return (
                f"the database {_place(database)} is half migrated ({_first_line(cause)}): "
                "restore a backup, or start with an empty database"
            )
        case _:
            return (
                f"the database {_place(database)} could not be migrated ({_first_line(cause)}), and is as it was: "
                "restore a backup, or start with an empty database"
            )


def _place(database: Addresses) -> str:
    """Name a database without its password."""
    parts = urlsplit(database.admin)
    try:
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        port = ""
    return f"`{parts.hostname or 'localhost'}{port}{parts.path}`"


def _first_line(error: BaseException) -> str:
    return str(error).partition("\n")[0].strip() or type(error).__name__
