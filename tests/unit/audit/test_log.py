"""What is sent to the database for records: plain values for one, for more one call with a list a column."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

import orjson
import pytest

from audit import log as audit_log
from audit.keys import MasterKey, SealedValues
from audit.log import APPEND, APPEND_MANY, AuditLog
from audit.projection import Projection
from audit.record import Erasable
from tests.unit.audit.records import ADMIN, NOON, ORG, USER, record

KEY = bytes(range(32))
COLUMNS = [name for name in Projection.__dataclass_fields__ if name != "involves"]
FIRST_COLUMN = 5
INVOLVED, DISCLOSED = 16, 18


class Database:
    """Remembers the calls."""

    def __init__(self) -> None:
        self.calls: list[tuple[Any, ...]] = []

    async def rows(self, sql: str, args: Sequence[Any], _: Any) -> list[Any]:
        assert sql in (APPEND, APPEND_MANY)
        assert len(args) == max(int(number) for number in re.findall(r"\$(\d+)", sql))
        self.calls.append(tuple(args))
        return []


@pytest.fixture
def database() -> Database:
    return Database()


@pytest.fixture
def log() -> AuditLog:
    return AuditLog(KEY, product_version="1.2.3")


async def test_a_record_is_one_call_with_a_value_for_every_parameter(log: AuditLog, database: Database) -> None:
    id = await log.append(database, record())
    [args] = database.calls
    assert (len(args), args[0], args[1]) == (18, ORG, id)
    assert (await log.append_many(database, [record()]))[0] == database.calls[1][1]


async def test_many_records_are_one_call_with_a_list_for_every_column(log: AuditLog, database: Database) -> None:
    ids = await log.append_many(database, [record(), record()])
    [args] = database.calls
    assert (len(args), args[0], args[1]) == (20, ORG, ids)
    assert {len(column) for column in args[1:INVOLVED]} == {2}


async def test_the_columns_beside_an_entry_repeat_it(log: AuditLog, database: Database) -> None:
    given = record(rule="USER_ACTIVE", correlation_id="c", location_id=UUID(int=5))
    await log.append(database, given)
    await log.append_many(database, [given, record()])
    args, many = database.calls
    columns = dict(zip(COLUMNS, args[FIRST_COLUMN:INVOLVED], strict=True))
    assert columns == {
        "occurred_at": NOON.replace(microsecond=123_000),
        "action": "user:texting:enable",
        "kind": "CHANGE",
        "outcome": "ALLOWED",
        "actor": "acct-7",
        "target_type": "User",
        "target_id": USER,
        "location_id": UUID(int=5),
        "rule": "USER_ACTIVE",
        "request_id": "track-1",
        "correlation_id": "c",
    }
    assert [column[0] for column in many[FIRST_COLUMN:INVOLVED]] == list(columns.values())
    content = orjson.loads(args[2] + b"1772366400123" + args[3])
    assert content["action"] == columns["action"]
    assert content["metadata"]["product"]["version"] == "1.2.3"


async def test_whom_records_involve_is_listed_with_each(log: AuditLog, database: Database) -> None:
    one, two = await log.append_many(database, [record(), record(involves=(UUID(int=7),))])
    await log.append(database, record())
    args, alone = database.calls
    assert list(zip(args[INVOLVED], args[INVOLVED + 1], strict=True)) == [
        (one, USER),
        (one, ADMIN),
        (two, UUID(int=7)),
        (two, USER),
        (two, ADMIN),
    ]
    assert alone[INVOLVED] == (USER, ADMIN)


async def test_personal_values_go_out_each_subjects_under_a_key_of_its_own(log: AuditLog, database: Database) -> None:
    await log.append_many(database, [record(), record(after={"email": Erasable("b@example.com", USER)})])
    await log.append(database, record())
    many, alone = database.calls
    opened: list[Any] = []
    for column in (many[DISCLOSED + 1], alone[INVOLVED + 1]):
        stored = [SealedValues.parse(each) for each in column]
        assert {each.subject for each in stored} == {ADMIN, USER}
        assert len({each.seed for each in stored}) == len(stored)
        for each in stored:
            opened += [value for _, value in MasterKey(KEY).open(ORG, each).values()]
    assert sorted(opened) == [
        *["Ada Admin"] * 3,
        *["Bob Builder"] * 3,
        "b@example.com",
        *["bob@example.com"] * 2,
    ]
    assert len(many[DISCLOSED]) == 4
    everything = repr(database.calls).encode()
    # With the space behind a name, which no digest has by chance.
    assert not [secret for secret in (b"Ada ", b"Bob ", b"example.com") if secret in everything]


async def test_records_without_personal_values_bring_no_keys(log: AuditLog, database: Database) -> None:
    plain = record(
        actor=replace(record().actor, name=None), target=replace(record().target, name=None), after={"texting": "ON"}
    )
    await log.append(database, plain)
    await log.append_many(database, [plain, plain])
    assert list(database.calls[0][INVOLVED + 1 :]) == [None]
    assert list(database.calls[1][DISCLOSED:]) == [[], []]


async def test_records_of_a_call_sort_as_they_were_given(log: AuditLog, database: Database) -> None:
    ids = await log.append_many(database, [record() for _ in range(50)])
    assert ids == sorted(ids) == list(database.calls[0][1])


async def test_a_given_id_is_kept(log: AuditLog, database: Database) -> None:
    given = (await log.append_many(database, [record()]))[0]
    assert await log.append(database, record(id=given)) == given


async def test_many_records_go_out_in_several_calls(
    log: AuditLog, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit_log, "_BATCH", 2)
    ids = await log.append_many(database, (record() for _ in range(5)))
    assert [args[1] for args in database.calls] == [ids[:2], ids[2:4], ids[4]]


async def test_nothing_to_append_is_no_call(log: AuditLog, database: Database) -> None:
    assert await log.append_many(database, []) == []
    assert database.calls == []


async def test_records_of_several_organizations_are_refused_before_any_is_sent(
    log: AuditLog, database: Database
) -> None:
    with pytest.raises(ValueError, match="records of several organizations in one call"):
        await log.append_many(database, [record(), record(org_id=UUID(int=9))])
    assert database.calls == []
