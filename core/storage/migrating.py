"""Bring a database to the newest revision, or say where it stands."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

_LOCK = 0x7465787469  # "texti": one migrating process at a time


class DatabaseTooNew(Exception):
    """The database stands at a revision this program does not know: run the newer program, or restore a backup."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """Where a database stands and where this program wants it."""

    current: str | None
    head: str

    @property
    def is_current(self) -> bool:
        """Say whether nothing is to be done."""
        return self.current == self.head


async def upgrade(dsn: str, migrations: Path) -> Revision:
    """Run what is missing, all in one transaction: a failure leaves the database as it was.

    `dsn` is a `postgresql://` address of a role that may create roles and schemas. Raises `DatabaseTooNew`.
    """
    return await _with_connection(dsn, lambda connection: _upgrade(connection, migrations))


async def revision(dsn: str, migrations: Path) -> Revision:
    """Read where the database stands, changing nothing."""
    return await _with_connection(dsn, lambda connection: _revision(connection, migrations))


async def _with_connection(dsn: str, work: Callable[[Connection], Revision]) -> Revision:
    engine = create_async_engine(dsn.replace("postgresql://", "postgresql+asyncpg://", 1), poolclass=NullPool)
    try:
        async with engine.begin() as connection:
            return await connection.run_sync(work)
    finally:
        await engine.dispose()
        await asyncio.sleep(0)


def _config(migrations: Path) -> Config:
    config = Config()
    config.set_main_option("script_location", str(migrations))
    return config


def _revision(connection: Connection, migrations: Path) -> Revision:
    script = ScriptDirectory.from_config(_config(migrations))
    head = script.get_current_head()
    if head is None:
        raise RuntimeError(f"no migrations in `{migrations}`: the installation is incomplete, install it again")
    current = MigrationContext.configure(connection, opts={"version_table_schema": "public"}).get_current_revision()
    if current is not None and current not in {known.revision for known in script.walk_revisions()}:
        raise DatabaseTooNew(
            f"the database is at revision `{current}`, which this program does not know: "
            "run the newer program that made it, or restore a backup"
        )
    return Revision(current=current, head=head)


def _upgrade(connection: Connection, migrations: Path) -> Revision:
    connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
    before = _revision(connection, migrations)
    if before.is_current:
        return before
    config = _config(migrations)
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
    return _revision(connection, migrations)
