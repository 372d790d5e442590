"""Months ahead, strays, old keys."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import asyncpg
import pytest
from structlog.testing import capture_logs

from core.commands.idempotency import KEY_LIFE
from core.delivery import upkeep
from core.delivery.upkeep import Upkeep, ensure_months, forget_keys
from core.ids import uuid7
from core.storage.database import writing
from tests.integration.delivery.desk import Desk

STRAY = datetime(2001, 1, 1, tzinfo=UTC)
"""Before every month there will be."""


async def months(admin: asyncpg.Connection) -> set[str]:
    rows = await admin.fetch(
        "SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid "
        "WHERE c.relkind = 'r' AND c.relname ~ '_20[0-9]{2}_'"
    )
    return {row["relname"] for row in rows}


async def two_more(admin: asyncpg.Connection) -> int:
    """Give how many months ahead are two more than there are; the last month and this one are there too."""
    return len([name for name in await months(admin) if name.startswith("messages_")])


async def test_missing_months_are_made_in_both_schemas(
    admin: asyncpg.Connection, worker_pool: asyncpg.Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upkeep, "MONTHS_AHEAD", await two_more(admin))
    before = await months(admin)
    made = await ensure_months(worker_pool)
    after = await months(admin)
    assert len(after - before) == made == 8
    assert {name.rsplit("_", 2)[0] for name in after - before} == {
        "messages",
        "message_events",
        "record",
        "involvement",
    }
    assert await ensure_months(worker_pool) == 0


async def test_two_processes_may_make_the_same_months(
    admin: asyncpg.Connection, worker_pool: asyncpg.Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upkeep, "MONTHS_AHEAD", await two_more(admin))
    made = await asyncio.gather(*(ensure_months(worker_pool) for _ in range(4)))
    assert sum(made) == 8


async def test_a_message_outside_every_month_raises_the_alarm(desk: Desk) -> None:
    with capture_logs() as logs:
        await ensure_months(desk.worker_store.pool)
    assert [each for each in logs if each["log_level"] == "error"] == []
    stray = uuid7(STRAY)
    id = await desk.send("+14165550199")
    await desk.admin.execute("UPDATE texting.messages SET id = $2 WHERE id = $1", id, stray)
    await desk.admin.execute("DELETE FROM texting.outbox WHERE message_id = $1", id)
    try:
        with capture_logs() as logs:
            await ensure_months(desk.worker_store.pool)
        (alarm,) = [each for each in logs if each["log_level"] == "error"]
        assert (alarm["schema"], alarm["rows"]) == ("texting", 1)
    finally:
        await desk.admin.execute("DELETE FROM texting.messages WHERE id = $1", stray)


async def test_a_schema_that_fails_does_not_keep_the_other_from_its_months(
    worker_pool: asyncpg.Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    async def ensure(_: asyncpg.Pool, schema: str) -> int:
        asked.append(schema)
        if schema == "audit":
            raise asyncpg.CheckViolationError("rows in the way")
        return 2

    monkeypatch.setattr(upkeep, "_ensure", ensure)
    with pytest.raises(asyncpg.CheckViolationError):
        await ensure_months(worker_pool)
    assert asked == ["audit", "texting"]


async def test_keys_live_their_life_and_are_then_removed(
    admin: asyncpg.Connection, pool: asyncpg.Pool, worker_pool: asyncpg.Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upkeep, "KEYS_AT_ONCE", 2)
    org_id, now = uuid7(), datetime.now(UTC)
    async with writing(pool, org_id) as connection:
        for at in range(5):
            await connection.execute(
                "INSERT INTO texting.idempotency_keys (org_id, issuer, caller_org_id, subject, operation, "
                "body_digest, answer, key, created_at) VALUES ($1, $2, $1, 'ada', 'op', '', '{}', 'k', $3)",
                org_id,
                str(at),
                now - KEY_LIFE + timedelta(seconds=at - 2),
            )
    assert await forget_keys(worker_pool, now=now) == 3
    left = await admin.fetch("SELECT issuer FROM texting.idempotency_keys WHERE org_id = $1 ORDER BY issuer", org_id)
    assert [row["issuer"] for row in left] == ["3", "4"]


async def test_it_runs_at_start_and_again_after_a_failure(
    worker_pool: asyncpg.Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upkeep, "AFTER_FAILURE_S", 0.0)
    done = asyncio.Event()
    tries = []

    class Failing(Upkeep):
        async def run_once(self, now: datetime) -> None:
            tries.append(now)
            if len(tries) == 1:
                raise OSError("gone")
            await super().run_once(now)
            done.set()

    with capture_logs() as logs:
        task = asyncio.create_task(Failing(worker_pool).run())
        async with asyncio.timeout(10):
            await done.wait()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    assert len(tries) == 2
    assert [each["event"] for each in logs if each["log_level"] == "error"] == ["upkeep failed"]
