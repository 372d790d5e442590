"""Verifying the audit log of a running database: every organization's, the anchor's, and whether rows have records."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any
from uuid import UUID

from audit.keys import MasterKey
from audit.verification.finding import Finding
from audit.verification.log import ORGANIZATIONS, LogCheck, check_anchor
from core.ids import SYSTEM_ORG_ID
from core.storage.coverage import uncovered
from core.storage.database import open_pool, reading
from texting.startup_error import StartupError

if TYPE_CHECKING:
    import asyncpg

    from texting.program import Program

ROLE_AUDITOR = "texting_auditor"
_ENTERING = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL texting.org_id = '{}'"
_ORGS = f"{ORGANIZATIONS} UNION SELECT org_id FROM texting.orgs ORDER BY 1"
_ORG = "SELECT 1 FROM texting.orgs WHERE org_id = $1"

Progress = Callable[[int, int], None]


async def organizations(program: Program) -> Sequence[UUID]:
    """Find every organization that there is, or that has or had anything in the log: a log may be gone as a whole."""
    return [row["org_id"] for row in await program.worker.pool.fetch(_ORGS)]


async def organization(program: Program, org_id: UUID) -> Sequence[UUID]:
    """Give one organization, which has a row or something in the log. Raises `StartupError`."""
    async with reading(program.store.pool, org_id) as reader:
        has_row = await reader.fetch_sql(_ORG, org_id)
    if not has_row and org_id not in await organizations(program):
        raise StartupError(f"there is no organization `{org_id}` there: copy its id from an answer of the API")
    return [org_id]


async def total(program: Program, orgs: Sequence[UUID]) -> int:
    """Count the records there are to check."""
    count: int = await program.worker.pool.fetchval(
        "SELECT count(*) FROM audit.record WHERE org_id = ANY ($1::uuid[])", list(orgs)
    )
    return count


async def verify(program: Program, orgs: Sequence[UUID], progress: Progress) -> AsyncIterator[Finding]:
    """Give everything that is wrong with these organizations' logs and the anchor's.

    Each organization is read in one snapshot, as the role that may do nothing but read it.
    """
    done, count = 0, await total(program, orgs)
    master = MasterKey(program.secrets.audit)

    def told(more: int) -> None:
        nonlocal done
        done += more
        progress(done, count)

    async with await open_pool(program.login, role=ROLE_AUDITOR, max_size=2, timeout_s=3_600) as pool:
        for org in orgs:
            async with snapshot(pool, org) as connection:
                check = LogCheck(connection, org, program.secrets.logs, master, told)
                async for finding in check.check():
                    yield finding
            async with reading(program.store.pool, org) as reader:
                for row in await uncovered(reader, org):
                    yield Finding(
                        org_id=org,
                        place=f"{row.table} {row.key}",
                        problem=f"names record `{row.record_id}` ({row.column}), which the log does not have",
                    )
    async with snapshot(program.worker.pool, SYSTEM_ORG_ID) as connection:
        async for finding in check_anchor(connection, SYSTEM_ORG_ID, program.secrets.logs):
            yield finding


@asynccontextmanager
async def snapshot(pool: asyncpg.Pool, org: UUID) -> AsyncIterator[Any]:
    """Read one organization's log on a connection of the block's own, as it is when the block begins."""
    async with pool.acquire() as connection:
        await connection.execute(_ENTERING.format(org))
        try:
            yield connection
        finally:
            await connection.execute("ROLLBACK")
