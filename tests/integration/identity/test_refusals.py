"""Refusals are counted and written later: a record a minute for each address and reason, however many guesses."""

from __future__ import annotations

from datetime import UTC, datetime

import asyncpg
import orjson
import pytest

from core.commands.transaction import Store
from core.ids import SYSTEM_ORG_ID
from texting.auth import Refused
from texting.identity.refusals import ADDRESSES_MAX, Refusals

_RECORDS = """
SELECT * FROM audit.record WHERE org_id = $1 AND action = 'session:refuse' AND occurred_at >= $2
"""


async def written(admin: asyncpg.Connection, since: datetime) -> list[asyncpg.Record]:
    return await admin.fetch(_RECORDS, SYSTEM_ORG_ID, since)


def minute() -> datetime:
    now = datetime.now(UTC)
    return now.replace(microsecond=now.microsecond // 1_000 * 1_000)


async def test_a_thousand_guesses_are_one_record_with_their_count(store: Store, admin: asyncpg.Connection):
    refusals, at = Refusals(), minute()
    for _ in range(1_000):
        refusals.count("192.0.2.7", Refused.INVALID)
    refusals.count("192.0.2.7", Refused.EXPIRED)
    assert await refusals.write(store, at) == 2
    assert await refusals.write(store, at) == 0
    records = [record for record in await written(admin, at) if "192.0.2.7" in str(dict(record))]
    assert len(records) == 2
    assert sum("1000" in str(orjson.loads(record["entry"])) for record in records) == 1


async def test_guesses_from_everywhere_are_no_more_records_than_some(store: Store):
    refusals = Refusals()
    for number in range(5_000):
        refusals.count(f"10.0.{number // 250}.{number % 250}", Refused.INVALID)
    assert await refusals.write(store, minute()) == ADDRESSES_MAX + 1


async def test_what_could_not_be_written_is_counted_on(store: Store, monkeypatch: pytest.MonkeyPatch):
    refusals = Refusals()
    refusals.count(None, Refused.MISSING)
    with monkeypatch.context() as broken:
        broken.setattr("texting.identity.refusals.writing", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            await refusals.write(store, minute())
    refusals.count(None, Refused.MISSING)
    assert await refusals.write(store, minute()) == 1
