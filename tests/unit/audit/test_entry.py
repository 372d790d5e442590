from __future__ import annotations

import json
from datetime import timedelta
from typing import Any
from uuid import UUID

import orjson
import pytest

from audit.canonical import CanonicalError
from audit.disclosure import b64url
from audit.entry import MAX_ENTRY_BYTES, Entry, EntryTooLarge, is_intact, make_entry
from audit.ids import milliseconds, record_ids
from audit.projection import project
from audit.record import Actor, AuditOutcome, Erasable, Record
from tests.unit.audit.records import ADMIN, NOON, USER, record


def _make(given: Record) -> Entry:
    return make_entry(given, record_ids([milliseconds(given.occurred_at)])[0], "1.2.3")


def _bytes(entry: Entry, clock: bytes = b"1772366400123") -> bytes:
    return entry.head + clock + entry.tail


def test_the_two_parts_around_the_clock_are_one_canonical_entry() -> None:
    data = _bytes(_make(record(correlation_id="intent-1")))
    content = orjson.loads(data)
    assert content["metadata"]["logged_time"] == 1772366400123
    assert data == json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def test_an_entry_without_a_correlation_is_canonical_too() -> None:
    data = _bytes(_make(record()))
    assert data == json.dumps(orjson.loads(data), sort_keys=True, separators=(",", ":")).encode()


def test_an_entry_is_intact_until_one_of_its_bytes_changes_the_clock_apart() -> None:
    entry = _make(record())
    data, clock = _bytes(entry), len(entry.head)
    assert is_intact(data, entry.checksum)
    assert is_intact(_bytes(entry, b"1772366400124"), entry.checksum)
    for at in [*range(clock), *range(clock + 13, len(data))]:
        assert not is_intact(data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :], entry.checksum), at
    assert not any(is_intact(data[:length], entry.checksum) for length in range(len(data)))
    assert not any(is_intact(data, entry.checksum ^ 1 << bit) for bit in range(63))


def test_nothing_erasable_is_in_the_entry() -> None:
    data = _bytes(_make(record()))
    for secret in (b"Ada ", b"Bob ", b"example.com"):
        assert secret not in data


def test_digests_are_sorted_and_markers_point_at_their_own() -> None:
    entry = _make(record())
    content = orjson.loads(_bytes(entry))
    assert content["_sd"] == sorted(content["_sd"])
    by_name = {item.name: b64url(item.digest) for item in entry.disclosures}
    assert content["_sd"][content["actor"]["user"]["name"]["_sd"]] == by_name["/actor/user/name"]
    assert content["_sd"][content["entity"]["name"]["_sd"]] == by_name["/entity/name"]
    assert content["_sd"][content["updated_entity"]["data"]["email"]["_sd"]] == by_name["/updated_entity/data/email"]


def test_whose_values_a_record_holds_it_involves() -> None:
    outsider, actor = UUID(int=7), UUID(int=8)
    given = record(
        after={"to": Erasable("+12125550199", outsider)}, actor=Actor(subject="acct-7", name=Erasable("Ada", actor))
    )
    assert project(_make(given).content).involves == (outsider, USER)
    assert project(_make(record()).content).involves == (USER, ADMIN)


def test_an_entry_without_erasable_values_has_no_digests() -> None:
    plain = record(
        actor=record().actor.__class__(subject="worker"), target=record().target.__class__(type="User", id=USER)
    )
    assert b"_sd" in _bytes(_make(plain))  # the e-mail
    assert b"_sd" not in _bytes(_make(Record(**{**_fields(plain), "after": None})))


def _fields(given: Record) -> dict[str, Any]:
    return {name: getattr(given, name) for name in Record.__dataclass_fields__}


@pytest.mark.parametrize(
    ("outcome", "action_id", "status_id"),
    [(AuditOutcome.ALLOWED, 1, 1), (AuditOutcome.DENIED, 2, 2), (AuditOutcome.FAILED, 1, 2)],
)
def test_the_outcome_is_ocsf_and_comes_back(outcome: AuditOutcome, action_id: int, status_id: int) -> None:
    content = orjson.loads(_bytes(_make(record(outcome=outcome))))
    assert (content["action_id"], content["status_id"]) == (action_id, status_id)
    assert project(content).outcome == outcome


def test_the_projection_repeats_the_entry() -> None:
    row = project(orjson.loads(_bytes(_make(record(rule="USER_ACTIVE", correlation_id="intent-1")))))
    assert row.action == "user:texting:enable"
    assert row.occurred_at == NOON.replace(microsecond=123_000)
    assert row.involves == (USER, ADMIN)
    assert (row.actor, row.request_id, row.rule, row.correlation_id) == ("acct-7", "track-1", "USER_ACTIVE", "intent-1")


def test_an_entry_over_the_limit_is_refused() -> None:
    with pytest.raises(EntryTooLarge, match="keep it within"):
        _make(record(after={"text": "x" * MAX_ENTRY_BYTES}))


def test_an_id_of_another_time_is_refused() -> None:
    late = record_ids([milliseconds(NOON + timedelta(seconds=1))])[0]
    with pytest.raises(ValueError, match="not a uuidv7 of the record's time"):
        make_entry(record(), late, "1")


def test_an_unfit_value_names_its_place() -> None:
    with pytest.raises(CanonicalError) as caught:
        _make(record(after={"score": 1.5}))
    assert caught.value.path == "/updated_entity/data/score"


def test_ids_made_together_are_sorted_and_carry_their_time() -> None:
    ids = record_ids([milliseconds(NOON)] * 1_000)
    assert ids == sorted(ids)
    assert len(set(ids)) == 1_000
    assert {id.version for id in ids} == {7}
