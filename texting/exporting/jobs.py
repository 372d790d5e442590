"""The queue of exports, across organizations, as the worker's role reads and writes it.

A claim is for a while and is renewed as the work goes on, so that the job of a worker that died is taken again.
`attempts` counts claims and tells an old one from a new one: whoever comes back late finds another number there.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from core.principal import Role
from core.rules.enums import ExportFormat, ExportKind

if TYPE_CHECKING:
    from collections.abc import Mapping

    import asyncpg

LEASE = timedelta(minutes=5)
"""How long a job stays with a worker that says nothing: longer than the longest step between two signs of life."""
ATTEMPTS_MAX = 3
"""Claims after which a job is given up: what ends a worker three times would end it for ever."""

_CLAIM = """
UPDATE texting.exports AS taken SET state = 'RUNNING', attempts = taken.attempts + 1, claimed_until = $2
FROM (
  SELECT org_id, id FROM texting.exports
  WHERE state IN ('QUEUED', 'RUNNING') AND (claimed_until IS NULL OR claimed_until <= $1)
  ORDER BY requested_at LIMIT 1 FOR UPDATE SKIP LOCKED
) AS free
WHERE taken.org_id = free.org_id AND taken.id = free.id
RETURNING taken.org_id, taken.id, taken.kind, taken.format, taken.from_size, taken.at_size, taken.filter, taken.report,
  taken.subject, taken.roles, taken.attempts
"""
_MINE = "WHERE org_id = $1 AND id = $2 AND attempts = $3 AND state = 'RUNNING'"
_RENEW = f"UPDATE texting.exports SET claimed_until = $4, progress = $5 {_MINE}"
_GIVE_BACK = f"UPDATE texting.exports SET claimed_until = $4 {_MINE}"
_READY = f"""
UPDATE texting.exports SET state = 'READY', progress = 1, sha256 = $4, size = $5, ready_at = $6, claimed_until = NULL
{_MINE}
"""
_FAILED = f"UPDATE texting.exports SET state = 'FAILED', error = $4, claimed_until = NULL {_MINE}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """An export that is this worker's for `LEASE`: a row of `texting.exports`, where its columns are described."""

    org_id: UUID
    id: UUID
    kind: ExportKind
    format: ExportFormat
    from_size: int
    at_size: int | None
    filter: Mapping[str, Any] | None
    report: Mapping[str, Any] | None
    subject: str
    roles: frozenset[Role]
    attempts: int


async def claim(pool: asyncpg.Pool, *, now: datetime) -> Job | None:
    """Take the oldest job that nobody has; `None` when there is none."""
    row = await pool.fetchrow(_CLAIM, now, now + LEASE)
    if row is None:
        return None
    read = {
        "kind": ExportKind(row["kind"]),
        "format": ExportFormat(row["format"]),
        "roles": frozenset(map(Role, row["roles"])),
    }
    return Job(**{**row, **read})


async def renew(pool: asyncpg.Pool, job: Job, *, now: datetime, progress: float) -> bool:
    """Keep a job, and say how far it has come (0 to 1); false when somebody else has it by now."""
    return _is_mine(await pool.execute(_RENEW, *_key(job), now + LEASE, progress))


async def give_back(pool: asyncpg.Pool, job: Job, *, until: datetime) -> None:
    """Let a job be taken again, from then on."""
    await pool.execute(_GIVE_BACK, *_key(job), until)


async def conclude(pool: asyncpg.Pool, job: Job, *, sha256: str, size: int, now: datetime) -> bool:
    """Say that the file is there; `size` in bytes. False when somebody else has the job by now."""
    return _is_mine(await pool.execute(_READY, *_key(job), sha256, size, now))


async def fail(pool: asyncpg.Pool, job: Job, error: str) -> None:
    """Say why the export cannot be made."""
    await pool.execute(_FAILED, *_key(job), error)


def _key(job: Job) -> tuple[UUID, UUID, int]:
    return job.org_id, job.id, job.attempts


def _is_mine(tag: str) -> bool:
    return tag == "UPDATE 1"
