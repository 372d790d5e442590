"""What every command that works on the data needs: the database, migrated; its pools; the audit log; the keys."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from typing import TypeVar

import asyncpg
import uvloop
from joserfc.jwk import OKPKey

from audit.log import AuditLog
from audit.log_keys import LogKeys
from audit.witness import Witness
from core.commands.transaction import Store
from core.ids import SYSTEM_ORG_ID
from core.rules.policy import Policy
from core.rules.policy_document import PolicyError
from core.storage import policies
from core.storage.database import ROLE_APP, ROLE_WORKER, Told, open_pool, reading
from texting import data_dir, keys
from texting.database import addresses, migrate
from texting.embedded import Addresses
from texting.sealing import parse_witnesses
from texting.settings import Settings
from texting.startup_error import StartupError
from texting.stopping import Stopped, Stopping

WORKER_CONNECTIONS = 12
"""What the dispatcher's texts and events in hand need, and some to spare for upkeep."""

CLOSING_S = 5.0
"""How long connections in use may take to be given back before they are cut."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Secrets:
    """The keys of the data directory, and the witnesses, read before anything is started."""

    tokens: OKPKey
    audit: bytes
    logs: LogKeys
    witnesses: Sequence[Witness]


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """An open program. `store` serves requests and commands; `worker` finds work across organizations.

    `login`: the database's address, for work that opens connections of its own.
    """

    settings: Settings
    secrets: Secrets
    login: str
    store: Store
    worker: Store
    stopping: Stopping


def run(settings: Settings, work: Callable[[Program], Awaitable[T]], told: Told | None = None) -> T:
    """Open everything, do the work, close everything in reverse, whatever signal or error comes.

    `told` hears of every statement of requests.

    Raises:
        StartupError: something cannot be opened.
        Stopped: a signal came, and everything is closed.
    """
    data_dir.make(settings.data_dir)
    secrets = _secrets(settings)
    with Stopping() as stopping, addresses(settings) as database, _runner() as runner:
        return runner.run(_work(settings, secrets, database, stopping, work, told))


def _secrets(settings: Settings) -> Secrets:
    return Secrets(
        tokens=keys.token_key(settings.data_dir),
        audit=keys.audit_key(settings.data_dir),
        logs=keys.log_keys(settings.data_dir),
        witnesses=parse_witnesses(settings.witnesses),
    )


async def _work(
    settings: Settings,
    secrets: Secrets,
    database: Addresses,
    stopping: Stopping,
    work: Callable[[Program], Awaitable[T]],
    told: Told | None,
) -> T:
    task = asyncio.current_task()
    assert task is not None
    log = AuditLog(secrets.audit, product_version=version("business-texting"))
    try:
        with stopping.calling(task.cancel):
            await migrate(database)
            async with (
                _pool(database, settings, ROLE_APP, told) as pool,
                _pool(database, settings, ROLE_WORKER) as workers,
            ):
                policy = await _policy(pool)
                program = Program(
                    settings=settings,
                    secrets=secrets,
                    login=database.login,
                    store=Store(pool=pool, audit=log, policy=policy),
                    worker=Store(pool=workers, audit=log, policy=policy),
                    stopping=stopping,
                )
                return await work(program)
    except asyncio.CancelledError:
        if stopping.is_asked:
            raise Stopped from None
        raise


async def _policy(pool: asyncpg.Pool) -> Policy:
    """Store the program's own policy if it is new, and read the one in force."""
    await policies.seed(pool)
    async with reading(pool, SYSTEM_ORG_ID) as reader:
        try:
            return await policies.load(reader.fetch, datetime.now(UTC))
        except PolicyError as error:
            raise StartupError(str(error)) from error


@contextlib.asynccontextmanager
async def _pool(
    database: Addresses, settings: Settings, role: str, told: Told | None = None
) -> AsyncIterator[asyncpg.Pool]:
    size = settings.database_connections if role == ROLE_APP else WORKER_CONNECTIONS
    try:
        pool = await open_pool(
            database.login, role=role, max_size=size, timeout_s=settings.statement_timeout_s, told=told
        )
    except asyncpg.PostgresError as error:
        raise StartupError(
            f"the database user cannot serve as `{role}` ({error}): GRANT that role to the user of TEXTING_DATABASE_URL"
        ) from error
    try:
        yield pool
    finally:
        try:
            async with asyncio.timeout(CLOSING_S):
                await pool.close()
        except TimeoutError:
            pool.terminate()


def _runner() -> asyncio.Runner:
    return asyncio.Runner(loop_factory=uvloop.new_event_loop)
