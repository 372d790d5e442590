"""Making exports, as a piece of work: job after job, for as long as it runs."""

from __future__ import annotations

import asyncio
import errno
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import IO, TYPE_CHECKING

import structlog

from core.rules.enums import ExportKind
from core.storage.database import ROLE_APP, ROLE_WORKER, open_pool
from texting.apart import apart
from texting.exporting import jobs
from texting.exporting.folder import Folder
from texting.exporting.making import CannotBeMade, make_bundle
from texting.exporting.reporting import make_report

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import asyncpg

    from audit.export.bundle import Progress
    from audit.log_keys import LogKeys
    from core.commands.transaction import Store
    from texting.background import Work
    from texting.exporting.jobs import Job

    Clock = Callable[[], datetime]

POLL_S = 1.0
"""How long to wait when no export is asked for."""
RENEW_S = 2.0
"""How often a job says that it is being made, and how far it has come."""
AFTER_FAILURE = timedelta(seconds=30)
"""How long a job rests that could not be made, the database gone for example."""
CONNECTIONS = 2
"""One that works, one to spare."""

_NEARLY = 0.99
"""How far a job is at most while its file has no name yet."""
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EACCES, errno.EROFS, errno.EFBIG, errno.EIO})
_GIVEN_UP = f"it could not be made in {jobs.ATTEMPTS_MAX} attempts: ask for a smaller range, or see the server's log"

_log = structlog.get_logger()


class Exporting:
    """Makes exports. Any number may run: they take different jobs.

    workers: the pool that finds jobs across organizations. store: the API's, whose pool reads one organization at once.
    pool: such a one of its own, for connections belong to the thread that opened them.
    """

    def __init__(
        self, *, workers: asyncpg.Pool, store: Store, keys: LogKeys, folder: Folder, pool: asyncpg.Pool | None = None
    ) -> None:
        """Take what it works with; nothing runs yet."""
        self._workers = workers
        self._store = store
        self._pool = pool or store.pool
        self._keys = keys
        self._folder = folder

    async def run_once(self, now: datetime) -> int:
        """Make every export that waits at `now` (UTC); give how many jobs were taken."""
        return await self._work_off(lambda: now)

    async def run(self) -> None:
        """Work until cancelled."""
        while True:
            if not await self._work_off(_clock):
                await asyncio.sleep(POLL_S)

    async def _work_off(self, clock: Clock) -> int:
        self._folder.sweep(clock())
        taken = 0
        while (job := await jobs.claim(self._workers, now=clock())) is not None:
            await self._take(job, clock)
            taken += 1
        return taken

    async def _take(self, job: Job, clock: Clock) -> None:
        """Make one export; whatever comes of it, the job says so."""
        if job.attempts > jobs.ATTEMPTS_MAX:
            await jobs.fail(self._workers, job, _GIVEN_UP)
            return
        try:
            await self._make(job, clock)
        except CannotBeMade as error:
            await jobs.fail(self._workers, job, str(error))
        except Exception as error:  # noqa: BLE001 - whatever it is, it is logged, and tried again or given up
            _log.exception("an export was not made", org_id=str(job.org_id), export=str(job.id), attempt=job.attempts)
            if isinstance(error, OSError) and error.errno in _FULL:
                message = f"its file cannot be written (`{error.strerror}`): have that mended, then ask again"
                await jobs.fail(self._workers, job, message)
            elif job.attempts == jobs.ATTEMPTS_MAX:
                await jobs.fail(self._workers, job, _GIVEN_UP)
            else:
                await jobs.give_back(self._workers, job, until=clock() + AFTER_FAILURE)

    async def _make(self, job: Job, clock: Clock) -> None:
        done = 0.0

        def progress(count: int, total: int) -> None:
            nonlocal done
            done = count / max(total, 1)

        async def renewing() -> None:
            while await jobs.renew(self._workers, job, now=clock(), progress=min(done, _NEARLY)):  # noqa: ASYNC110
                await asyncio.sleep(RENEW_S)

        with self._folder.fresh(job.id, job.format) as file:
            making = asyncio.ensure_future(self._write(job, file, progress))
            renewal = asyncio.ensure_future(renewing())
            try:
                await asyncio.wait({making, renewal}, return_when=asyncio.FIRST_COMPLETED)
                if not making.done():
                    renewal.result()
                    raise JobLost
                digest = making.result()
            finally:
                for task in (making, renewal):
                    task.cancel()
                await asyncio.gather(making, renewal, return_exceptions=True)
            size = file.seek(0, 2)
            # Asked once more: by now another worker's file may have the name that this one would get.
            if not await jobs.renew(self._workers, job, now=clock(), progress=_NEARLY):
                raise JobLost
        await jobs.conclude(self._workers, job, sha256=digest, size=size, now=clock())

    async def _write(self, job: Job, file: IO[bytes], progress: Progress) -> str:
        if job.kind is ExportKind.ELIGIBILITY_REPORT:
            # The policy may be another one by now than when the program began.
            return await make_report(replace(self._store, pool=self._pool), job, file, progress)
        return await make_bundle(self._pool, self._keys, self._store.audit.renderer, job, file, progress)


class JobLost(Exception):
    """another worker has the job by now: this one was too slow"""


def exporting(login: str, keys: LogKeys, store: Store, data_dir: Path) -> Work:
    """Make the piece of work, for a thread of its own: compressing must not keep requests waiting.

    `login`: the database's address.
    """

    async def export() -> None:
        async with (
            await open_pool(login, role=ROLE_WORKER, max_size=CONNECTIONS) as workers,
            await open_pool(login, role=ROLE_APP, max_size=CONNECTIONS) as pool,
        ):
            await Exporting(workers=workers, store=store, keys=keys, folder=Folder(data_dir), pool=pool).run()

    return apart(export)


def _clock() -> datetime:
    return datetime.now(UTC)
