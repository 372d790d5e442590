"""An export from the question to the file: what a worker makes is verified, and a job that was left is taken again."""

from __future__ import annotations

import asyncio
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO
from uuid import UUID, uuid4

import asyncpg
import pytest

from audit.export import verify_bundle
from audit.export.bundle import Progress
from core.commands.exports import UNFINISHED_MAX, NewExport, start_export
from core.commands.refusals import InvalidInput
from core.commands.transaction import Answer, Store, perform
from core.principal import Role
from core.rules.enums import ExportFormat, ExportKind
from tests.integration.audit.sealed import KEYS, seal_all
from tests.integration.worlds import answer, attempt, member, new_org, refusal
from texting.exporting import jobs
from texting.exporting.folder import Folder
from texting.exporting.work import Exporting

EVIDENCE = NewExport(kind=ExportKind.EVIDENCE, format=ExportFormat.ZIP)


@pytest.fixture
async def sealed(store: Store, worker_pool: asyncpg.Pool) -> UUID:
    org_id = await new_org(store)
    await seal_all(worker_pool, org_id, uuid4())
    return org_id


@pytest.fixture
def exporting(store: Store, worker_pool: asyncpg.Pool, tmp_path: Path) -> Exporting:
    return Exporting(workers=worker_pool, store=store, keys=KEYS, folder=Folder(tmp_path))


async def ask(store: Store, org_id: UUID, wanted: NewExport = EVIDENCE) -> UUID:
    done = await answer(store, org_id, member(org_id, Role.AUDITOR), lambda tx: start_export(tx, wanted))
    return UUID(str(done.refs["export_ref"]))


async def row(admin: asyncpg.Connection, export_id: UUID) -> asyncpg.Record:
    found = await admin.fetchrow("SELECT * FROM texting.exports WHERE id = $1", export_id)
    assert found is not None
    return found


async def test_what_was_asked_for_is_made_and_verified(
    store: Store, admin: asyncpg.Connection, exporting: Exporting, sealed: UUID, tmp_path: Path
) -> None:
    export_id = await ask(store, sealed)
    assert await exporting.run_once(datetime.now(UTC)) >= 1
    made, path = await row(admin, export_id), Folder(tmp_path).path(export_id, "ZIP")
    assert (made["state"], made["progress"], made["size"]) == ("READY", 1, path.stat().st_size)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [each.name for each in path.parent.iterdir() if each.suffix == ".part"] == []
    vkey = str(KEYS.verifiers(KEYS.origin(sealed))[0])
    assert verify_bundle.main([str(path), "--vkey", vkey]) == 0


async def test_the_job_of_a_worker_that_died_is_taken_again(
    store: Store, admin: asyncpg.Connection, worker_pool: asyncpg.Pool, exporting: Exporting, sealed: UUID
) -> None:
    export_id, now = await ask(store, sealed), datetime.now(UTC)
    while (await row(admin, export_id))["state"] == "QUEUED":
        assert await jobs.claim(worker_pool, now=now) is not None
    await exporting.run_once(now)
    assert (await row(admin, export_id))["state"] == "RUNNING"
    await exporting.run_once(now + jobs.LEASE + timedelta(seconds=1))
    assert ((await row(admin, export_id))["state"], (await row(admin, export_id))["attempts"]) == ("READY", 2)


async def test_a_size_that_was_not_signed_is_refused(store: Store, sealed: UUID) -> None:
    wanted = NewExport(kind=ExportKind.EVIDENCE, format=ExportFormat.ZIP, at_size=2**63)
    told = await refusal(store, sealed, member(sealed, Role.AUDITOR), lambda tx: start_export(tx, wanted))
    assert isinstance(told, InvalidInput)
    assert [(each.path, each.code) for each in told.problems] == [(("atSize",), "NOT_SIGNED")]


async def test_a_filter_that_picks_nothing_says_so(
    store: Store, admin: asyncpg.Connection, exporting: Exporting, sealed: UUID
) -> None:
    wanted = NewExport(kind=ExportKind.EVIDENCE, format=ExportFormat.ZIP, conditions={"actor": "nobody"})
    export_id = await ask(store, sealed, wanted)
    await exporting.run_once(datetime.now(UTC))
    made = await row(admin, export_id)
    assert (made["state"], made["error"].partition(":")[0]) == ("FAILED", "no record of that range is such")


class Overtaken(Exporting):
    """A worker that was so slow that another one has made the same export by the time it is through."""

    other: Exporting
    at: datetime

    async def _write(self, job: jobs.Job, file: IO[bytes], progress: Progress) -> str:
        digest = await super()._write(job, file, progress)
        await self.other.run_once(self.at)
        return digest


async def test_a_worker_that_was_overtaken_leaves_the_other_s_file_alone(
    store: Store,
    admin: asyncpg.Connection,
    worker_pool: asyncpg.Pool,
    exporting: Exporting,
    sealed: UUID,
    tmp_path: Path,
) -> None:
    # What other tests left waiting is not what this one is about.
    await exporting.run_once(datetime.now(UTC) + 2 * jobs.LEASE)
    export_id, now = await ask(store, sealed), datetime.now(UTC)
    overtaken = Overtaken(workers=worker_pool, store=store, keys=KEYS, folder=Folder(tmp_path / "late"))
    overtaken.other, overtaken.at = exporting, now + 2 * jobs.LEASE
    (tmp_path / "late").mkdir()
    await overtaken.run_once(now)
    made = await row(admin, export_id)
    assert (made["state"], made["attempts"]) == ("READY", 2)
    assert Folder(tmp_path).path(export_id, "ZIP").is_file()
    assert not Folder(tmp_path / "late").path(export_id, "ZIP").exists()


async def test_those_who_ask_at_once_together_get_no_more_than_may_wait(store: Store, sealed: UUID) -> None:
    auditor = member(sealed, Role.AUDITOR)
    asked = [
        perform(store, attempt(sealed, auditor), lambda tx: start_export(tx, EVIDENCE))
        for _ in range(UNFINISHED_MAX + 5)
    ]
    told = await asyncio.gather(*asked)
    assert sum(isinstance(each, Answer) for each in told) == UNFINISHED_MAX
    assert {each.problems[0].code for each in told if isinstance(each, InvalidInput)} == {"TOO_MANY"}
